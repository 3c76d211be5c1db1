"""The life of an alert: open -> (update | escalate | ease)* -> resolved, and reopened within a day.

One pure function decides one step and says why; the pipeline stores what it returns. Opening and escalating need new reports;
easing and resolving are a matter of time. A rise of level never waits for anything; it needs an acknowledgment of its own, and the
updates after it begin anew: the first waits for `repeat_interval`, each further one twice as long, at most seven days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.core import thresholds
from monitor.core.alerts import Alert, AlertState, EventKind, Level, Outcome, Rule, Standing
from monitor.core.identity import digest
from monitor.core.model import Report

REOPEN_WITHIN = timedelta(hours=24)
LONGEST_REPEAT = timedelta(days=7)

_RISEN: Mapping[str, Any] = {"repeats": 0, "acknowledged_by": "", "acknowledged_at": None}
_TELLING = frozenset({EventKind.OPENED, EventKind.ESCALATED, EventKind.UPDATED, EventKind.REOPENED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a rule decided: the outcome with its reason, the alert after it (None where there is none) and the event, if any."""

    outcome: Outcome
    reason: str
    standing: Standing
    alert: Alert | None = None
    event: EventKind | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """All that a step depends on.

    reports: every retained report of the (situation, signal). fresh: reports that arrived with this tick. last: the latest alert
    of this (rule, situation), open or resolved, None where there was none. countries: of the situation.
    """

    rule: Rule
    situation: str
    countries: tuple[str, ...]
    reports: Sequence[Report]
    fresh: int
    last: Alert | None
    history_since: datetime | None


def alert_id(rule: str, situation: str, opened_at: datetime) -> str:
    """Return the id of the episode of (rule, situation) that opened at `opened_at`."""
    return f"al-{digest('alert', rule, situation, opened_at.isoformat())[:16]}"


def step(case: Case, now: datetime) -> Step:
    """Decide what happens to the (rule, situation) of `case` at `now`."""
    current = case.last if case.last and case.last.state is AlertState.OPEN else None
    standing, level = thresholds.assess(
        case.reports, case.rule, now, case.history_since, current.level if current else None
    )
    if current is None:
        return _without_alert(case, standing, level, now)
    if level is None:
        return _quiet(case, current, standing, now)
    return _with_alert(case, current, standing, level, now)


def _without_alert(case: Case, standing: Standing, level: Level | None, now: datetime) -> Step:
    why = thresholds.explain(case.rule, standing, level)
    if level is None or not case.fresh:
        return Step(outcome=Outcome.BELOW_THRESHOLD, reason=why, standing=standing)
    last = case.last
    if last and last.resolved_at and now - last.resolved_at <= REOPEN_WITHIN:
        highest = max(last.highest, level, key=lambda each: each.rank)
        again = replace(
            last,
            level=level,
            highest=highest,
            state=AlertState.OPEN,
            resolved_at=None,
            quiet_since=None,
            last_event_at=now,
            last_told_at=now,
            **_RISEN,
        )
        return Step(
            outcome=Outcome.REOPENED,
            reason=f"again within a day{_anew(last)}: {why}",
            standing=standing,
            alert=again,
            event=EventKind.REOPENED,
        )
    opened = Alert(
        id=alert_id(case.rule.name, case.situation, now),
        rule=case.rule.name,
        signal=case.rule.signal,
        situation=case.situation,
        countries=case.countries,
        level=level,
        highest=level,
        state=AlertState.OPEN,
        opened_at=now,
        last_event_at=now,
        last_told_at=now,
    )
    return Step(outcome=Outcome.OPENED, reason=why, standing=standing, alert=opened, event=EventKind.OPENED)


def _with_alert(case: Case, alert: Alert, standing: Standing, level: Level, now: datetime) -> Step:
    why = thresholds.explain(case.rule, standing, level)
    if level.rank > alert.level.rank and case.fresh:
        risen, reason = replace(alert, **_RISEN), f"{alert.level} to {level}{_anew(alert)}: {why}"
        return _moved(risen, EventKind.ESCALATED, level, standing, reason, now)
    if level.rank < alert.level.rank:
        asked = thresholds.explain(case.rule, standing, alert.level)
        return _moved(alert, EventKind.EASED, level, standing, f"{alert.level} to {level}: {asked}", now)
    awake = replace(alert, quiet_since=None)
    if not case.fresh:
        return Step(outcome=Outcome.UNCHANGED, reason=why, standing=standing, alert=awake)
    until = alert.last_told_at + repeat_after(case.rule, alert.repeats)
    if now < until:
        reason = f"told already at {level}; the next update is due at {until:%Y-%m-%dT%H:%M:%SZ}: {why}"
        return Step(outcome=Outcome.REPEAT_INTERVAL, reason=reason, standing=standing, alert=awake)
    told = replace(awake, repeats=alert.repeats + 1)
    return _moved(told, EventKind.UPDATED, alert.level, standing, f"new reports: {why}", now)


def repeat_after(rule: Rule, repeats: int) -> timedelta:
    """Return how long after the last message the next update may come, `repeats` updates after the level last rose."""
    longest = max(LONGEST_REPEAT, rule.repeat_interval)
    return min(rule.repeat_interval * (1 << min(repeats, 20)), longest)


def _anew(alert: Alert) -> str:
    return (
        f", acknowledged by {alert.acknowledged_by} before and to be acknowledged anew" if alert.acknowledged_by else ""
    )


def _moved(alert: Alert, kind: EventKind, level: Level, standing: Standing, reason: str, now: datetime) -> Step:
    moved = replace(
        alert,
        level=level,
        highest=max(alert.highest, level, key=lambda each: each.rank),
        last_event_at=now,
        last_told_at=now if kind in _TELLING else alert.last_told_at,
        quiet_since=None,
    )
    return Step(outcome=Outcome(kind.value), reason=reason, standing=standing, alert=moved, event=kind)


def _quiet(case: Case, alert: Alert, standing: Standing, now: datetime) -> Step:
    lowest = min(case.rule.levels, key=lambda level: level.rank)
    why = thresholds.explain(case.rule, standing, lowest)
    since = alert.quiet_since or now
    if now - since >= case.rule.resolve_after:
        done = replace(alert, state=AlertState.RESOLVED, resolved_at=now, last_event_at=now, quiet_since=since)
        return Step(
            outcome=Outcome.RESOLVED,
            reason=f"quiet since {since:%Y-%m-%dT%H:%M:%SZ}: {why}",
            standing=standing,
            alert=done,
            event=EventKind.RESOLVED,
        )
    if alert.level is not lowest:
        eased = _moved(alert, EventKind.EASED, lowest, standing, f"{alert.level} to {lowest}: {why}", now)
        return replace(eased, alert=replace(eased.alert, quiet_since=since) if eased.alert else None)
    return Step(
        outcome=Outcome.UNCHANGED if alert.quiet_since else Outcome.QUIET,
        reason=f"quiet since {since:%Y-%m-%dT%H:%M:%SZ}: {why}",
        standing=standing,
        alert=replace(alert, quiet_since=since),
    )


def next_change(rule: Rule, reports: Sequence[Report], alert: Alert, now: datetime) -> datetime | None:
    """Return when time alone will next change an open `alert`: its level falls, or its quiet time is over."""
    if alert.quiet_since is not None:
        return alert.quiet_since + rule.resolve_after
    return thresholds.next_fall(reports, rule, alert.level, now)
