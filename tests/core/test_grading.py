"""The week's grading: precision with its interval, misses, speed, and plain words where the numbers are too small."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import grading
from monitor.core.alerts import EventKind, Level, Verdict
from monitor.core.grading import Graded
from tests.builders import AT, DAY, HOUR, MINUTE, a_channel, an_alert, an_event


def a_graded(number: int = 1, verdict: str = "", events: tuple[Any, ...] = (), **alert: Any) -> Graded:
    return Graded(
        alert=an_alert(id=f"al-{number}", **alert), verdict=verdict, first_report=AT - 2 * HOUR, events=events
    )


@pytest.mark.parametrize(
    ("right", "number", "low", "high"),
    [(0, 0, 0.0, 1.0), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (81, 100, 0.7222, 0.8749)],
)
def test_the_interval_is_the_one_of_wilson(right: int, number: int, low: float, high: float) -> None:
    assert grading.wilson(right, number) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_narrows_with_numbers(pair: tuple[int, int]) -> None:
    right, number = pair
    low, high = grading.wilson(right, number)

    assert 0.0 <= low <= right / number <= high <= 1.0
    again = grading.wilson(right * 4, number * 4)
    assert again[1] - again[0] < high - low


def test_a_precision_is_given_from_ten_verdicts_on_and_unsure_ones_do_not_count() -> None:
    nine = [a_graded(verdict="true")] * 8 + [a_graded(verdict="false")] + [a_graded(verdict="unsure")] * 5
    ten = [*nine, a_graded(verdict="true")]

    assert grading.precision(nine) == "too few verdicts to grade (8 true of 9; 10 are needed)"
    assert grading.precision(ten) == "90% right (9 of 10; 95 % interval 60% to 98%)"
    assert grading.precision([]) == "too few verdicts to grade (0 true of 0; 10 are needed)"


def test_the_latest_verdict_on_an_alert_counts() -> None:
    verdicts = [
        Verdict(at=AT + HOUR, verdict="false", alert_id="al-1"),
        Verdict(at=AT, verdict="true", alert_id="al-1"),
        Verdict(at=AT, verdict="missed", url="https://a.example", alert_id=""),
        Verdict(at=AT, verdict="true", article_id="art-1"),
    ]
    assert grading.latest_verdicts(verdicts) == {"al-1": "false"}


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        pytest.param("anna:false ben:true", "unsure", id="two people who differ are unsure"),
        pytest.param("anna:false ben:true cleo:false", "false", id="most people carry it"),
        pytest.param("anna:true ben:true anna:false anna:false", "unsure", id="nobody counts twice"),
        pytest.param("anna:false ben:true anna:true", "true", id="of one person the latest counts"),
        pytest.param("anna:unsure ben:true cleo:false", "unsure", id="one voice for each is a tie"),
        pytest.param("anna:unsure ben:true cleo:true", "true", id="an unsure voice is outvoted"),
    ],
)
def test_an_alert_counts_as_most_people_say_each_by_the_latest_verdict(said: str, counts: str) -> None:
    voices = [voice.split(":") for voice in said.split()]
    verdicts = [
        Verdict(at=AT + number * MINUTE, verdict=verdict, alert_id="al-1", by=by)
        for number, (by, verdict) in enumerate(voices)
    ]
    assert grading.latest_verdicts(reversed(verdicts)) == {"al-1": counts}


def test_each_acknowledgment_is_timed_from_the_rise_it_answers() -> None:
    kinds = [
        (EventKind.OPENED, 0),
        (EventKind.ACKNOWLEDGED, 4),
        (EventKind.UPDATED, 10),
        (EventKind.ESCALATED, 60),
        (EventKind.ACKNOWLEDGED, 75),
    ]
    events = [an_event(kind=kind, at=AT + minutes * MINUTE) for kind, minutes in kinds]

    assert grading.times_to_acknowledge(events) == [4 * MINUTE, 15 * MINUTE]


def test_the_way_to_warning_begins_with_the_first_report_we_read() -> None:
    events = (an_event(), an_event(kind=EventKind.ESCALATED, level=Level.WARNING, at=AT + HOUR))

    assert grading.time_to_warning(a_graded(events=events)) == 3 * HOUR
    assert grading.time_to_warning(a_graded(events=(an_event(),))) is None


def test_the_week_says_what_was_reviewed_per_rule_missed_and_how_fast() -> None:
    acknowledged = an_event(kind=EventKind.ACKNOWLEDGED, at=AT + 5 * MINUTE, level=Level.CRITICAL)
    graded = [
        a_graded(1, "true", (an_event(level=Level.CRITICAL), acknowledged), highest=Level.CRITICAL),
        a_graded(2, "false", (an_event(),), rule="coups"),
        a_graded(3, "", (an_event(level=Level.CRITICAL),), highest=Level.CRITICAL),
    ]
    misses = [
        Verdict(at=AT, verdict="missed", url="https://a.example/1", situation="MLI", signal="coup", step="fetched")
    ]
    made = grading.weekly(a_channel(), AT + DAY, AT + DAY, graded, misses)

    assert made.title == (
        "The week graded, 20 November to 27 November: too few verdicts to grade (1 true of 2; 10 are needed)"
    )
    assert made.lines() == [
        "Verdicts",
        "2 of 3 alerts opened in the week were reviewed: 1 true, 1 false, 0 unsure",
        "build-up: too few verdicts to grade (1 true of 1; 10 are needed)",
        "coups: too few verdicts to grade (0 true of 1; 10 are needed)",
        "Misses",
        "1 logged, lost at: fetched 1",
        "MLI, coup: https://a.example/1",
        "Speed",
        (
            "From the first report we read to warning: median 2 hours over 2 alerts. "
            "How far that was ahead of what happened is for people to judge."
        ),
        (
            "Time to acknowledge: median 5 minutes, nine in ten within 5 minutes, over 1 acknowledgment. "
            "Critical and never acknowledged: 1."
        ),
    ]


def test_an_empty_week_says_so() -> None:
    lines = grading.weekly(a_channel(), AT, AT, [], []).lines()

    assert "No alert of the week reached warning." in lines
    assert "Nothing was acknowledged." in lines
    assert lines[1] == "0 of 0 alerts opened in the week were reviewed: 0 true, 0 false, 0 unsure"
