"""The picture of the evidence: drawn offline in a process of its own, and never missed when it cannot be."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from monitor.adapters import charts
from monitor.adapters.slack_blocks import curve_words
from monitor.core.alerts import EventKind, Level
from monitor.core.ports import AlertView
from tests.builders import AT, HOUR, an_alert, an_event

CURVE = [(AT - (48 - n) * HOUR, 0.1 * n) for n in range(49)]


def a_view(**changes: Any) -> AlertView:
    """Return a view with a rising curve."""
    base: dict[str, Any] = {
        "alert": an_alert(),
        "name": "Ukraine",
        "events": [
            an_event(at=AT - 20 * HOUR),
            an_event(at=AT - 2 * HOUR, kind=EventKind.ESCALATED, level=Level.CRITICAL),
            an_event(at=AT - HOUR, kind=EventKind.UPDATED),
            an_event(at=AT - timedelta(days=30), kind=EventKind.REOPENED),
        ],
        "evidence": [],
        "articles": [],
        "earlier": [],
        "siblings": [],
        "denials": [],
        "curve": CURVE,
    }
    return AlertView(**{**base, **changes})


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG\r\n"), ("svg", b"<svg")])
def test_a_curve_becomes_a_picture(form: str, start: bytes) -> None:
    pytest.importorskip("vl_convert", reason="the extra `charts` is not installed")

    assert asyncio.run(charts.draw(a_view(), form)).startswith(start)


def test_only_events_within_the_curve_that_changed_something_are_marked() -> None:
    words = [event["word"] for event in charts.data_of(a_view())["events"]]

    assert words == ["watch", "critical"]


def test_words_of_events_that_follow_closely_stand_in_different_rows() -> None:
    close = [an_event(at=AT - n * HOUR, kind=EventKind.REOPENED) for n in (30, 29, 28, 4)]
    heights = [event["height"] for event in charts.data_of(a_view(events=close))["events"]]

    assert heights == [-8, -21, -34, -8]


@pytest.mark.parametrize("curve", [[], CURVE[:1]])
def test_there_is_no_picture_of_nothing(curve: list[Any]) -> None:
    assert asyncio.run(charts.draw(a_view(curve=curve))) == b""


def test_without_the_libraries_there_is_no_picture_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "_NEEDED", ("no_such_library",))

    assert asyncio.run(charts.draw(a_view())) == b""


def test_a_worker_that_fails_or_takes_too_long_gives_no_picture() -> None:
    assert asyncio.run(charts.draw(a_view(), "gif")) == b""
    assert asyncio.run(charts.draw(a_view(), seconds=0.01)) == b""


def test_the_words_say_what_the_picture_shows() -> None:
    expected = (
        "Evidence in effective reports from 24 November 12:00 to 26 November 12:00 UTC: 0.0 at first, highest 4.8"
    )

    assert curve_words(a_view()).startswith(expected)
    assert curve_words(a_view(curve=[])) == "Evidence over time: no data."
