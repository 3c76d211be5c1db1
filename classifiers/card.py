"""Writes what was measured for people: Markdown tables for the model card, and reliability plots as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from classifiers.evaluate import Report, StageReport
from classifiers.metrics import SURE, Bin, Interval, LabelScores

_SIDE, _EDGE = 200, 34
_STAGE_NAMES = {
    "first": "First stage alone",
    "second": "Second stage alone, over every item and before calibration",
    "both": "Both stages",
}


def markdown(report: Report, title: str, *, groups: bool = True) -> str:
    """Return a section of the model card: one table per stage, then, with `groups`, the break-down of each."""
    lines = [f"### {title} ({report.items:,} items)", "", f"In brackets: {SURE} % bootstrap intervals.", ""]
    for stage, found in report.stages.items():
        lines += [f"**{_STAGE_NAMES.get(stage, stage)}**", "", *_table(found), "", _summary(found), ""]
    for stage, found in report.stages.items() if groups else ():
        lines += [f"**{_STAGE_NAMES.get(stage, stage)}, group by group**", "", *_group_table(found), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(stage: StageReport) -> Iterator[str]:
    yield "| label | positives | average precision | precision | recall | F1 at 0.5 | best F1 (at) | Brier | calibration error |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for label, s in stage.labels.items():
        yield f"| {label} | {_figures(s, best=f' {s.best_f1:.2f} ({s.best_at:.2f}) |')} |"


def _figures(s: LabelScores, best: str = "") -> str:
    return (
        f"{s.positives} | {s.average_precision:.2f}{_between(s.average_precision_interval)} | "
        f"{s.precision:.2f} | {s.recall:.2f} | {s.f1:.2f}{_between(s.f1_interval)} |{best} "
        f"{s.brier:.3f} | {s.calibration_error:.3f}"
    )


def _between(interval: Interval | None) -> str:
    return f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""


def _summary(stage: StageReport) -> str:
    said = f"Calibration error over the signals: {stage.calibration_error:.3f} over these items as they stand"
    if stage.stream_calibration_error is None:
        return f"{said}."
    share = 1000 * stage.random_false_alarms / stage.random_items
    return (
        f"{said}, {stage.stream_calibration_error:.3f} over the {stage.random_items} drawn at random from a stream; "
        f"of those, {stage.random_false_alarms} stand at or above 0.5 on a signal they do not carry ({share:.1f} in 1,000)."
    )


def _group_table(stage: StageReport) -> Iterator[str]:
    """Yield a row per group and label that it carries; a group without any has one row, for its false alarms."""
    yield "| by | value | items | false alarms | label | positives | average precision | precision | recall | F1 at 0.5 | Brier | calibration error |"
    yield "|---|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|"
    for group in stage.groups:
        head = f"| {group.field} | {group.value.replace('|', '/')} | {group.items} | {group.false_alarms} |"
        if not group.labels:
            yield f"{head} none | 0 |  |  |  |  |  |  |"
        for label, s in group.labels.items():
            yield f"{head} {label} | {_figures(s)} |"


def reliability_svg(scores: LabelScores, title: str) -> str:
    """Return a reliability plot: share of positives over mean score, a dot per bin, its area growing with its items."""
    size = _SIDE + 2 * _EDGE
    dots = "".join(_dot(b, scores.items) for b in scores.bins if b.items)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" font-family="sans-serif" font-size="10">'
        f"<title>Reliability of {escape(title)}: calibration error {scores.calibration_error:.3f}</title>"
        f'<rect x="{_EDGE}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#bbb" stroke-dasharray="4"/>'
        f'{dots}<text x="{_EDGE}" y="{_EDGE - 10}" font-size="12">{escape(title)}</text>'
        f'<text x="{size / 2}" y="{size - 6}" text-anchor="middle">score</text>'
        f'<text x="12" y="{size / 2}" transform="rotate(-90 12 {size / 2})" text-anchor="middle">share positive</text>'
        f"{''.join(_ticks())}</svg>\n"
    )


def _x(value: float) -> float:
    return round(_EDGE + _SIDE * value, 2)


def _y(value: float) -> float:
    return round(_EDGE + _SIDE * (1 - value), 2)


def _dot(b: Bin, items: int) -> str:
    radius = round(2 + 8 * (b.items / items) ** 0.5, 2)
    said = f"{b.items} items, mean score {b.mean_score:.2f}, share positive {b.share_positive:.2f}"
    place = f'cx="{_x(b.mean_score)}" cy="{_y(b.share_positive)}" r="{radius}"'
    return f'<circle {place} fill="#1f6f8b" fill-opacity="0.8"><title>{said}</title></circle>'


def _ticks() -> Iterator[str]:
    for value in (0.0, 0.5, 1.0):
        yield f'<text x="{_x(value)}" y="{_y(0) + 12}" text-anchor="middle">{value:g}</text>'
        yield f'<text x="{_x(0) - 4}" y="{_y(value) + 3}" text-anchor="end">{value:g}</text>'
