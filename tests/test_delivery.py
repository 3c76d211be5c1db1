"""From the outbox to Slack: nothing lost, nothing twice, in order, whatever Slack does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from monitor.adapters import schema
from monitor.adapters.slack import SlackNotifier
from monitor.core.model import AlertState, DeliveryState, EventKind, Level
from monitor.core.ports import AlertView
from monitor.pipeline.delivery import Delivery
from tests.desk import TIMEOUT, Desk, a_slack_channel, at_once
from tests.fakes import ManualClock
from tests.servers.slack import DOWN, DRIP, DROP, DROP_BEFORE, ERROR, GARBAGE, HANG, Fault, SlackStandIn
from tests.servers.slack_rules import Refused

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


PERMANENT = [
    "channel_not_found", "is_archived", "not_in_channel", "invalid_auth", "token_revoked", "account_inactive",
    "invalid_blocks", "msg_too_long", "no_permission", "missing_scope", "restricted_action",
]  # fmt: skip


@pytest.mark.parametrize("code", PERMANENT)
def test_a_permanent_error_goes_to_the_fallback_and_turns_health_red(desk: Desk, code: str) -> None:
    desk.channels["desk"] = a_slack_channel(fallback="spare")
    desk.restart()
    desk.slack.fail(POST, code)
    alert = desk.open()
    desk.run(5)

    assert desk.posted() == []
    assert [alert.id] == desk.posted("spare")
    health = desk.delivery.health()
    assert not health.ok
    assert [code in reason and "desk" in reason for reason in health.dead] == [True]

    desk.tell(alert, EventKind.ESCALATED)
    desk.run(10)
    assert [reply["broadcast"] for reply in desk.slack.messages("spare")[0]["replies"]] == [True]


def test_two_channels_that_fall_back_on_each_other_end(desk: Desk) -> None:
    desk.channels["desk"] = a_slack_channel(fallback="spare")
    desk.channels["spare"] = a_slack_channel(name="spare", target="#spare", fallback="desk")
    desk.restart()
    desk.slack.always[POST] = a_fault("is_archived")
    alert = desk.open()
    desk.run(20)
    desk.tell(alert, EventKind.UPDATED)
    desk.run(30)

    assert set(desk.states()) == {DeliveryState.DEAD}
    assert len(desk.states()) < 12


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_an_edit_that_slack_refuses_for_good_becomes_a_new_post(desk: Desk, code: str) -> None:
    alert = desk.open()
    desk.run(3)
    desk.slack.fail(UPDATE, code)
    desk.tell(replace(alert, acknowledged_by="ana", acknowledged_at=desk.clock()), EventKind.UPDATED)
    desk.run(10)
    desk.tell(alert, EventKind.UPDATED, reason="later news")
    desk.run(10)

    old, new = desk.slack.messages("desk")
    assert "acknowledged by ana" not in old["text"]
    assert "later news" in new["text"]
    assert set(desk.states()) == {DeliveryState.SENT}


def test_a_deleted_message_is_posted_again_and_its_thread_goes_on_there(desk: Desk) -> None:
    alert = desk.open()
    desk.run(3)
    desk.slack.channels["C00000001"].messages.clear()
    desk.tell(alert, EventKind.UPDATED, reason="news")
    desk.run(10)
    desk.tell(alert, EventKind.UPDATED, reason="more news")
    desk.run(10)

    (message,) = desk.slack.messages("desk")
    assert "more news" in message["text"]
    assert len(message["replies"]) == 1


def test_one_poisoned_row_among_a_hundred_stops_none(desk: Desk) -> None:
    for _ in range(100):
        desk.open()
    _spoil(desk, "al-0050")
    desk.run(130)

    assert [f"al-{n:04d}" for n in range(1, 101) if n != 50] == desk.posted()
    (dead,) = [row for row in desk.rows() if row.state is DeliveryState.DEAD]
    assert dead.alert_id == "al-0050"
    assert "could not be put together" in dead.error
    assert not desk.delivery.health().ok


def _spoil(desk: Desk, alert_id: str) -> None:
    with desk.storage.transaction() as unit:
        events = schema.events
        unit.connection.execute(
            sa.update(events).where(events.c.alert_id == alert_id).values(standing={"no": "standing"})
        )


def test_a_row_that_slack_always_chokes_on_stops_none_behind_it(desk: Desk) -> None:
    for _ in range(5):
        desk.open()
    original = desk.slack.do_chat_postMessage

    def choke(body: Mapping[str, Any]) -> dict[str, Any]:
        if "al-0002" in body["text"]:
            raise Refused("internal_error")
        return original(body)

    desk.slack.do_chat_postMessage = choke  # type: ignore[method-assign]
    desk.run(120)

    assert desk.posted() == ["al-0001", "al-0003", "al-0004", "al-0005"]
    assert DeliveryState.DEAD not in desk.states()


def test_a_hanging_channel_stops_no_other(desk: Desk) -> None:
    desk.open()
    desk.slack.fail(POST, HANG)
    desk.delivery.patience = 0.01

    async def scenario() -> None:
        await desk.delivery.deliver()
        await desk.until(lambda: len(desk.slack.calls(POST)) == 1)
        desk.open(channel="other")
        desk.open(channel="other")
        while len(desk.slack.messages("other")) < 2:
            desk.clock.advance(seconds=1)
            await desk.delivery.deliver()
        assert desk.states()[0] is DeliveryState.SENDING
        await desk.delivery.close()

    desk.notifiers["slack"]._timeout = timedelta(seconds=20)  # type: ignore[attr-defined]  # the notifier is Slack's
    asyncio.run(scenario())

    assert desk.posted("other") == ["al-0002", "al-0003"]


def test_what_a_dead_daemon_left_half_sent_is_looked_for_before_it_is_sent_again(desk: Desk) -> None:
    desk.open()
    desk.slack.fail(POST, HANG)

    async def killed() -> None:
        desk.delivery.patience = 0.01
        await desk.delivery.deliver()
        await desk.until(lambda: len(desk.slack.calls(POST)) == 1)
        await desk.delivery.close()

    asyncio.run(killed())
    assert desk.states() == [DeliveryState.SENDING]

    desk.restart()
    desk.run(10)
    assert desk.posted() == ["al-0001"]
    assert len(desk.slack.calls(POST)) == 1
    assert desk.states() == [DeliveryState.SENT]


def test_without_being_alone_a_lease_is_respected(desk: Desk) -> None:
    desk.open()
    desk.slack.fail(POST, HANG)
    desk.delivery.patience = 0.01

    async def two() -> None:
        await desk.delivery.deliver()
        await desk.until(lambda: len(desk.slack.calls(POST)) == 1)
        other = Delivery(
            storage=desk.storage,
            settings=desk.settings,
            notifiers=desk.notifiers,
            clock=desk.clock,
            in_writer=at_once,
            alone=False,
        )
        for _ in range(50):
            await other.deliver()
            desk.clock.advance(seconds=1)
        assert len(desk.slack.calls(POST)) == 1
        await desk.delivery.close()

    asyncio.run(two())


def test_calling_deliver_twice_at_once_sends_once(desk: Desk) -> None:
    desk.open()

    async def both() -> None:
        await asyncio.gather(desk.delivery.deliver(), desk.delivery.deliver())

    asyncio.run(both())

    assert desk.posted() == ["al-0001"]


def test_alerts_unsent_at_stop_are_sent_after_start_oldest_first(desk: Desk) -> None:
    desk.slack.refuse()
    for _ in range(4):
        desk.open()
        desk.run(3)
    desk.restart()
    desk.slack.accept()
    desk.run(90)

    assert [f"al-{n:04d}" for n in range(1, 5)] == desk.posted()


def test_a_channel_taken_out_of_the_config_is_given_up_loudly(desk: Desk) -> None:
    desk.open()
    del desk.channels["desk"]
    desk.restart()
    desk.run(3)

    assert desk.states() == [DeliveryState.DEAD]
    assert "no longer configured" in desk.delivery.health().dead[0]


def test_no_secret_reaches_the_database_or_health(desk: Desk) -> None:
    desk.open()
    desk.slack.fail(POST, "invalid_auth xoxb-1234-canary")
    desk.slack.fail(POST, "invalid_auth")
    desk.run(30)

    everything = repr(desk.rows()) + repr(desk.delivery.health())
    assert "canary" not in everything


def with_charts(desk: Desk, picture: bytes, seconds: float = 0.0) -> None:
    async def draw(_: AlertView) -> bytes:
        await asyncio.sleep(seconds)
        return picture

    notifier = SlackNotifier(base_url=desk.slack.base_url, timeout=TIMEOUT, draw=draw)
    desk.delivery.notifiers = {"slack": notifier}
    desk.delivery.charts = True


@pytest.fixture
def quick_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.adapters.slack.FILE_READY_SECONDS", 0.0)


def images(desk: Desk) -> list[str]:
    blocks = desk.slack.messages("desk")[0]["blocks"]
    return [block["slack_file"]["id"] for block in blocks if block["type"] == "image"]


@pytest.mark.usefixtures("quick_files")
def test_the_picture_of_the_evidence_follows_by_an_edit_and_stays_with_later_ones(desk: Desk) -> None:
    with_charts(desk, b"png")
    alert = desk.open()
    desk.run(1)
    assert images(desk) == []
    desk.run(6)

    assert images(desk) == ["F00000001"]
    desk.tell(alert, EventKind.UPDATED)
    desk.run(2)
    assert images(desk) == ["F00000001"]
    desk.run(8)
    assert images(desk) == ["F00000002"]
    assert set(desk.states()) == {DeliveryState.SENT}
    assert {b"png"} == set(desk.slack.files.values())


@pytest.mark.usefixtures("quick_files")
@pytest.mark.parametrize(
    "fault", ["no picture", "upload", "files.getUploadURLExternal", "files.completeUploadExternal"]
)
def test_without_a_picture_the_words_stand_alone_and_nobody_is_alarmed(desk: Desk, fault: str) -> None:
    with_charts(desk, b"" if fault == "no picture" else b"png")
    desk.slack.always[fault] = a_fault("missing_scope")
    desk.open()
    desk.run(120)

    assert images(desk) == []
    assert set(desk.states()) == {DeliveryState.SENT}
    assert desk.delivery.health().ok


@pytest.mark.usefixtures("quick_files")
def test_a_picture_that_slack_no_longer_has_does_not_cost_the_edit(desk: Desk) -> None:
    with_charts(desk, b"png")
    alert = desk.open()
    desk.run(6)
    desk.slack.files.clear()
    desk.delivery.charts = False
    desk.tell(alert, EventKind.UPDATED, reason="later news")
    desk.run(3)

    assert images(desk) == []
    assert "later news" in desk.slack.messages("desk")[0]["text"]


def test_no_alert_waits_for_a_picture(desk: Desk) -> None:
    with_charts(desk, b"png", seconds=30)
    desk.delivery.patience = 0.2
    desk.open()
    desk.run(3)
    desk.open(Level.CRITICAL)
    desk.run(2)

    assert desk.posted() == ["al-0001", "al-0002"]
