"""The daemon's clockwork in one process: real storage and scheduler, a fetcher that only notes that it was asked."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from monitor.adapters.migrations import migrate
from monitor.adapters.parse import FeedParser
from monitor.adapters.storage import SqlStorage
from monitor.clock import utc_now
from monitor.core.errors import FetchError
from monitor.core.model import Feed, Fetched, Validators
from monitor.core.ports import Clock
from monitor.daemon import Daemon, Writer
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.polls import PARKED, set_back, sync_schedule
from tests.fakes import FakeUnderstanding, ManualClock
from tests.test_pipeline import SETTINGS

HOUR = timedelta(hours=1)
PATIENCE = 30.0


class SetClock:
    """The system's clock, wrong by an amount that can be set."""

    def __init__(self, wrong_by: timedelta) -> None:
        self.wrong_by = wrong_by

    def __call__(self) -> datetime:
        return utc_now() + self.wrong_by


class NotingFetcher:
    """Answers no request, and notes that one came."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def fetch(self, feed: Feed, validators: Validators, now: datetime) -> Fetched:
        del feed, validators, now
        self.asked.set()
        raise FetchError("nobody is there")


class NoDelivery:
    """Has nothing to deliver."""

    async def deliver(self) -> bool:
        return False

    def set_back(self, by: timedelta) -> None:
        """Have nothing that waits."""


def a_feed(name: str = "one") -> Feed:
    return Feed(id=name, url=f"https://{name}.example/feed", outlet=name, owner=name)


def a_storage(folder: Path) -> SqlStorage:
    storage = SqlStorage.open(f"sqlite:///{folder / 'test.db'}")
    migrate(storage)
    return storage


def a_daemon(storage: SqlStorage, fetcher: NotingFetcher, clock: Clock) -> Daemon:
    return Daemon(
        storage=storage,
        pipeline=Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0)),
        delivery=NoDelivery(),  # type: ignore[arg-type]  # as much of it as the clockwork needs
        fetcher=fetcher,
        parser=FeedParser(workers=1, deadline=timedelta(seconds=5)),
        feeds=[a_feed()],
        clock=clock,
        writer=Writer(),
        evaluate_every=timedelta(seconds=15),
    )


def test_a_wall_clock_set_back_an_hour_costs_no_poll(tmp_path: Path) -> None:
    async def live() -> None:
        clock, fetcher, storage = SetClock(HOUR), NotingFetcher(), a_storage(tmp_path)
        daemon = a_daemon(storage, fetcher, clock)
        running = asyncio.create_task(daemon.run())
        while not running.done() and not _scheduled(storage):
            await asyncio.wait({running}, timeout=0.05)
        await asyncio.wait(
            {running}, timeout=0.5
        )  # the jobs have their times by the clock that is about to be set back
        assert not fetcher.asked.is_set()
        clock.wrong_by = timedelta(0)
        await asyncio.wait_for(fetcher.asked.wait(), PATIENCE)
        daemon.stop()
        await running
        storage.close()

    asyncio.run(live())


def _scheduled(storage: SqlStorage) -> bool:
    with storage.reading() as unit:
        return bool(unit.feed_states())


def test_the_first_round_says_when_no_feed_could_be_read(tmp_path: Path) -> None:
    async def live() -> list[str]:
        storage = a_storage(tmp_path)
        daemon = a_daemon(storage, NotingFetcher(), utc_now)
        with capture_logs() as logs:
            running = asyncio.create_task(daemon.run())
            while not running.done() and not daemon.pulse.polls:
                await asyncio.wait({running}, timeout=0.05)
            daemon.stop()
            await running
        storage.close()
        return [row["event"] for row in logs]

    assert "no feed could be read; is there a way to the network? each is tried again" in asyncio.run(live())


def test_polls_set_back_keep_their_order_and_parked_feeds_stay_parked(tmp_path: Path) -> None:
    storage, clock = a_storage(tmp_path), ManualClock()
    sync_schedule(storage, [a_feed("one"), a_feed("two")], clock.now)
    sync_schedule(storage, [a_feed("one")], clock.now)
    set_back(storage, HOUR)
    with storage.reading() as unit:
        states = unit.feed_states()
    assert (states["one"].next_poll_at, states["two"].next_poll_at) == (clock.now - HOUR, PARKED)
    storage.close()
