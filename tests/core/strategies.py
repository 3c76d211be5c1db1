"""Reports as hypothesis draws them: few stories, origins and moments, so that they meet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from monitor.core.model import Report
from tests.builders import AT, MINUTE, a_report

SCORES = st.sampled_from([0.1, 0.49, 0.5, 0.51, 0.75, 0.9, 1.0])
WEIGHTS = st.sampled_from([0.0, 0.3, 0.5, 1.0])


def ages(days: int) -> st.SearchStrategy[timedelta]:
    """Draw ages up to `days`, often on the hour so that reports tie."""
    return st.one_of(
        st.integers(0, days * 24).map(lambda hours: timedelta(hours=hours)),
        st.integers(0, days * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds)),
    )


@st.composite
def some_reports(draw: Any, days: int = 5, most: int = 12) -> list[Report]:
    """Draw reports of one (signal, situation), up to `days` before AT, no two of one article."""
    return [
        a_report(
            number,
            story_id=draw(st.sampled_from("ABC")),
            origin=draw(st.sampled_from("uvwxy")),
            score=draw(SCORES),
            weight=draw(WEIGHTS),
            at=AT - draw(ages(days)),
        )
        for number in range(draw(st.integers(0, most)))
    ]


MINUTES = st.integers(0, 4 * 24 * 60).map(lambda number: number * MINUTE)
