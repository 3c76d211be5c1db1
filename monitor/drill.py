"""A drill: a recorded day goes through the live path into a channel of its own, every message marked, and nothing of it is kept.

Rules, outbox and delivery are the live ones on a scratch database. The story's clock jumps to each moment as it is told and runs
on at the pace of the wall in between; it jumps only when all that was queued is sent, so that the waits of delivery (a second
between messages, what Slack asks for) are real ones and what came earlier is told earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import structlog

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import ModelUnderstanding
from monitor.adapters.storage import SqlStorage
from monitor.adapters.storage_history import HistoryFilter
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.errors import InputError, NotifyError
from monitor.core.hours import Attention
from monitor.core.identity import digest
from monitor.core.messages import Channel, DeliveryState, Notification
from monitor.core.ports import NoticeMessage, Notifier
from monitor.daemon import Writer
from monitor.pipeline.delivery import Delivery
from monitor.pipeline.intake import RELEVANT
from monitor.pipeline.state import Settings
from monitor.replay.engine import Arrival, Replay, arrivals
from monitor.replay.run import Progress, scratch_database

log = structlog.get_logger(__name__)
SCORED_AT_ONCE = 256
TOLD_WITHIN = 60.0
PAUSE = 0.1
SAID_TRIES = 5
EVERYTHING = 100_000
UNFINISHED = frozenset({DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillJob:
    """What to play. items: dated, in order. speed: how many times faster than it happened. folder: for the scratch database."""

    items: Sequence[ArchiveItem]
    speed: float
    folder: Path
    keep: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillSummary:
    """What a drill did. sent: messages that arrived. unsent: those that did not. slowest: longest time from commit to Slack's `ok`."""

    alerts: int
    sent: int
    unsent: int
    slowest: timedelta
    finished: bool


class StoryClock:
    """The time in the story: jumps forward when told to, and goes at the wall's pace in between."""

    def __init__(self, start: datetime, seconds: Callable[[], float]) -> None:
        self._base, self._seconds, self._since = start, seconds, seconds()

    def __call__(self) -> datetime:
        return self._base + timedelta(seconds=self._seconds() - self._since)

    def jump(self, at: datetime) -> datetime:
        """Go to `at`, never back; return the time then."""
        self._base, self._since = max(at, self()), self._seconds()
        return self._base


def drill_channel(settings: Settings, name: str) -> Channel:
    """Return the channel a drill may use. Raises InputError, with the remedy, where it is none or alerts go there."""
    if not name:
        raise InputError(
            "no channel takes drills: add one to rules.yaml that no rule tells, and name it as drill_channel in monitor.yaml or "
            "with --channel"
        )
    channel = settings.channels.get(name)
    if channel is None:
        raise InputError(f"there is no channel {name!r} in rules.yaml; name one of {', '.join(settings.channels)}")
    alerted = {channel for rule in settings.rules for channel in rule.notify}
    alerted |= {settings.channels[each].fallback for each in alerted if each in settings.channels}
    places = {_place(settings.channels[each]) for each in alerted if each in settings.channels}
    if name in alerted or _place(channel) in places - {None}:
        raise InputError(f"channel {name!r} takes real alerts; a drill needs a channel of its own")
    return replace(channel, fallback="", attention=Attention(), budget_per_day=EVERYTHING)


def _place(channel: Channel) -> tuple[str, str] | None:
    return (channel.target.removeprefix("#"), channel.token) if channel.kind == "slack" else None


async def drill(
    job: DrillJob,
    *,
    settings: Settings,
    channel: Channel,
    understanding: ModelUnderstanding,
    notifiers: Mapping[str, Notifier],
    now: datetime,
    stop: asyncio.Event | None = None,
    progress: Progress = lambda *_: None,
) -> DrillSummary:
    """Play a recorded day into `channel`, from `drill_channel`; return when it is over or `stop` is set.

    Raises InputError for items that lie in the future, NotifyError where not even the first line arrives.
    """
    last = job.items[-1].date
    if last is None or last > now:
        raise InputError("the recorded day must lie in the past; check the dates of the archive")
    stop = stop or asyncio.Event()
    coming = await _scored(job.items, understanding, progress, stop)
    exercise = _exercise(settings, channel)
    path, writer = job.folder / f"drill-{now:%Y%m%dT%H%M%S%f}.db", Writer()
    storage = await writer(lambda: scratch_database(path))
    try:
        played = _Drill(
            job=job,
            settings=exercise,
            channel=channel,
            replay=Replay(storage=storage, settings=exercise, understanding=understanding, coming=coming),
            storage=storage,
            notifiers=notifiers,
            writer=writer,
            stop=stop,
            progress=progress,
        )
        return await played.play()
    finally:
        writer.close()
        storage.close()
        if not job.keep:
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink()


def _exercise(settings: Settings, channel: Channel) -> Settings:
    """Return settings under which every rule tells the drill's channel alone, and says that it is a drill."""
    rules = [replace(rule, notify=(channel.name,)) for rule in settings.rules]
    return replace(settings, rules=rules, channels={channel.name: channel}, lookout=None, public_url="", drill=True)


