"""Whether a message about an alert may disturb people now: quiet hours, the day's budget, and what a storm's summary has listed.

Nothing is dropped here. What is held is listed by the next digest; what is covered has been listed or shown. Critical passes always.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core import local_time
from monitor.core.alerts import Alert, AlertState, EventKind, Level
from monitor.core.messages import Channel, DeliveryState, Notification
from monitor.core.outbox import LISTED, tells_notice
from monitor.core.reminders import is_unanswered

STORM_PACE = timedelta(seconds=30)
QUIET = "quiet hours"
BUDGET = "over the budget"
_BROADCAST = frozenset({EventKind.ESCALATED.value, EventKind.REOPENED.value})


class Way(StrEnum):
    """What becomes of a due message: sent, held for the next list, put off, or covered by what was told already."""

    SEND = "send"
    HOLD = "hold"
    PUT_OFF = "put_off"
    COVER = "cover"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What becomes of a message, why, and until when it waits (None where it does not)."""

    way: Way
    why: str = ""
    until: datetime | None = None


def asks(row: Notification) -> bool:
    """Say whether a row must pass the gate: what shows in the channel and has not arrived. Edits and plain replies need not."""
    shows = row.kind in ("post", "reminder") or (row.kind == "thread" and row.event_kind in _BROADCAST)
    fresh = row.state is DeliveryState.PENDING and row.doubt_since is None
    return shows and fresh and not tells_notice(row)


def is_critical(row: Notification, alert: Alert) -> bool:
    """Say whether a message tells of a critical level: that of its event, or what the alert has risen to since."""
    risen = alert.state is AlertState.OPEN and alert.level is Level.CRITICAL
    return risen or row.level is Level.CRITICAL


def rule(row: Notification, alert: Alert, channel: Channel, sent_today: int, now: datetime) -> Ruling:
    """Decide on a due `row`. sent_today: alerts below critical posted in the channel since its local midnight."""
    if row.kind == "reminder":
        return (
            Ruling(way=Way.SEND)
            if is_unanswered(alert)
            else Ruling(way=Way.COVER, why="nobody needs to be reminded any more")
        )
    if is_critical(row, alert):
        return Ruling(way=Way.SEND)
    return _rule_lesser(row, alert, channel, sent_today, now)


def _rule_lesser(row: Notification, alert: Alert, channel: Channel, sent_today: int, now: datetime) -> Ruling:
    span = local_time.quiet_span(channel.attention.quiet, channel.attention.time_zone, now)
    over = sent_today >= channel.budget_per_day
    if is_listed(row):
        if over or alert.state is AlertState.RESOLVED:
            why = "resolved before its own message" if alert.state is AlertState.RESOLVED else budget_words(channel)
            return Ruling(way=Way.COVER, why=f"{row.error}; {why}")
        return Ruling(way=Way.PUT_OFF, why=QUIET, until=span.end) if span else Ruling(way=Way.SEND)
    if span:
        return Ruling(way=Way.HOLD, why=QUIET, until=span.end)
    return (
        Ruling(way=Way.HOLD, why=budget_words(channel), until=next_list(channel, now)) if over else Ruling(way=Way.SEND)
    )


def budget_words(channel: Channel) -> str:
    """Say what the channel's budget is."""
    return f"{BUDGET} of {channel.budget_per_day} a day"


def next_list(channel: Channel, now: datetime) -> datetime:
    """Return when what the budget holds is listed: by the next digest, or at midnight where there is none."""
    attention = channel.attention
    times = (attention.digest,) if attention.digest else ()
    return local_time.following(times, attention.time_zone, now) or local_time.next_midnight(now, attention.time_zone)


def released(rows: Iterable[Notification], channel: Channel, now: datetime) -> list[Notification]:
    """Return the held rows whose list is due outside of digests: quiet hours are over, or the day of the budget is."""
    quiet = local_time.quiet_span(channel.attention.quiet, channel.attention.time_zone, now)
    return [row for row in rows if row.not_before <= now or (row.error.startswith(QUIET) and not quiet)]


def listed(row: Notification, notice_id: str, not_before: datetime) -> Notification:
    """Return a post that a storm's summary lists, and whose own message follows later."""
    return replace(row, error=f"{LISTED}{notice_id}", not_before=not_before)


def is_listed(row: Notification) -> bool:
    """Say whether a storm's summary has listed a post that still waits for its own message."""
    return row.error.startswith(LISTED)


def is_stormy(rows: Iterable[Notification], channel: Channel, now: datetime) -> bool:
    """Say whether more posts wait in a channel than may come one by one; in quiet hours they are held instead."""
    attention = channel.attention
    fresh = [
        row for row in rows if row.channel == channel.name and row.level is not Level.CRITICAL and not is_listed(row)
    ]
    return len(fresh) > attention.storm and not local_time.quiet_span(attention.quiet, attention.time_zone, now)
