"""The evidence curve as a picture, drawn offline by Altair and vl-convert (extra `charts`) in a process of its own.

The libraries hold 80 MB; so each picture costs a short-lived process, which sees no secret, and the daemon stays small. Where
they are missing, or anything goes wrong, there is no picture, and the words that say the same stand alone.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

import monitor
from monitor.core.alerts import EventKind, Level
from monitor.core.ports import AlertView

log = structlog.get_logger(__name__)

SECONDS = 30.0
WIDTH, HEIGHT = 720, 240
FORMATS = ("png", "svg")
_NEEDED = ("altair", "vl_convert")
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
_COLOURS = {Level.WATCH: "#b58900", Level.WARNING: "#cb4b16", Level.CRITICAL: "#b00020"}
_MARKED = frozenset({EventKind.OPENED, EventKind.ESCALATED, EventKind.REOPENED, EventKind.RESOLVED})
_INK, _LINE = "#333333", "#1f4e79"
_FEWEST_POINTS = 2
_WORD_SHARE, _WORD_ROWS = 0.12, 3


def available() -> bool:
    """Say whether the libraries that draw are installed."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


async def draw(view: AlertView, form: str = "png", seconds: float = SECONDS) -> bytes:
    """Return the picture of a view's evidence curve, b"" where it cannot be drawn. form: one of FORMATS."""
    if len(view.curve) < _FEWEST_POINTS or not available():
        return b""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "monitor.adapters.charts",
        form,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        picture, _ = await asyncio.wait_for(process.communicate(json.dumps(data_of(view)).encode()), seconds)
    except TimeoutError:
        log.warning("a chart took too long", alert=view.alert.id, seconds=seconds)
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return picture if process.returncode == 0 else b""


def data_of(view: AlertView) -> dict[str, Any]:
    """Return what the picture shows, as JSON: points of (time, evidence), and events with word and colour."""
    start, end = view.curve[0][0], view.curve[-1][0]
    told = [event for event in view.events if event.kind in _MARKED and start <= event.at <= end]
    return {
        "points": [{"at": at.isoformat(), "evidence": round(value, 3)} for at, value in view.curve],
        "events": [
            {
                "at": event.at.isoformat(),
                "word": _word(event.kind, event.level),
                "colour": _INK if event.kind is EventKind.RESOLVED else _COLOURS[event.level],
                "height": -8 - 13 * row,
            }
            for event, row in zip(told, _rows([event.at for event in told], end - start), strict=True)
        ],
    }


def _rows(moments: Sequence[datetime], span: timedelta) -> list[int]:
    """Return for each word above the picture in which row it stands, from 0: beside one that is too near, a row higher."""
    rows: list[int] = []
    for number, at in enumerate(moments):
        near = number > 0 and at - moments[number - 1] < span * _WORD_SHARE
        rows.append((rows[-1] + 1) % _WORD_ROWS if near else 0)
    return rows


def _word(kind: EventKind, level: Level) -> str:
    return level.value if kind in (EventKind.OPENED, EventKind.ESCALATED) else kind.value


def _environment() -> dict[str, str]:
    """Return a worker's environment: where to find this package, and no secret of the daemon's."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(monitor.__file__).parent.parent), "PYTHONIOENCODING": "utf-8"}


def render(data: Mapping[str, Sequence[Mapping[str, Any]]], form: str) -> bytes:
    """Draw `data` here and now; for the worker process."""
    vl_convert = importlib.import_module("vl_convert")  # only the worker pays for it

    specification = _chart(data).to_json()
    if form == "svg":
        return str(vl_convert.vegalite_to_svg(specification)).encode()
    return bytes(vl_convert.vegalite_to_png(specification, scale=2))


def _chart(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
    alt: Any = importlib.import_module("altair")  # only the worker pays for it; largely untyped

    when = alt.X(
        "at:T", title="UTC", scale=alt.Scale(type="utc"), axis=alt.Axis(format="%d %b %H:%M", labelOverlap=True)
    )
    points = alt.Chart(alt.Data(values=list(data["points"])))
    height = alt.Y("evidence:Q", title="evidence (effective reports)", scale=alt.Scale(domainMin=0))
    area = points.mark_area(color=_LINE, opacity=0.15).encode(x=when, y=height)
    line = points.mark_line(color=_LINE, strokeWidth=2).encode(x=when, y=height)
    marks = alt.Chart(alt.Data(values=list(data["events"])))
    colour = alt.Color("colour:N", scale=None)
    rules = marks.mark_rule(strokeWidth=1.5, strokeDash=[4, 3]).encode(x=when, color=colour)
    words = marks.mark_text(align="left", dx=-2, fontSize=12, fontWeight="bold").encode(
        x=when, y=alt.Y("height:Q", scale=None), text="word:N", color=colour
    )
    chart = alt.layer(area, line, rules, words).properties(width=WIDTH, height=HEIGHT, background="white", padding=12)
    return chart.configure_axis(labelColor=_INK, titleColor=_INK, gridColor="#e6e6e6").configure_view(strokeWidth=0)


def main() -> None:
    """Read data from standard input, write the picture to standard output."""
    form = sys.argv[1]
    if form not in FORMATS:
        raise SystemExit(f"{form!r} is none of {', '.join(FORMATS)}")
    sys.stdout.buffer.write(render(json.load(sys.stdin), form))


if __name__ == "__main__":
    main()
