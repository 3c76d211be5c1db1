"""The delivery state machine: at least once; exactly once whenever the channel's history can be read; never silently zero.

pending -> sending (lease and attempt committed before the request) -> sent | pending after a delay | unknown | dead.
A row found in `sending` with an expired lease is unknown: the request may have arrived. Unknown rows ask the channel's history
twice, a few seconds apart because it lags, before they are sent again. While any attempt of a row is in doubt, no further
attempt is made without asking first.

What hits everybody (Slack is away, or asks to wait) holds the channel, so that the order stays; what hits one row again and again
holds only that row, so that those behind it go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.alerts import Level
from monitor.core.desk import Notice
from monitor.core.errors import NotifyError
from monitor.core.identity import digest
from monitor.core.messages import DeliveryState, Notification, PostedMessage

LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=1)
LONGEST_ROW_RETRY = timedelta(minutes=10)
LOOK_DELAYS = (timedelta(seconds=3), timedelta(seconds=4))
PARKED = timedelta(seconds=5)
SUSPECT_AFTER = 3
LOOKING_PATIENCE = timedelta(minutes=2)
GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})
LISTED = "listed in "
EVERYBODY = frozenset({"unreachable", "ratelimited"})
LINKED = "linked"
UNFINISHED = frozenset({DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN})


class Move(StrEnum):
    """What to do next with a due notification."""

    SEND = "send"
    LOOK = "look"
    WAIT = "wait"
    COVERED = "covered"
    GIVE_UP = "give_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Until when a channel is left alone, and how often in a row it failed.

    soft: only to keep the order while one row is looked for; a critical alert does not wait for that.
    """

    until: datetime
    failures: int = 0
    soft: bool = False

    def stops(self, row: Notification | None, now: datetime) -> bool:
        """Say whether `row`, or with None every row, must wait at `now`."""
        passes = self.soft and (row is None or (row.level is Level.CRITICAL and row.state is DeliveryState.PENDING))
        return now < self.until and not passes


def next_move(notification: Notification, siblings: Sequence[Notification]) -> Move:
    """Say what to do with a due `notification`, given all deliveries of its alert.

    Edits and replies need the alert's post: they wait for it, are covered by what was sent after them (it shows the present
    state), and are given up with it.
    """
    if notification.kind != "post":
        posts = [n for n in siblings if n.kind == "post" and n.channel == notification.channel]
        if not tells_notice(notification) and any(_covers(other, notification) for other in siblings):
            return Move.COVERED
        if any(post.state in UNFINISHED for post in posts):
            return Move.WAIT
        if not any(post.state is DeliveryState.SENT for post in posts):
            listed = any(post.state in (DeliveryState.HELD, DeliveryState.COVERED) for post in posts)
            return Move.COVERED if listed else Move.GIVE_UP if posts else Move.WAIT
    uncertain = notification.state in (DeliveryState.UNKNOWN, DeliveryState.SENDING)
    return Move.LOOK if uncertain and notification.kind not in ("update", "chart") else Move.SEND


def _covers(other: Notification, notification: Notification) -> bool:
    """Say whether what `other` showed when it was sent included what `notification` is about."""
    if other.state is not DeliveryState.SENT or other.channel != notification.channel or other.attempted_at is None:
        return False
    shows = other.kind == "post" or (other.kind == notification.kind and notification.kind != "thread")
    return shows and other.id != notification.id and other.attempted_at > notification.created_at


def waits_for(notification: Notification, siblings: Sequence[Notification], now: datetime) -> Notification | None:
    """Return the post that a waiting `notification` waits for, if it is due; what is critical waits for no slow pace."""
    posts = [n for n in siblings if n.kind == "post" and n.channel == notification.channel and n.state in UNFINISHED]
    hurried = notification.level is Level.CRITICAL
    return next((post for post in posts if is_due(post, now) or (hurried and _is_untried(post))), None)


def _is_untried(post: Notification) -> bool:
    return post.state is DeliveryState.PENDING and not post.attempts


def is_due(notification: Notification, now: datetime) -> bool:
    """Say whether a row may be worked on at `now`."""
    leased = notification.state is DeliveryState.SENDING and notification.lease_until and notification.lease_until > now
    return notification.state in UNFINISHED and notification.not_before <= now and not leased


