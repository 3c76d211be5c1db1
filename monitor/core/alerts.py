"""The nouns of deciding: levels, rules, where a situation stands, alerts with their events, and every decision with its reason.

All records are frozen and keyword-only. Every `datetime` is aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Level(StrEnum):
    """How far a rule's conditions are met; ordered by `rank`."""

    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """1 for watch, 2 for warning, 3 for critical."""
        return list(Level).index(self) + 1


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
