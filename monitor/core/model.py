"""The nouns: every record that flows from a feed to an alert.

All records are frozen and keyword-only. Every `datetime` is aware and in UTC. Scores are calibrated probabilities, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from monitor.core.hours import Attention

SIGNALS = ("troop_concentration", "coup_warning", "military_response_threat")
CONTEXT_LABELS = ("denial", "deescalation", "armed_conflict")
LABELS = SIGNALS + CONTEXT_LABELS


class Level(StrEnum):
    """How far a rule's conditions are met; ordered by `rank`."""

    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """1 for watch, 2 for warning, 3 for critical."""
        return list(Level).index(self) + 1


class FeedKind(StrEnum):
    """What sort of publisher stands behind a feed."""

    WIRE = "wire"
    PUBLIC_BROADCASTER = "public_broadcaster"
    BROADCASTER = "broadcaster"
    NEWSPAPER = "newspaper"
    GOVERNMENT = "government"
    MILITARY = "military"
    THINK_TANK = "think_tank"
    STATE_MEDIA = "state_media"
    LOCAL = "local"
    NGO = "ngo"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A configured source.

    id: unique name in feeds.yaml. owner: owner group of the outlet (equal to the outlet where none is known).
    country: ISO 3166 alpha-3 of the outlet, "" for international ones. language: ISO 639-1 of the items.
    weight: how much a report of this feed counts, 0 to 1.
    """

    id: str
    url: str
    outlet: str
    owner: str
    country: str = ""
    language: str = "en"
    kind: FeedKind = FeedKind.OTHER
    interval: timedelta = timedelta(minutes=10)
    weight: float = 1.0
    allow_private: bool = False
    fetch_article: bool = False
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """What makes the next request conditional; stored only with the items it came with.

    body_hash: blake2b of the decoded body, hex; an equal hash spares the parse. checked_at: last unconditional GET.
    """

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    checked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedState:
    """What the database remembers of one feed.

    failures: polls failed in a row. first_ok_at: first poll that yielded a document; None before it. last_new_at: last poll
    that brought an unseen item. pace: usual time between polls with new items, None before two such polls. gaps: polls whose
    page was all new (items may have rolled off unseen). permanent_url: where the server says the feed has moved.
    """

    feed_id: str
    next_poll_at: datetime
    validators: Validators = Validators()
    failures: int = 0
    error: str = ""
    first_ok_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    last_failed_at: datetime | None = None
    pace: timedelta | None = None
    gaps: int = 0
    permanent_url: str = ""
    items: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """One answered request.

    status: final HTTP status (200 or 304). body: decoded bytes, b"" on 304. final_url: after redirects. moved_to: target of a
    chain of permanent redirects only, else "". max_age: how long the server says the answer stays fresh.
    """

    status: int
    body: bytes
    content_type: str
    final_url: str
    validators: Validators
    moved_to: str = ""
    max_age: timedelta | None = None
    unchanged: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One item as parsed, texts cleaned (no markup, valid Unicode, no control or bidirectional characters).

    guid and link are "" where the feed has none; link is absolute http(s) or "". published: aware UTC or None where missing or
    unparsable (`bad_date` then True when there was something to parse). source: outlet that an aggregate names for the item.
    updated: when the publisher says it was last changed. withdrawn: the publisher marks the item as deleted or retracted.
    """

    guid: str
    link: str
    title: str
    summary: str
    published: datetime | None = None
    bad_date: bool = False
    source: str = ""
    author: str = ""
    language: str = ""
    updated: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedFeed:
    """A document read: its entries in document order, and what was odd about it."""

    title: str
    language: str
    entries: tuple[Entry, ...]
    ttl: timedelta | None = None
    remarks: tuple[str, ...] = ()


