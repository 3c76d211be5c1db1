"""The nouns of reading: every record that flows from a feed to a report.

All records are frozen and keyword-only. Every `datetime` is aware and in UTC. Scores are calibrated probabilities, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

SIGNALS = ("troop_concentration", "coup_warning", "military_response_threat")
CONTEXT_LABELS = ("denial", "deescalation", "armed_conflict")
LABELS = SIGNALS + CONTEXT_LABELS


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
    """The sentence that carries a label, whose it is, and what it was scored.

    drove: phrases that raised the first stage's score most, strongest first. needed: phrases without which the encoder's score
    falls most. Both are known of items read live that carry the signal, and empty of others.
    """

    text: str
    speaker: str = ""
    score: float = 0.0
    drove: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


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
