"""Where a rule stood on a situation at any past moment: "why was there no alert at 14:05?".

What was known then is told by the decision records: each holds the score that an article had from its moment on. An article that
was rewritten or withdrawn later still counted then. The rules are today's; a record made under others says so by its hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core import evidence, thresholds
from monitor.core.alerts import Alert, Conditions, Decision, Event, EventKind, Level, Outcome, Rule, Standing
from monitor.core.model import Article, Report

LATE = timedelta(hours=24)
_NEVER_WEIGHED = frozenset({Outcome.UNREAD, Outcome.TOO_OLD, Outcome.FIRST_POLL_UNDATED, Outcome.CONTEXT})

_TURNING = frozenset({EventKind.OPENED, EventKind.REOPENED, EventKind.RESOLVED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """All that is stored on one (signal, situation) around a moment.

    decisions: of articles and of rules, in order. articles: those that decisions name, by id. alerts: every episode with its
    events. history_since: when the first article was stored.
    """

    signal: str
    situation: str
    decisions: Sequence[Decision]
    articles: Mapping[str, Article]
    alerts: Sequence[tuple[Alert, Sequence[Event]]]
    history_since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One article of a situation. counted: whether it weighed at the moment; why: why not, or what it added."""

    article: Article
    score: float
    at: datetime
    counted: bool
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A rule on a situation at a moment.

    reached: the level whose conditions all held. kept: the level after hysteresis, where an alert was open. alert: the episode then
    open, with its last event up to the moment. last: the latest decision of the rule up to the moment.
    """

    rule: Rule
    situation: str
    at: datetime
    standing: Standing
    reached: Level | None
    kept: Level | None
    alert: tuple[Alert, Event] | None
    last: Decision | None
    seen: Sequence[Seen]

    def levels(self) -> list[tuple[Level, str]]:
        """Return what each level asked against what was there."""
        return [
            (level, compare(asked, self.standing)) for level, asked in sorted(self.rule.levels.items(), key=_by_rank)
        ]

    def verdict(self) -> str:
        """Say in one line whether there was an alert, and if none, what was missing."""
        if self.alert:
            alert, event = self.alert
            return (
                f"alert {alert.id} was open at {event.level.value} since {event.at:%Y-%m-%dT%H:%M:%SZ} ({event.reason})"
            )
        lowest = min(self.rule.levels.items(), key=_by_rank)
        if self.reached is None:
            return f"no alert: {lowest[0].value} asks what was not there: {'; '.join(shortfalls(lowest[1], self.standing))}"
        return f"no alert, though {self.reached.value} held by today's rules: an alert opens with a new report alone"


def look(rule: Rule, record: Record, at: datetime) -> Moment:
    """Return where `rule` stood on the record's situation at `at`."""
    known = _known(record, rule, at)
    reports = [_report(record, decision) for decision in known]
    counting = [report for report in reports if report.score >= rule.min_probability]
    standing = evidence.stand(counting, rule, at, _history(record, at))
    alert = _open(record, rule, at)
    return Moment(
        rule=rule,
        situation=record.situation,
        at=at,
        standing=standing,
        reached=thresholds.reached(rule, standing),
        kept=thresholds.level_now(rule, standing, alert[1].level if alert else None),
        alert=alert,
        last=next((d for d in reversed(record.decisions) if d.rule == rule.name and d.at <= at), None),
        seen=[*_counted(record, counting, rule, at), *_uncounted(record, counting, rule, at), *_late(record, rule, at)],
    )


def shortfalls(asked: Conditions, standing: Standing) -> list[str]:
    """Return each condition that did not hold, with how much was missing."""
    found = []
    if asked.evidence is not None and standing.evidence < asked.evidence:
        found.append(
            f"evidence {standing.evidence:.2f} is {asked.evidence - standing.evidence:.2f} short of {asked.evidence:g}"
        )
    if asked.origins is not None and standing.origins < asked.origins:
        found.append(f"independent origins {standing.origins} of {asked.origins}")
    if asked.surge is not None and standing.surge is not None and standing.surge < asked.surge:
        found.append(
            f"surge {standing.surge:.1f} of {asked.surge:g} (inflow {standing.inflow:.2f} in 24 h, usual {standing.mean:.2f} ± {standing.sd:.2f})"
        )
    return found or ["no report lay within the window"]


