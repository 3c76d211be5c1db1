"""`report.html`: one self-contained page with every alert of a replay on a timeline, counts per week, and each alert's evidence curve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.adapters.storage import SqlUnit
from monitor.core.alerts import Alert, Event, Level
from monitor.core.model import SIGNALS
from monitor.core.ports import AlertArticle
from monitor.core.records import iso
from monitor.core.situations import display_name
from monitor.core.wording import SIGNAL_NAMES
from monitor.pipeline.state import Settings
from monitor.pipeline.views import evidence_curve, report_of
from monitor.replay import drawing
from monitor.replay.drawing import Curve, Span

MAX_ARTICLES = 12
LEAST_BAR = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One alert as the page shows it. more: articles left out. left and width: its bar on the timeline, in percent."""

    alert: Alert
    name: str
    signal: str
    events: Sequence[Event]
    articles: Sequence[AlertArticle]
    more: int
    curve: Curve
    lasted: str
    left: float
    width: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One situation's row of the timeline, and the dated events of its countries as (place in percent, words, caught)."""

    key: str
    name: str
    cards: Sequence[Card]
    marks: Sequence[tuple[float, str, bool]]


def write_report(
    path: Path, unit: SqlUnit, alerts: Sequence[Alert], settings: Settings, summary: Mapping[str, Any]
) -> None:
    """Write the page for `alerts` (in order of opening)."""
    environment = Environment(
        loader=PackageLoader("monitor.replay"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    span = Span(first=datetime.fromisoformat(summary["first"]), last=datetime.fromisoformat(summary["last"]))
    cards = [_card(unit, alert, settings, span) for alert in alerts]
    weeks, top = drawing.weeks_of(alerts, span)
    page = environment.get_template("report.html").render(
        summary=summary,
        cards=cards,
        lanes=_lanes(cards, span, summary.get("events", {}).get("list", ())),
        weeks=weeks,
        top=top,
        ticks=drawing.calendar_ticks(span),
        levels=[level.value for level in Level],
        signals={signal: SIGNAL_NAMES[signal] for signal in SIGNALS},
        iso=iso,
        short=short,
        draw=drawing,
    )
    path.write_text(page, encoding="utf-8")


def short(at: datetime) -> str:
    """Return a moment as people read it; the page says once that all times are UTC."""
    return f"{at:%d %b %Y %H:%M}"


def _card(unit: SqlUnit, alert: Alert, settings: Settings, span: Span) -> Card:
    rows = unit.alert_articles(alert.id)
    articles = unit.articles([row.article_id for row in rows])
    rule, end = settings.rule(alert.rule), max(alert.resolved_at or span.last, alert.opened_at)
    events = unit.events(alert.id)
    reports = [report_of(article, alert) for article in articles.values()]
    values = evidence_curve(reports, rule, alert.opened_at, end) if rule else []
    left, right = span.share(alert.opened_at) * 100, span.share(end) * 100
    return Card(
        alert=alert,
        name=display_name(alert.situation, settings.registry),
        signal=SIGNAL_NAMES[alert.signal],
        events=events,
        articles=sorted(rows, key=lambda row: (-row.score, row.at, row.article_id))[:MAX_ARTICLES],
        more=max(0, len(rows) - MAX_ARTICLES),
        curve=drawing.curve_of(values, rule.levels if rule else {}, events),
        lasted=_lasted(alert, span.last),
        left=left,
        width=max(LEAST_BAR, right - left),
    )


def _lasted(alert: Alert, last: datetime) -> str:
    hours = round(((alert.resolved_at or last) - alert.opened_at).total_seconds() / 3600)
    length = f"{hours} h" if hours < 48 else f"{hours / 24:.0f} days"  # noqa: PLR2004  # from two days on, days are plainer
    return length if alert.resolved_at else f"{length}, open at the end"


def _lanes(cards: Sequence[Card], span: Span, events: Sequence[Mapping[str, Any]]) -> list[Lane]:
    """Return a row for each situation, those with the gravest and most alerts first."""
    by_key: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        by_key[card.alert.situation].append(card)
    order = sorted(by_key, key=lambda key: (-_gravity(by_key[key]), -len(by_key[key]), key))
    return [
        Lane(key=key, name=by_key[key][0].name, cards=by_key[key], marks=_event_marks(key, span, events))
        for key in order
    ]


def _gravity(cards: Sequence[Card]) -> int:
    """Return how much a row has to say: ten watches weigh as a warning."""
    return sum(int(10 ** (card.alert.highest.rank - 1)) for card in cards)


def _event_marks(key: str, span: Span, events: Sequence[Mapping[str, Any]]) -> list[tuple[float, str, bool]]:
    own = [event for event in events if event["countries"] == key]
    return [
        (
            span.share(datetime.fromisoformat(f"{event['date']}T12:00").replace(tzinfo=UTC)) * 100,
            f"{event['date']}: {event['detail'] or 'event'}, {'caught' if event['caught'] else 'not caught'}",
            event["caught"],
        )
        for event in own
    ]
