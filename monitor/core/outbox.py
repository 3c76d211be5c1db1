"""The delivery state machine: at least once; exactly once whenever the channel's history can be read; never silently zero.

pending -> sending (lease and attempt committed before the request) -> sent | pending after a delay | unknown | dead.
A row found in `sending` with an expired lease is unknown: the request may have arrived. Unknown rows ask the channel's history
twice, a few seconds apart because it lags, before they are sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.errors import NotifyError
from monitor.core.identity import digest
from monitor.core.model import DeliveryState, Notification

LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
LOOK_DELAYS = (timedelta(seconds=3), timedelta(seconds=4))


class Move(StrEnum):
    """What to do next with a due notification."""

    SEND = "send"
    LOOK = "look"
    WAIT = "wait"
    COVERED = "covered"
    GIVE_UP = "give_up"


def next_move(notification: Notification, siblings: Sequence[Notification]) -> Move:
    """Say what to do with a due `notification`, given all deliveries of its alert.

    Edits and replies need the alert's first post: they wait for it, are covered by it when it was sent after them (it shows the
    present state), and are given up with it.
    """
    if notification.kind != "post":
        posts = [n for n in siblings if n.kind == "post" and n.channel == notification.channel]
        if any(n.state is DeliveryState.SENT and (n.sent_at or n.created_at) >= _asked(notification) for n in posts):
            return Move.COVERED
        if not any(n.state is DeliveryState.SENT for n in posts):
            return Move.GIVE_UP if posts and all(n.state is DeliveryState.DEAD for n in posts) else Move.WAIT
    uncertain = notification.state in (DeliveryState.UNKNOWN, DeliveryState.SENDING)
    return Move.LOOK if uncertain and notification.kind != "update" else Move.SEND


def _asked(notification: Notification) -> datetime:
    return notification.created_at


def attempt(notification: Notification, now: datetime) -> Notification:
    """Return the row as it must be committed before the request."""
    number = notification.attempts + 1
    return replace(
        notification,
        state=DeliveryState.SENDING,
        attempts=number,
        attempt_id=digest(notification.key, str(number))[:16],
        attempted_at=now,
        lease_until=now + LEASE,
        looks=0,
    )


def sent(notification: Notification, now: datetime) -> Notification:
    """Return the row once the service has said so, or once history shows the message."""
    return replace(notification, state=DeliveryState.SENT, sent_at=now, lease_until=None, error="")


def failed(notification: Notification, error: NotifyError, now: datetime) -> Notification:
    """Return the row after a failed attempt: dead, unknown, or pending until the service may be asked again."""
    kept = replace(notification, lease_until=None, error=str(error))
    if error.permanent:
        return replace(kept, state=DeliveryState.DEAD)
    if error.unknown:
        return replace(kept, state=DeliveryState.UNKNOWN, looks=0, not_before=now + LOOK_DELAYS[0])
    delay = error.retry_after or min(FIRST_RETRY * 2 ** min(notification.attempts - 1, 10), LONGEST_RETRY)
    return replace(kept, state=DeliveryState.PENDING, not_before=now + delay)


def not_found(notification: Notification, now: datetime) -> Notification:
    """Return the row after history did not show the message: look once more, then send again."""
    looks = notification.looks + 1
    kept = replace(notification, looks=looks, lease_until=None)
    if looks < len(LOOK_DELAYS):
        return replace(kept, state=DeliveryState.UNKNOWN, not_before=now + LOOK_DELAYS[looks])
    return replace(kept, state=DeliveryState.PENDING, not_before=now)
