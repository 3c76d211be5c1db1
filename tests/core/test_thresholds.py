"""Levels: reached when all conditions hold, kept until their lower limits fail, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.alerts import Conditions, Level, Rule
from monitor.core.evidence import stand
from monitor.core.model import Report
from monitor.core.thresholds import assess, explain, kept, level_now, next_fall, origins_to_keep, reached
from tests.builders import AT, DAY, HOUR, LEVELS, MINUTE, a_report, a_rule, a_standing
from tests.core.strategies import some_reports

RULE = a_rule()
SURGING = a_rule(
    levels={
        Level.WATCH: Conditions(evidence=1.0),
        Level.WARNING: Conditions(evidence=2.0, surge=2.0),
        Level.CRITICAL: Conditions(surge=5.0),
    }
)


@pytest.mark.parametrize(
    ("evidence", "origins", "level"),
    [
        (0.99, 9, None),
        (1.0, 1, Level.WATCH),
        (9.0, 1, Level.WATCH),
        (1.9, 9, Level.WATCH),
        (2.0, 2, Level.WARNING),
        (4.0, 2, Level.WARNING),
        (4.0, 3, Level.CRITICAL),
    ],
)
def test_a_level_is_reached_when_all_its_conditions_hold(evidence: float, origins: int, level: Level | None) -> None:
    assert reached(RULE, a_standing(evidence=evidence, origins=origins)) is level


def test_a_surge_that_cannot_be_told_yet_counts_as_met() -> None:
    assert reached(SURGING, a_standing(evidence=2.0, surge=1.9)) is Level.WATCH
    assert reached(SURGING, a_standing(evidence=2.0, surge=2.0)) is Level.WARNING
    assert reached(SURGING, a_standing(evidence=2.0, surge=None)) is Level.CRITICAL


@pytest.mark.parametrize(
    ("evidence", "origins", "current", "level"),
    [
        (2.0, 2, Level.CRITICAL, Level.CRITICAL),
        (1.99, 3, Level.CRITICAL, Level.WARNING),
        (9.0, 1, Level.CRITICAL, Level.WARNING),
        (9.0, 9, Level.WATCH, Level.WATCH),
        (0.5, 1, Level.WATCH, Level.WATCH),
        (0.49, 1, Level.WATCH, None),
        (0.5, 0, Level.WATCH, None),
    ],
)
def test_a_level_is_kept_until_half_of_its_limits_fail(
    evidence: float, origins: int, current: Level, level: Level | None
) -> None:
    assert kept(RULE, a_standing(evidence=evidence, origins=origins), current) is level


def test_a_crisis_that_lasts_keeps_its_level_though_it_surges_no_more() -> None:
    assert level_now(SURGING, a_standing(evidence=2.0, surge=0.0), Level.WARNING) is Level.WARNING
    assert level_now(SURGING, a_standing(evidence=2.0, surge=0.0), None) is Level.WATCH


def test_with_no_report_left_not_even_a_level_without_limits_is_kept() -> None:
    assert kept(SURGING, a_standing(evidence=0.0, origins=0, stories=0), Level.CRITICAL) is None


def test_the_higher_of_what_is_reached_and_kept_holds() -> None:
    assert level_now(RULE, a_standing(evidence=4.0, origins=3), Level.WATCH) is Level.CRITICAL
    assert level_now(RULE, a_standing(evidence=2.0, origins=2), Level.CRITICAL) is Level.CRITICAL
    assert level_now(RULE, a_standing(evidence=0.1, origins=1), None) is None


@pytest.mark.parametrize(
    ("asked", "hold", "left"), [(1, 0.5, 1), (2, 0.5, 1), (3, 0.5, 2), (5, 0.5, 3), (5, 0.1, 1), (3, 1.0, 3)]
)
def test_of_the_origins_asked_a_share_must_stay_and_one_at_least(asked: int, hold: float, left: int) -> None:
    assert origins_to_keep(asked, hold) == left


@given(st.lists(st.sampled_from([0.9, 1.0, 1.1]), min_size=2, max_size=40))
def test_a_score_that_swings_at_the_line_rises_once_and_never_falls(swings: list[float]) -> None:
    level: Level | None = None
    changes = []
    for evidence in swings:
        after = level_now(RULE, a_standing(evidence=evidence), level)
        if after is not level:
            changes.append(after)
        level = after

    assert changes in ([], [Level.WATCH])


@given(some_reports(), st.sampled_from([None, *Level]))
def test_a_reached_level_is_never_held_back_by_the_level_before(reports: list[Report], current: Level | None) -> None:
    standing, level = assess(reports, RULE, AT, None, current)
    at_once = reached(RULE, standing)

    assert at_once is None or (level is not None and level.rank >= at_once.rank)


@given(some_reports())
def test_an_alert_is_fragile_when_it_would_not_hold_without_its_strongest_origin(reports: list[Report]) -> None:
    standing, level = assess(reports, RULE, AT, None, None)

    if level is None:
        assert not standing.fragile
        return
    without = [
        reached(RULE, stand([r for r in reports if r.origin != origin], RULE, AT, None))
        for origin in {r.origin for r in reports}
    ]
    if all(left is not None and left.rank >= level.rank for left in without):
        assert not standing.fragile
    if all(left is None or left.rank < level.rank for left in without):
        assert standing.fragile


def test_one_origin_behind_everything_is_fragile_and_four_equal_ones_are_not() -> None:
    one = [a_report(n, origin="one") for n in range(5)]
    four = [a_report(n) for n in range(6)]

    assert assess(one, a_rule(levels={Level.WATCH: Conditions(evidence=1.0)}), AT, None, None)[0].fragile
    assert not assess(four, RULE, AT, None, None)[0].fragile


RULES = st.builds(
    a_rule,
    levels=st.sampled_from(
        [
            {Level.WATCH: Conditions(evidence=0.7)},
            {Level.WATCH: Conditions(origins=2)},
            {Level.WATCH: Conditions(surge=1.0)},
            {Level.WATCH: Conditions(evidence=1.0, origins=3)},
        ]
    ),
    hold=st.sampled_from([0.25, 0.5, 1.0]),
    half_life=st.sampled_from([6 * HOUR, DAY, 10 * DAY]),
    window=st.sampled_from([DAY, 3 * DAY]),
)


@settings(max_examples=60, deadline=None)
@given(some_reports(days=3, most=6), RULES)
def test_the_moment_of_the_next_fall_is_exact(reports: list[Report], rule: Rule) -> None:
    if kept(rule, stand(reports, rule, AT, None), Level.WATCH) is None:
        return

    fall = next_fall(reports, rule, Level.WATCH, AT)

    moments = (AT + number * MINUTE for number in range(1, 75 * 60))
    first = next((m for m in moments if kept(rule, stand(reports, rule, m, None), Level.WATCH) is None), None)
    assert first is not None
    assert fall is not None
    assert first - MINUTE < fall <= first + timedelta(seconds=1)
    assert kept(rule, stand(reports, rule, fall, None), Level.WATCH) is None
    before = fall - timedelta(seconds=2)
    assert before <= AT or kept(rule, stand(reports, rule, before, None), Level.WATCH) is Level.WATCH


def test_a_level_without_reports_never_held_and_so_never_falls() -> None:
    assert next_fall([], RULE, Level.WATCH, AT) is None


def test_a_level_that_holds_no_more_falls_within_a_second() -> None:
    assert next_fall([a_report(at=AT - 2 * DAY)], RULE, Level.CRITICAL, AT) == AT + timedelta(seconds=1)


def test_the_reason_compares_what_was_found_with_what_is_asked() -> None:
    standing = a_standing(evidence=2.5, origins=2, surge=1.5)

    assert explain(RULE, standing, Level.WARNING) == "evidence 2.50 of 2, independent origins 2 of 2 for warning"
    assert explain(RULE, standing, None) == "evidence 2.50 of 1, independent origins 2 of 1 for watch"
    assert explain(SURGING, standing, Level.WATCH) == "evidence 2.50 of 1, independent origins 2 for watch"
    assert explain(SURGING, standing, Level.WARNING).endswith("surge 1.5 of 2 for warning")
    assert explain(SURGING, replace(standing, surge=None), Level.WARNING).endswith("no baseline yet for warning")


def test_levels_of_the_default_rule_are_ordered() -> None:
    assert [level.rank for level in LEVELS] == [1, 2, 3]


def test_a_level_falls_the_moment_its_last_weight_leaves_the_window() -> None:
    rule = a_rule(levels={Level.WATCH: Conditions(evidence=0.7)}, hold=0.25, half_life=10 * DAY, window=DAY)
    heavy = a_report(1, origin="u", story_id="A", score=0.5, weight=0.5, at=AT - HOUR)
    light = a_report(2, origin="v", story_id="A", score=0.5, weight=0.0, at=AT)

    assert next_fall([heavy, light], rule, Level.WATCH, AT) == heavy.at + DAY
