"""The ladder of escalation in one situation: talk, threat, concentration, clash, and down again.

A rung is reached by two different stories within the window, each more likely than not about it. Reports of talks, truce or withdrawal
that are newer than the rung are told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.model import Report

WINDOW = timedelta(hours=72)
CARRIES = 0.5
STORIES = 2
EASING = "deescalation"


class Rung(StrEnum):
    """Steps of the ladder, lowest first."""

    TALK = "talk"
    THREAT = "threat"
    CONCENTRATION = "concentration"
    CLASH = "clash"


_LABELS = {
    Rung.THREAT: "military_response_threat",
    Rung.CONCENTRATION: "troop_concentration",
    Rung.CLASH: "armed_conflict",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Climb:
    """Where a situation stands. since: when the rung was reached; before: the rung held before it, None at the start.

    easing: since when reports of talks, truce or withdrawal are newer than the rung, None where there are none.
    """

    rung: Rung
    since: datetime
    before: Rung | None = None
    easing: datetime | None = None


def climb(reports: Iterable[Report], now: datetime) -> Climb | None:
    """Return where the situation of `reports` (of all labels) stands at `now`, None where nothing lies within the window.

    Rungs are looked at whenever a report arrives, in order of time, so that the rung before the present one is known.
    """
    seen = sorted(
        (r for r in reports if r.at <= now and r.score >= CARRIES),
        key=lambda each: (each.at, each.article_id, each.signal),
    )
    if not _within(seen, now):
        return None
    current = Climb(rung=Rung.TALK, since=seen[0].at)
    for moment in [*(report.at for report in seen), now]:
        rung = _rung(seen, moment)
        if rung is not current.rung:
            current = Climb(rung=rung, since=moment, before=current.rung)
    return Climb(
        rung=current.rung, since=current.since, before=current.before, easing=_easing(seen, now, current.since)
    )


def _within(reports: Sequence[Report], now: datetime) -> list[Report]:
    return [report for report in reports if now - WINDOW < report.at <= now]


def _rung(reports: Sequence[Report], now: datetime) -> Rung:
    """Return the highest rung that two stories report within the window."""
    recent = _within(reports, now)
    for rung in reversed(Rung):
        stories = {report.story_id for report in recent if report.signal == _LABELS.get(rung)}
        if len(stories) >= STORIES:
            return rung
    return Rung.TALK


def _easing(reports: Sequence[Report], now: datetime, since: datetime) -> datetime | None:
    easing = [report for report in _within(reports, now) if report.at >= since and report.signal == EASING]
    return easing[0].at if len({report.story_id for report in easing}) >= STORIES else None
