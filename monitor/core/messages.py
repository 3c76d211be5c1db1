"""The nouns of telling: channels, deliveries and the messages that stand in them.

All records are frozen and keyword-only. Every `datetime` is aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.core.alerts import Level
from monitor.core.hours import Attention


class DeliveryState(StrEnum):
    """Where one notification stands on its way.

    held: kept for the next digest (quiet hours, budget). covered: another message has told it.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    HELD = "held"
    COVERED = "covered"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """One delivery to one channel: an outbox row.

    key: unique per (subject, channel, kind, event time), so that nothing is queued twice. subject: id of the alert (`al-…`) or notice
    (`no-…`) it tells of. kind: `post`, `update`, `thread`, `chart` or `reminder`. event_kind: of an alert; of a notice the number of its part.
    attempt_id: written and committed before each request. looks: how often history was asked since the last one. not_before: earliest next
    attempt. lease_until: while SENDING. doubt_since: time of the first attempt of which nobody knows whether it arrived.
    """

    id: int
    key: str
    subject: str
    channel: str
    kind: str
    event_kind: str
    level: Level
    state: DeliveryState
    created_at: datetime
    not_before: datetime
    attempts: int = 0
    attempt_id: str = ""
    attempted_at: datetime | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    looks: int = 0
    doubt_since: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostedMessage:
    """The living message of an alert or notice (`subject`) in a channel: what restarts and other daemons continue.

    chart: the service's id of the picture it shows, "" while it shows none. permalink: its address for people, "" where unknown.
    """

    subject: str
    channel: str
    channel_id: str
    ts: str
    chart: str = ""
    permalink: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """Where notifications go.

    kind: `slack` or `console`. target: Slack channel id or name. token: never printed, never stored. min_level: lower alerts
    are not sent here. budget_per_day: alerts below critical posted per day before the rest goes to a digest. fallback: channel that is
    told when this one fails for good.
    """

    name: str
    kind: str = "console"
    target: str = ""
    token: str = field(default="", repr=False)
    min_level: Level = Level.WATCH
    budget_per_day: int = 20
    fallback: str = ""
    attention: Attention = field(default_factory=Attention)
