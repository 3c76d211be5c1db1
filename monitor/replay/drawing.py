"""Geometry of the replay's report: numbers in, places on a drawing out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.core.alerts import Alert, Conditions, Event, EventKind, Level

WEEK = timedelta(weeks=1)
CURVE_WIDTH, CURVE_HEIGHT = 640.0, 150.0
WEEKS_WIDTH, WEEKS_HEIGHT = 1000.0, 160.0
MOST_TICKS = 9
MONTHS = (1, 2, 3, 6, 12)
_MARKED = frozenset({EventKind.OPENED, EventKind.ESCALATED, EventKind.EASED, EventKind.RESOLVED, EventKind.REOPENED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The time a drawing shows."""

    first: datetime
    last: datetime

    def share(self, at: datetime) -> float:
        """Return where `at` lies, 0 to 1."""
        whole = max((self.last - self.first) / timedelta(seconds=1), 1.0)
        return min(max((at - self.first) / timedelta(seconds=1) / whole, 0.0), 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A labelled place on an axis, 0 to 1."""

    share: float
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A labelled line in a curve's drawing, in its units; edge: whether the label must stand to the left of it."""

    x: float
    label: str
    level: str
    edge: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Evidence over time. points: of a polyline. limits: (height, level) of what the levels ask. top: value at the upper edge."""

    points: str
    peak: float
    top: float
    limits: Sequence[tuple[float, str]]
    marks: Sequence[Mark]
    ticks: Sequence[Tick]


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """Alerts opened in one week, by the highest level they reached; bars are (level, y, height) in the drawing's units."""

    label: str
    counts: Mapping[str, int]
    x: float
    width: float
    bars: Sequence[tuple[str, float, float]]


def curve_of(
    values: Sequence[tuple[datetime, float]], asked: Mapping[Level, Conditions], events: Iterable[Event]
) -> Curve:
    """Draw evidence at evenly spaced moments, the limits that lie within the drawing, and what happened when."""
    if not values:
        return Curve(points="", peak=0.0, top=1.0, limits=(), marks=(), ticks=())
    span = Span(first=values[0][0], last=values[-1][0])
    peak = max(value for _, value in values)
    limits = {level: wants.evidence for level, wants in asked.items() if wants.evidence}
    shown = {level: limit for level, limit in limits.items() if limit <= max(peak * 1.5, min(limits.values()))}
    top = round_up(max([peak, *shown.values()]) * 1.05)
    return Curve(
        points=polyline([value for _, value in values], CURVE_WIDTH, CURVE_HEIGHT, top),
        peak=peak,
        top=top,
        limits=[(CURVE_HEIGHT * (1 - limit / top), level.value) for level, limit in shown.items()],
        marks=_marks(span, events),
        ticks=day_ticks(span),
    )


def _marks(span: Span, events: Iterable[Event]) -> list[Mark]:
    kept = [event for event in events if event.kind in _MARKED]
    shares = [(span.share(event.at), event) for event in kept]
    return [
        Mark(x=share * CURVE_WIDTH, label=event.kind.value, level=event.level.value, edge=share > 0.8)  # noqa: PLR2004  # a label needs a fifth of the width
        for share, event in shares
    ]


def polyline(values: Sequence[float], width: float, height: float, top: float) -> str:
    """Return the points of an SVG polyline through `values`, evenly spaced; `top` lies at the upper edge."""
    step = width / max(len(values) - 1, 1)
    scale = top or 1.0
    return " ".join(f"{number * step:.1f},{height - value / scale * height:.1f}" for number, value in enumerate(values))


def round_up(value: float) -> float:
    """Return the next of a few round numbers times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if step * power >= value)


def day_ticks(span: Span) -> list[Tick]:
    """Return midnights (UTC) within a short span, few enough to be read."""
    days = (span.last - span.first) / timedelta(days=1)
    step = max(1, math.ceil(days / MOST_TICKS))
    midnight = span.first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    moments = [midnight + timedelta(days=step * number) for number in range(MOST_TICKS + 1)]
    return [Tick(share=span.share(at), label=f"{at:%d %b}") for at in moments if at <= span.last]


def calendar_ticks(span: Span) -> list[Tick]:
    """Return firsts of months within a span, few enough to be read; days where the span holds less than two months."""
    months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month
    if months < len(MONTHS) - 2:
        return day_ticks(span)
    step = next((step for step in MONTHS if months / step <= MOST_TICKS + 1), MONTHS[-1] * math.ceil(months / 120))
    start = span.first.year * 12 + span.first.month  # the month after the first, counted from zero
    firsts = (datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(start, start + months))
    return [
        Tick(share=span.share(at), label=f"{at:%Y}" if at.month == 1 else f"{at:%b %Y}")
        for at in firsts
        if (at.year * 12 + at.month - 1) % step == 0
    ]


def weeks_of(alerts: Iterable[Alert], span: Span) -> tuple[list[Week], int]:
    """Return a bar for each week of the span and the number at the upper edge."""
    number = int((span.last - span.first) / WEEK) + 1
    counts: list[dict[str, int]] = [dict.fromkeys((level.value for level in Level), 0) for _ in range(number)]
    for alert in alerts:
        counts[min(int((alert.opened_at - span.first) / WEEK), number - 1)][alert.highest.value] += 1
    top = max(4, math.ceil(max(sum(count.values()) for count in counts) / 4) * 4)
    return [_week(place, count, span.first + place * WEEK, number, top) for place, count in enumerate(counts)], top


def _week(place: int, count: Mapping[str, int], start: datetime, number: int, top: int) -> Week:
    width, bars, bottom = WEEKS_WIDTH / number, [], WEEKS_HEIGHT
    for level in reversed(Level):
        height = count[level.value] / top * WEEKS_HEIGHT
        bottom -= height
        bars.append((level.value, bottom, height))
    return Week(label=f"{start:%Y-%m-%d}", counts=count, x=place * width, width=width * 0.85, bars=bars)
