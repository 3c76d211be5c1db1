"""What a row of the outbox says, put together at the moment it is sent, so that it shows the present state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.core import outbox
from monitor.core.model import Event, EventKind, Notification
from monitor.core.ports import Message, NoticeMessage, Sendable, Unit
from monitor.pipeline.state import Settings
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
    view = alert_view(unit, alert, settings, now)
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


def marker(notification: Notification) -> str:
    """Return what a message carries in its metadata, so that history can be asked for it: the same for every attempt."""
    return f"{notification.subject}:{notification.key}"


def _event_of(events: Sequence[Event], trying: Notification) -> Event | None:
    return next((e for e in reversed(events) if e.kind.value == trying.event_kind and e.at == trying.created_at), None)
