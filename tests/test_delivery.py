"""From the outbox to Slack: nothing lost, nothing twice, in order, whatever Slack does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.core.alerts import AlertState, EventKind, Level
from monitor.core.messages import DeliveryState
from tests.desk import Desk, a_slack_channel
from tests.fakes import ManualClock
from tests.servers.slack import DOWN, DRIP, DROP, DROP_BEFORE, ERROR, GARBAGE, HANG, Fault, SlackStandIn

POST, UPDATE = "chat.postMessage", "chat.update"


def a_fault(mode: str) -> Fault:
    return Fault(mode=mode, retry_after=30)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


def test_an_alert_is_posted_once_and_edited_in_place_with_its_news_in_the_thread(desk: Desk) -> None:
    alert = desk.open()
    desk.run(3)
    for number in range(3):
        desk.tell(alert, EventKind.UPDATED, reason=f"news {number}")
        desk.run(5)
    done = replace(alert, state=AlertState.RESOLVED, resolved_at=desk.clock())
    desk.tell(done, EventKind.RESOLVED)
    desk.restart()
    desk.run(5)

    (message,) = desk.slack.messages("desk")
    assert "RESOLVED" in message["text"]
    assert [reply["text"].splitlines()[1] for reply in message["replies"]] == [
        "news 0",
        "news 1",
        "news 2",
        "resolved al-0001",
    ]
    assert set(desk.states()) == {DeliveryState.SENT}


def test_an_escalation_is_broadcast_to_the_channel(desk: Desk) -> None:
    alert = desk.open()
    desk.run(3)
    desk.tell(replace(alert, level=Level.CRITICAL, highest=Level.CRITICAL), EventKind.ESCALATED)
    desk.run(5)

    (message,) = desk.slack.messages("desk")
    assert message["text"].startswith("🔴 CRITICAL")
    assert [reply["broadcast"] for reply in message["replies"]] == [True]


@pytest.mark.parametrize("mode", [DROP, HANG, ERROR, DRIP, GARBAGE])
def test_a_post_of_unknown_outcome_that_arrived_is_not_repeated(desk: Desk, mode: str) -> None:
    desk.open()
    desk.slack.history_lag = timedelta(seconds=5)
    desk.slack.fail(POST, mode)
    desk.run(15)

    assert desk.posted() == ["al-0001"]
    assert desk.states() == [DeliveryState.SENT]
    assert len(desk.slack.calls(POST)) == 1


@pytest.mark.parametrize("mode", [DOWN, DROP_BEFORE, "internal_error", "fatal_error"])
def test_a_post_of_unknown_outcome_that_did_not_arrive_is_repeated_within_ten_seconds(desk: Desk, mode: str) -> None:
    desk.open()
    desk.slack.fail(POST, mode)
    desk.run(15)

    first, second = desk.slack.calls(POST)
    assert timedelta(seconds=5) <= second.at - first.at <= timedelta(seconds=10)
    assert desk.posted() == ["al-0001"]
    assert "possible repeat" not in desk.slack.messages("desk")[0]["text"]


@pytest.mark.parametrize("mode", [DROP, HANG, ERROR])
def test_a_reply_of_unknown_outcome_is_found_in_the_thread(desk: Desk, mode: str) -> None:
    alert = desk.open()
    desk.run(3)
    desk.slack.fail(POST, mode)
    desk.tell(alert, EventKind.UPDATED, reason="news")
    desk.run(15)

    assert len(desk.slack.messages("desk")[0]["replies"]) == 1
    assert set(desk.states()) == {DeliveryState.SENT}


def test_where_history_cannot_be_read_the_repeat_says_so_and_is_counted(desk: Desk) -> None:
    desk.slack.scopes -= {"channels:history"}
    desk.open()
    desk.slack.fail(POST, DROP)
    desk.run(15)

    first, second = desk.slack.messages("desk")
    assert "possible repeat" not in first["text"]
    assert "possible repeat of alert al-0001" in second["text"]
    assert 1 == desk.delivery.repeats == desk.delivery.health().repeats


def test_a_history_that_keeps_failing_does_not_silence_the_alert_for_ever(desk: Desk) -> None:
    desk.slack.fail("conversations.history", DOWN, times=1_000)
    desk.open()
    desk.slack.fail(POST, DROP_BEFORE)
    desk.run(300, step=3)

    assert desk.posted() == ["al-0001"]
    assert "possible repeat" in desk.slack.messages("desk")[0]["text"]


def test_a_repeat_that_cannot_be_made_leaves_the_first_attempt_in_doubt(desk: Desk) -> None:
    desk.slack.fail(POST, DROP)
    desk.slack.fail("conversations.history", DOWN, times=8)
    desk.slack.fail(POST, "429", times=3, retry_after=600)
    desk.open()
    desk.run(3_000, step=10)

    assert desk.posted() == ["al-0001"]
    assert desk.states() == [DeliveryState.SENT]


def test_fifty_times_429_delays_and_loses_nothing_and_never_asks_too_soon(desk: Desk) -> None:
    for _ in range(5):
        desk.open()
    desk.slack.fail(POST, "429", times=50, retry_after=7)
    desk.run(360, step=7)
    desk.run(20)

    calls = desk.slack.calls(POST)
    waits = [later.at - earlier.at for earlier, later in pairwise(calls[:51])]
    assert min(waits) >= timedelta(seconds=7)
    assert [f"al-{n:04d}" for n in range(1, 6)] == desk.posted()


def test_retry_after_outlives_a_restart_and_holds_all_that_share_channel_and_token(desk: Desk) -> None:
    desk.channels["twin"] = a_slack_channel(name="twin")
    desk.restart()
    desk.open()
    desk.slack.fail(POST, "429", retry_after=120)
    desk.run(1)
    desk.open(channel="twin")
    desk.open(channel="other")
    desk.restart()
    desk.run(100)

    assert desk.posted() == []
    assert desk.posted("other") == ["al-0003"]

    desk.run(60)
    first, second, *_ = [
        call.at for call in desk.slack.calls(POST) if call.body["channel"] != desk.slack.calls(POST)[1].body["channel"]
    ]
    assert second - first >= timedelta(seconds=120)
    assert desk.posted() == ["al-0001", "al-0002"]


@pytest.mark.parametrize("mode", ["refused", DOWN, DROP_BEFORE, "429"])
def test_three_days_of_outage_lose_nothing_and_keep_the_order(desk: Desk, mode: str) -> None:
    _break(desk, mode)
    for number in range(6):
        desk.open(Level.CRITICAL if number == 4 else Level.WATCH)
        desk.run(12 * 3600, step=3 * 3600)
    desk.restart()
    desk.run(120, step=30)
    _mend(desk)
    desk.run(150)

    assert desk.posted() == ["al-0005", "al-0001", "al-0002", "al-0003", "al-0004", "al-0006"]
    assert set(desk.states()) == {DeliveryState.SENT}


def test_through_three_days_of_429_nothing_is_posted_before_its_time(desk: Desk) -> None:
    desk.slack.always["*"] = Fault(mode="429", retry_after=3600)
    for _ in range(3):
        desk.open()
        desk.run(24 * 3600, step=600)
        desk.restart()
    tried = [call.at for call in desk.slack.calls(POST)]
    desk.slack.always.clear()
    desk.run(3 * 3600, step=600)

    assert len(tried) == 72
    assert min(later - earlier for earlier, later in pairwise(tried)) >= timedelta(hours=1)
    assert [f"al-{n:04d}" for n in range(1, 4)] == desk.posted()
    assert set(desk.states()) == {DeliveryState.SENT}


def _break(desk: Desk, mode: str) -> None:
    if mode == "refused":
        desk.slack.refuse()
    else:
        desk.slack.always["*"] = a_fault(mode)


def _mend(desk: Desk) -> None:
    desk.slack.always.clear()
    if not desk.slack.listening:
        desk.slack.accept()


def test_the_severe_go_first_and_then_the_old(desk: Desk) -> None:
    for level in (Level.WATCH, Level.CRITICAL, Level.WARNING, Level.WATCH, Level.CRITICAL):
        desk.open(level)
        desk.clock.advance(seconds=0.1)
    desk.run(8)

    assert desk.posted() == ["al-0002", "al-0005", "al-0003", "al-0001", "al-0004"]


def test_a_critical_alert_does_not_wait_while_a_lesser_one_is_looked_for(desk: Desk) -> None:
    desk.slack.fail(POST, DOWN)
    desk.open()
    desk.run(1)
    desk.open()
    desk.open(Level.CRITICAL)
    desk.run(1)
    assert desk.posted() == ["al-0003"]
    desk.run(12)

    assert desk.posted() == ["al-0003", "al-0001", "al-0002"]


def test_an_escalation_brings_its_waiting_post_to_the_front(desk: Desk) -> None:
    for _ in range(3):
        desk.open()
    late = desk.open()
    desk.clock.advance(seconds=1)
    desk.tell(replace(late, level=Level.CRITICAL, highest=Level.CRITICAL), EventKind.ESCALATED)
    desk.clock.advance(seconds=1)
    desk.run(10)

    assert desk.posted() == ["al-0004", "al-0001", "al-0002", "al-0003"]
    assert desk.slack.messages("desk")[0]["text"].startswith("🔴 CRITICAL")
    assert desk.slack.messages("desk")[0]["replies"] == []


def test_edits_that_pile_up_become_one_edit(desk: Desk) -> None:
    alert = desk.open()
    desk.run(2)
    desk.slack.always["*"] = a_fault("429")
    for number in range(10):
        desk.tell(alert, EventKind.UPDATED, reason=f"news {number}")
        desk.clock.advance(seconds=60)
    desk.slack.always.clear()
    desk.run(60)

    assert sum(call.status == 200 for call in desk.slack.calls(UPDATE)) == 1
    assert len(desk.slack.messages("desk")[0]["replies"]) == 10
    assert "news 9" in desk.slack.messages("desk")[0]["text"]
