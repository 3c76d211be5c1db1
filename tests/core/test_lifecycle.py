"""The life of an alert: what opens, moves, quiets, resolves and reopens it, and that nothing holds a rise back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.alerts import Alert, AlertState, Conditions, EventKind, Level, Outcome, Rule
from monitor.core.lifecycle import REOPEN_WITHIN, Case, Step, alert_id, next_change, repeat_after, step
from monitor.core.model import Report
from tests.builders import AT, DAY, HOUR, MINUTE, SITUATION, a_report, a_rule

RULE = a_rule()
SECOND = timedelta(seconds=1)


class Desk:
    """One rule on one situation: reports come in, time passes, and every step is kept."""

    def __init__(self, rule: Rule = RULE, now: datetime = AT) -> None:
        self.rule, self.now = rule, now
        self.alert: Alert | None = None
        self.reports: list[Report] = []
        self.steps: list[Step] = []

    def hear(self, count: int, *, after: timedelta = timedelta(0), **changes: object) -> Step:
        """Take `count` reports of further origins in, at once."""
        self.now += after
        first = len(self.reports)
        self.reports += [a_report(first + n, at=self.now, **changes) for n in range(count)]
        return self._step(count)

    def wait(self, time: timedelta) -> Step:
        """Let time alone act."""
        self.now += time
        return self._step(0)

    def settle(self) -> list[EventKind]:
        """Let time pass from change to change until nothing more happens; return the events."""
        seen = []
        while self.alert and self.alert.state is AlertState.OPEN:
            moment = next_change(self.rule, self.reports, self.alert, self.now)
            assert moment is not None
            assert moment > self.now
            taken = self.wait(moment - self.now)
            seen += [taken.event] if taken.event else []
        return seen

    def case(self, fresh: int) -> Case:
        return Case(
            rule=self.rule,
            situation=SITUATION,
            countries=("RUS", "UKR"),
            reports=self.reports,
            fresh=fresh,
            last=self.alert,
            history_since=None,
        )

    def _step(self, fresh: int) -> Step:
        taken = step(self.case(fresh), self.now)
        self.alert = taken.alert or self.alert
        self.steps.append(taken)
        return taken


def opened(count: int = 1, rule: Rule = RULE) -> Desk:
    desk = Desk(rule)
    desk.hear(count)
    return desk


def test_under_the_lowest_level_nothing_opens_and_the_reason_says_what_is_missing() -> None:
    taken = Desk().hear(1, score=0.9)

    assert taken.outcome is Outcome.BELOW_THRESHOLD
    assert taken.alert is None
    assert taken.event is None
    assert taken.reason == "evidence 0.90 of 1, independent origins 1 of 1 for watch"


@pytest.mark.parametrize(("reports", "level"), [(1, Level.WATCH), (2, Level.WARNING), (4, Level.CRITICAL)])
def test_an_alert_opens_at_the_level_reached(reports: int, level: Level) -> None:
    desk = Desk()

    taken = desk.hear(reports)

    assert (taken.outcome, taken.event) == (Outcome.OPENED, EventKind.OPENED)
    assert desk.alert is not None
    assert (desk.alert.level, desk.alert.highest, desk.alert.state) == (level, level, AlertState.OPEN)
    assert desk.alert.opened_at == desk.alert.last_told_at == AT
    assert desk.alert.countries == ("RUS", "UKR")


def test_time_alone_opens_nothing() -> None:
    desk = Desk()
    desk.reports = [a_report(n) for n in range(9)]

    assert desk.wait(MINUTE).alert is None


def test_within_the_repeat_interval_reports_add_weight_but_no_update() -> None:
    desk = opened()

    taken = desk.hear(0 + 1, after=HOUR, score=0.5, origin="origin-0")

    assert (taken.outcome, taken.event) == (Outcome.REPEAT_INTERVAL, None)
    assert "next update is due at 2021-11-27T00:00:00Z" in taken.reason
    assert desk.alert is not None
    assert desk.alert.last_told_at == AT


def test_after_the_repeat_interval_a_new_report_is_told() -> None:
    desk = opened()

    taken = desk.hear(1, after=RULE.repeat_interval, score=0.5, origin="origin-0")

    assert (taken.outcome, taken.event) == (Outcome.UPDATED, EventKind.UPDATED)
    assert desk.alert is not None
    assert desk.alert.last_told_at == desk.now


def test_each_update_waits_twice_as_long_as_the_one_before_up_to_a_week_until_the_level_rises() -> None:
    rule = a_rule(repeat_interval=HOUR)
    waits = [repeat_after(rule, number) for number in range(12)]

    assert waits == [min(2**number * HOUR, 7 * DAY) for number in range(12)]
    assert repeat_after(a_rule(repeat_interval=30 * DAY), 5) == 30 * DAY


def test_updates_of_an_alert_slow_down_and_begin_anew_when_its_level_rises() -> None:
    desk = opened(1, a_rule(repeat_interval=HOUR, half_life=100 * DAY))
    told = []
    for number in range(1, 13):
        taken = desk.hear(1, after=HOUR, score=0.5, origin="origin-0")
        if taken.event is EventKind.UPDATED:
            told.append(number)
    assert told == [1, 3, 7]
    assert desk.alert is not None
    assert desk.alert.repeats == 3

    risen = desk.hear(2, after=MINUTE)
    assert risen.event is EventKind.ESCALATED
    assert desk.alert.repeats == 0
    assert desk.hear(1, after=HOUR, score=0.5, origin="origin-0").event in (EventKind.UPDATED, EventKind.ESCALATED)


def test_a_rise_of_level_needs_an_acknowledgment_of_its_own() -> None:
    desk = opened()
    assert desk.alert is not None
    desk.alert = replace(desk.alert, acknowledged_by="ann", acknowledged_at=desk.now)

    taken = desk.hear(3, after=MINUTE)

    assert taken.event is EventKind.ESCALATED
    assert "acknowledged by ann before and to be acknowledged anew: evidence" in taken.reason
    assert (desk.alert.acknowledged_by, desk.alert.acknowledged_at) == ("", None)


def test_an_update_or_an_easing_keeps_the_acknowledgment() -> None:
    desk = opened()
    assert desk.alert is not None
    desk.alert = replace(desk.alert, acknowledged_by="ann", acknowledged_at=desk.now)

    assert desk.hear(1, after=RULE.repeat_interval, score=0.5, origin="origin-0").event is EventKind.UPDATED
    assert desk.alert.acknowledged_by == "ann"


def test_without_new_reports_there_is_no_update_however_long() -> None:
    desk = opened(2)

    assert desk.wait(RULE.repeat_interval).outcome is Outcome.UNCHANGED


def test_a_rise_is_told_at_once_whatever_was_told_before() -> None:
    desk = opened()

    warning = desk.hear(2, after=SECOND)
    critical = desk.hear(3, after=SECOND)

    assert [warning.event, critical.event] == [EventKind.ESCALATED] * 2
    assert critical.reason.startswith("warning to critical: ")
    assert desk.alert is not None
    assert desk.alert.level is desk.alert.highest is Level.CRITICAL
    assert desk.alert.last_told_at == desk.now


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), max_size=8),
    st.sampled_from([timedelta(0), MINUTE, HOUR, DAY]),
)
def test_critical_never_waits(before: list[tuple[int, int]], after: timedelta) -> None:
    desk = Desk()
    for count, hours in before:
        desk.hear(count, after=hours * HOUR) if count else desk.wait(hours * HOUR)
    held = desk.alert.level if desk.alert and desk.alert.state is AlertState.OPEN else None

    taken = desk.hear(9, after=after)

    assert desk.alert is not None
    assert desk.alert.level is Level.CRITICAL
    assert held is Level.CRITICAL or taken.event in (EventKind.OPENED, EventKind.ESCALATED, EventKind.REOPENED)


def test_a_level_eases_when_its_lower_limits_fail_and_is_not_told_as_news() -> None:
    desk = opened(4)

    assert desk.wait(23 * HOUR).event is None
    taken = desk.wait(2 * HOUR)

    assert (taken.outcome, taken.event) == (Outcome.EASED, EventKind.EASED)
    assert taken.reason.startswith("critical to warning: ")
    assert desk.alert is not None
    assert (desk.alert.level, desk.alert.highest) == (Level.WARNING, Level.CRITICAL)
    assert desk.alert.last_told_at == AT


def test_a_score_that_swings_at_the_line_gives_one_rise_and_one_ease() -> None:
    desk = opened(2)
    for hour in range(20):
        desk.wait(HOUR) if hour % 2 else desk.hear(1, after=HOUR, score=0.5, origin="origin-0", story_id="story-0")
    events = [taken.event for taken in desk.steps if taken.event and taken.event is not EventKind.UPDATED]

    assert [*events, *desk.settle()] == [EventKind.OPENED, EventKind.EASED, EventKind.RESOLVED]


def test_what_is_quiet_long_enough_resolves_with_the_reason_since_when() -> None:
    desk = opened()
    quiet = desk.wait(25 * HOUR)

    assert (quiet.outcome, quiet.event) == (Outcome.QUIET, None)
    assert quiet.reason.startswith("quiet since 2021-11-27T13:00:00Z: evidence 0.49 of 1")
    assert desk.wait(RULE.resolve_after - SECOND).event is None
    done = desk.wait(SECOND)
    assert (done.outcome, done.event) == (Outcome.RESOLVED, EventKind.RESOLVED)
    assert desk.alert is not None
    assert (desk.alert.state, desk.alert.resolved_at) == (AlertState.RESOLVED, desk.now)


def test_from_a_high_level_to_quiet_at_once_is_eased_to_the_lowest_and_then_resolved() -> None:
    desk = opened(4)

    eased = desk.wait(4 * DAY)

    assert eased.event is EventKind.EASED
    assert eased.reason.startswith("critical to watch: ")
    assert desk.alert is not None
    assert desk.alert.quiet_since == desk.now
    assert desk.wait(RULE.resolve_after).event is EventKind.RESOLVED


def test_a_report_that_brings_a_quiet_alert_back_ends_its_quiet_time() -> None:
    desk = opened()
    desk.wait(25 * HOUR)

    taken = desk.hear(1)

    assert taken.event is EventKind.UPDATED
    assert desk.alert is not None
    assert desk.alert.quiet_since is None


def test_a_report_too_weak_to_end_the_quiet_does_not_stop_the_resolving() -> None:
    desk = opened()
    desk.wait(40 * HOUR)
    desk.hear(1, score=0.1)

    assert desk.alert is not None
    assert desk.alert.quiet_since == desk.now
    assert desk.wait(RULE.resolve_after).event is EventKind.RESOLVED


def resolved() -> Desk:
    desk = opened()
    assert desk.settle() == [EventKind.RESOLVED]
    return desk


def test_within_a_day_of_resolving_the_same_alert_opens_again() -> None:
    desk = resolved()
    first = desk.alert

    taken = desk.hear(4, after=REOPEN_WITHIN)

    assert (taken.outcome, taken.event) == (Outcome.REOPENED, EventKind.REOPENED)
    assert taken.reason.startswith("again within a day: ")
    assert desk.alert is not None
    assert first is not None
    assert (desk.alert.id, desk.alert.opened_at) == (first.id, AT)
    assert (desk.alert.level, desk.alert.highest) == (Level.CRITICAL, Level.CRITICAL)
    assert (desk.alert.state, desk.alert.resolved_at, desk.alert.quiet_since) == (AlertState.OPEN, None, None)


def test_later_than_that_a_new_episode_begins() -> None:
    desk = resolved()
    first = desk.alert

    taken = desk.hear(1, after=REOPEN_WITHIN + SECOND)

    assert taken.event is EventKind.OPENED
    assert desk.alert is not None
    assert first is not None
    assert desk.alert.id != first.id
    assert desk.alert.opened_at == desk.now


def test_an_episode_reopened_at_a_lower_level_remembers_its_highest() -> None:
    desk = opened(4)
    desk.settle()

    desk.hear(1, after=HOUR)

    assert desk.alert is not None
    assert (desk.alert.level, desk.alert.highest) == (Level.WATCH, Level.CRITICAL)


def test_an_alert_is_named_by_rule_situation_and_opening() -> None:
    assert alert_id("r", "s", AT) == alert_id("r", "s", AT)
    assert len({alert_id("r", "s", AT), alert_id("r", "s", AT + SECOND), alert_id("r2", "s", AT)}) == 3


LIVES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 60), st.sampled_from([0.5, 0.8, 1.0])), max_size=12)


@settings(max_examples=60, deadline=None)
@given(LIVES)
def test_every_step_has_a_reason_and_every_event_moves_the_alert(life: list[tuple[int, int, float]]) -> None:
    desk = Desk()
    for count, hours, score in life:
        before = desk.alert
        taken = desk.hear(count, after=hours * HOUR, score=score) if count else desk.wait(hours * HOUR)

        assert taken.reason
        assert taken.standing.at == desk.now
        assert taken.event is None or taken.outcome.value == taken.event.value
        if taken.event is EventKind.ESCALATED:
            assert before is not None
            assert taken.alert is not None
            assert taken.alert.level.rank > before.level.rank
        if taken.event is EventKind.EASED:
            assert before is not None
            assert taken.alert is not None
            assert taken.alert.level.rank < before.level.rank
        if taken.event is EventKind.UPDATED:
            assert before is not None
            assert desk.now - before.last_told_at >= RULE.repeat_interval


@settings(max_examples=40, deadline=None)
@given(LIVES)
def test_with_nothing_more_to_hear_every_alert_eases_and_resolves(life: list[tuple[int, int, float]]) -> None:
    desk = Desk()
    for count, hours, score in life:
        desk.hear(count, after=hours * HOUR, score=score) if count else desk.wait(hours * HOUR)

    events = desk.settle()

    assert set(events) <= {EventKind.EASED, EventKind.RESOLVED}
    assert desk.alert is None or desk.alert.state is AlertState.RESOLVED


@settings(max_examples=30, deadline=None)
@given(LIVES, st.integers(0, 60))
def test_nothing_changes_before_the_computed_moment(life: list[tuple[int, int, float]], share: int) -> None:
    desk = Desk()
    for count, hours, score in life:
        desk.hear(count, after=hours * HOUR, score=score) if count else desk.wait(hours * HOUR)
    if desk.alert is None or desk.alert.state is not AlertState.OPEN:
        return
    moment = next_change(desk.rule, desk.reports, desk.alert, desk.now)
    assert moment is not None
    early = desk.now + (moment - desk.now) * share / 61 - SECOND

    taken = step(desk.case(0), max(early, desk.now))

    assert taken.event is None


def test_a_rule_on_surge_alone_resolves_too() -> None:
    desk = opened(1, a_rule(levels={Level.WATCH: Conditions(surge=2.0)}))

    assert desk.settle() == [EventKind.RESOLVED]
