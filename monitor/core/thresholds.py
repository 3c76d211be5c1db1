"""Which level a rule reaches, keeps and gives up, and why.

A level is reached when all its conditions hold. Once reached it is kept until its evidence or its origins fall under `hold` times
their limits (hysteresis); surge gates the rise only, because a crisis that lasts becomes its own baseline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.alerts import Conditions, Level, Rule, Standing
from monitor.core.evidence import Contribution, contributions, evidence, stand, strongest_origin, within
from monitor.core.model import Report

_SECOND = timedelta(seconds=1)


def reached(rule: Rule, standing: Standing) -> Level | None:
    """Return the highest level whose conditions all hold, None where none does; without any report none does."""
    if not standing.stories:
        return None
    return max((level for level, asked in rule.levels.items() if _holds(asked, standing)), key=_rank, default=None)


def kept(rule: Rule, standing: Standing, current: Level) -> Level | None:
    """Return the highest level up to `current` whose lower limits still hold, None where none does."""
    lower = {level: asked for level, asked in rule.levels.items() if level.rank <= current.rank}
    return max(
        (level for level, asked in lower.items() if _still_holds(asked, standing, rule.hold)), key=_rank, default=None
    )


def level_now(rule: Rule, standing: Standing, current: Level | None) -> Level | None:
    """Return the level after hysteresis: the higher of what is reached and what is kept."""
    candidates = [reached(rule, standing), kept(rule, standing, current) if current else None]
    return max((level for level in candidates if level), key=_rank, default=None)


def _rank(level: Level) -> int:
    return level.rank


def _holds(asked: Conditions, standing: Standing) -> bool:
    return (
        (asked.evidence is None or standing.evidence >= asked.evidence)
        and (asked.origins is None or standing.origins >= asked.origins)
        and (asked.surge is None or standing.surge is None or standing.surge >= asked.surge)
    )


def _still_holds(asked: Conditions, standing: Standing, hold: float) -> bool:
    if not standing.stories:
        return False
    return (asked.evidence is None or standing.evidence >= asked.evidence * hold) and (
        asked.origins is None or standing.origins >= origins_to_keep(asked.origins, hold)
    )


def origins_to_keep(asked: int, hold: float) -> int:
    """Return how many origins keep a level that asked for `asked`: at least one."""
    return max(1, math.ceil(asked * hold))


def assess(
    reports: Sequence[Report], rule: Rule, now: datetime, history_since: datetime | None, current: Level | None
) -> tuple[Standing, Level | None]:
    """Return the standing at `now`, with its fragility, and the level after hysteresis."""
    standing = stand(reports, rule, now, history_since)
    level = level_now(rule, standing, current)
    if level is None:
        return standing, None
    best = strongest_origin(reports, rule, now)
    without = stand([r for r in reports if r.origin != best], rule, now, history_since)
    remains = reached(rule, replace(without, surge=None))
    return replace(standing, fragile=remains is None or remains.rank < level.rank), level


def next_fall(reports: Sequence[Report], rule: Rule, current: Level, now: datetime) -> datetime | None:
    """Return the first moment after `now` at which `current` is no longer kept if nothing new arrives, None where it never holds.

    Between two departures from the window evidence falls as one exponential, so the moment is exact (to the second above).
    """
    inside = within(contributions(reports, rule.min_probability), now, rule.window)
    asked = rule.levels[current]
    departures = sorted({c.at + rule.window for c in inside})
    limit = (asked.evidence or 0.0) * rule.hold
    since = now
    for departure in departures:
        amount = evidence(inside, since, rule.window, rule.half_life)
        if limit > 0 and amount > 0:
            crossing = since + max(0.0, math.log2(amount / limit)) * rule.half_life
            if crossing < departure:
                return max(_ceil(crossing), now + _SECOND)
        since = departure
        if _falls_with(within(inside, departure, rule.window), rule, asked, departure):
            return departure
    return None


def _falls_with(left: Sequence[Contribution], rule: Rule, asked: Conditions, at: datetime) -> bool:
    """Say whether what is `left` in the window at `at`, the moment of a departure, no longer keeps a level."""
    if not left or evidence(left, at, rule.window, rule.half_life) < (asked.evidence or 0.0) * rule.hold:
        return True
    return asked.origins is not None and len({c.origin for c in left}) < origins_to_keep(asked.origins, rule.hold)


def _ceil(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole + _SECOND


def explain(rule: Rule, standing: Standing, level: Level | None) -> str:
    """Say in one line what was found against what `level` (or, for None, the lowest level) asks."""
    asked = rule.levels[level] if level else rule.levels[min(rule.levels, key=_rank)]
    name = level.value if level else min(rule.levels, key=_rank).value
    found = [_compare("evidence", f"{standing.evidence:.2f}", asked.evidence)]
    found.append(_compare("independent origins", str(standing.origins), asked.origins))
    if asked.surge is not None:
        found.append(
            "no baseline yet" if standing.surge is None else _compare("surge", f"{standing.surge:.1f}", asked.surge)
        )
    return f"{', '.join(found)} for {name}"


def _compare(word: str, value: str, asked: float | None) -> str:
    return f"{word} {value}" if asked is None else f"{word} {value} of {asked:g}"
