"""A database that fails at any statement of a tick: nothing is stored by halves, and the next round arrives where it would have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.core.errors import StorageError
from monitor.core.model import Entry, Feed, FeedState, Fetched, ParsedFeed, Validators
from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Pipeline
from tests.fakes import FakeUnderstanding
from tests.test_pipeline import SETTINGS, told

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTLETS = ("a", "b", "c")
LARGE = 10_000


def polls() -> list[Poll]:
    """Three outlets tell of a build-up, each beside a quiet item."""
    brought = []
    for number, name in enumerate(OUTLETS):
        titles = (f"troops RUS-UKR 0.95 {told(number)}", f"quiet day {number} at the lake of {name}")
        entries = tuple(
            Entry(guid=title, link=f"https://{name}.example/{place}", title=title, summary="", published=NOW)
            for place, title in enumerate(titles)
        )
        brought.append(
            Poll(
                feed=Feed(id=name, url=f"https://{name}.example/feed", outlet=name, owner=name),
                state=FeedState(feed_id=name, next_poll_at=NOW),
                fetched=Fetched(
                    status=200, body=b"x", content_type="", final_url="", validators=Validators(etag=f"{name}-1")
                ),
                parsed=ParsedFeed(title=name, language="en", entries=entries),
            )
        )
    return brought


@contextmanager
def failing_from(storage: SqlStorage, number: int) -> Iterator[list[int]]:
    """Let every statement from the `number`-th on fail; yields how many were asked for."""
    asked = [0]

    def strike(*_: object) -> None:
        asked[0] += 1
        if asked[0] > number:
            raise sa.exc.OperationalError("a planted fault", None, Exception("planted"))

    sa.event.listen(storage.engine, "before_cursor_execute", strike)
    try:
        yield asked
    finally:
        sa.event.remove(storage.engine, "before_cursor_execute", strike)


def a_pipeline(storage: SqlStorage) -> Pipeline:
    return Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0))


def stored(storage: SqlStorage) -> dict[str, list[tuple[object, ...]]]:
    """Return what a tick leaves, without numbers that only count attempts."""
    asked = {
        "articles": "SELECT id, weighed, story_id FROM articles",
        "reports": "SELECT article_id, signal, score FROM reports",
        "decisions": "SELECT article_id, signal, outcome, alert_id FROM decisions",
        "alerts": "SELECT id, level, state FROM alerts",
        "events": "SELECT alert_id, kind FROM events",
        "notifications": "SELECT key, state FROM notifications",
        "feeds": "SELECT feed_id, etag, failures FROM feeds",
    }
    with storage.reading() as unit:
        return {
            name: sorted(tuple(row) for row in unit.connection.execute(sa.text(sql))) for name, sql in asked.items()
        }


def a_storage(path: Path) -> SqlStorage:
    storage = SqlStorage.open(f"sqlite:///{path}")
    migrate(storage)
    return storage


def test_whatever_statement_fails_the_next_round_arrives_where_it_would_have(tmp_path: Path) -> None:
    undisturbed = a_storage(tmp_path / "good.db")
    with failing_from(undisturbed, LARGE) as asked:
        a_pipeline(undisturbed).take(polls(), NOW)
    expected = stored(undisturbed)
    undisturbed.close()
    assert len(expected["alerts"]) == len(expected["notifications"]) == 1
    for number in range(asked[0]):
        storage = a_storage(tmp_path / f"{number}.db")
        empty = stored(storage)
        with failing_from(storage, number), pytest.raises(StorageError):
            a_pipeline(storage).take(polls(), NOW)
        assert stored(storage) == empty, f"statement {number} left something behind"
        a_pipeline(storage).take(polls(), NOW)
        assert stored(storage) == expected, f"after a fault at statement {number}"
        storage.close()
        (tmp_path / f"{number}.db").unlink()


def test_an_article_that_tells_something_has_its_decision_and_its_feed_the_validators_that_came_with_it(
    tmp_path: Path,
) -> None:
    storage = a_storage(tmp_path / "good.db")
    a_pipeline(storage).take(polls(), NOW)
    left = stored(storage)
    storage.close()
    telling = {row[0] for row in left["reports"]}
    assert len(telling) == len(OUTLETS)
    assert telling <= {row[0] for row in left["decisions"]}
    assert [row[1] for row in left["feeds"]] == ["a-1", "b-1", "c-1"]
