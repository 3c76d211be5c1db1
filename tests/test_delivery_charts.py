"""Pictures come later, stay, and are never missed when they do not come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.adapters.slack import SlackNotifier
from monitor.core.alerts import EventKind, Level
from monitor.core.messages import DeliveryState
from monitor.core.ports import AlertView
from tests.desk import TIMEOUT, Desk
from tests.fakes import ManualClock
from tests.servers.slack import Fault, SlackStandIn

POST, UPDATE = "chat.postMessage", "chat.update"


def a_fault(mode: str) -> Fault:
    return Fault(mode=mode, retry_after=30)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


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
    assert set(desk.states()) <= {DeliveryState.SENT, DeliveryState.COVERED}
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
    assert set(desk.states()) <= {DeliveryState.SENT, DeliveryState.COVERED}
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
