"""What a row of the outbox says, put together at the moment it is sent, so that it shows the present state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.core import outbox
from monitor.core.alerts import Event, EventKind
from monitor.core.messages import Notification
from monitor.core.ports import Message, NoticeMessage, Notifier, Sendable, Unit
from monitor.pipeline.reminding import reminder_event
from monitor.pipeline.state import Settings
from monitor.pipeline.told import note_of
from monitor.pipeline.views import alert_view

_BROADCAST = frozenset({EventKind.ESCALATED, EventKind.REOPENED})


def compose(
    unit: Unit, trying: Notification, settings: Settings, now: datetime, *, possible_repeat: bool = False
) -> Sendable:
    """Return the message of a row. Raises LookupError where what it tells of is gone."""
    if outbox.tells_notice(trying):
        return _notice_message(unit, trying, possible_repeat=possible_repeat)
    alert = unit.alert(trying.subject)
    if alert is None:
        raise LookupError(f"notification {trying.id} belongs to alert {trying.subject}, which is gone")
    view = alert_view(unit, alert, settings, now, trying.channel)
    event = _event_of(view.events, trying)
    broadcast = trying.kind == "thread" and event is not None and event.kind in _BROADCAST
    if trying.kind == "reminder":
        event, broadcast = reminder_event(trying, view.events, settings.channels.get(trying.channel)), True
    return Message(
        kind=trying.kind,
        marker=marker(trying),
        view=view,
        event=event,
        broadcast=broadcast,
        possible_repeat=possible_repeat,
        note=note_of(view, trying),
    )


def _notice_message(unit: Unit, trying: Notification, *, possible_repeat: bool) -> NoticeMessage:
    notice = unit.notice(trying.subject)
    if notice is None:
        raise LookupError(f"notification {trying.id} belongs to notice {trying.subject}, which is gone")
    return NoticeMessage(
        kind=trying.kind,
        marker=marker(trying),
        notice=notice,
        part=int(trying.event_kind),
        possible_repeat=possible_repeat,
    )


def queue_rest(unit: Unit, row: Notification, settings: Settings, notifiers: Mapping[str, Notifier]) -> None:
    """Queue what a notice's first message could not hold."""
    notice, channel = unit.notice(row.subject), settings.channels.get(row.channel)
    parts = notifiers[channel.kind].parts(notice) if notice and channel else 1
    for part in range(1, parts):
        unit.add_notification(outbox.of_notice(notice, part))  # type: ignore[arg-type]  # without a notice there is one part


def marker(notification: Notification) -> str:
    """Return what a message carries in its metadata, so that history can be asked for it: the same for every attempt."""
    return f"{notification.subject}:{notification.key}"


def _event_of(events: Sequence[Event], trying: Notification) -> Event | None:
    return next((e for e in reversed(events) if e.kind.value == trying.event_kind and e.at == trying.created_at), None)
