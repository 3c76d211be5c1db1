"""Silences: made with author and reason, ended by time or by hand, and what they muted is told when they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core import silences
from monitor.core.alerts import Alert, Event, EventKind, Level
from monitor.core.desk import Silence
from monitor.core.errors import InputError
from monitor.core.identity import digest
from monitor.core.messages import DeliveryState, Notification
from monitor.core.ports import Unit


def make_silence(
    unit: Unit,
    *,
    situation: str,
    signal: str,
    alert_id: str,
    up_to: Level,
    author: str,
    reason: str,
    span: timedelta,
    now: datetime,
) -> Silence:
    """Store a silence that begins at `now`, and let the living messages of what it mutes say so.

    situation: key or glob, "" for any. signal and alert_id: "" for any. The same request at the same moment makes one silence.
    Raises InputError, with a remedy, where it names nothing, has no author or reason, or is longer than 30 days.
    """
    wanted = Silence(
        id=silences.silence_id(situation, signal, alert_id, author, now),
        situation=situation,
        signal=signal,
        alert_id=alert_id,
        up_to=up_to,
        author=author,
        reason=reason,
        created_at=now,
        until=now + min(span, 2 * silences.LONGEST),
    )
    wrong = silences.problem(wanted)
    if wrong:
        raise InputError(wrong)
    unit.save_silence(wanted)
    for alert in unit.open_alerts():
        if silences.mutes(wanted, alert, alert.level):
            note_silenced(unit, alert, wanted, now)
            show_anew(unit, alert, digest(wanted.id, "made"), now)
    return wanted


def end_silence(unit: Unit, silence_id: str, by: str, now: datetime) -> Silence | None:
    """End a silence now; return it, as it was where it had ended already, None where there is none of that id."""
    found = unit.silence(silence_id)
    if found is None or silences.has_ended(found, now):
        return found
    ended = replace(found, ended_at=now, ended_by=by)
    unit.save_silence(ended)
    return ended


def list_silences(unit: Unit, now: datetime) -> Sequence[Silence]:
    """Return the silences in force, soonest end first."""
    return unit.silences(running_at=now)


def note_silenced(unit: Unit, alert: Alert, silence: Silence, now: datetime) -> None:
    """Store the event that says that `silence` mutes `alert`, once for the two."""
    events = unit.events(alert.id)
    if not events or silences.tells_of(events, silence):
        return
    last = events[-1]
    unit.add_event(
        Event(
            alert_id=alert.id,
            at=now,
            kind=EventKind.SILENCED,
            level=alert.level,
            reason=silences.reason_of(silence),
            standing=last.standing,
            config_hash=last.config_hash,
            model=last.model,
            by=silence.author,
        )
    )


def show_anew(unit: Unit, alert: Alert, occasion: str, now: datetime) -> None:
    """Queue an edit of the alert's living messages, once for each occasion."""
    rows = unit.notifications_of(alert.id)
    for name in dict.fromkeys(row.channel for row in rows if row.kind == "post" and row.state is DeliveryState.SENT):
        unit.add_notification(
            Notification(
                id=0,
                key=digest(alert.id, name, "update", occasion),
                subject=alert.id,
                channel=name,
                kind="update",
                event_kind="silenced",
                level=alert.level,
                state=DeliveryState.PENDING,
                created_at=now,
                not_before=now,
            )
        )