def compare(asked: Conditions, standing: Standing) -> str:
    """Return every condition of a level beside what was there."""
    pairs = [
        ("evidence", f"{standing.evidence:.2f}", asked.evidence),
        ("origins", f"{standing.origins}", asked.origins),
    ]
    surge = "no baseline yet" if standing.surge is None else f"{standing.surge:.1f}"
    pairs.append(("surge", surge, asked.surge))
    return ", ".join(f"{name} {value} of {wanted:g}" for name, value, wanted in pairs if wanted is not None)


def _by_rank(pair: tuple[Level, Conditions]) -> int:
    return pair[0].rank


def _known(record: Record, rule: Rule, at: datetime) -> list[Decision]:
    """Return, for each article that might be weighed at `at`, the latest decision on it."""
    found: dict[str, Decision] = {}
    for decision in record.decisions:
        if decision.article_id not in record.articles or decision.at > at or decision.outcome in _NEVER_WEIGHED:
            continue
        if decision.rule in ("", rule.name) or decision.article_id not in found:
            found[decision.article_id] = decision
    return list(found.values())


def _report(record: Record, decision: Decision) -> Report:
    article = record.articles[decision.article_id]
    return Report(
        article_id=article.id,
        story_id=article.story_id or article.id,
        origin=article.origin,
        signal=record.signal,
        situation=record.situation,
        score=decision.score,
        weight=article.weight,
        at=counts_from(article),
    )


def counts_from(article: Article) -> datetime:
    """Return when an article counts from: its publisher's date can only make it older."""
    return min(article.seen_at, article.published_at or article.seen_at)


def _history(record: Record, at: datetime) -> datetime | None:
    return record.history_since if record.history_since and record.history_since <= at else None


def _open(record: Record, rule: Rule, at: datetime) -> tuple[Alert, Event] | None:
    """Return the episode of the rule that was open at `at`, with its last event up to then."""
    for alert, events in record.alerts:
        before = [event for event in events if event.at <= at]
        turned = [event.kind for event in before if event.kind in _TURNING]
        if alert.rule == rule.name and turned and turned[-1] is not EventKind.RESOLVED:
            return alert, before[-1]
    return None


def _counted(record: Record, reports: Sequence[Report], rule: Rule, at: datetime) -> list[Seen]:
    """Return the articles that weighed, heaviest first, each with what its origin added."""
    items = evidence.within(evidence.contributions(reports, rule.min_probability), at, rule.window)
    adds = {(c.story_id, c.origin): c.amount * 2.0 ** (-((at - c.at) / rule.half_life)) for c in items}
    found = []
    for report in sorted(reports, key=lambda r: (r.at, r.article_id)):
        if report.at <= at - rule.window:
            continue
        added = adds.pop((report.story_id, report.origin), None)
        why = "adds nothing: its origin has told this story already" if added is None else f"adds {added:.2f} now"
        found.append((added or 0.0, _seen(record, report.article_id, report.score, why, counted=True)))
    return [seen for _, seen in sorted(found, key=lambda pair: -pair[0])]


def _seen(record: Record, article_id: str, score: float, why: str, *, counted: bool) -> Seen:
    article = record.articles[article_id]
    return Seen(article=article, score=score, at=counts_from(article), counted=counted, why=why)


def _uncounted(record: Record, reports: Iterable[Report], rule: Rule, at: datetime) -> list[Seen]:
    """Return the articles that were known and did not weigh, strongest first, with the reason."""
    counted = {report.article_id for report in reports}
    found: dict[str, Seen] = {}
    for decision in record.decisions:
        article = record.articles.get(decision.article_id)
        if article is None or decision.at > at or article.id in counted or counts_from(article) <= at - rule.window:
            continue
        if decision.rule in ("", rule.name) or article.id not in found:
            found[article.id] = _seen(record, article.id, decision.score, decision.reason, counted=False)
    return sorted(found.values(), key=lambda seen: -seen.score)


def _late(record: Record, rule: Rule, at: datetime) -> list[Seen]:
    """Return the articles that were published by then and reached us only later."""
    found = {}
    for decision in record.decisions:
        article = record.articles.get(decision.article_id)
        if article and decision.at > at and counts_from(article) <= at and decision.score >= rule.min_probability:
            why = f"not yet seen: it reached us {article.seen_at:%Y-%m-%dT%H:%M:%SZ}"
            found[article.id] = _seen(record, article.id, decision.score, why, counted=False)
    return list(found.values())
