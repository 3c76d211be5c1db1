"""The nouns of the desk: what people on watch do, and what they are told beside alerts.

All records are frozen and keyword-only; every `datetime` is aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.alerts import Level


class NoticeKind(StrEnum):
    """What a notice is about."""

    STORM = "storm"
    RELEASE = "release"
    BUDGET = "budget"
    DIGEST = "digest"
    HANDOVER = "handover"
    WEEKLY = "weekly"
    OPS = "ops"
    DRILL = "drill"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading and the lines below it, plain text. heading: "" for none."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A message to one channel that is no alert: fixed when it is written, so that a resend says the same.

    id: `no-` and a digest of kind, channel and occasion, so that one occasion makes one notice. title: one line. sections: all there
    is to say; what one message cannot hold continues in its thread.
    """

    id: str
    kind: NoticeKind
    channel: str
    at: datetime
    title: str
    sections: tuple[Section, ...]

    def lines(self) -> list[str]:
        """Return headings and lines in order."""
        return [
            line
            for section in self.sections
            for line in ((section.heading,) if section.heading else ()) + section.lines
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """An expiring mute. It matches an alert when every matcher it names does.

    situation: key or glob, "" for any. signal: "" for any. alert_id: "" for any (a snooze names one). up_to: highest level that is
    muted; critical only where its author says so. until: when it ends; it always does. ended_by: who ended it before, "".
    muted: how many notifications it has kept back. announced: whether its end has been announced.
    """

    id: str
    situation: str
    signal: str
    alert_id: str
    up_to: Level
    author: str
    reason: str
    created_at: datetime
    until: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    muted: int = 0
    announced: bool = False

    def runs(self, now: datetime) -> bool:
        """Say whether the silence is in force at `now`."""
        return self.created_at <= now < self.until and self.ended_at is None


class ActKind(StrEnum):
    """What a person can do about an alert."""

    ACKNOWLEDGE = "acknowledge"
    FALSE_ALARM = "false"
    TRUE = "true"
    UNSURE = "unsure"
    SNOOZE = "snooze"
    SILENCE = "silence"
    WHY = "why"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who acts: ids and name as Slack (or the terminal) gives them. team: ids of workspaces, "" on the terminal."""

    id: str
    name: str
    team: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing a person did, kept for ever. key: unique per click or command, so that a repeated delivery changes nothing."""

    key: str
    at: datetime
    kind: str
    alert_id: str
    person: str
    result: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Click:
    """A button pressed or a menu entry chosen, before anything is checked.

    token: opaque value of the button, signed. channel_id and ts: of the message. key: unique per click.
    """

    key: str
    kind: ActKind
    token: str
    person: Person
    channel_id: str
    ts: str
    respond_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A slash command. words: what follows `/crisis`. key: unique per delivery."""

    key: str
    words: Sequence[str]
    person: Person
    channel_id: str
    respond_to: str = ""
