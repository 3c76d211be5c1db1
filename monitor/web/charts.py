"""The evidence curve as inline SVG: shapes only, no text and no styles of its own; the words beside it say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.alerts import Event, Rule
from monitor.core.ports import AlertView

WIDTH, HEIGHT = 640.0, 160.0
ROWS = 12
HEADROOM = 1.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A level's limit of evidence: its word, its value, and its height in the picture (None above the picture)."""

    level: str
    value: float
    y: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """An event on the time axis."""

    x: float
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """What a template needs to draw a curve. line and area: SVG points. rows: (moment, evidence) for the table."""

    words: str
    line: str
    area: str
    top: float
    start: datetime
    end: datetime
    limits: Sequence[Limit]
    marks: Sequence[Mark]
    rows: Sequence[tuple[datetime, float]]


def chart_of(view: AlertView, rule: Rule | None) -> Chart | None:
    """Return the alert's evidence over time; None where there is none to draw."""
    curve = view.curve
    if len(curve) < 2:  # noqa: PLR2004  # a line has two ends
        return None
    limits = [(level.value, asked.evidence) for level, asked in rule.levels.items() if asked.evidence] if rule else []
    peak = max(value for _, value in curve)
    top = max([peak, *(limit for _, limit in limits[:1])]) * HEADROOM or 1.0
    start, end = curve[0][0], curve[-1][0]
    points = [(_x(at, start, end), _y(value, top)) for at, value in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Chart(
        words=curve_words(curve),
        line=line,
        area=f"0,{HEIGHT:.1f} {line} {WIDTH:.1f},{HEIGHT:.1f}",
        top=top,
        start=start,
        end=end,
        limits=[Limit(level=level, value=value, y=_y(value, top) if value <= top else None) for level, value in limits],
        marks=_marks(view.events, start, end),
        rows=curve[:: max(1, len(curve) // ROWS)],
    )


def curve_words(curve: Sequence[tuple[datetime, float]]) -> str:
    """Return the curve in one sentence: the text alternative of its picture."""
    peak_at, peak = max(curve, key=lambda point: point[1])
    (start, first), (end, last) = curve[0], curve[-1]
    return (
        f"Evidence in effective reports: {first:.1f} on {start:%d %B %H:%M}, highest {peak:.1f} on {peak_at:%d %B %H:%M}, "
        f"{last:.1f} on {end:%d %B %H:%M} UTC."
    )


def _x(at: datetime, start: datetime, end: datetime) -> float:
    return (at - start) / max(end - start, timedelta(seconds=1)) * WIDTH


def _y(value: float, top: float) -> float:
    return HEIGHT - value / top * HEIGHT


def _marks(events: Sequence[Event], start: datetime, end: datetime) -> list[Mark]:
    return [Mark(x=_x(event.at, start, end), word=event.kind.value) for event in events if start <= event.at <= end]
