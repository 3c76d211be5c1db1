"""`report.html`: one self-contained page with every alert of a replay on a timeline, counts per week, and each alert's evidence curve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.adapters.storage import SqlUnit
from monitor.core.model import Alert, Event, Level
from monitor.core.ports import AlertArticle
from monitor.core.records import iso
from monitor.core.situations import display_name
from monitor.core.wording import SIGNAL_NAMES
from monitor.pipeline.state import Settings
from monitor.pipeline.views import evidence_curve, report_of

WIDTH, HEIGHT = 220, 36
WEEK_WIDTH, WEEK_HEIGHT = 1000, 120
MAX_ARTICLES = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One alert as the page shows it. curve: points of an SVG polyline; peak: highest evidence on it."""

    alert: Alert
    name: str
    signal: str
    events: Sequence[Event]
    articles: Sequence[AlertArticle]
    more: int
    curve: str
    peak: float
    opened: str
    ended: str
    x: float
    width: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """Alerts opened in one week, by the highest level they reached. Heights and positions in SVG units."""

    label: str
    counts: Mapping[str, int]
    x: float
    width: float
    bars: Sequence[tuple[str, float, float]]


def write_report(
    path: Path, unit: SqlUnit, alerts: Sequence[Alert], settings: Settings, summary: Mapping[str, Any]
) -> None:
    """Write the page for `alerts` (in order of opening)."""
    environment = Environment(loader=PackageLoader("monitor.replay"), autoescape=True, undefined=StrictUndefined)
    first, last = datetime.fromisoformat(summary["first"]), datetime.fromisoformat(summary["last"])
    cards = [_card(unit, alert, settings, first, last) for alert in alerts]
    page = environment.get_template("report.html").render(
        summary=summary,
        cards=cards,
        weeks=_weeks(alerts, first, last),
        levels=[level.value for level in Level],
        iso=iso,
        size=(WEEK_WIDTH, WEEK_HEIGHT),
    )
    path.write_text(page, encoding="utf-8")


def _card(unit: SqlUnit, alert: Alert, settings: Settings, first: datetime, last: datetime) -> Card:
    rows = unit.alert_articles(alert.id)
    articles = unit.articles([row.article_id for row in rows])
    rule, end = settings.rule(alert.rule), alert.resolved_at or last
    reports = [report_of(article, alert) for article in articles.values()]
    curve = evidence_curve(reports, rule, alert.opened_at, max(end, alert.opened_at)) if rule else []
    peak = max((value for _, value in curve), default=0.0)
    span = max((last - first) / timedelta(seconds=1), 1.0)
    start = (alert.opened_at - first) / timedelta(seconds=1) / span * WEEK_WIDTH
    return Card(
        alert=alert,
        name=display_name(alert.situation, settings.registry),
        signal=SIGNAL_NAMES[alert.signal],
        events=unit.events(alert.id),
        articles=sorted(rows, key=lambda row: -row.score)[:MAX_ARTICLES],
        more=max(0, len(rows) - MAX_ARTICLES),
        curve=polyline([value for _, value in curve], WIDTH, HEIGHT),
        peak=peak,
        opened=iso(alert.opened_at),
        ended=iso(alert.resolved_at) if alert.resolved_at else "still open",
        x=start,
        width=max(1.0, (end - alert.opened_at) / timedelta(seconds=1) / span * WEEK_WIDTH),
    )


def polyline(values: Sequence[float], width: float, height: float) -> str:
    """Return the points of an SVG polyline through `values`, evenly spaced, the highest at the top."""
    top = max(values, default=0.0) or 1.0
    step = width / max(len(values) - 1, 1)
    return " ".join(f"{number * step:.1f},{height - value / top * height:.1f}" for number, value in enumerate(values))


def _weeks(alerts: Sequence[Alert], first: datetime, last: datetime) -> list[Week]:
    number = int((last - first) / timedelta(weeks=1)) + 1
    counts: list[Counter[str]] = [Counter() for _ in range(number)]
    for alert in alerts:
        counts[min(int((alert.opened_at - first) / timedelta(weeks=1)), number - 1)][alert.highest.value] += 1
    most = max((sum(count.values()) for count in counts), default=1) or 1
    return [_week(place, count, first + timedelta(weeks=place), number, most) for place, count in enumerate(counts)]


def _week(place: int, count: Counter[str], start: datetime, number: int, most: int) -> Week:
    width, bars, bottom = WEEK_WIDTH / number, [], float(WEEK_HEIGHT)
    for level in Level:
        height = count[level.value] / most * WEEK_HEIGHT
        bottom -= height
        bars.append((level.value, bottom, height))
    return Week(label=f"{start:%Y-%m-%d}", counts=count, x=place * width, width=width * 0.9, bars=bars)