def parked(notification: Notification, now: datetime) -> Notification:
    """Return a row that waits for its post, out of the way of those behind it."""
    return replace(notification, not_before=now + PARKED)


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
    return replace(notification, state=DeliveryState.SENT, sent_at=now, lease_until=None, doubt_since=None, error="")


def found(notification: Notification, now: datetime) -> Notification:
    """Return the row once history shows the message; what it says is as old as the first attempt in doubt."""
    return replace(sent(notification, now), attempted_at=notification.doubt_since or notification.attempted_at)


def covered(notification: Notification, now: datetime, why: str) -> Notification:
    """Return a row that need not be sent because another message says the same."""
    return replace(sent(notification, now), state=DeliveryState.COVERED, error=why)


def held(notification: Notification, why: str, until: datetime | None = None) -> Notification:
    """Return a post that waits for its channel's next list, which comes at `until`."""
    later = until or notification.not_before
    return replace(notification, state=DeliveryState.HELD, lease_until=None, error=why, not_before=later)


def of_notice(notice: Notice, part: int = 0) -> Notification:
    """Return the delivery of a notice's first part, or of a further one as a reply in its thread."""
    return Notification(
        id=0,
        key=digest(notice.id, notice.channel, str(part)),
        subject=notice.id,
        channel=notice.channel,
        kind="thread" if part else "post",
        event_kind=str(part),
        level=Level.WARNING,
        state=DeliveryState.PENDING,
        created_at=notice.at,
        not_before=notice.at,
    )


def tells_notice(notification: Notification) -> bool:
    """Say whether a row delivers a notice and no alert."""
    return notification.subject.startswith("no-")


def interrupted(notification: Notification, now: datetime) -> Notification:
    """Return a row whose sender died: nobody knows whether the request arrived."""
    began = notification.attempted_at or now
    return replace(
        notification,
        state=DeliveryState.UNKNOWN,
        doubt_since=notification.doubt_since or began,
        lease_until=None,
        looks=0,
        not_before=max(now, began + LOOK_DELAYS[0]),
    )


def failed(notification: Notification, error: NotifyError, now: datetime, failures: int = 0) -> Notification:
    """Return the row after a failed attempt: dead, unknown, or pending until it may be tried again.

    failures: how often its channel failed in a row before. A row of which an earlier attempt is still in doubt stays unknown.
    """
    kept = replace(notification, lease_until=None, error=_said(notification, error), looks=0)
    if error.permanent:
        return replace(kept, state=DeliveryState.DEAD)
    if error.unknown:
        doubt = notification.doubt_since or notification.attempted_at or now
        return replace(kept, state=DeliveryState.UNKNOWN, doubt_since=doubt, not_before=now + LOOK_DELAYS[0])
    state = DeliveryState.UNKNOWN if notification.doubt_since else DeliveryState.PENDING
    return replace(kept, state=state, not_before=now if holds_channel(kept, error, failures) else now + row_delay(kept))


def _said(notification: Notification, error: NotifyError) -> str:
    """Return what is remembered of a failure: after it, a post is still one that a summary has listed."""
    mark = notification.error.partition(";")[0] if notification.error.startswith(LISTED) else ""
    return f"{mark}; {error}" if mark else str(error)


def holds_channel(notification: Notification, error: NotifyError, failures: int) -> bool:
    """Say whether a failure makes the whole channel wait.

    Always if it hits everybody, or if the channel fails at other things too; else until the row itself is suspect.
    """
    if error.permanent:
        return error.retry_after is not None
    everybody = error.code in EVERYBODY or error.retry_after is not None or failures > 0
    return everybody or notification.attempts < SUSPECT_AFTER


def row_delay(notification: Notification) -> timedelta:
    """Return how long a row that fails again and again stays aside: it doubles, up to ten minutes."""
    return min(FIRST_RETRY * (1 << min(max(notification.attempts - 1, 0), 10)), LONGEST_ROW_RETRY)


def hold(error: NotifyError, before: Hold, row: Notification, now: datetime) -> Hold:
    """Return how long a channel is left alone after `error`, `row` being what failed.

    As long as the service asks; until the row may be looked for; else it doubles, up to a minute.
    """
    if error.retry_after:
        return Hold(until=now + error.retry_after, failures=before.failures + 1)
    if error.unknown:
        return Hold(until=row.not_before, failures=before.failures, soft=True)
    delay = min(FIRST_RETRY * (1 << min(before.failures, 10)), LONGEST_RETRY)
    return Hold(until=now + delay, failures=before.failures + 1)


