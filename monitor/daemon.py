"""The daemon: clockwork around the use cases. A few periodic jobs, one writing thread, one way to stop.

APScheduler fires the jobs; what is due stands in the database, so that a restart needs nothing. APScheduler stops firing when the
wall clock jumps back: a monotonic watchdog notices and gives its jobs new times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_SUBMITTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.adapters.slack_socket import SocketState
from monitor.core.errors import LeaseLost, MonitorError, StorageBroken, StorageError
from monitor.core.lifecycle import Step
from monitor.core.messages import Notification
from monitor.core.model import Feed
from monitor.core.ports import Clock, Fetcher, Parser, Storage
from monitor.pipeline.delivery import Delivery
from monitor.pipeline.duties import attend
from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Pipeline, Taken
from monitor.pipeline.polls import Due, claim_all, claim_due, poll, set_back, sync_schedule
from monitor.pipeline.pulse import Pulse

log = structlog.get_logger(__name__)
T = TypeVar("T")
Job = tuple[str, timedelta, Callable[[], Awaitable[object]]]
Companion = tuple[str, Callable[[], Awaitable[object]]]

CONCURRENT_POLLS = 64
GATHER_SECONDS = 0.25
TICK = timedelta(seconds=1)
LEASE_LENGTH = timedelta(seconds=30)
DRAIN_SECONDS = 60.0
PARSE_GRACE = timedelta(seconds=30)
JUMP = timedelta(seconds=30)


class Writer:
    """The one thread that writes to the database."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run `work` in the writing thread and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait for what is being written."""
        self._pool.shutdown(wait=True)


