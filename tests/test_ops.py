"""Faults of the monitor itself go to the operators, once when they begin and once when they end; a sign of life stops with any stage."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from monitor.adapters.heartbeat import beat
from monitor.core.alerts import Level
from monitor.core.desk import NoticeKind
from monitor.core.errors import NotifyError
from monitor.pipeline.duties import attend
from monitor.pipeline.ops import report, show_alive
from monitor.pipeline.pulse import PATIENCE, Pulse
from tests.builders import AT, MINUTE
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn
from tests.servers.slack_state import ChannelState

POST, UPDATE = "chat.postMessage", "chat.update"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        desk = Desk(tmp_path, slack, clock)
        restart(desk)
        yield desk


def restart(desk: Desk) -> None:
    """Restart with `other` as the operators' channel."""
    desk.restart()
    desk.settings = replace(desk.settings, ops_channel="other")
    desk.delivery.settings = desk.settings


def place(desk: Desk, name: str) -> ChannelState:
    """Return a channel as the stand-in keeps it."""
    return next(each for each in desk.slack.channels.values() if each.name == name)


def said(desk: Desk) -> list[str]:
    return [message["text"] for message in desk.slack.messages("other")]


def tell(desk: Desk, *faults: str) -> None:
    with desk.storage.transaction() as unit:
        report(unit, desk.settings, "configuration", faults, desk.clock())
    desk.live(3)


def test_a_fault_is_told_once_when_it_begins_changes_and_ends_whatever_restarts(desk: Desk) -> None:
    tell(desk)
    assert said(desk) == []
    for _ in range(3):
        tell(desk, "rules.yaml:4: half_live: unknown key")
        restart(desk)
    tell(desk, "rules.yaml:9: window: no duration")
    tell(desk)
    tell(desk)

    assert [text.splitlines()[:2] for text in said(desk)] == [
        ["configuration: not in order", "rules.yaml:4: half_live: unknown key"],
        ["configuration: not in order", "rules.yaml:9: window: no duration"],
        ["configuration: in order again", "What was told before is over."],
    ]
    assert desk.slack.messages("desk") == []


def test_without_an_ops_channel_no_fault_is_told_and_none_is_forgotten(desk: Desk) -> None:
    desk.restart()
    tell(desk, "rules.yaml:4: wrong")
    assert desk.notices() == []
    restart(desk)
    tell(desk, "rules.yaml:4: wrong")
    assert len(said(desk)) == 1


def test_a_channel_that_refuses_everything_is_told_once_until_it_takes_messages_again(desk: Desk) -> None:
    archived = place(desk, "desk")
    archived.archived = True
    for _ in range(4):
        desk.open()
        desk.live(20)
    restart(desk)
    desk.live(60)
    (text,) = said(desk)
    assert "A delivery to desk was given up" in text
    assert "is_archived" in text
    assert "Told instead: nobody: set `fallback`" in text

    archived.archived = False
    desk.open()
    desk.live(20)
    assert "desk takes messages again since" in said(desk)[1]
    desk.live(60)
    assert len(said(desk)) == 2


def test_the_living_sign_of_life_is_one_message_edited_in_place(desk: Desk) -> None:
    for _ in range(5):
        with desk.storage.transaction() as unit:
            show_alive(unit, desk.settings, 5 * MINUTE, desk.clock())
        desk.live(5)
        restart(desk)
        desk.clock.advance(minutes=5)

    (text,) = said(desk)
    assert text.startswith("crisis-monitor is alive at 2026-03-01 12:20 UTC")
    assert "due by 12:25 UTC" in text
    assert len(desk.slack.calls(UPDATE)) == 4
    with desk.storage.reading() as unit:
        (notice,) = desk.notices(NoticeKind.OPS)
        assert len(unit.notifications_of(notice.id)) == 2


def test_a_sign_of_life_that_was_deleted_is_posted_afresh(desk: Desk) -> None:
    for _ in range(3):
        with desk.storage.transaction() as unit:
            show_alive(unit, desk.settings, 5 * MINUTE, desk.clock())
        desk.live(10)
        desk.clock.advance(minutes=5)
        if len(desk.slack.calls(UPDATE)) == 0:
            place(desk, "other").messages.clear()
    desk.live(10)
    assert len(said(desk)) == 1


@pytest.mark.parametrize("stage", ["evaluate", "poll", "take", "deliver", "late"])
def test_each_stage_that_stands_still_stops_the_sign_of_life(stage: str) -> None:
    now = AT + timedelta(hours=1)
    pulse = Pulse(evaluated_at=now, polled_at=now, delivered_at=now)
    assert pulse.stalled(now + PATIENCE, timedelta(seconds=15), late=False) == []

    before = now - PATIENCE - timedelta(seconds=1)
    if stage == "evaluate":
        pulse.evaluated_at = before
    elif stage == "poll":
        pulse.polled_at = before
    elif stage == "take":
        pulse.answered(before)
        pulse.answered(now)
    elif stage == "deliver":
        pulse.delivered_at = before
    found = pulse.stalled(now, timedelta(seconds=15), late=stage == "late")
    assert found == [{"take": "poll", "late": "deliver"}.get(stage, stage)]


def test_before_its_first_round_a_daemon_gives_no_sign_of_life() -> None:
    assert not Pulse().has_begun()
    assert Pulse().stalled(AT, timedelta(seconds=15), late=False) == ["evaluate", "poll", "deliver"]


class _Receiver(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:  # the server's name for it
        self.asked.append(self.path)
        self.send_response(200 if "good" in self.path else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Receiver", (_Receiver,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_sign_of_life_asks_its_address_once(receiver: tuple[str, list[str]]) -> None:
    base, asked = receiver
    asyncio.run(beat(f"{base}/good/secret-1"))
    assert asked == ["/good/secret-1"]


@pytest.mark.parametrize("port", ["taken", "closed"])
def test_an_address_that_does_not_answer_well_is_named_by_its_host_alone(
    receiver: tuple[str, list[str]], port: str
) -> None:
    base = receiver[0] if port == "taken" else "http://127.0.0.1:9"
    with pytest.raises(NotifyError) as caught:
        asyncio.run(beat(f"{base}/secret-1"))
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_ops_notices_are_never_counted_as_alerts(desk: Desk) -> None:
    desk.channels["other"] = replace(desk.channels["other"], budget_per_day=1)
    restart(desk)
    tell(desk, "wrong")
    tell(desk)
    alert = desk.open(Level.WATCH, channel="other")
    attend(desk.storage, desk.settings, desk.clock())
    desk.live(5)
    assert alert.id in desk.posted("other")
