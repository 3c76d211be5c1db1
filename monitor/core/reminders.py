"""When people are reminded of a critical alert that nobody has taken on, and when it is passed on to others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core.alerts import Alert, AlertState, Event, EventKind, Level
from monitor.core.hours import Attention

PASSED_ON = "passed on"
_RISES = frozenset({EventKind.OPENED, EventKind.ESCALATED, EventKind.REOPENED})
_MINUTE = 60  # seconds


def is_unanswered(alert: Alert) -> bool:
    """Say whether an alert is critical and nobody has taken it on."""
    return alert.state is AlertState.OPEN and alert.level is Level.CRITICAL and not alert.acknowledged_by


def risen_at(events: Sequence[Event], until: datetime | None = None) -> datetime | None:
    """Return when the level last rose (at or before `until`, where given), None where nothing is stored."""
    past = (event for event in reversed(events) if until is None or event.at <= until)
    return next((event.at for event in past if event.kind in _RISES), None)


def due(rose: datetime, attention: Attention, now: datetime) -> int:
    """Return the number of the latest reminder that is due at `now`, 0 for none; one more than `remind_times`: pass it on.

    Only the latest counts: what fell into a downtime is not made up for.
    """
    gone = (now - rose) // attention.remind_after
    return max(0, min(gone, attention.remind_times + 1))


def words(rose: datetime, at: datetime, number: int, attention: Attention) -> str:
    """Say how long nobody has answered, which reminder this is, what happens next, and what to do."""
    left = f" of {attention.remind_times}" if attention.remind_times else ""
    beyond = f"; after the last one it goes to {attention.escalate_to}" if attention.escalate_to else ""
    return (
        f"Reminder {number}{left}: nobody has acknowledged this for {lasting(at - rose)}{beyond}. "
        "Press Acknowledge above, or answer on the review page."
    )


def passed_on(rose: datetime, at: datetime) -> str:
    """Say why an alert is told again where it has been told before."""
    return f"Nobody has acknowledged this for {lasting(at - rose)}, so it is passed on. Press Acknowledge above."


def passed_here(rose: datetime, at: datetime) -> str:
    """Say why an alert is told in a channel that it was passed on to."""
    return f"nobody had acknowledged it for {lasting(at - rose)} where it was told first"


def lasting(span: timedelta) -> str:
    """Return a length of time in minutes, from two hours on in hours and from two days on in days; less than one in seconds."""
    seconds = round(span.total_seconds())
    if 0 < seconds < _MINUTE:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = round(seconds / _MINUTE)
    for unit, name in ((24 * 60, "days"), (60, "hours")):
        if minutes >= 2 * unit:
            return f"{minutes // unit} {name}"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