@dataclass(kw_only=True)
class Daemon:
    """Polls what is due, takes it in, lets time pass, delivers.

    extra_jobs: further periodic work as (name, interval, coroutine function). companions: what runs from start to stop beside the
    jobs, as (name, coroutine function). socket: how the connection for buttons stands, None where there is none. on_taken: told of every tick that stored something.
    """

    storage: Storage
    pipeline: Pipeline
    delivery: Delivery
    fetcher: Fetcher
    parser: Parser
    feeds: Sequence[Feed]
    clock: Clock
    writer: Writer
    evaluate_every: timedelta
    on_taken: Callable[[Taken], None] = lambda _: None
    extra_jobs: Sequence[Job] = ()
    companions: Sequence[Companion] = ()
    socket: SocketState | None = None
    failure: BaseException | None = None
    pulse: Pulse = field(default_factory=Pulse)
    _in_flight: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _polled: asyncio.Queue[Poll] = field(default_factory=asyncio.Queue)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENT_POLLS))
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _ticked: int = 0
    _told: bool = False

    async def once(self, *, every: bool) -> list[Notification]:
        """Poll what is due (or `every` feed), evaluate, drain the outbox; return what is still pending after a minute."""
        await self.use_feeds(self.feeds)
        by_id, now = self._enabled(), self.clock()
        claim = (
            (lambda: claim_all(self.storage, by_id, now))
            if every
            else (lambda: claim_due(self.storage, by_id, now, len(by_id)))
        )
        due = await self.writer(claim)
        log.info("polling", feeds=len(due))
        polls = await asyncio.gather(*(self._poll(each) for each in due))
        failed = [f"{each.feed.id}: {each.error}" for each in polls if each.error]
        if failed:
            log.warning(
                "feeds could not be read; each is tried again", count=len(failed), of=len(polls), first=failed[0]
            )
        if polls:
            self.on_taken(await self.writer(lambda: self.pipeline.take(list(polls), self.clock())))
        await self.pass_time()
        return await self.drain(DRAIN_SECONDS)

    async def drain(self, seconds: float) -> list[Notification]:
        """Deliver until nothing is left or `seconds` are over; return what is left."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := await self.writer(self._unfinished)) or await self.delivery.rest():
            if loop.time() >= until or self._stop.is_set() or self._all_later(left, until - loop.time()):
                return left
            if not await self.delivery.deliver():
                await self._pause(0.1)
        return []

    def _all_later(self, left: Sequence[Notification], seconds: float) -> bool:
        """Say whether nothing of what is left may be tried within so many seconds, for a storm or a long wait."""
        end = self.clock() + timedelta(seconds=seconds)
        return all(row.not_before > end for row in left)

    def _unfinished(self) -> list[Notification]:
        with self.storage.reading() as unit:
            return unit.unfinished_notifications()

    async def run(self) -> None:
        """Work until `stop` is called. Raises what no job could handle."""
        await self.use_feeds(self.feeds)
        scheduler = AsyncIOScheduler(timezone="UTC")
        for name, interval, work in self._jobs():
            scheduler.add_job(
                self._guarded(name, work),
                "interval",
                seconds=interval.total_seconds(),
                id=name,
                next_run_time=self.clock(),
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        scheduler.add_listener(self._heard, EVENT_JOB_SUBMITTED | EVENT_JOB_MAX_INSTANCES)
        scheduler.start()
        taking = asyncio.create_task(self._guarded("take", self._take_forever)())
        watching = asyncio.create_task(self._watch(scheduler))
        beside = [asyncio.create_task(self._guarded(name, work)(), name=name) for name, work in self.companions]
        await self._stop.wait()
        scheduler.shutdown(wait=False)
        working = (taking, watching, *beside, *self._tasks)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        if self.failure:
            raise self.failure

    def stop(self) -> None:
        """Finish what is being written, then return from `run`."""
        self._stop.set()

    def _jobs(self) -> list[Job]:
        return [
            ("poll", TICK, self._start_polls),
            ("evaluate", self.evaluate_every, self.pass_time),
            ("deliver", TICK, self._deliver),
            *self.extra_jobs,
        ]

    def _guarded(self, name: str, work: Callable[[], Awaitable[object]]) -> Callable[[], Coroutine[Any, Any, None]]:
        """Wrap a job: an expected error waits for the next round, an unexpected one ends the daemon."""

        async def guarded() -> None:
            try:
                await work()
            except (LeaseLost, StorageBroken) as error:
                log.error("stopping", job=name, reason=str(error))
                self.failure = error
                self._stop.set()
            except MonitorError as error:
                log.warning("job failed; the next round tries again", job=name, error=str(error))
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # a bug: told once, then the supervisor restarts us
                log.exception("stopping on an unexpected error", job=name)
                self.failure = error
                self._stop.set()

        return guarded

    async def use_feeds(self, feeds: Sequence[Feed]) -> None:
        """Work with these feeds from now on."""
        self.feeds = feeds
        await self.writer(lambda: sync_schedule(self.storage, feeds, self.clock()))

    def _enabled(self) -> dict[str, Feed]:
        return {feed.id: feed for feed in self.feeds if feed.enabled}

    def _heard(self, _: object) -> None:
        """Note that the scheduler fires, also where it leaves a job out because the last round of it still runs."""
        self._ticked += 1

    async def _start_polls(self) -> None:
        room = CONCURRENT_POLLS * 2 - len(self._in_flight)
        if room <= 0:
            return
        by_id = {feed_id: feed for feed_id, feed in self._enabled().items() if feed_id not in self._in_flight}
        for due in await self.writer(lambda: claim_due(self.storage, by_id, self.clock(), room)):
            self._in_flight.add(due.feed.id)
            task = asyncio.create_task(self._guarded("poll one", lambda due=due: self._poll_and_queue(due))())  # type: ignore[misc]  # binds each
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.pulse.polled_at = self.clock()

    async def _poll(self, due: Due) -> Poll:
        async with self._slots:
            return await poll(due, self.fetcher, self.parser, self.clock())

    async def _poll_and_queue(self, due: Due) -> None:
        try:
            await self._polled.put(await self._poll(due))
            self.pulse.answered(self.clock())
        finally:
            self._in_flight.discard(due.feed.id)

    async def _take_forever(self) -> None:
        """Gather what arrives within a moment into one tick, so that the order of feeds within it does not matter."""
        while not self._stop.is_set():
            polls = [await self._polled.get()]
            await self._pause(GATHER_SECONDS)
            while not self._polled.empty():
                polls.append(self._polled.get_nowait())
            await self._take(polls)

    async def _take(self, polls: Sequence[Poll]) -> None:
        try:
            taken = await self.writer(lambda: self.pipeline.take(polls, self.clock()))
        except (LeaseLost, StorageBroken):
            raise
        except StorageError as error:
            log.error(
                "the database refused what feeds brought; they are polled again", feeds=len(polls), error=str(error)
            )
            return
        self.pulse.took(polls, taken)
        self._tell_first_round()
        self.on_taken(taken)
        await self.delivery.deliver()

    def _tell_first_round(self) -> None:
        """Say once how the feeds answered: whoever has just started it sees whether it reads anything."""
        pulse, feeds = self.pulse, len(self._enabled())
        if self._told or pulse.polls < feeds:
            return
        self._told = True
        if pulse.failures >= pulse.polls:
            log.warning("no feed could be read; is there a way to the network? each is tried again", feeds=feeds)
        else:
            log.info("every feed was asked once", feeds=feeds, failed=pulse.failures)

    async def _deliver(self) -> None:
        await self.delivery.deliver()
        self.pulse.delivered_at = self.clock()

    async def pass_time(self) -> list[Step]:
        """Let time alone act on open alerts, and do what is due on the desk."""
        steps = await self.writer(lambda: self.pipeline.pass_time(self.clock()))
        await self.writer(lambda: attend(self.storage, self.pipeline.settings, self.clock()))
        self.pulse.evaluated_at = self.clock()
        return steps

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def _set_back(self, by: timedelta) -> None:
        await self.writer(lambda: set_back(self.storage, by))
        await self.writer(lambda: self.delivery.set_back(by))

    async def _watch(self, scheduler: AsyncIOScheduler) -> None:
        """Give every job a new time when none has fired for three ticks of the monotonic clock.

        Where the wall clock was set back, the polls and deliveries to come are set back with it: the world does not wait for our
        clock.
        """
        steadily = asyncio.get_running_loop().time
        while not self._stop.is_set():
            before, wall, steady = self._ticked, self.clock(), steadily()
            await self._pause(3 * TICK.total_seconds())
            fell = timedelta(seconds=steadily() - steady) - (self.clock() - wall)
            if fell > JUMP and not self._stop.is_set():
                await self._guarded("jump", lambda by=fell: self._set_back(by))()  # type: ignore[misc]  # binds it
            if self._ticked == before and not self._stop.is_set():
                log.warning("the wall clock has jumped; rescheduling all jobs")
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=self.clock())
