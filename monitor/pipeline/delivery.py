"""Telling people: reads what was committed, sends it, and stores what became of it before anything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.core import outbox
from monitor.core.errors import NotifyError
from monitor.core.model import Channel, DeliveryState, Event, EventKind, Notification, PostedMessage
from monitor.core.outbox import Move
from monitor.core.ports import Clock, Message, Notifier, Storage, Unit
from monitor.pipeline.state import Settings
from monitor.pipeline.views import alert_view

T = TypeVar("T")
PER_CHANNEL = timedelta(seconds=1)
BATCH = 50
_BROADCAST = frozenset({EventKind.ESCALATED, EventKind.REOPENED})


@dataclass(kw_only=True)
class Delivery:
    """Sends what is due. notifiers: by channel kind. in_writer: runs a storage function in the one writing thread."""

    storage: Storage
    settings: Settings
    notifiers: Mapping[str, Notifier]
    clock: Clock
    in_writer: Callable[[Callable[[], object]], Awaitable[object]]
    repeats: int = 0
    _free_at: dict[str, datetime] = field(default_factory=dict)

    async def deliver(self) -> int:
        """Attempt everything that is due and whose channel is free; return how many rows moved."""
        due = await self._write(lambda: self._due(self.clock()))
        moved = 0
        for notification in due:
            now = self.clock()
            if self._free_at.get(notification.channel, now) > now:
                continue
            moved += await self._one(notification)
        return moved

    async def _write(self, work: Callable[[], T]) -> T:
        return await self.in_writer(work)  # type: ignore[return-value]  # the runner gives back what `work` returns

    def _due(self, now: datetime) -> list[Notification]:
        with self.storage.reading() as unit:
            return unit.due_notifications(now, BATCH)

    async def _one(self, notification: Notification) -> bool:
        channel = self.settings.channels.get(notification.channel)
        if channel is None:
            gone = NotifyError(f"channel {notification.channel!r} is no longer configured", permanent=True)
            await self._write(lambda: self._save(outbox.failed(notification, gone, self.clock())))
            return True
        move = await self._write(lambda: self._next_move(notification))
        if move is Move.WAIT:
            return False
        if move in (Move.COVERED, Move.GIVE_UP):
            await self._write(lambda: self._settle(notification, move))
            return True
        if move is Move.LOOK:
            return await self._look(notification, channel)
        await self._send(notification, channel, possible_repeat=False)
        return True

    def _next_move(self, notification: Notification) -> Move:
        with self.storage.reading() as unit:
            return outbox.next_move(notification, unit.notifications_of(notification.alert_id))

    def _settle(self, notification: Notification, move: Move) -> None:
        now = self.clock()
        if move is Move.COVERED:
            self._save(replace(outbox.sent(notification, now), error="shown by the first post"))
        else:
            self._save(
                outbox.failed(
                    notification, NotifyError("the alert's first post could not be delivered", permanent=True), now
                )
            )

    async def _look(self, notification: Notification, channel: Channel) -> bool:
        """Ask the channel's history whether a message of unknown outcome arrived."""
        since = (notification.attempted_at or notification.created_at) - timedelta(minutes=1)
        posted = await self._write(lambda: self._posted(notification))
        try:
            found = await self.notifiers[channel.kind].find(channel, marker(notification), since, posted)
        except NotifyError as error:
            await self._history_unreadable(notification, channel, error)
            return True
        now = self.clock()
        if found:
            await self._write(lambda: self._arrived(notification, found, now))
            return True
        again = outbox.not_found(notification, now)
        await self._write(lambda: self._save(again))
        if again.state is DeliveryState.PENDING:
            await self._send(again, channel, possible_repeat=False)
        return True

    async def _history_unreadable(self, notification: Notification, channel: Channel, error: NotifyError) -> None:
        """Lost is worse than twice: where history can never be read, send again and say that it may be a repeat."""
        if error.permanent:
            self.repeats += 1
            await self._send(notification, channel, possible_repeat=True)
            return
        later = replace(outbox.failed(notification, error, self.clock()), state=DeliveryState.UNKNOWN)
        await self._write(lambda: self._save(later))

    async def _send(self, notification: Notification, channel: Channel, *, possible_repeat: bool) -> None:
        now = self.clock()
        trying = outbox.attempt(notification, now)
        message, posted = await self._write(lambda: self._prepare(trying, channel, possible_repeat=possible_repeat))
        self._free_at[channel.name] = now + PER_CHANNEL
        failure: NotifyError | None = None
        result: PostedMessage | None = None
        try:
            result = await self.notifiers[channel.kind].send(channel, message, posted)
        except NotifyError as error:
            failure = error
        if failure is not None:
            refused = failure
            await self._write(lambda: self._failed(trying, refused, channel))
        else:
            await self._write(lambda: self._arrived(trying, result, self.clock()))

    def _prepare(
        self, trying: Notification, channel: Channel, *, possible_repeat: bool
    ) -> tuple[Message, PostedMessage | None]:
        """Commit the attempt, then read what it shall say."""
        with self.storage.transaction() as unit:
            unit.save_notification(trying)
        with self.storage.reading() as unit:
            return self._message(unit, trying, possible_repeat=possible_repeat), unit.message(
                trying.alert_id, channel.name
            )

    def _message(self, unit: Unit, trying: Notification, *, possible_repeat: bool) -> Message:
        alert = unit.alert(trying.alert_id)
        if alert is None:
            raise LookupError(f"notification {trying.id} belongs to alert {trying.alert_id}, which is gone")
        view = alert_view(unit, alert, self.settings, self.clock())
        event = _event_of(view.events, trying)
        broadcast = trying.kind == "thread" and event is not None and event.kind in _BROADCAST
        return Message(
            kind=trying.kind,
            marker=marker(trying),
            view=view,
            event=event,
            broadcast=broadcast,
            possible_repeat=possible_repeat,
        )

    def _posted(self, notification: Notification) -> PostedMessage | None:
        with self.storage.reading() as unit:
            return unit.message(notification.alert_id, notification.channel)

    def _save(self, notification: Notification) -> None:
        with self.storage.transaction() as unit:
            unit.save_notification(notification)

    def _arrived(self, notification: Notification, posted: PostedMessage | None, now: datetime) -> None:
        with self.storage.transaction() as unit:
            unit.save_notification(outbox.sent(notification, now))
            if posted and notification.kind == "post":
                unit.save_message(posted)

    def _failed(self, trying: Notification, error: NotifyError, channel: Channel) -> None:
        now = self.clock()
        if error.retry_after:
            self._free_at[channel.name] = now + error.retry_after
        with self.storage.transaction() as unit:
            unit.save_notification(outbox.failed(trying, error, now))
            if error.permanent and channel.fallback and trying.kind == "post":
                unit.add_notification(_redirected(trying, channel.fallback, now))


def marker(notification: Notification) -> str:
    """Return what a message carries in its metadata, so that history can be asked for it: the same for every attempt."""
    return f"{notification.alert_id}:{notification.key}"


def _event_of(events: Sequence[Event], trying: Notification) -> Event | None:
    return next((e for e in reversed(events) if e.kind.value == trying.event_kind and e.at == trying.created_at), None)


def _redirected(trying: Notification, channel: str, now: datetime) -> Notification:
    return replace(
        trying,
        id=0,
        key=f"{trying.key}>{channel}",
        channel=channel,
        state=DeliveryState.PENDING,
        not_before=now,
        attempts=0,
        attempt_id="",
        attempted_at=None,
        lease_until=None,
        looks=0,
        error=trying.error,
    )
