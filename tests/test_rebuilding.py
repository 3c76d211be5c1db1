"""What is kept in memory decides nothing: a pipeline that forgets all between ticks does what one that remembers does."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.adapters import schema
from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.core.model import Entry
from monitor.core.outlets import Outlets
from monitor.core.situations import Registry
from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.state import Settings
from tests.builders import AT, HOUR, a_channel, a_feed, a_feed_state, a_fetched, a_parsed_feed, a_rule
from tests.fakes import FakeUnderstanding

SETTINGS = Settings(
    rules=[a_rule()], channels={"desk": a_channel()}, outlets=Outlets({}), registry=Registry(), hash="c"
)
EVENTS = (
    "tanks rolled through the valley before sunrise",
    "villagers count ninety lorries on the northern road",
    "reservists told to report to barracks within hours",
    "field hospital erected outside border town",
)


def edition(rng: random.Random, tick: int) -> list[Poll]:
    """Return one tick's polls: three outlets that copy, edit, repeat and rewrite a few reports."""
    polls = []
    for outlet in "abc":
        entries: list[Entry] = []
        for _ in range(rng.randint(0, 3)):
            number = rng.randrange(len(EVENTS))
            words = EVENTS[number].split()
            if rng.random() < 0.4:
                del words[rng.randrange(len(words))]
            title = f"troops RUS-UKR {rng.choice(['0.4', '0.9'])} {' '.join(words)}"
            link = f"https://{outlet}.example/{number}-{rng.randrange(3)}"
            entries.append(Entry(guid="", link=link, title=title, summary="", published=AT + tick * HOUR))
        feed, state = a_feed(id=outlet), a_feed_state(feed_id=outlet)
        polls.append(
            Poll(feed=feed, state=state, fetched=a_fetched(), parsed=replace(a_parsed_feed(), entries=tuple(entries)))
        )
    return polls


def run(path: Path, seed: int, *, forgetful: bool) -> dict[str, Sequence[object]]:
    """Live through 40 ticks; return every row of every table but the feeds'."""
    storage = SqlStorage.open(f"sqlite:///{path}")
    migrate(storage)
    pipeline = Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0))
    rng = random.Random(seed)
    for tick in range(40):
        now = AT + tick * 3 * HOUR
        pipeline.take(edition(rng, tick * 3), now)
        pipeline.pass_time(now)
        if forgetful:
            pipeline.forget()
    with storage.reading() as unit:
        found: dict[str, Sequence[object]] = {
            name: sorted(map(repr, unit.connection.execute(sa.select(table)).all()))
            for name, table in schema.metadata.tables.items()
            if name != "feeds"
        }
    storage.close()
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_pipeline_that_forgets_between_ticks_decides_the_same(tmp_path: Path, seed: int) -> None:
    remembering = run(tmp_path / "one.db", seed, forgetful=False)
    forgetting = run(tmp_path / "two.db", seed, forgetful=True)

    assert len(remembering["alerts"]) > 0
    assert len(remembering["revisions"]) > 0
    assert forgetting == remembering
