"""Evidence and surge, against the plainest reading of their definitions, and the properties people rely on."""

from __future__ import annotations

import math
import random
import statistics
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.evidence import RETAINED, contributions, evidence, stand, strongest_origin, surge, within
from monitor.core.model import Report
from tests.builders import AT, DAY, HOUR, MINUTE, a_report, a_rule
from tests.core.strategies import MINUTES, SCORES, WEIGHTS, some_reports

RULE = a_rule()
WINDOW, HALF = RULE.window, RULE.half_life


def weigh(reports: list[Report], now: datetime = AT) -> float:
    return stand(reports, RULE, now, None).evidence


def by_the_book(reports: list[Report], now: datetime) -> float:
    """Sum over stories j, over origins o: weight(o) * share(o in j) * p_j * 2^(-(t - t_o) / half_life)."""
    total = 0.0
    counted = [r for r in reports if r.score >= RULE.min_probability]
    for story in {r.story_id for r in counted}:
        told = [r for r in counted if r.story_id == story]
        best = max(r.score for r in told)
        order = []
        for origin in {r.origin for r in told}:
            own = [r for r in told if r.origin == origin]
            order.append((min(r.at for r in own), -max(r.weight for r in own), origin))
        for place, (at, minus_weight, _) in enumerate(sorted(order)):
            if now - WINDOW < at <= now:
                share = 1.0 if place == 0 else 0.3
                total += -minus_weight * share * best * 2 ** (-((now - at) / HALF))
    return total


@given(some_reports())
def test_evidence_is_what_the_design_defines(reports: list[Report]) -> None:
    assert weigh(reports) == pytest.approx(by_the_book(reports, AT), abs=1e-9)


