"""Telling people: reads what was committed, sends it, and stores what became of it before anything else.

Each place that takes messages has its own lane, so that trouble in one stops no other. A lane works in order, severity first, and
at the pace the service asks for; why and how long it is held outlives a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

import structlog

from monitor.core import gate, outbox
from monitor.core.errors import NotifyError, StorageError
from monitor.core.messages import Channel, DeliveryState, Notification, PostedMessage
from monitor.core.outbox import Hold, Move
from monitor.core.ports import Clock, Notifier, Sendable, Storage, Unit
from monitor.pipeline.composing import compose, marker, queue_rest
from monitor.pipeline.delivery_state import (
    DEAD_SHOWN,
    DeliveryHealth,
    give_up,
    health_of,
    lane_of,
    read_hold,
    recover,
    save_hold,
    set_back,
    show_chart,
)
from monitor.pipeline.gate import admit, stormy, sum_up
from monitor.pipeline.links import learn_link, wants_link
from monitor.pipeline.pacing import PACED, Pace
from monitor.pipeline.state import Settings

log = structlog.get_logger(__name__)
T = TypeVar("T")
BATCH = 50


@dataclass(kw_only=True)
class Delivery:
    """Sends what is due. notifiers: by channel kind. in_writer: runs a storage function in the one writing thread.

    alone: nobody else delivers from this database, so what an earlier run left half sent need not wait for its lease.
    charts: add a picture of the evidence to messages in Slack, by a later edit.
    patience: seconds that `deliver` waits for slow channels before it returns and lets them go on by themselves.
    """

    storage: Storage
    settings: Settings
    notifiers: Mapping[str, Notifier]
    clock: Clock
    in_writer: Callable[[Callable[[], object]], Awaitable[object]]
    alone: bool = True
    charts: bool = False
    patience: float = 1.0
    repeats: int = 0
    _pace: Pace = field(default_factory=Pace)
    _holds: dict[str, Hold] = field(default_factory=dict)
    _lanes: dict[str, asyncio.Task[int]] = field(default_factory=dict)
    _recovered: bool = False

    async def deliver(self) -> int:
        """Attempt what is due in every channel that is free; return how many rows moved. Safe to call at any time."""
        if self.alone and not self._recovered:
            self._recovered = True
            await self._write(self._recover)
        due = await self._write(self._due_channels)
        for lane in self._pace.in_turn(self._lane_of(name) for name in due):
            if lane not in self._lanes:
                names = [name for name in due if self._lane_of(name) == lane]
                self._lanes[lane] = asyncio.create_task(self._work(lane, names), name=f"deliver {names}")
        return await self._harvest()

    async def rest(self) -> bool:
        """Wait a moment for what goes on beside the lanes, pictures and links; say whether there was any."""
        busy = bool(self._lanes)
        await self._harvest()
        return busy

    async def close(self) -> None:
        """Stop in the middle of whatever is being sent; the next start asks history what became of it."""
        lanes = list(self._lanes.values())
        self._lanes.clear()
        for task in lanes:
            task.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    def health(self) -> DeliveryHealth:
        """Return how the outbox stands now. Raises StorageError."""
        now = self.clock()
        with self.storage.reading() as unit:
            unfinished = unit.unfinished_notifications()
            dead = unit.dead_notifications(now - DEAD_SHOWN)
        lanes = {name: self._holds.get(self._lane_of(name)) for name in self.settings.channels}
        held = {name: hold.until for name, hold in lanes.items() if hold and hold.until > now}
        return health_of(unfinished, dead, held, self.repeats, now)

    async def _harvest(self) -> int:
        if not self._lanes:
            return 0
        try:
            await asyncio.wait(set(self._lanes.values()), timeout=self.patience)
        except asyncio.CancelledError:
            await self.close()
            raise
        done = [self._lanes.pop(lane) for lane in [lane for lane, task in self._lanes.items() if task.done()]]
        failures = [error for task in done if not task.cancelled() and (error := task.exception())]
        if failures:
            raise failures[0]
        return sum(task.result() for task in done if not task.cancelled())

    async def _write(self, work: Callable[[], T]) -> T:
        return await self.in_writer(work)  # type: ignore[return-value]  # the runner gives back what `work` returns

    def _lane_of(self, name: str) -> str:
        return lane_of(self.settings.channels.get(name), name)

    def _recover(self) -> None:
        with self.storage.transaction() as unit:
            recover(unit, self.clock())

    def _due_channels(self) -> list[str]:
        with self.storage.reading() as unit:
            return unit.due_channels(self.clock())

    async def _work(self, lane: str, names: Sequence[str]) -> int:
        """Work off one lane until it is held or empty; return how many rows moved."""
        rows = await self._write(lambda: self._open(lane, names))
        moved = 0
        for row in rows:
            if self._held(lane, row):
                continue
            if row.kind == "chart":
                self._start_chart(row, lane)
                break
            moved += await self._one(row, lane)
        return moved

    def _start_chart(self, row: Notification, lane: str) -> None:
        """Draw beside the lane: no message waits for a picture."""
        beside = f"chart {lane}"
        if beside not in self._lanes:
            self._lanes[beside] = asyncio.create_task(self._one(row, lane), name=beside)

    def _open(self, lane: str, names: Sequence[str]) -> list[Notification]:
        with self.storage.reading() as unit:
            if lane not in self._holds:
                self._holds[lane] = read_hold(unit, lane, self.clock())
            if self._held(lane):
                return []
            channels = stormy(unit, names, self.settings, self.clock())
        for channel in channels:
            with self.storage.transaction() as unit:
                sum_up(unit, channel, self.settings, self.clock())
        with self.storage.reading() as unit:
            return unit.due_notifications(self.clock(), BATCH, names)

    def _held(self, lane: str, row: Notification | None = None) -> bool:
        now = self.clock()
        return self._holds[lane].stops(row, now) or self._pace.waits(lane, now)

    async def _one(self, row: Notification, lane: str) -> int:
        channel = self.settings.channels.get(row.channel)
        if channel is None:
            gone = NotifyError(f"channel {row.channel!r} is no longer configured", permanent=True)
            await self._write(lambda: self._failed(row, gone, None, lane))
            return 1
        row, move, head = await self._write(lambda: self._look_around(row))
        if move is Move.WAIT:
            if head:
                return await self._one(head, lane)
            await self._write(lambda: self._save(outbox.parked(row, self.clock())))
        elif move is Move.COVERED:
            await self._write(lambda: self._save(outbox.covered(row, self.clock(), "shown by a later message")))
        elif move is Move.GIVE_UP:
            lost = NotifyError("the alert's first post could not be delivered", permanent=True)
            await self._write(lambda: self._failed(row, lost, channel, lane))
        elif move is Move.LOOK:
            await self._look(row, channel, lane)
        elif await self._write(lambda: self._admit(row)):
            if row.kind != "chart" and not self._pace.take(channel, row.level, self.clock()):
                return 0
            await self._send(row, channel, lane)
        return 1

    def _admit(self, row: Notification) -> bool:
        """Say whether a row may disturb people now; what may not is stored as held, covered or put off."""
        if not gate.asks(row):
            return True
        with self.storage.transaction() as unit:
            return admit(unit, row, self.settings, self.clock())

    def _look_around(self, row: Notification) -> tuple[Notification, Move, Notification | None]:
        """Return the row as it stands now, what to do with it, and the due post it waits for."""
        now = self.clock()
        with self.storage.reading() as unit:
            siblings = unit.notifications_of(row.subject)
        row = next((each for each in siblings if each.id == row.id), row)
        if row.state not in outbox.UNFINISHED:
            return row, Move.COVERED, None
        move = outbox.next_move(row, siblings)
        head = outbox.waits_for(row, siblings, now) if move is Move.WAIT and row.kind != "chart" else None
        return row, move, head

    async def _look(self, row: Notification, channel: Channel, lane: str) -> None:
        """Ask the channel's history whether a message of unknown outcome arrived."""
        since = row.doubt_since or row.attempted_at or row.created_at
        posted = await self._write(lambda: self._posted(row))
        try:
            seen = await self.notifiers[channel.kind].find(channel, marker(row), since, posted)
        except NotifyError as error:
            await self._history_unreadable(row, channel, lane, error)
            return
        if seen:
            await self._write(lambda: self._arrived(outbox.found(row, self.clock()), seen, lane))
            self._link(row, channel, seen if row.kind == "post" else None)
            return
        again = outbox.not_found(row, self.clock())
        await self._write(lambda: self._not_found(again, lane))
        due = again.state is DeliveryState.PENDING and outbox.is_due(again, self.clock())
        if due and await self._write(lambda: self._admit(again)):
            await self._send(again, channel, lane)

    def _not_found(self, row: Notification, lane: str) -> None:
        with self.storage.transaction() as unit:
            unit.save_notification(row)
            self._well(unit, lane)
        if row.attempts < outbox.SUSPECT_AFTER:
            self._holds[lane] = Hold(until=row.not_before, soft=True)

    async def _history_unreadable(self, row: Notification, channel: Channel, lane: str, error: NotifyError) -> None:
        """Lost is worse than twice: where history cannot be read, send again and say that it may be a repeat."""
        if outbox.must_repeat(row, error, self.clock()):
            await self._send(row, channel, lane, possible_repeat=True)
        else:
            await self._write(lambda: self._look_failed(row, error, lane))

    def _look_failed(self, row: Notification, error: NotifyError, lane: str) -> None:
        now = self.clock()
        with self.storage.transaction() as unit:
            unit.save_notification(outbox.look_failed(row, error, now))
            self._hold(unit, lane, outbox.hold(error, self._holds[lane], row, now))

    async def _send(self, row: Notification, channel: Channel, lane: str, *, possible_repeat: bool = False) -> None:
        prepared = await self._write(lambda: self._prepare(row, channel, lane, possible_repeat=possible_repeat))
        if prepared is None:
            return
        trying, message, posted = prepared
        failure: NotifyError | None = None
        try:
            posted = await self.notifiers[channel.kind].send(channel, message, posted)
        except NotifyError as error:
            failure = error
        if row.kind != "chart":
            self._pace.went(channel, lane, self.clock())
        if failure is not None:
            refusal = failure
            await self._write(lambda: self._failed(trying, refusal, channel, lane))
            return
        self.repeats += possible_repeat
        await self._write(lambda: self._arrived(outbox.sent(trying, self.clock()), posted, lane))
        self._link(row, channel, posted)

    def _link(self, row: Notification, channel: Channel, posted: PostedMessage | None) -> None:
        """Learn beside the lane where a message can be opened: no message waits for it."""
        beside = f"link {row.subject} {row.channel}"
        if posted and wants_link(row, posted) and beside not in self._lanes:
            service = self.notifiers[channel.kind]
            learning = learn_link(self.storage, service, channel, posted, self.in_writer, self.clock)
            self._lanes[beside] = asyncio.create_task(learning, name=beside)

    def _prepare(
        self, row: Notification, channel: Channel, lane: str, *, possible_repeat: bool
    ) -> tuple[Notification, Sendable, PostedMessage | None] | None:
        """Commit the attempt, then read what it shall say; a row of which nothing can be said is given up."""
        trying = outbox.attempt(row, self.clock())
        self._save(trying)
        try:
            with self.storage.reading() as unit:
                message = compose(unit, trying, self.settings, self.clock(), possible_repeat=possible_repeat)
                return trying, message, unit.message(trying.subject, channel.name)
        except StorageError:
            raise
        except Exception as exc:
            log.exception("a notification could not be put together", id=row.id, alert=row.subject)
            poison = NotifyError(f"it could not be put together: {exc!r}", permanent=True, code="unrenderable")
        self._failed(trying, poison, channel, lane)
        return None

    def _posted(self, notification: Notification) -> PostedMessage | None:
        with self.storage.reading() as unit:
            return unit.message(notification.subject, notification.channel)

    def _save(self, notification: Notification) -> None:
        with self.storage.transaction() as unit:
            unit.save_notification(notification)

    def set_back(self, by: timedelta) -> None:
        """Follow a wall clock that was set back `by` this much: nothing waits longer than it had to. In the writing thread."""
        now = self.clock()
        with self.storage.transaction() as unit:
            set_back(unit, by, now)
            for lane, hold in self._holds.items():
                if hold.until > now:
                    self._hold(unit, lane, replace(hold, until=hold.until - by))

    def _hold(self, unit: Unit, lane: str, hold: Hold) -> None:
        self._holds[lane] = hold
        save_hold(unit, lane, hold)

    def _well(self, unit: Unit, lane: str) -> None:
        """Forget the failures of a channel that has answered."""
        if self._holds[lane].failures:
            self._hold(unit, lane, Hold(until=self.clock()))

    def _arrived(self, row: Notification, posted: PostedMessage | None, lane: str) -> None:
        with self.storage.transaction() as unit:
            unit.save_notification(row)
            if posted and row.kind == "post":
                unit.save_message(posted)
            if posted and row.kind == "post" and outbox.tells_notice(row):
                queue_rest(unit, row, self.settings, self.notifiers)
            if posted and row.kind == "chart":
                show_chart(unit, row, posted, self.clock())
            elif self._draws_for(row):
                unit.add_notification(outbox.chart(row, self.clock()))
            self._well(unit, lane)

    def _draws_for(self, row: Notification) -> bool:
        channel = self.settings.channels.get(row.channel)
        return self.charts and outbox.wants_chart(row) and channel is not None and channel.kind in PACED

    def _failed(self, row: Notification, error: NotifyError, channel: Channel | None, lane: str) -> None:
        """Store what a failure makes of a row, hold its channel if need be, and tell the fallback what is given up."""
        now = self.clock()
        with self.storage.transaction() as unit:
            if outbox.dispensable(row, error):
                unit.save_notification(outbox.covered(row, now, f"no {row.event_kind} {row.kind}: {error}"))
                return
            if error.code in outbox.GONE and row.kind != "post":
                unit.save_notification(outbox.covered(row, now, f"posted afresh: {error}"))
                unit.add_notification(outbox.afresh(row, now))
                return
            before = self._holds[lane]
            left = outbox.failed(row, error, now, before.failures)
            unit.save_notification(left)
            if outbox.holds_channel(left, error, before.failures):
                self._hold(unit, lane, outbox.hold(error, before, left, now))
            if left.state is DeliveryState.DEAD:
                give_up(unit, left, channel, self.settings, now)
