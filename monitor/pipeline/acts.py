"""Acting on an alert: one transaction holds the act and its effect, so that a click repeated or resumed changes nothing twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core import acts
from monitor.core.alerts import Alert, AlertState, Event, EventKind, Level, Standing, Verdict
from monitor.core.desk import Act, ActKind, Person
from monitor.core.model import SIGNALS, Article
from monitor.core.ports import Clock, Storage, Unit
from monitor.core.reasons import moment
from monitor.pipeline.decided import why_lines
from monitor.pipeline.silencing import make_silence
from monitor.pipeline.told import tell_where_it_stands

TEST_ALERT = "al-test"
LONGEST_RESULT = 4_000
_ENDED = frozenset({ActKind.ACKNOWLEDGE, ActKind.SNOOZE})  # of no use once an alert is resolved


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What somebody asks for. key: unique per click or command. note: words that go with it."""

    key: str
    kind: ActKind
    alert_id: str
    person: Person
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Acts:
    """The use cases. Everything returns what the person alone is told: "" where the message itself shows it."""

    storage: Storage
    clock: Clock

    def do(self, deed: Deed) -> str:
        """Carry out a deed once, however often it comes. Raises StorageError; then nothing has happened."""
        now = self.clock()
        with self.storage.transaction() as unit:
            known = next((act for act in unit.acts(alert_id=deed.alert_id) if act.key == deed.key), None)
            if known:
                return known.result
            told = self._do(unit, deed, now)[:LONGEST_RESULT]
            by = acts.who(deed.person)
            unit.add_act(
                Act(key=deed.key, at=now, kind=deed.kind.value, alert_id=deed.alert_id, person=by, result=told)
            )
            return told

    def _do(self, unit: Unit, deed: Deed, now: datetime) -> str:
        alert = unit.alert(deed.alert_id)
        if alert is None:
            return _unknown(deed.alert_id)
        if alert.state is AlertState.RESOLVED and deed.kind in _ENDED:
            at = f" on {moment(alert.resolved_at)}" if alert.resolved_at else ""
            return f"Alert {alert.id} was resolved{at}, so nothing was changed. You can still say whether it was right."
        return _carry_out(unit, alert, deed, now)


def _unknown(alert_id: str) -> str:
    if alert_id == TEST_ALERT:
        return "The buttons work. This is a test, so nothing was changed."
    return f"There is no alert {alert_id} in this monitor's database, so nothing was changed."


def _carry_out(unit: Unit, alert: Alert, deed: Deed, now: datetime) -> str:
    if deed.kind is ActKind.ACKNOWLEDGE:
        return _acknowledge(unit, alert, deed.person, now)
    if deed.kind in acts.VERDICTS:
        return _judge(unit, alert, deed, now)
    if deed.kind is ActKind.WHY:
        return "\n".join(why_lines(unit, alert.id, ()))
    return _silence(unit, alert, deed, now)


def _acknowledge(unit: Unit, alert: Alert, person: Person, now: datetime) -> str:
    if not unit.claim(alert.id, acts.shown(person), now):
        held = unit.alert(alert.id) or alert
        at = f" on {moment(held.acknowledged_at)}" if held.acknowledged_at else ""
        return f"Alert {alert.id} was already acknowledged by {held.acknowledged_by}{at}."
    name = acts.shown(person)
    unit.save_alert(replace(alert, acknowledged_by=name, acknowledged_at=now, last_event_at=now))
    unit.add_event(_event(unit, alert, EventKind.ACKNOWLEDGED, name, now))
    tell_where_it_stands(unit, alert, EventKind.ACKNOWLEDGED.value, now.isoformat(), now)
    return ""


def _event(unit: Unit, alert: Alert, kind: EventKind, name: str, now: datetime) -> Event:
    """Return the event of an act; where the alert stands is as its latest event weighed it."""
    last = next(reversed(unit.events(alert.id)), None)
    return Event(
        alert_id=alert.id,
        at=now,
        kind=kind,
        level=alert.level,
        reason=f"acknowledged by {name}",
        standing=last.standing if last else Standing(at=now, evidence=0.0, origins=0, stories=0, surge=None),
        config_hash=last.config_hash if last else "",
        model=last.model if last else "",
        by=name,
    )


def judge_article(unit: Unit, article: Article, word: str, by: str, note: str, now: datetime) -> Verdict:
    """Keep a verdict on one article: on the signal it scores highest on."""
    scores = article.reading.scores
    signal = max(SIGNALS, key=lambda each: scores.get(each, 0.0))
    verdict = Verdict(
        at=now,
        verdict=word,
        article_id=article.id,
        url=article.url,
        title=article.title,
        summary=article.summary,
        signal=signal,
        situation=article.reading.situations.get(signal, ""),
        note=note,
        by=by,
    )
    unit.add_verdict(verdict)
    return verdict


def _judge(unit: Unit, alert: Alert, deed: Deed, now: datetime) -> str:
    """Keep a verdict, with the words of the strongest report: they are what can be learnt from."""
    word, by = acts.VERDICTS[deed.kind], acts.who(deed.person)
    given = unit.verdicts_of(alert.id)
    before = [verdict for verdict in acts.current(given) if verdict.by == by]
    if before and before[-1].verdict == word and not deed.note:
        return f"You have already marked alert {alert.id} as {acts.VERDICT_WORDS[word]}."
    shown = [row for row in unit.alert_articles(alert.id) if not row.withdrawn]
    strongest = max(shown, key=lambda row: (row.score, row.article_id), default=None)
    article = unit.articles([strongest.article_id]).get(strongest.article_id) if strongest else None
    unit.add_verdict(
        Verdict(
            at=now,
            verdict=word,
            article_id=strongest.article_id if strongest else "",
            alert_id=alert.id,
            url=strongest.url if strongest else "",
            title=strongest.title if strongest else "",
            summary=article.summary if article else "",
            signal=alert.signal,
            situation=alert.situation,
            note=deed.note,
            by=by,
        )
    )
    tell_where_it_stands(unit, alert, f"{acts.VERDICT_EVENT} {len(given)}", deed.key, now)
    return ""


def _silence(unit: Unit, alert: Alert, deed: Deed, now: datetime) -> str:
    """Snooze one alert up to its present level, or silence its situation below critical."""
    snooze = deed.kind is ActKind.SNOOZE
    made = make_silence(
        unit,
        situation="" if snooze else alert.situation,
        signal="",
        alert_id=alert.id if snooze else "",
        up_to=alert.level if snooze else Level.WARNING,
        author=acts.shown(deed.person),
        reason=deed.note or ("snoozed in Slack" if snooze else "silenced in Slack"),
        span=acts.SNOOZE if snooze else acts.SILENCE,
        now=now,
    )
    what = f"Alert {alert.id} is snoozed" if snooze else f"{alert.situation} is silenced"
    above = "" if made.up_to is Level.CRITICAL else f" What rises above {made.up_to.value} is still told."
    return f"{what} until {moment(made.until)}, as {made.id}.{above} /crisis silences lists silences and ends them."
