"""Who is told that a country or a language cannot be seen any more, and that it can be seen again: once for each change.

Sight flickers: a feed that fails every other time, a daemon that was stopped over night and finds every poll overdue. So a change is
told when it has lasted: a loss after a quarter of an hour, a recovery after an hour. What was told is remembered by a value that
can be stored as JSON, so that a restart repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.core.coverage import Coverage, Sight, Survey

LOST_AFTER = timedelta(minutes=15)
BACK_AFTER = timedelta(hours=1)
ABROAD = "*"
MOST_LINES = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One loss or recovery of sight.

    subject: alpha-3 code of a country, ISO 639-1 code of a language, or ABROAD for all countries without feeds of their own.
    since: since when it is blind, or was. until: when it was seen again, None for a loss. why: the reason in words.
    """

    subject: str
    since: datetime
    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What people have been told. blind: since when, by subject. turning: since when a subject shows the opposite of what was told."""

    blind: Mapping[str, datetime] = field(default_factory=dict)
    turning: Mapping[str, datetime] = field(default_factory=dict)

    def to_json(self) -> dict[str, dict[str, str]]:
        """Return a value for the database."""
        pairs = (("blind", self.blind), ("turning", self.turning))
        return {name: {subject: at.isoformat() for subject, at in found.items()} for name, found in pairs}

    @classmethod
    def from_json(cls, value: Any) -> Told:
        """Read back what `to_json` wrote; anything else counts as nothing told."""
        held = value if isinstance(value, dict) else {}
        return cls(blind=_moments(held.get("blind")), turning=_moments(held.get("turning")))


def changes(told: Told, survey: Survey) -> tuple[list[Change], Told]:
    """Return what is to be told at the survey's moment, losses first, and what has been told then."""
    now, found = survey.at, subjects(survey)
    blind = {
        subject: at for subject, at in told.blind.items() if subject in found
    }  # a subject no longer configured is dropped
    turning: dict[str, datetime] = {}
    news: list[Change] = []
    for subject, coverage in found.items():
        is_blind = coverage.sight is Sight.BLIND
        if is_blind == (subject in blind):
            continue
        turned = min(told.turning.get(subject, now), now)
        if now - turned < (LOST_AFTER if is_blind else BACK_AFTER):
            turning[subject] = turned
        elif is_blind:
            blind[subject] = coverage.since or turned
            news.append(Change(subject=subject, since=blind[subject], why=coverage.why()))
        else:
            news.append(Change(subject=subject, since=blind.pop(subject), until=turned, why=coverage.why()))
    news.sort(key=lambda each: (each.until is not None, each.since, each.subject))
    return news, Told(blind=blind, turning=turning)


def subjects(survey: Survey) -> dict[str, Coverage]:
    """Return the coverage of everything that can go blind, by subject."""
    return {**survey.countries, **survey.languages, ABROAD: survey.abroad}


def lines(news: Sequence[Change], name_of: Callable[[str], str]) -> list[str]:
    """Return the changes in words, the first few one by one and the rest counted; name_of: a country's or language's, by code.

    Nothing here says that all is clear: that a country can be seen again is no news from it.
    """
    told = [_line(each, name_of) for each in news[:MOST_LINES]]
    rest = news[MOST_LINES:]
    return [*told, f"and {len(rest)} more: {', '.join(_name(each, name_of) for each in rest)}"] if rest else told


def _line(change: Change, name_of: Callable[[str], str]) -> str:
    since = f"{change.since:%d %B %H:%M} UTC"
    why = f": {change.why}" if change.why else ""
    if change.until is None:
        return f"Blind on {_name(change, name_of)} since {since}{why}"
    return f"{_name(change, name_of)} can be seen again since {change.until:%d %B %H:%M} UTC; it was blind since {since}{why}"


def _name(change: Change, name_of: Callable[[str], str]) -> str:
    if change.subject == ABROAD:
        return "every country without feeds of its own"
    if change.subject.islower():
        return f"news in {name_of(change.subject)}"
    return name_of(change.subject)


def _moments(value: Any) -> dict[str, datetime]:
    pairs: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else ()
    return {str(subject): datetime.fromisoformat(at) for subject, at in pairs}
