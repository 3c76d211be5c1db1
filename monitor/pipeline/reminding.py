"""Reminders of critical alerts that nobody has acknowledged, and their passing on to another channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.core import reminders
from monitor.core.alerts import Alert, Event, EventKind, Level
from monitor.core.identity import digest
from monitor.core.messages import Channel, DeliveryState, Notification
from monitor.core.ports import Unit
from monitor.core.reminders import PASSED_ON
from monitor.pipeline.state import Settings
from monitor.pipeline.telling import posted_in, silence_on


def remind(unit: Unit, settings: Settings, now: datetime) -> None:
    """Queue the reminders that are due; each is queued once, whoever asks how often."""
    for alert in unit.open_alerts():
        rule = settings.rule(alert.rule)
        if rule is None or not reminders.is_unanswered(alert) or silence_on(unit, alert, alert.level, now):
            continue
        rose = reminders.risen_at(unit.events(alert.id))
        for channel in settings.channels_for(rule, alert.highest) if rose else ():
            _remind(unit, settings, alert, channel, rose, now)  # type: ignore[arg-type]  # there is a moment, or no channel


def _remind(unit: Unit, settings: Settings, alert: Alert, channel: Channel, rose: datetime, now: datetime) -> None:
    attention = channel.attention
    number = reminders.due(rose, attention, now)
    rows = unit.notifications_of(alert.id)
    last = min(number, attention.remind_times)
    if last and posted_in(rows, channel):
        unit.add_notification(_row(alert, channel, "reminder", str(last), rose, now))
    beyond = settings.channels.get(attention.escalate_to)
    if number > attention.remind_times and beyond:
        there = posted_in(rows, beyond)
        unit.add_notification(_row(alert, beyond, "reminder" if there else "post", PASSED_ON, rose, now))


def _row(alert: Alert, channel: Channel, kind: str, event_kind: str, rose: datetime, now: datetime) -> Notification:
    return Notification(
        id=0,
        key=digest(alert.id, channel.name, "reminder", event_kind, rose.isoformat()),
        subject=alert.id,
        channel=channel.name,
        kind=kind,
        event_kind=event_kind,
        level=Level.CRITICAL,
        state=DeliveryState.PENDING,
        created_at=now,
        not_before=now,
    )


def reminder_event(row: Notification, events: Sequence[Event], channel: Channel | None) -> Event | None:
    """Return what a reminder says, as an event that is stored nowhere; None where its alert has none."""
    rose = reminders.risen_at(events)
    if rose is None or channel is None:
        return None
    if row.event_kind == PASSED_ON:
        reason = reminders.passed_on(rose, row.created_at)
    else:
        reason = reminders.words(rose, row.created_at, int(row.event_kind), channel.attention)
    return replace(events[-1], at=row.created_at, kind=EventKind.UPDATED, level=row.level, reason=reason)
