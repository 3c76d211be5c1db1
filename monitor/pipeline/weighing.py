"""From reports to decisions: every rule that a tick touches takes one step, and what it decides is stored with its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core import evidence, lifecycle
from monitor.core.alerts import Alert, AlertState, Decision, Event, EventKind, Outcome, Rule, Standing
from monitor.core.ledger import Key, Ledger
from monitor.core.lifecycle import Case, Step
from monitor.core.model import CONTEXT_LABELS, SIGNALS, Article, Report
from monitor.core.ports import AlertArticle, Unit
from monitor.core.simulate import covers
from monitor.core.situations import countries_of
from monitor.pipeline.intake import RELEVANT
from monitor.pipeline.state import Settings
from monitor.pipeline.telling import tell

Taken = dict[tuple[str, str], Step]


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighing:
    """One tick's weighing: the transaction it is part of, the settings and model in force, and the moment."""

    unit: Unit
    settings: Settings
    ledger: Ledger
    now: datetime
    model: str

    def weigh(self, fresh: Sequence[Report], articles: Mapping[str, Article]) -> Taken:
        """Let every rule touched by `fresh` reports take a step; return the steps by (rule, situation)."""
        arrived: dict[Key, list[Report]] = {}
        for report in fresh:
            arrived.setdefault((report.signal, report.situation), []).append(report)
        taken: Taken = {}
        for (signal, situation), reports in sorted(arrived.items()):
            for rule in self._rules(signal, situation):
                counted = [report for report in reports if report.score >= rule.min_probability]
                if counted:
                    taken[rule.name, situation] = self._step(rule, situation, counted, articles)
        return taken

    def _rules(self, signal: str, situation: str) -> list[Rule]:
        return [rule for rule in self.settings.rules_for(signal) if covers(rule, situation)]

    def _step(self, rule: Rule, situation: str, fresh: Sequence[Report], articles: Mapping[str, Article]) -> Step:
        case = self.case(rule, situation, len(fresh))
        step = lifecycle.step(case, self.now)
        if step.alert:
            self.store(step, case.last)
            shown = fresh if step.event not in (EventKind.OPENED, EventKind.REOPENED) else self._window(rule, situation)
            self._show(step.alert, shown, articles)
        return step

    def case(self, rule: Rule, situation: str, fresh: int) -> Case:
        """Gather all that a step of `rule` on `situation` depends on."""
        return Case(
            rule=rule,
            situation=situation,
            countries=countries_of(situation, self.settings.registry),
            reports=self.ledger.reports(rule.signal, situation),
            fresh=fresh,
            last=self.unit.last_alert(rule.name, situation),
            history_since=self.ledger.history_since,
        )

    def pass_time(self, only: Collection[str] | None = None) -> list[Step]:
        """Let time alone act on every open alert (or on those in `only`): ease, fall quiet, resolve."""
        steps = []
        for alert in self.unit.open_alerts():
            if only is not None and alert.id not in only:
                continue
            rule = self.settings.rule(alert.rule)
            if rule is None or not covers(rule, alert.situation):
                steps.append(self._close(alert))
                continue
            step = lifecycle.step(self.case(rule, alert.situation, 0), self.now)
            if step.alert and (step.event or step.alert != alert):
                self.store(step, alert)
            steps.append(step)
        return steps

    def _close(self, alert: Alert) -> Step:
        done = replace(alert, state=AlertState.RESOLVED, resolved_at=self.now, last_event_at=self.now)
        standing = _nothing(self.now)
        why = f"rule {alert.rule!r} is no longer in rules.yaml or no longer covers {alert.situation}"
        step = Step(outcome=Outcome.RESOLVED, reason=why, standing=standing, alert=done, event=EventKind.RESOLVED)
        self.store(step)
        return step

    def store(self, step: Step, before: Alert | None = None) -> None:
        """Write the alert, its event, the decision and the notifications of a step; before: the alert as it was.

        Falling quiet and being heard of again are no events, but changes of the rule's state: they have a decision too.
        """
        alert = step.alert
        if alert is None:
            return
        self.unit.save_alert(alert)
        if step.event is None:
            if before and (before.quiet_since is None) != (alert.quiet_since is None):
                self.unit.add_decisions([self._decision(step, alert)])
            return
        event = Event(
            alert_id=alert.id,
            at=self.now,
            kind=step.event,
            level=alert.level,
            reason=step.reason,
            standing=step.standing,
            config_hash=self.settings.hash,
            model=self.model,
        )
        self.unit.add_event(event)
        self.unit.add_decisions([self._decision(step, alert)])
        self.notify(alert, event)

    def retract(self, former: Article, left: Sequence[Report], word: str) -> list[Step]:
        """Amend every alert that rests on an article which, `word` (rewritten, withdrawn), no longer carries its signal."""
        scores = {report.signal: report.score for report in left}
        steps = []
        for alert_id in self.unit.alerts_of_article(former.id):
            alert = self.unit.alert(alert_id)
            rule = self.settings.rule(alert.rule) if alert else None
            shown = next((row for row in self.unit.alert_articles(alert_id) if row.article_id == former.id), None)
            if (
                not alert
                or not rule
                or not shown
                or shown.withdrawn
                or scores.get(alert.signal, 0.0) >= rule.min_probability
            ):
                continue
            self.unit.add_alert_articles(alert_id, [replace(shown, withdrawn=True)])
            steps.append(
                self._amend(alert, rule, f"{former.outlet} has {word} a report this alert rests on: {former.title}")
            )
        return steps

    def record_revision(self, former: Article, after: Article, word: str) -> list[Decision]:
        """Return one decision per signal on which an article weighs otherwise since it was rewritten or withdrawn (`word`)."""
        found = []
        for signal in SIGNALS:
            was, before = _weight_on(former, signal), former.reading.situations.get(signal, "")
            score, situation = _weight_on(after, signal), after.reading.situations.get(signal, "")
            if (was, before) != (score, situation) and max(was, score) >= RELEVANT:
                why = f"{word}: it weighs {score:.2f} from now on, {was:.2f} before; it read before: {former.title}"
                found.append(
                    Decision(
                        at=self.now,
                        outcome=Outcome.REVISED,
                        reason=why,
                        article_id=former.id,
                        signal=signal,
                        situation=situation,
                        score=score,
                        config_hash=self.settings.hash,
                        model=self.model,
                    )
                )
        return found

    def _amend(self, alert: Alert, rule: Rule, why: str) -> Step:
        reports = self.ledger.reports(alert.signal, alert.situation)
        standing = evidence.stand(reports, rule, self.now, self.ledger.history_since)
        amended = replace(alert, last_event_at=self.now)
        step = Step(outcome=Outcome.UPDATED, reason=why, standing=standing, alert=amended, event=EventKind.UPDATED)
        self.store(step)
        return step

    def notify(self, alert: Alert, event: Event) -> None:
        """Queue what channels shall be told of an event."""
        tell(self.unit, self.settings, alert, event)

    def _decision(self, step: Step, alert: Alert) -> Decision:
        return Decision(
            at=self.now,
            outcome=step.outcome,
            reason=step.reason,
            signal=alert.signal,
            rule=alert.rule,
            situation=alert.situation,
            alert_id=alert.id,
            standing=step.standing,
            config_hash=self.settings.hash,
            model=self.model,
        )

    def _window(self, rule: Rule, situation: str) -> list[Report]:
        held = self.ledger.reports(rule.signal, situation)
        return [r for r in held if r.score >= rule.min_probability and self.now - rule.window < r.at <= self.now]

    def _show(self, alert: Alert, reports: Iterable[Report], articles: Mapping[str, Article]) -> None:
        scores = {report.article_id: report for report in reports}
        missing = [article_id for article_id in scores if article_id not in articles]
        known = {**self.unit.articles(missing), **{key: articles[key] for key in scores if key in articles}}
        rows = [_alert_article(known[key], scores[key]) for key in scores if key in known]
        self.unit.add_alert_articles(alert.id, rows)

    def record(self, articles: Sequence[Article], taken: Taken) -> list[Decision]:
        """Return one decision per article and signal it scores at least 0.1 on: what came of it, and why.

        An article that scores so on context labels alone has one decision, for the strongest.
        """
        return [
            decision
            for article in articles
            for decision in self._of_signals(article, taken) or self._of_context(article)
        ]

    def _of_signals(self, article: Article, taken: Taken) -> list[Decision]:
        carried = [signal for signal in SIGNALS if article.reading.scores.get(signal, 0.0) >= RELEVANT]
        return [decision for signal in carried for decision in self._judgements(article, signal, taken)]

    def _of_context(self, article: Article) -> list[Decision]:
        scores = article.reading.scores
        label = max(CONTEXT_LABELS, key=lambda each: scores.get(each, 0.0))
        if scores.get(label, 0.0) < RELEVANT:
            return []
        context = Decision(
            at=self.now,
            outcome=Outcome.CONTEXT,
            reason=f"{label} explains and never alerts; no signal scores {RELEVANT:g}",
            article_id=article.id,
            signal=label,
            situation=article.reading.situations.get(label, ""),
            score=scores[label],
            config_hash=self.settings.hash,
            model=article.reading.model,
        )
        return [context]

    def _judgements(self, article: Article, signal: str, taken: Taken) -> list[Decision]:
        score, situation = article.reading.scores[signal], article.reading.situations.get(signal, "")
        base = Decision(
            at=self.now,
            outcome=Outcome.NO_RULE,
            reason="",
            article_id=article.id,
            signal=signal,
            situation=situation,
            score=score,
            config_hash=self.settings.hash,
            model=article.reading.model,
        )
        if article.unweighed:
            return [replace(base, outcome=Outcome(article.unweighed), reason=why_unweighed(article))]
        if not situation:
            return [replace(base, outcome=Outcome.NO_SITUATION, reason="no country or actor was found in the text")]
        rules = self._rules(signal, situation)
        if not rules:
            return [replace(base, reason=f"no enabled rule covers {signal} in {situation}")]
        return [self._judgement(base, rule, taken) for rule in rules]

    def _judgement(self, base: Decision, rule: Rule, taken: Taken) -> Decision:
        if base.score < rule.min_probability:
            why = f"scored {base.score:.2f}, under min_probability {rule.min_probability:g} of rule {rule.name}"
            return replace(base, rule=rule.name, outcome=Outcome.BELOW_MIN_PROBABILITY, reason=why)
        step = taken[rule.name, base.situation]
        alert_id = step.alert.id if step.alert else ""
        return replace(
            base, rule=rule.name, outcome=step.outcome, reason=step.reason, alert_id=alert_id, standing=step.standing
        )


def _weight_on(article: Article, signal: str) -> float:
    return article.reading.scores.get(signal, 0.0) if article.weighed else 0.0


def _nothing(now: datetime) -> Standing:
    return Standing(at=now, evidence=0.0, origins=0, stories=0, surge=None)


def why_unweighed(article: Article) -> str:
    """Say why an article may not count as evidence."""
    published = f"{article.published_at:%Y-%m-%dT%H:%M:%SZ}" if article.published_at else "no usable date"
    return {
        Outcome.TOO_OLD.value: f"published {published}, seen {article.seen_at:%Y-%m-%dT%H:%M:%SZ}: older than what may count",
        Outcome.FIRST_POLL_UNDATED.value: "no usable date, and the feed was polled for the first time: it may be old",
        Outcome.UNREAD.value: f"the model does not read this language ({article.reading.language or 'unknown'})",
    }.get(article.unweighed, article.unweighed)


def _alert_article(article: Article, report: Report) -> AlertArticle:
    return AlertArticle(
        article_id=article.id,
        title=article.title,
        at=report.at,
        source=article.outlet,
        url=article.url,
        score=report.score,
    )
