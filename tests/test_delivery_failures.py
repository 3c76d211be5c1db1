"""What cannot be delivered is told elsewhere and loudly, and costs nothing behind or beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from monitor.adapters import schema
from monitor.core.alerts import EventKind
from monitor.core.messages import DeliveryState
from monitor.pipeline.delivery import Delivery
from monitor.pipeline.duties import attend
from tests.desk import Desk, a_slack_channel, at_once
from tests.fakes import ManualClock
from tests.servers.slack import HANG, Fault, SlackStandIn
from tests.servers.slack_rules import Refused

POST, UPDATE = "chat.postMessage", "chat.update"


def a_fault(mode: str) -> Fault:
    return Fault(mode=mode, retry_after=30)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


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
    assert (
        "Told here: desk could not be told: Slack refused chat.postMessage" in desk.slack.messages("spare")[0]["text"]
    )
    health = desk.delivery.health()
    assert not health.ok
    assert [code in reason and "desk" in reason for reason in health.dead] == [True]

    desk.tell(alert, EventKind.ESCALATED)
    desk.run(10)
    assert [reply["broadcast"] for reply in desk.slack.messages("spare")[0]["replies"]] == [True]


def test_without_a_fallback_an_alert_that_was_given_up_is_posted_with_its_next_event(desk: Desk) -> None:
    desk.slack.fail(POST, "invalid_auth")
    alert = desk.open()
    desk.run(5)
    assert desk.posted() == []

    desk.tell(alert, EventKind.ESCALATED)
    desk.run(10)
    assert desk.posted() == [alert.id]


def test_without_a_fallback_what_was_given_up_is_posted_once_the_channel_takes_messages_again(desk: Desk) -> None:
    desk.slack.fail(POST, "invalid_auth")
    lost = desk.open()
    desk.run(5)
    attend(desk.storage, desk.settings, desk.clock())
    desk.run(5)
    assert desk.posted() == [], "nothing is known of the channel yet"

    other = desk.open()
    desk.run(5)
    for _ in range(3):
        attend(desk.storage, desk.settings, desk.clock())
        desk.run(10)
    assert sorted(desk.posted()) == sorted([lost.id, other.id])


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


def test_a_wall_clock_set_back_lengthens_no_wait(desk: Desk) -> None:
    desk.slack.fail(POST, "429", retry_after=30)
    desk.open()
    desk.run(2)
    desk.clock.advance(seconds=-3600)
    desk.delivery.set_back(timedelta(hours=1))
    desk.run(25)
    assert desk.slack.messages("desk") == []
    desk.run(10)
    assert len(desk.slack.messages("desk")) == 1


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
    assert set(desk.states()) == {DeliveryState.SENT, DeliveryState.COVERED}


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
    assert dead.subject == "al-0050"
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
