"""What is committed as seen is decided, and what alerts is queued, whichever statement of a tick the database refuses."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from monitor.adapters import schema
from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.core.errors import StorageError
from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Pipeline
from tests.builders import AT, HOUR
from tests.fakes import FakeUnderstanding
from tests.test_pipeline import SETTINGS, entry, poll, told

NOTHING = 10_000


@contextmanager
def refusing(storage: SqlStorage, number: int) -> Iterator[list[int]]:
    """Let the database refuse its `number`-th statement from now on, once; yields how many were asked for so far."""
    count = [0]

    def before(*_: object) -> None:
        count[0] += 1
        if count[0] == number:
            raise sqlite3.OperationalError("disk I/O error")

    sa.event.listen(storage.engine, "before_cursor_execute", before)
    try:
        yield count
    finally:
        sa.event.remove(storage.engine, "before_cursor_execute", before)


def newsroom(storage: SqlStorage) -> Pipeline:
    return Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0))


def ticks() -> list[Sequence[Poll]]:
    """Return two ticks: four outlets that make a warning, then one that corrects itself beside a fifth."""
    links = {name: f"https://{name}.example/1" for name in "abcde"}
    first = [poll(n, entry(f"troops RUS-UKR 0.9 {told(k)}", AT, link=links[n])) for k, n in enumerate("abcd")]
    corrected = entry("troops RUS-UKR 0.2 corrected", AT, link=links["a"])
    fifth = entry(f"troops RUS-UKR 0.95 {told(5)}", AT + HOUR, link=links["e"])
    return [first, [poll("a", corrected, first_ok_at=AT), poll("e", fifth)]]


def live(storage: SqlStorage, number: int = NOTHING) -> int:
    """Live through the ticks with one refusal, each tick repeated after a restart where it failed; return the statements asked for."""
    with refusing(storage, number) as count:
        for place in range(2):
            polls = ticks()[place]
            try:
                newsroom(storage).take(polls, AT + place * HOUR)
            except StorageError:
                newsroom(storage).take(polls, AT + place * HOUR)
        return count[0]


def what_is_stored(storage: SqlStorage) -> dict[str, object]:
    """Return what must be the same however often the database refused, and check that seen and decided belong together."""
    with storage.reading() as unit:
        rows = {name: unit.connection.execute(table.select()).all() for name, table in schema.metadata.tables.items()}
    seen = {row.id for row in rows["articles"]}
    decided = Counter(row.article_id for row in rows["decisions"] if row.article_id and row.outcome != "revised")
    assert decided == dict.fromkeys(seen, 1)
    events = {(row.alert_id, row.kind) for row in rows["events"]}
    assert {alert for alert, _ in events} == {row.id for row in rows["alerts"]}
    assert events == {(row.subject, row.event_kind) for row in rows["notifications"]}
    assert len({row.key for row in rows["notifications"]}) == len(rows["notifications"])
    return {
        "articles": seen,
        "keys": {row.key for row in rows["article_keys"]},
        "reports": {(row.article_id, row.score, row.story_id) for row in rows["reports"]},
        "alerts": {(row.rule, row.situation) for row in rows["alerts"]},
        "revisions": len(rows["revisions"]),
        "validators": {row.feed_id for row in rows["feeds"]},
    }


def opened(path: Path) -> SqlStorage:
    storage = SqlStorage.open(f"sqlite:///{path}")
    migrate(storage)
    return storage


def test_whichever_statement_is_refused_nothing_is_seen_without_being_decided(tmp_path: Path) -> None:
    clean = opened(tmp_path / "clean.db")
    statements = live(clean)
    expected = what_is_stored(clean)
    clean.close()
    assert statements > 40
    assert expected["alerts"] == {("build-up", "RUS-UKR")}
    assert expected["revisions"] == 1

    for number in range(1, statements + 1):
        storage = opened(tmp_path / f"{number}.db")
        live(storage, number)
        assert what_is_stored(storage) == expected, f"statement {number} of {statements}"
        storage.close()
