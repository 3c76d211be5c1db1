"""The delivery state machine against a model of a service that fails in every way: never lost, never twice, never early."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.core import outbox
from monitor.core.alerts import Level
from monitor.core.errors import NotifyError
from monitor.core.messages import DeliveryState, Notification
from monitor.core.outbox import Hold, Move
from tests.builders import AT, a_notification

SECOND = timedelta(seconds=1)
LAG = timedelta(seconds=6)


def a_post(**changes: object) -> Notification:
    return replace(a_notification(1), **{"kind": "post", "created_at": AT, "not_before": AT, **changes})  # type: ignore[arg-type]  # any field


def an_edit(number: int = 2, **changes: object) -> Notification:
    return replace(a_notification(number), **{"kind": "update", "created_at": AT, "not_before": AT, **changes})  # type: ignore[arg-type]  # any field


def sent_at(row: Notification, seconds: float) -> Notification:
    at = AT + seconds * SECOND
    return outbox.sent(outbox.attempt(row, at), at + SECOND)


class ServiceModel(RuleBasedStateMachine):
    """One row and a service: whatever happens in whatever order, the promises hold."""

    def __init__(self) -> None:
        super().__init__()
        self.row = a_post()
        self.now = AT
        self.delivered: list[timedelta] = []
        self.readable = True
        self.blind_repeats = 0
        self.told_dead = False

    def _due(self) -> bool:
        return outbox.is_due(self.row, self.now)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @precondition(lambda self: self._due() and outbox.next_move(self.row, [self.row]) is Move.SEND)
    @rule(how=st.sampled_from(["ok", "lost", "arrives", "refused", "limited", "error", "killed", "killed after"]))
    def send(self, how: str) -> None:
        trying = outbox.attempt(self.row, self.now)
        self._request(trying, how)

    def _request(self, trying: Notification, how: str) -> None:
        self.row = trying
        if how in ("ok", "arrives", "killed after"):
            self.delivered.append(self.now - AT)
        if how == "ok":
            self.row = outbox.sent(trying, self.now)
        elif how in ("lost", "arrives"):
            self.row = outbox.failed(trying, NotifyError("?", unknown=True), self.now)
        elif how == "refused":
            self.row = outbox.failed(trying, NotifyError("no", code="unreachable"), self.now)
        elif how == "limited":
            wait = NotifyError("wait", retry_after=30 * SECOND, code="ratelimited")
            self.row = outbox.failed(trying, wait, self.now)
        elif how == "error":
            self.row = outbox.failed(trying, NotifyError("odd", code="team_is_migrating"), self.now)

    @precondition(lambda self: self.row.state is DeliveryState.SENDING)
    @rule()
    def restart(self) -> None:
        self.row = outbox.interrupted(self.row, self.now)

    @precondition(lambda self: self._due() and outbox.next_move(self.row, [self.row]) is Move.LOOK)
    @rule(
        how=st.sampled_from(["answers", "answers", "fails now", "forbidden"]), repeat=st.sampled_from(["ok", "refused"])
    )
    def look(self, how: str, repeat: str) -> None:
        if how == "answers":
            visible = any(AT + at + LAG <= self.now for at in self.delivered)
            self.row = outbox.found(self.row, self.now) if visible else outbox.not_found(self.row, self.now)
            return
        error = NotifyError("no history", permanent=how == "forbidden", code="x")
        if outbox.must_repeat(self.row, error, self.now):
            self.readable = False
            self._request(outbox.attempt(self.row, self.now), repeat)
        else:
            self.row = outbox.look_failed(self.row, error, self.now)

    @invariant()
    def what_is_called_sent_was_delivered(self) -> None:
        assert self.row.state is not DeliveryState.SENT or self.delivered

    @invariant()
    def nothing_is_given_up_without_a_permanent_error(self) -> None:
        assert self.row.state is not DeliveryState.DEAD

    @invariant()
    def while_history_can_be_read_nothing_is_sent_twice(self) -> None:
        assert len(self.delivered) <= 1 or not self.readable

    @invariant()
    def a_row_in_flight_has_a_lease_and_an_attempt(self) -> None:
        if self.row.state is DeliveryState.SENDING:
            assert self.row.lease_until
            assert self.row.attempt_id
            assert self.row.attempted_at

    @invariant()
    def nothing_waits_longer_than_ten_minutes(self) -> None:
        assert self.row.not_before <= max(self.now, AT) + timedelta(minutes=10)

    def teardown(self) -> None:
        """Whatever happened before: with a service that works, the row arrives within minutes."""
        for _ in range(1_000):
            if self.row.state is DeliveryState.SENT:
                return
            if self.row.state is DeliveryState.SENDING:
                self.restart()
            elif self._due():
                move = outbox.next_move(self.row, [self.row])
                self.send("ok") if move is Move.SEND else self.look("answers", "ok")
            self.now += SECOND
            self.while_history_can_be_read_nothing_is_sent_twice()
        raise AssertionError(f"never sent: {self.row}")


TestServiceModel = ServiceModel.TestCase
TestServiceModel.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def test_an_edit_waits_for_its_post() -> None:
    assert outbox.next_move(an_edit(), [a_post(), an_edit()]) is Move.WAIT


def test_an_edit_is_covered_by_a_post_sent_after_it_was_asked_for() -> None:
    assert outbox.next_move(an_edit(), [sent_at(a_post(), 1), an_edit()]) is Move.COVERED


def test_an_edit_asked_for_after_the_post_is_sent() -> None:
    late = an_edit(created_at=AT + 5 * SECOND)

    assert outbox.next_move(late, [sent_at(a_post(), 1), late]) is Move.SEND


def test_an_edit_is_covered_by_a_later_edit_but_a_reply_is_not() -> None:
    post = sent_at(a_post(), 1)
    edit = an_edit(2, created_at=AT + 2 * SECOND)
    later = sent_at(an_edit(3, created_at=AT + 3 * SECOND), 4)
    reply = replace(edit, kind="thread")

    assert outbox.next_move(edit, [post, edit, later]) is Move.COVERED
    assert outbox.next_move(reply, [post, reply, replace(later, kind="thread")]) is Move.SEND


def test_an_edit_in_another_channel_covers_nothing() -> None:
    post = sent_at(a_post(), 1)
    edit = an_edit(created_at=AT + 2 * SECOND)
    elsewhere = replace(sent_at(an_edit(3), 9), channel="elsewhere")

    assert outbox.next_move(edit, [post, edit, elsewhere]) is Move.SEND


def test_a_found_message_covers_only_what_came_before_its_first_attempt() -> None:
    doubtful = outbox.failed(outbox.attempt(a_post(), AT + SECOND), NotifyError("?", unknown=True), AT + SECOND)
    again = outbox.attempt(doubtful, AT + 60 * SECOND)
    found = outbox.found(outbox.failed(again, NotifyError("x", code="unreachable"), AT + 60 * SECOND), AT + 70 * SECOND)
    edit = an_edit(created_at=AT + 30 * SECOND)

    assert outbox.next_move(edit, [found, edit]) is Move.SEND


def test_an_edit_whose_post_is_dead_is_given_up() -> None:
    dead = replace(a_post(), state=DeliveryState.DEAD)

    assert outbox.next_move(an_edit(), [dead, an_edit()]) is Move.GIVE_UP


def test_an_edit_of_unknown_outcome_is_simply_made_again() -> None:
    post = sent_at(a_post(), 1)
    edit = an_edit(created_at=AT + 2 * SECOND, state=DeliveryState.UNKNOWN)

    assert outbox.next_move(edit, [post, edit]) is Move.SEND


def test_the_first_retry_after_an_unknown_outcome_comes_within_ten_seconds() -> None:
    row = outbox.failed(outbox.attempt(a_post(), AT), NotifyError("?", unknown=True), AT)
    second = outbox.not_found(row, row.not_before)
    last = outbox.not_found(second, second.not_before)

    assert last.state is DeliveryState.PENDING
    assert last.not_before - AT <= 10 * SECOND


@pytest.mark.parametrize("code", ["unreachable", "ratelimited"])
def test_what_hits_everybody_holds_the_channel_and_not_the_row(code: str) -> None:
    row = replace(outbox.attempt(a_post(), AT), attempts=50)
    error = NotifyError("x", code=code)

    assert outbox.holds_channel(row, error, 0)
    assert outbox.failed(row, error, AT).not_before == AT


def test_a_row_that_keeps_failing_alone_is_set_aside_longer_and_longer() -> None:
    error = NotifyError("odd", code="odd")
    waits = [
        outbox.failed(replace(outbox.attempt(a_post(), AT), attempts=n), error, AT).not_before - AT
        for n in range(3, 12)
    ]

    assert waits == sorted(waits)
    assert waits[0] == 20 * SECOND
    assert waits[-1] == outbox.LONGEST_ROW_RETRY


def test_a_hold_doubles_up_to_a_minute_and_obeys_the_service() -> None:
    error, row, hold = NotifyError("x", code="unreachable"), a_post(), Hold(until=AT)
    delays = []
    for _ in range(8):
        hold = outbox.hold(error, hold, row, AT)
        delays.append((hold.until - AT).total_seconds())

    assert delays == [5, 10, 20, 40, 60, 60, 60, 60]
    assert outbox.hold(NotifyError("x", retry_after=300 * SECOND), hold, row, AT).until == AT + 300 * SECOND


def test_a_permanent_error_ends_a_row_with_its_reason() -> None:
    dead = outbox.failed(outbox.attempt(a_post(), AT), NotifyError("is_archived", permanent=True), AT)

    assert (dead.state, dead.error, dead.lease_until) == (DeliveryState.DEAD, "is_archived", None)


def test_every_attempt_has_an_id_of_its_own() -> None:
    first = outbox.attempt(a_post(), AT)

    assert first.attempt_id != outbox.attempt(first, AT).attempt_id
    assert first.attempt_id == outbox.attempt(a_post(), AT + SECOND).attempt_id


def test_a_redirected_delivery_has_the_key_that_a_direct_one_would_have() -> None:
    row = a_post(level=Level.CRITICAL)
    there = outbox.redirected(row, "spare", "post", AT)

    assert there.key == outbox.redirected(replace(row, channel="third", key="k"), "spare", "post", AT + SECOND).key
    assert (there.channel, there.level, there.attempts, there.state) == (
        "spare",
        Level.CRITICAL,
        0,
        DeliveryState.PENDING,
    )