async def _scored(
    items: Sequence[ArchiveItem], understanding: ModelUnderstanding, progress: Progress, stop: asyncio.Event
) -> list[Arrival]:
    """Score all items before the clock starts, beside the event loop."""
    rows = [np.zeros((0, 6), dtype=np.float32)]
    progress("scoring", 0, len(items))
    for at in range(0, len(items), SCORED_AT_ONCE):
        texts = [(item.title, item.text) for item in items[at : at + SCORED_AT_ONCE]]
        if stop.is_set():
            break
        rows.append(np.asarray(await asyncio.to_thread(understanding.model.score, texts), dtype=np.float32))
        progress("scoring", at + len(texts), len(items))
    scores = np.concatenate(rows)
    return arrivals(items[: len(scores)], scores, RELEVANT)


@dataclass(kw_only=True)
class _Drill:
    """One drill under way."""

    job: DrillJob
    settings: Settings
    channel: Channel
    replay: Replay
    storage: SqlStorage
    notifiers: Mapping[str, Notifier]
    writer: Writer
    stop: asyncio.Event
    progress: Progress
    finished: bool = False
    clock: StoryClock = field(init=False)
    delivery: Delivery = field(init=False)

    async def play(self) -> DrillSummary:
        """Say that it begins, tell the day, say that it is over."""
        first, last = self.job.items[0].date, self.job.items[-1].date
        assert first
        assert last
        self.clock = StoryClock(first, asyncio.get_running_loop().time)
        self.delivery = Delivery(
            storage=self.storage,
            settings=self.settings,
            notifiers=self.notifiers,
            clock=self.clock,
            in_writer=self.writer,
        )
        await self._say(
            "DRILL · a drill begins",
            f"{len(self.job.items)} reports of {first:%d %B %Y} to {last:%d %B %Y}, told {self.job.speed:g} times as fast as they "
            "came. Nothing of this is happening now.",
        )
        try:
            self.finished = await self._tell(first, last)
        finally:
            await self.delivery.close()
            with suppress(NotifyError):
                ended = "is over" if self.finished else "was ended early"
                await self._say(f"DRILL · the drill {ended}", "Alerts in other channels are real, as they always were.")
        return await self.writer(self._sum_up)

    async def _tell(self, first: datetime, last: datetime) -> bool:
        """Tell everything at its time; return False when asked to stop before."""
        loop = asyncio.get_running_loop()
        began, told, total = loop.time(), 0, len(self.replay)
        self.progress("telling", 0, total)
        while (at := self.replay.next_moment(last)) is not None:
            due = began + (at - first).total_seconds() / self.job.speed
            if not await self._reach(due):
                return False
            now = self.clock.jump(at)
            told += await self.writer(lambda now=now: self.replay.act(now))  # type: ignore[misc]  # binds each
            self.progress("telling", told, total)
        return await self._reach(loop.time())

    async def _reach(self, due: float) -> bool:
        """Deliver until it is `due` by the wall and all that was queued has arrived; return False when asked to stop.

        What cannot be delivered for a minute does not hold the story up for ever.
        """
        loop = asyncio.get_running_loop()
        patience = loop.time() + TOLD_WITHIN
        while not self.stop.is_set():
            await self.delivery.deliver()
            left = await self.writer(self._unfinished)
            if loop.time() >= due and (not left or loop.time() >= patience):
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), PAUSE if left else max(due - loop.time(), 0.0))
        return False

    def _unfinished(self) -> list[Notification]:
        with self.storage.reading() as unit:
            return unit.unfinished_notifications()

    async def _say(self, title: str, line: str) -> None:
        """Post a notice, as often as Slack asks to wait. Raises NotifyError."""
        told = Notice(
            id=f"no-{digest('drill', self.channel.name, title, self.clock().isoformat())}",
            kind=NoticeKind.DRILL,
            channel=self.channel.name,
            at=self.clock(),
            title=title,
            sections=(Section(heading="", lines=(line,)),),
        )
        for left in range(SAID_TRIES, 0, -1):
            try:
                message = NoticeMessage(kind="post", marker=told.id, notice=told)
                await self.notifiers[self.channel.kind].send(self.channel, message, None)
            except NotifyError as error:
                if left == 1 or error.permanent or error.unknown:
                    raise
                await asyncio.sleep((error.retry_after or timedelta(seconds=1)).total_seconds())
            else:
                return

    def _sum_up(self) -> DrillSummary:
        with self.storage.reading() as unit:
            alerts = unit.history(HistoryFilter(limit=None))
            rows = [row for alert in alerts for row in unit.notifications_of(alert.id)]
        sent = [row for row in rows if row.state is DeliveryState.SENT and not row.error]
        slowest = max((row.sent_at - row.created_at for row in sent if row.sent_at), default=timedelta(0))
        return DrillSummary(
            alerts=len(alerts),
            sent=len(sent),
            unsent=sum(row.state in UNFINISHED or row.state is DeliveryState.DEAD for row in rows),
            slowest=slowest,
            finished=self.finished,
        )
