"""What delivery remembers beside the rows of the outbox: which channels are held, what was given up, how all of it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.core import outbox
from monitor.core.gate import is_listed
from monitor.core.identity import digest
from monitor.core.messages import Channel, DeliveryState, Notification, PostedMessage
from monitor.core.outbox import Hold
from monitor.core.ports import Unit
from monitor.pipeline.pacing import PACED
from monitor.pipeline.state import Settings

log = structlog.get_logger(__name__)
DEAD_SHOWN = timedelta(days=1)
LATE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryHealth:
    """How the outbox stands.

    dead: deliveries given up within a day, as `channel: reason`. oldest: when the oldest unfinished one was queued. repeats: how
    often a message had to be sent again blindly since the start. held: channels left alone, until when. late: something waits too
    long; what a storm's summary has listed does not.
    """

    pending: int
    oldest: datetime | None
    dead: Sequence[str]
    repeats: int
    held: Mapping[str, datetime]
    late: bool

    @property
    def ok(self) -> bool:
        """Say whether nothing was given up and nothing waits too long."""
        return not self.dead and not self.late


def health_of(
    unfinished: Sequence[Notification],
    dead: Sequence[Notification],
    held: Mapping[str, datetime],
    repeats: int,
    now: datetime,
) -> DeliveryHealth:
    """Sum up how the outbox stands."""
    oldest = min((row.created_at for row in unfinished), default=None)
    return DeliveryHealth(
        pending=len(unfinished),
        oldest=oldest,
        dead=[f"{row.channel}: {row.error}" for row in dead],
        repeats=repeats,
        held=held,
        late=any(now - row.created_at > LATE for row in unfinished if not is_listed(row)),
    )


def lane_of(channel: Channel | None, name: str) -> str:
    """Return what stands for the place behind a channel: the same for all that share target and token."""
    if channel is None or channel.kind not in PACED:
        return f"channel {name}"
    return digest("lane", channel.kind, channel.token, channel.target)


def recover(unit: Unit, now: datetime) -> None:
    """Take what an earlier run left half sent for unknown: its lease need not be waited for."""
    for row in unit.unfinished_notifications():
        if row.state is DeliveryState.SENDING:
            unit.save_notification(outbox.interrupted(row, now))


def show_chart(unit: Unit, row: Notification, drawn: PostedMessage, now: datetime) -> None:
    """Remember a picture and queue the edit that shows it, unless the message was posted anew meanwhile."""
    posted = unit.message(row.subject, row.channel)
    if posted and posted.ts == drawn.ts:
        unit.save_message(replace(posted, chart=drawn.chart))
        unit.add_notification(outbox.chart_shown(row, now))


def read_hold(unit: Unit, lane: str, now: datetime) -> Hold:
    """Return until when a lane is left alone, as the last run left it."""
    value = unit.fact(f"hold {lane}")
    if not isinstance(value, dict):
        return Hold(until=now)
    return Hold(until=datetime.fromisoformat(value["until"]), failures=int(value["failures"]))


def save_hold(unit: Unit, lane: str, hold: Hold) -> None:
    """Remember until when a lane is left alone."""
    unit.save_fact(f"hold {lane}", {"until": hold.until.isoformat(), "failures": hold.failures})


def set_back(unit: Unit, by: timedelta, now: datetime) -> None:
    """Move what waits for its next attempt back with a wall clock that was: the waits stay what they were.

    now: by the clock as it is since. What is held for a time of day stays: a time of day is meant by the clock.
    """
    for row in unit.unfinished_notifications():
        lease = row.lease_until - by if row.lease_until and row.lease_until > now else row.lease_until
        soon = row.not_before - by if row.not_before > now else row.not_before
        unit.save_notification(replace(row, not_before=soon, lease_until=lease))


def give_up(unit: Unit, row: Notification, channel: Channel | None, settings: Settings, now: datetime) -> None:
    """Say loudly that `row` is given up, and queue it for the channel's fallback where there is one."""
    fallback = settings.channels.get(channel.fallback) if channel and channel.fallback else None
    name = fallback.name if fallback else "none"
    log.error("a notification was given up", subject=row.subject, channel=row.channel, reason=row.error, fallback=name)
    if fallback is None:
        return
    told = any(
        n.channel == fallback.name and n.kind == "post" and n.state is not DeliveryState.DEAD
        for n in unit.notifications_of(row.subject)
    )
    unit.add_notification(outbox.redirected(row, fallback.name, row.kind if told else "post", now))