class Role(StrEnum):
    """How a place or actor takes part in what an item reports."""

    ACTOR = "actor"
    TARGET = "target"
    SPEAKER = "speaker"
    PARTNER = "partner"
    LOCATION = "location"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A country, alliance or armed group that an item names: ISO 3166 alpha-3 or a code of situations.yaml."""

    code: str
    role: Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """The sentence that carries a label, whose it is, and what it was scored."""

    text: str
    speaker: str = ""
    score: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What an item's words say.

    scores: probability per label; empty when the item is in a language the model cannot read (`unread`).
    situations: situation key per signal, only where one was found. quotes: per label with a score of 0.1 or more.
    claimed_dates: days the text announces. denies: signal (or "") and code of the party that denies.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    situations: Mapping[str, str] = field(default_factory=dict)
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    claimed_dates: tuple[date, ...] = ()
    denied_by: tuple[str, ...] = ()
    language: str = ""
    unread: bool = False
    model: str = ""

    def top_score(self) -> float:
        """Highest score of a signal, 0.0 when unread."""
        return max((self.scores.get(signal, 0.0) for signal in SIGNALS), default=0.0)


class DateNote(StrEnum):
    """What was odd about an item's date."""

    NONE = ""
    FUTURE = "future"
    UNDATED = "undated"
    UNPARSABLE = "unparsable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One normalised item, with its reading and where it stands.

    id: derived from its identity (feed and strongest key). seen_at: our clock; the window runs on it. published_at: the
    publisher's, None where unusable. outlet and owner: whose it is (an aggregate's item may name its own). origin: the
    independent source it counts for. weighed: whether it may count as evidence; `unweighed` says why not.
    """

    id: str
    feed_id: str
    guid: str
    url: str
    title: str
    summary: str
    outlet: str
    owner: str
    origin: str
    weight: float
    seen_at: datetime
    published_at: datetime | None
    date_note: DateNote
    reading: Reading
    story_id: str = ""
    weighed: bool = True
    unweighed: str = ""
    content_hash: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One article's contribution to a (signal, situation): what evidence is computed from.

    score: probability of the signal. weight: of its outlet, 0 to 1. at: when it was first seen by us.
    """

    article_id: str
    story_id: str
    origin: str
    signal: str
    situation: str
    score: float
    weight: float
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What a level asks for; a condition that is None is not asked.

    evidence: effective reports. origins: independent sources in the window. surge: standard deviations above usual.
    """

    evidence: float | None = None
    origins: int | None = None
    surge: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Which signal in which situations alerts whom, and when.

    situations: globs, empty for any. exclude: globs never matched. hold: share of a limit under which a level is given up
    (hysteresis, 0 to 1). Durations as in rules.yaml.
    """

    name: str
    signal: str
    levels: Mapping[Level, Conditions]
    notify: tuple[str, ...]
    situations: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    window: timedelta = timedelta(hours=72)
    half_life: timedelta = timedelta(hours=24)
    min_probability: float = 0.5
    repeat_interval: timedelta = timedelta(hours=12)
    resolve_after: timedelta = timedelta(hours=24)
    hold: float = 0.5
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where one (rule, situation) stands at a moment.

    evidence: effective reports. surge: None where there is no baseline yet. fragile: whether the level would fall without its
    strongest origin. mean and sd: usual daily inflow of evidence.
    """

    at: datetime
    evidence: float
    origins: int
    stories: int
    surge: float | None
    inflow: float = 0.0
    mean: float = 0.0
    sd: float = 0.0
    fragile: bool = False


class EventKind(StrEnum):
    """What happened to an alert."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    EASED = "eased"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"


class AlertState(StrEnum):
    """Whether an episode goes on."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One transition of an alert, with the reason shown to people.

    level: after the event. config_hash and model: the versions that decided.
    """

    alert_id: str
    at: datetime
    kind: EventKind
    level: Level
    reason: str
    standing: Standing
    config_hash: str = ""
    model: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One episode of one (rule, situation).

    level: now. highest: ever reached. last_event_at: last transition. last_told_at: last opened, updated, escalated or reopened
    event. quiet_since: since when the lowest level no longer holds. repeats: updates since the level last rose.
    acknowledged_by: who took it on, "" while nobody has.
    """

    id: str
    rule: str
    signal: str
    situation: str
    countries: tuple[str, ...]
    level: Level
    highest: Level
    state: AlertState
    opened_at: datetime
    last_event_at: datetime
    last_told_at: datetime
    resolved_at: datetime | None = None
    quiet_since: datetime | None = None
    repeats: int = 0
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None


class Outcome(StrEnum):
    """What became of an article, or of a rule at a moment; each is explained in README."""

    UNREAD = "unread"
    LOW_SCORE = "low_score"
    CONTEXT = "context"
    TOO_OLD = "too_old"
    FIRST_POLL_UNDATED = "first_poll_undated"
    BELOW_MIN_PROBABILITY = "below_min_probability"
    NO_SITUATION = "no_situation"
    NO_RULE = "no_rule"
    BELOW_THRESHOLD = "below_threshold"
    OPENED = "opened"
    ESCALATED = "escalated"
    UPDATED = "updated"
    REPEAT_INTERVAL = "repeat_interval"
    EASED = "eased"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REVISED = "revised"
    QUIET = "quiet"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The outcome of a rule at a moment, or of one article, always with its reason.

    article_id: "" for a decision about a rule's state. rule and situation: "" where none applies.
    """

    at: datetime
    outcome: Outcome
    reason: str
    article_id: str = ""
    signal: str = ""
    rule: str = ""
    situation: str = ""
    alert_id: str = ""
    score: float = 0.0
    standing: Standing | None = None
    config_hash: str = ""
    model: str = ""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """An alliance, armed group or other non-state actor of situations.yaml.

    code: as in situation keys. kind: alliance, armed_group, organisation or territory. members: alpha-3 codes of an alliance.
    of: alpha-3 of the state an armed group belongs to or acts from, "" where none.
    """

    code: str
    names: tuple[str, ...]
    kind: str
    members: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedSituation:
    """A theatre of situations.yaml: a key with its name, words that stand for it, and keys that fold into it."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """What is known of an outlet beyond its feeds. state_of: alpha-3 of the state that speaks through it."""

    name: str
    owner: str = ""
    weight: float = 1.0
    aliases: tuple[str, ...] = ()
    state_of: str = ""
    agency: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a person says of an article or an alert, kept as a label to learn from.

    verdict: true, false, unsure or missed. article_id and alert_id: "" where it is about neither. title and summary: the words
    judged, "" where we never had them. step: for a miss, where the pipeline lost it.
    """

    at: datetime
    verdict: str
    article_id: str = ""
    alert_id: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    signal: str = ""
    situation: str = ""
    step: str = ""
    note: str = ""
    by: str = ""
