"""Everything a channel or page may show of one alert, read in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core import evidence, reminders, silences
from monitor.core.alerts import Alert, Event, Rule
from monitor.core.ladder import climb
from monitor.core.messages import DeliveryState
from monitor.core.model import Article, Report
from monitor.core.ports import AlertView, Unit
from monitor.core.situations import akin, display_name
from monitor.pipeline.links import links_of
from monitor.pipeline.state import Settings

EARLIER = 100  # so many episodes are counted, the latest are shown
LADDER = timedelta(days=30)
CURVE_POINTS = 72


def alert_view(unit: Unit, alert: Alert, settings: Settings, now: datetime, channel: str = "") -> AlertView:
    """Gather what is known of `alert` at `now`. channel: whose messages it links, "" for none."""
    shown = unit.alert_articles(alert.id)
    articles = unit.articles([row.article_id for row in shown])
    rule = settings.rule(alert.rule) or Rule(name=alert.rule, signal=alert.signal, levels={}, notify=())
    until, events = alert.resolved_at or now, unit.events(alert.id)
    siblings = [
        other for other in unit.open_alerts() if akin(other.situation, alert.situation) and other.id != alert.id
    ]
    denials = unit.denials(alert.signal, alert.situation, alert.opened_at - rule.window, until)
    return AlertView(
        alert=alert,
        name=display_name(alert.situation, settings.registry),
        events=events,
        evidence=shown,
        articles=sorted(articles.values(), key=lambda article: (article.seen_at, article.id), reverse=True),
        earlier=unit.earlier_alerts(alert, EARLIER),
        siblings=siblings,
        denials=denials,
        curve=evidence_curve(
            [report_of(article, alert) for article in articles.values()], rule, alert.opened_at, until
        ),
        blind=settings.lookout.blind(unit, alert.countries, now) if settings.lookout else (),
        ladder=climb(unit.reports_of_situation(alert.situation, until - LADDER), until),
        silences=silence_lines(unit, alert, events, now),
        public_url=settings.public_url,
        drill=settings.drill,
        told_here=why_here(unit, alert, events, channel, settings) if channel else "",
        links=links_of(unit, [other.id for other in siblings], channel),
        verdicts=unit.verdicts_of(alert.id),
    )


def why_here(unit: Unit, alert: Alert, events: Sequence[Event], channel: str, settings: Settings) -> str:
    """Say why an alert is told in `channel` though its rule does not name it: nobody answered elsewhere, or could be told there."""
    posts = [row for row in unit.notifications_of(alert.id) if row.kind == "post"]
    passed = next((row for row in posts if row.channel == channel and row.event_kind == reminders.PASSED_ON), None)
    rose = reminders.risen_at(events, passed.created_at) if passed else None
    if passed and rose:
        return reminders.passed_here(rose, passed.created_at)
    lost = (row for row in posts if row.state is DeliveryState.DEAD and row.channel in settings.channels)
    failed = next((row for row in lost if settings.channels[row.channel].fallback == channel), None)
    return f"{failed.channel} could not be told: {failed.error}" if failed else ""


def brief_view(unit: Unit, alert: Alert, settings: Settings) -> AlertView:
    """Gather what a line in a list needs to say of `alert`: its events and its evidence."""
    return AlertView(
        alert=alert,
        name=display_name(alert.situation, settings.registry),
        events=unit.events(alert.id),
        evidence=unit.alert_articles(alert.id),
        articles=(),
        earlier=(),
        siblings=(),
        denials=(),
        drill=settings.drill,
    )


def silence_lines(unit: Unit, alert: Alert, events: Sequence[Event], now: datetime) -> list[str]:
    """Return what a message on `alert` says of silences: those in force, and those that have just ended."""
    known = unit.silences(since=now - silences.SHOWN_AFTER)
    return [silences.line(each, now) for each in silences.about(known, alert, events, now)]


def report_of(article: Article, alert: Alert) -> Report:
    """Return what an article contributes to its alert."""
    return Report(
        article_id=article.id,
        story_id=article.story_id or article.id,
        origin=article.origin,
        signal=alert.signal,
        situation=alert.situation,
        score=article.reading.scores.get(alert.signal, 0.0),
        weight=article.weight,
        at=min(article.seen_at, article.published_at or article.seen_at),
    )


def evidence_curve(
    reports: list[Report], rule: Rule, opened_at: datetime, until: datetime
) -> list[tuple[datetime, float]]:
    """Return evidence at evenly spaced moments from one window before the opening to `until`, oldest first."""
    items = evidence.contributions(reports, rule.min_probability)
    start = opened_at - rule.window
    step = (until - start) / CURVE_POINTS
    moments = [start + step * number for number in range(CURVE_POINTS + 1)]
    return [
        (at, evidence.evidence(evidence.within(items, at, rule.window), at, rule.window, rule.half_life))
        for at in moments
    ]
