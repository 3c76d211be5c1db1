"""How much the reports of a (situation, signal) weigh together, and how unusual their inflow is.

Evidence is a decayed, weighted number of independent reports; its unit is one effective report. Surge follows the EARS C2
scheme of syndromic surveillance (a moving baseline behind a guard band) with a baseline of 28 days.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.alerts import Rule, Standing
from monitor.core.model import Report

FURTHER_ORIGIN_SHARE = 0.3
DAY = timedelta(days=1)
GUARD_DAYS = 2
BASELINE_DAYS = 28
MIN_HISTORY = timedelta(days=14)
LEAST_SD = 0.5
RETAINED = DAY * (1 + GUARD_DAYS + BASELINE_DAYS) + timedelta(hours=72)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """What one origin of one story adds: `amount` effective reports at the moment `at`, before decay."""

    story_id: str
    origin: str
    at: datetime
    amount: float


def contributions(reports: Iterable[Report], min_probability: float) -> list[Contribution]:
    """Return one contribution per (story, origin), in order of time, story and origin.

    Within a story the earliest origin has share 1 (ties: higher weight, then id), each further origin 0.3; the probability is
    the highest among the story's reports. Reports below `min_probability` add nothing.
    """
    stories: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        if report.score >= min_probability:
            stories[report.story_id].append(report)
    found = [item for story in stories.values() for item in _story_contributions(story)]
    return sorted(found, key=lambda c: (c.at, c.story_id, c.origin))


def _story_contributions(reports: Sequence[Report]) -> list[Contribution]:
    best = max(report.score for report in reports)
    origins: dict[str, tuple[datetime, float]] = {}
    for report in reports:
        at, weight = origins.get(report.origin, (report.at, report.weight))
        origins[report.origin] = (min(at, report.at), max(weight, report.weight))
    order = sorted(origins, key=lambda origin: (origins[origin][0], -origins[origin][1], origin))
    return [
        Contribution(
            story_id=reports[0].story_id,
            origin=origin,
            at=origins[origin][0],
            amount=origins[origin][1] * best * (1.0 if place == 0 else FURTHER_ORIGIN_SHARE),
        )
        for place, origin in enumerate(order)
    ]


def evidence(items: Iterable[Contribution], now: datetime, window: timedelta, half_life: timedelta) -> float:
    """Return the decayed sum of what came inside the window that ends at `now`, in effective reports."""
    return math.fsum(c.amount * 2.0 ** (-((now - c.at) / half_life)) for c in within(items, now, window))


def within(items: Iterable[Contribution], now: datetime, window: timedelta) -> list[Contribution]:
    """Return the contributions of the half-open window (now - window, now]."""
    return [c for c in items if now - window < c.at <= now]


@dataclass(frozen=True, kw_only=True, slots=True)
class Surge:
    """Today's inflow against the usual one. value: None where there is no baseline yet; inflow, mean, sd: effective reports a day."""

    value: float | None
    inflow: float
    mean: float
    sd: float


def surge(items: Sequence[Contribution], now: datetime, history_since: datetime | None) -> Surge:
    """Return how far the last 24 hours' inflow lies above the mean of the 28 days before a 2-day guard band, in standard deviations.

    Days before `history_since` (the first stored item) are no calm days but unknown ones and are left out; with less than 14 days
    of stored history there is no baseline.
    """
    days = [0.0] * (1 + GUARD_DAYS + BASELINE_DAYS)
    for item in items:
        age = (now - item.at) // DAY
        if item.at <= now and age < len(days):
            days[age] += item.amount
    if history_since is None or now - history_since < MIN_HISTORY:
        return Surge(value=None, inflow=days[0], mean=0.0, sd=0.0)
    known = min(len(days), (now - history_since) // DAY)
    baseline = days[1 + GUARD_DAYS : known]
    mean, sd = statistics.fmean(baseline), statistics.stdev(baseline)
    return Surge(value=(days[0] - mean) / max(sd, LEAST_SD), inflow=days[0], mean=mean, sd=sd)


def stand(reports: Sequence[Report], rule: Rule, now: datetime, history_since: datetime | None) -> Standing:
    """Return where `rule` stands on these reports of one (situation, signal) at `now`; `fragile` is left to `thresholds`."""
    items = contributions((r for r in reports if r.at <= now), rule.min_probability)
    inside = within(items, now, rule.window)
    unusual = surge(items, now, history_since)
    return Standing(
        at=now,
        evidence=evidence(inside, now, rule.window, rule.half_life),
        origins=len({c.origin for c in inside}),
        stories=len({c.story_id for c in inside}),
        surge=unusual.value,
        inflow=unusual.inflow,
        mean=unusual.mean,
        sd=unusual.sd,
    )


def strongest_origin(reports: Sequence[Report], rule: Rule, now: datetime) -> str:
    """Return the origin that adds most evidence at `now`, "" where there is none."""
    amounts: dict[str, float] = defaultdict(float)
    for item in within(contributions(reports, rule.min_probability), now, rule.window):
        amounts[item.origin] += item.amount * 2.0 ** (-((now - item.at) / rule.half_life))
    return max(sorted(amounts), key=lambda origin: amounts[origin], default="")
