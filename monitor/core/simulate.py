"""What rules would have done with given reports: the same steps as live, without texts, database or messages.

Used to choose thresholds and to compare a change with what is in force; the pipeline's own replay proves the choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from monitor.core import lifecycle
from monitor.core.alerts import Alert, AlertState, Event, Rule
from monitor.core.evidence import RETAINED
from monitor.core.ledger import Key, Ledger
from monitor.core.lifecycle import Case
from monitor.core.model import Report
from monitor.core.situations import Registry, countries_of, matches


@dataclass(kw_only=True, slots=True)
class Episode:
    """An alert as it would have been. articles: ids with moment and score, in order of arrival."""

    alert: Alert
    events: list[Event] = field(default_factory=list)
    articles: dict[str, tuple[datetime, float]] = field(default_factory=dict)


class Simulation:
    """Rules on a virtual clock. Reports are fed in order of time; falls happen at their own instants."""

    def __init__(self, rules: Sequence[Rule], registry: Registry, history_since: datetime) -> None:
        self._rules, self._registry = [rule for rule in rules if rule.enabled], registry
        self._by_name = {rule.name: rule for rule in rules}
        self._ledger = Ledger(history_since=history_since)
        self._last: dict[tuple[str, str], Episode] = {}
        self._due: dict[tuple[str, str], datetime] = {}
        self.episodes: list[Episode] = []

    def run(self, reports: Iterable[Report]) -> list[Episode]:
        """Feed all reports (in order of `at`); return the episodes in order of opening."""
        expired: datetime | None = None
        for at, group in groupby(reports, key=lambda report: report.at):
            self._fall(at)
            arrived = list(group)
            touched: dict[Key, list[Report]] = {}
            for report in arrived:
                touched.setdefault((report.signal, report.situation), []).append(report)
            self._ledger.add(arrived)
            for (signal, situation), fresh in sorted(touched.items()):
                for rule in self._covering(signal, situation):
                    counted = [report for report in fresh if report.score >= rule.min_probability]
                    if counted:
                        self._step(rule, situation, counted, at)
            if expired is None or at - expired > RETAINED / 8:
                self._ledger.expire(at)
                expired = at
        return self.episodes

    def _covering(self, signal: str, situation: str) -> list[Rule]:
        return [rule for rule in self._rules if rule.signal == signal and covers(rule, situation)]

    def _step(self, rule: Rule, situation: str, fresh: Sequence[Report], now: datetime) -> None:
        key = (rule.name, situation)
        episode = self._last.get(key)
        case = Case(
            rule=rule,
            situation=situation,
            countries=countries_of(situation, self._registry),
            reports=self._ledger.reports(rule.signal, situation),
            fresh=len(fresh),
            last=episode.alert if episode else None,
            history_since=self._ledger.history_since,
        )
        step = lifecycle.step(case, now)
        if step.alert is None:
            return
        if episode is None or episode.alert.id != step.alert.id:
            episode = Episode(alert=step.alert)
            self._last[key] = episode
            self.episodes.append(episode)
            fresh = [r for r in case.reports if r.score >= rule.min_probability and now - rule.window < r.at <= now]
        episode.alert = step.alert
        episode.articles.update({report.article_id: (report.at, report.score) for report in fresh})
        if step.event:
            event = Event(
                alert_id=step.alert.id,
                at=now,
                kind=step.event,
                level=step.alert.level,
                reason=step.reason,
                standing=step.standing,
            )
            episode.events.append(event)
        self._watch(rule, key, case.reports, now)

    def _watch(self, rule: Rule, key: tuple[str, str], reports: Sequence[Report], now: datetime) -> None:
        alert = self._last[key].alert
        change = lifecycle.next_change(rule, reports, alert, now) if alert.state is AlertState.OPEN else None
        if change is None:
            self._due.pop(key, None)
        else:
            self._due[key] = max(change, now)

    def _fall(self, until: datetime) -> None:
        while self._due and (at := min(self._due.values())) < until:
            for key in sorted(key for key, change in self._due.items() if change <= at):
                del self._due[key]
                self._step(self._by_name[key[0]], key[1], (), at)


def covers(rule: Rule, situation: str) -> bool:
    """Say whether `rule` covers `situation`."""
    if any(matches(pattern, situation) for pattern in rule.exclude):
        return False
    return not rule.situations or any(matches(pattern, situation) for pattern in rule.situations)
