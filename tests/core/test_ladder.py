"""The ladder: which rung, since when, after which."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.ladder import WINDOW, Rung, climb
from monitor.core.model import Report
from tests.builders import a_report

START = a_report().at


def reported(number: int, label: str, hours: float, story: str = "") -> Report:
    at = START + timedelta(hours=hours)
    return a_report(number, signal=label, story_id=story or f"story-{number}", at=at, score=0.9)


def test_one_story_is_talk_and_two_are_a_threat() -> None:
    one = [reported(1, "military_response_threat", 0)]
    two = [*one, reported(2, "military_response_threat", 1)]
    assert [found.rung for reports in (one, two) if (found := climb(reports, START + timedelta(hours=2)))] == [
        Rung.TALK,
        Rung.THREAT,
    ]


def test_copies_of_one_story_climb_nothing() -> None:
    copies = [reported(number, "armed_conflict", 0, story="same") for number in range(40)]
    found = climb(copies, START + timedelta(hours=1))
    assert found is not None
    assert found.rung is Rung.TALK


def test_the_rung_before_is_remembered_with_its_moment() -> None:
    reports = [reported(n, "military_response_threat", n) for n in (1, 2)] + [
        reported(n, "troop_concentration", n) for n in (30, 31)
    ]
    found = climb(reports, START + timedelta(hours=40))
    assert found is not None
    assert (found.rung, found.before, found.since) == (Rung.CONCENTRATION, Rung.THREAT, START + timedelta(hours=31))


def test_talks_after_a_clash_are_told_beside_it() -> None:
    reports = [reported(n, "armed_conflict", n) for n in (1, 2)] + [reported(n, "deescalation", n) for n in (10, 11)]
    found = climb(reports, START + timedelta(hours=12))
    assert found is not None
    assert (found.rung, found.easing) == (Rung.CLASH, START + timedelta(hours=10))


def test_a_silent_window_leaves_no_rung() -> None:
    reports = [reported(n, "armed_conflict", n) for n in (1, 2)]
    assert climb(reports, START + WINDOW + timedelta(hours=3)) is None


@given(
    st.permutations(
        [reported(n, label, n) for n, label in enumerate(["troop_concentration", "armed_conflict", "deescalation"] * 3)]
    )
)
def test_the_order_in_which_reports_are_given_does_not_matter(reports: list[Report]) -> None:
    now = START + timedelta(hours=20)
    assert climb(reports, now) == climb(sorted(reports, key=lambda report: report.at), now)