def not_found(notification: Notification, now: datetime) -> Notification:
    """Return the row after history did not show the message: look once more, then send again.

    A row that fails again and again is sent again only after a growing delay.
    """
    looks = notification.looks + 1
    kept = replace(notification, looks=looks, lease_until=None)
    if looks < len(LOOK_DELAYS):
        doubt = notification.doubt_since or notification.attempted_at or notification.created_at
        return replace(kept, state=DeliveryState.UNKNOWN, doubt_since=doubt, not_before=now + LOOK_DELAYS[looks])
    delay = row_delay(notification) if notification.attempts >= SUSPECT_AFTER else timedelta(0)
    return replace(kept, state=DeliveryState.PENDING, doubt_since=None, not_before=now + delay)


def look_failed(notification: Notification, error: NotifyError, now: datetime) -> Notification:
    """Return the row after history could not be asked this time."""
    doubt = notification.doubt_since or notification.attempted_at or notification.created_at
    return replace(
        notification,
        state=DeliveryState.UNKNOWN,
        doubt_since=doubt,
        lease_until=None,
        error=_said(notification, error),
        not_before=now + (error.retry_after or timedelta(0)),
    )


def must_repeat(notification: Notification, error: NotifyError, now: datetime) -> bool:
    """Say whether to send again although history cannot be asked: lost is worse than twice.

    At once where it can never be read; after two minutes where the service answers, but not to this.
    """
    if error.permanent:
        return True
    waited = now - (notification.attempted_at or notification.created_at)
    return error.code not in EVERYBODY and waited >= LOOKING_PATIENCE


def wants_chart(notification: Notification) -> bool:
    """Say whether a picture should follow: after what people see first or anew, not after the edit that shows a picture."""
    return (
        not tells_notice(notification)
        and notification.kind in ("post", "update")
        and notification.event_kind not in ("chart", LINKED)
    )


def sibling_shown(subject: str, sibling: PostedMessage, now: datetime) -> Notification:
    """Return the edit by which an alert's message shows where the message of another alert of its situation can be opened."""
    return Notification(
        id=0,
        key=digest(subject, sibling.channel, LINKED, sibling.subject, sibling.ts),
        subject=subject,
        channel=sibling.channel,
        kind="update",
        event_kind=LINKED,
        level=Level.WATCH,
        state=DeliveryState.PENDING,
        created_at=now,
        not_before=now,
    )


def chart_shown(notification: Notification, now: datetime) -> Notification:
    """Return the edit that shows a picture once it is uploaded."""
    edit = replace(notification, created_at=now, event_kind="chart")
    return _anew(edit, notification.channel, "update", digest(notification.key, "shown"), now)


def chart(notification: Notification, now: datetime) -> Notification:
    """Return the request for a picture of what `notification` has just shown: last in order, and never worth a fuss."""
    return _anew(
        replace(notification, created_at=now), notification.channel, "chart", digest(notification.key, "chart"), now
    )


def dispensable(notification: Notification, error: NotifyError) -> bool:
    """Say whether to do without a picture (the words beside it say the same) or a link to another message."""
    return (notification.kind == "chart" or notification.event_kind == LINKED) and (
        error.permanent or notification.attempts >= SUSPECT_AFTER
    )


def afresh(notification: Notification, now: datetime) -> Notification:
    """Return a new post for an edit or reply whose message is gone or may not be edited any more."""
    return _anew(notification, notification.channel, "post", digest(notification.key, "afresh"), now)


def redirected(notification: Notification, channel: str, kind: str, now: datetime) -> Notification:
    """Return the delivery to a fallback `channel` of what could not be delivered. Its key is that of a direct delivery."""
    key = digest(notification.subject, channel, kind, notification.event_kind, notification.created_at.isoformat())
    return _anew(notification, channel, kind, key, now)


def _anew(notification: Notification, channel: str, kind: str, key: str, now: datetime) -> Notification:
    return Notification(
        id=0,
        key=key,
        subject=notification.subject,
        channel=channel,
        kind=kind,
        event_kind=notification.event_kind,
        level=notification.level,
        state=DeliveryState.PENDING,
        created_at=notification.created_at,
        not_before=now,
    )