@given(some_reports(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(reports: list[Report], rng: random.Random) -> None:
    shuffled = list(reports)
    rng.shuffle(shuffled)

    assert stand(shuffled, RULE, AT, AT - 60 * DAY) == stand(reports, RULE, AT, AT - 60 * DAY)


@given(some_reports(), st.sampled_from("ABCD"), st.sampled_from("uvwxyz"), SCORES, WEIGHTS)
def test_one_more_report_not_older_than_those_held_never_lowers_evidence(
    reports: list[Report], story: str, origin: str, score: float, weight: float
) -> None:
    newest = max((r.at for r in reports), default=AT)
    more = a_report(99, story_id=story, origin=origin, score=score, weight=weight, at=newest)

    before, after = stand(reports, RULE, AT, None), stand([*reports, more], RULE, AT, None)

    assert after.evidence >= before.evidence - 1e-12
    assert after.origins >= before.origins


@given(some_reports(most=8), st.data())
def test_a_copy_adds_nothing(reports: list[Report], data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(reports)) if reports else a_report(at=AT - HOUR)
    held = reports or [original]
    copy = replace(original, article_id="copy", at=original.at + data.draw(st.integers(0, 5)) * MINUTE)
    copy = replace(copy, at=min(copy.at, AT))

    assert weigh([*held, copy]) == weigh(held)


@given(some_reports(), MINUTES)
def test_without_new_reports_evidence_only_falls(reports: list[Report], later: timedelta) -> None:
    assert weigh(reports, AT + later) <= weigh(reports, AT) + 1e-12


def test_evidence_halves_in_a_half_life() -> None:
    assert weigh([a_report()]) == 1.0
    assert weigh([a_report()], AT + HALF) == 0.5


def test_forty_copies_of_a_wire_text_weigh_as_one_and_forty_tellings_do_not_weigh_as_forty() -> None:
    copies = [a_report(n, story_id="s", origin="wire") for n in range(40)]
    tellings = [a_report(n, story_id="s") for n in range(40)]

    assert weigh(copies) == 1.0
    assert weigh(tellings) == pytest.approx(1 + 39 * 0.3)
    assert stand(copies, RULE, AT, None).origins == 1


def test_the_earliest_origin_has_the_whole_share_and_among_equals_the_weightier() -> None:
    light, heavy = a_report(1, story_id="s", weight=0.5), a_report(2, story_id="s", weight=1.0)

    assert weigh([light, heavy]) == pytest.approx(1.0 + 0.3 * 0.5)
    first = replace(light, at=AT - timedelta(seconds=1))
    assert weigh([first, heavy]) == pytest.approx(0.5 + 0.3, abs=1e-4)
    same = [replace(light, origin=name, article_id=name) for name in "ba"]
    assert [c.origin for c in contributions(same, 0.5) if c.amount == 0.5] == ["a"]


def test_a_report_under_the_lowest_probability_contributes_nothing() -> None:
    assert weigh([a_report(score=0.4999)]) == 0.0
    assert weigh([a_report(score=0.5)]) == 0.5


def test_the_window_is_open_at_its_old_end_and_closed_at_its_new_one() -> None:
    items = contributions([a_report()], 0.5)

    assert within(items, AT, WINDOW) == items
    assert within(items, AT + WINDOW - MINUTE, WINDOW) == items
    assert within(items, AT + WINDOW, WINDOW) == []
    assert within(items, AT - MINUTE, WINDOW) == []
    assert evidence(items, AT + WINDOW, WINDOW, HALF) == 0.0


def test_a_report_from_the_future_is_not_weighed_yet() -> None:
    assert stand([a_report(at=AT + MINUTE)], RULE, AT, None).stories == 0


@given(some_reports())
def test_standings_count_distinct_origins_and_stories(reports: list[Report]) -> None:
    standing = stand(reports, RULE, AT, None)
    items = within(contributions(reports, 0.5), AT, WINDOW)

    assert standing.origins == len({c.origin for c in items})
    assert standing.stories == len({c.story_id for c in items})


@given(some_reports())
def test_the_strongest_origin_is_the_one_that_adds_most(reports: list[Report]) -> None:
    best = strongest_origin(reports, RULE, AT)
    items = within(contributions(reports, 0.5), AT, WINDOW)
    added = {
        origin: math.fsum(c.amount * 2 ** (-((AT - c.at) / HALF)) for c in items if c.origin == origin)
        for origin in {c.origin for c in items}
    }

    assert (best == "") == (not added)
    assert not added or added[best] == pytest.approx(max(added.values()))


def surge_by_the_book(reports: list[Report], now: datetime, since: datetime) -> float:
    """(x - mean) / max(sd, 0.5): x the last 24 hours, mean and sd over the known ones of the 28 days before a 2-day guard band."""
    items = contributions(reports, RULE.min_probability)

    def inflow(days_ago: int) -> float:
        end = now - days_ago * DAY
        return math.fsum(c.amount for c in items if end - DAY < c.at <= end)

    baseline = [inflow(day) for day in range(3, 31) if now - (day + 1) * DAY >= since]
    return (inflow(0) - statistics.fmean(baseline)) / max(statistics.stdev(baseline), 0.5)


@given(some_reports(days=40, most=30), st.integers(14, 45))
def test_surge_is_what_the_design_defines_with_a_partial_history_too(reports: list[Report], days: int) -> None:
    since = AT - days * DAY

    found = surge(contributions(reports, RULE.min_probability), AT, since)

    assert found.value == pytest.approx(surge_by_the_book(reports, AT, since), abs=1e-9)


@pytest.mark.parametrize("since", [None, AT, AT - 14 * DAY + MINUTE])
def test_with_less_than_14_days_of_history_there_is_no_baseline(since: datetime | None) -> None:
    found = surge(contributions([a_report()], 0.5), AT, since)

    assert found.value is None
    assert found.inflow == 1.0


def test_the_two_days_before_today_do_not_raise_the_baseline() -> None:
    since = AT - 60 * DAY
    building_up = [a_report(n, at=AT - HOUR - n * DAY) for n in range(3)]

    assert surge(contributions(building_up, 0.5), AT, since).mean == 0.0
    assert surge(contributions(building_up, 0.5), AT, since).value == 2.0
    third = a_report(3, at=AT - HOUR - 3 * DAY)
    assert surge(contributions([third], 0.5), AT, since).mean == pytest.approx(1 / 28)
    oldest = a_report(4, at=AT - HOUR - 30 * DAY)
    assert surge(contributions([oldest], 0.5), AT, since).mean == pytest.approx(1 / 28)
    too_old = a_report(5, at=AT - 31 * DAY)
    assert surge(contributions([too_old], 0.5), AT, since).mean == 0.0


def test_a_steady_inflow_is_no_surge_however_high() -> None:
    steady = [a_report(day * 10 + n, at=AT - HOUR - day * DAY) for day in range(40) for n in range(5)]

    assert surge(contributions(steady, 0.5), AT, AT - 60 * DAY).value == 0.0


def test_what_is_retained_reaches_back_over_the_whole_baseline() -> None:
    assert RETAINED >= 31 * DAY + WINDOW
