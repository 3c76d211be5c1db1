"""Alerts of one situation link each other's messages, and no message waits or fails for a link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.core.alerts import Alert, EventKind
from monitor.core.messages import DeliveryState
from monitor.core.outbox import UNFINISHED
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import HANG, Fault, SlackStandIn
from tests.servers.slack_rules import links

LINK, POST, UPDATE = "chat.getPermalink", "chat.postMessage", "chat.update"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


def permalink(desk: Desk, alert: Alert) -> str:
    with desk.storage.reading() as unit:
        message = unit.message(alert.id, "desk")
    return message.permalink if message else ""


def linked(desk: Desk, alert: Alert) -> list[str]:
    """Return the labels of links to other alerts in an alert's message."""
    shown = next(m for m in desk.slack.messages("desk") if m["metadata"]["event_payload"]["alert_id"] == alert.id)
    return [f"{label} {address}" for address, label in links(shown) if "/archives/" in address]


def two_of_one_situation(desk: Desk) -> tuple[Alert, Alert]:
    first = desk.open(situation="RUS-UKR")
    desk.run(4)
    second = desk.open(situation="RUS-UKR", signal="coup_warning", rule="coup")
    desk.run(6)
    return first, second


def test_each_of_two_alerts_of_a_situation_links_the_message_of_the_other(desk: Desk) -> None:
    first, second = two_of_one_situation(desk)
    apart = desk.open(situation="MLI")
    desk.run(6)

    assert linked(desk, second) == [f"Troop concentration (watch) {permalink(desk, first)}"]
    assert linked(desk, first) == [f"Coup warning (watch) {permalink(desk, second)}"]
    assert linked(desk, apart) == []
    assert set(desk.states()) <= {DeliveryState.SENT, DeliveryState.COVERED}
    assert len(desk.slack.messages("desk")) == 3


@pytest.mark.parametrize("fault", ["missing_scope", "429", "500", "503", "garbage"])
def test_without_an_address_all_is_told_as_ever_and_the_next_message_asks_again(desk: Desk, fault: str) -> None:
    desk.slack.always[LINK] = Fault(mode=fault, retry_after=30)
    first, second = two_of_one_situation(desk)

    assert (permalink(desk, first), permalink(desk, second)) == ("", "")
    assert "Coup warning" in desk.slack.messages("desk")[1]["text"]
    assert set(desk.states()) == {DeliveryState.SENT}
    assert desk.delivery.health().ok
    del desk.slack.always[LINK]
    desk.tell(first, EventKind.UPDATED)
    desk.run(6)
    assert permalink(desk, first).startswith("http")
    assert linked(desk, second) == [f"Troop concentration (watch) {permalink(desk, first)}"]


def test_an_address_that_never_comes_delays_nothing(desk: Desk) -> None:
    desk.slack.always[LINK] = Fault(mode=HANG)
    desk.delivery.patience = 0.2
    for _ in range(3):
        desk.open()
        desk.run(2)

    assert desk.posted() == ["al-0001", "al-0002", "al-0003"]


def test_a_single_round_ends_only_when_the_addresses_are_known_and_shown(desk: Desk) -> None:
    first = desk.open(situation="RUS-UKR")
    second = desk.open(situation="RUS-UKR", signal="coup_warning", rule="coup")

    async def one_round() -> None:
        while not UNFINISHED.isdisjoint(desk.states()) or await desk.delivery.rest():
            await desk.delivery.deliver()
            desk.clock.advance(seconds=1)

    desk.once(one_round)

    assert linked(desk, first) == [f"Coup warning (watch) {permalink(desk, second)}"]
    assert linked(desk, second) == [f"Troop concentration (watch) {permalink(desk, first)}"]


def test_a_link_that_cannot_be_shown_is_done_without_and_nothing_is_posted_anew(desk: Desk) -> None:
    first = desk.open(situation="RUS-UKR")
    desk.run(4)
    desk.slack.always[UPDATE] = Fault(mode="message_not_found")
    desk.open(situation="RUS-UKR", signal="coup_warning", rule="coup")
    desk.run(10)

    assert linked(desk, first) == []
    assert desk.posted() == ["al-0001", "al-0002"]
    assert desk.delivery.health().ok
