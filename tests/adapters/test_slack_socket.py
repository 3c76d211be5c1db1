"""Socket Mode against the stand-in: envelopes answered at once, and a connection again after every way of losing one."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from slack_sdk.socket_mode.request import SocketModeRequest

from monitor.adapters.slack_client import SlackApi
from monitor.adapters.slack_hosts import may_follow
from monitor.adapters.slack_socket import Pace, SlackSocket
from monitor.clock import utc_now
from tests.servers.slack import DOWN, DROP, SlackStandIn
from tests.servers.slack_links import BLACKHOLE, CROWDED, DISABLED, MUTE, SLAM

OPEN = "apps.connections.open"
APP_TOKEN = "xapp-1-A1-canary"
PACE = Pace(hello=0.5, ping=0.2, pong=0.2, first=0.02, longest=0.1, steady=0.3, linger=0.5, loud=0.5)
PATIENCE = 20.0


class Ear:
    """A socket at the stand-in, and what it heard."""

    def __init__(self, slack: SlackStandIn, pace: Pace = PACE, note: Any = None) -> None:
        self.slack = slack
        self.requests: list[SocketModeRequest] = []
        tls = ssl.create_default_context()
        self.socket = SlackSocket(
            api=SlackApi(token=APP_TOKEN, base_url=slack.base_url, timeout=timedelta(seconds=2), tls=tls),
            take=self._take,
            clock=utc_now,
            rng=random.Random(0),
            tls=tls,
            note=note,
            pace=pace,
        )

    async def _take(self, request: SocketModeRequest) -> None:
        self.requests.append(request)

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  # the stand-in runs in threads of its own
                await asyncio.sleep(0.005)

    async def connected(self, times: int) -> None:
        await self.until(lambda: self.socket.state.connections >= times)

    async def hears_a_command(self) -> None:
        """Type commands until one arrives, as a person would."""
        before = len(self.requests)
        async with asyncio.timeout(PATIENCE):
            while len(self.requests) == before:
                self.slack.command("/crisis status")
                with suppress(TimeoutError):
                    await self.until(lambda: len(self.requests) > before, 0.3)


@asynccontextmanager
async def listening(slack: SlackStandIn, pace: Pace = PACE, note: Any = None) -> AsyncIterator[Ear]:
    ear = Ear(slack, pace, note)
    running = asyncio.create_task(ear.socket.run())
    try:
        yield ear
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("desk")
        yield stand_in


def run(work: Awaitable[None]) -> None:
    async def inner() -> None:
        await work

    asyncio.run(inner())


def test_an_envelope_is_answered_at_once_and_handed_over(slack: SlackStandIn) -> None:
    async def story() -> None:
        async with listening(slack) as ear:
            await ear.connected(1)
            envelope = slack.command("/crisis status")
            await ear.until(lambda: envelope.answered.is_set() and bool(ear.requests))
            assert envelope.took is not None
            assert envelope.took < 1.0
            assert [(each.type, each.payload["text"]) for each in ear.requests] == [("slash_commands", "status")]
            assert (ear.socket.state.envelopes, ear.socket.state.connections) == (1, 1)
            assert ear.socket.state.connected_since
            assert ear.socket.state.down_since is None

    run(story())
    assert slack.sockets.late() == []


def test_promise_33_a_disk_that_hangs_does_not_hold_up_the_answer(slack: SlackStandIn) -> None:
    async def hang(_: SocketModeRequest) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        async with listening(slack, note=hang) as ear:
            await ear.connected(1)
            envelopes = [slack.command("/crisis status") for _ in range(20)]
            await ear.until(lambda: all(each.answered.is_set() for each in envelopes))
            assert max(each.took or 0.0 for each in envelopes) < 1.0
            await ear.until(lambda: len(ear.requests) == 20)

    run(story())


LOSSES: dict[str, Callable[[SlackStandIn], None]] = {
    "closed": lambda slack: slack.sockets.close(),
    "reset": lambda slack: slack.sockets.cut(),
    "half-open": lambda slack: slack.sockets.freeze(),
    "refresh_requested": lambda slack: slack.sockets.disconnect("refresh_requested"),
    "warning": lambda slack: slack.sockets.disconnect("warning"),
    "link_disabled": lambda slack: slack.sockets.disconnect("link_disabled"),
    "too_many_websockets": lambda slack: slack.sockets.disconnect("too_many_websockets"),
    "unknown reason": lambda slack: slack.sockets.disconnect("something new"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_promise_36_a_lost_connection_is_noticed_and_made_anew_at_a_new_address(slack: SlackStandIn, loss: str) -> None:
    async def story() -> None:
        async with listening(slack) as ear:
            await ear.connected(1)
            LOSSES[loss](slack)
            await ear.connected(2)
            await ear.hears_a_command()

    run(story())
    tickets = slack.sockets.listener.tickets
    assert len(tickets) == len(set(tickets)) >= 2
    assert slack.sockets.listener.refused_tickets == []


def test_promise_36_a_half_open_connection_is_noticed_well_within_a_minute() -> None:
    usual = Pace()

    assert usual.ping + usual.pong + usual.hello + usual.first < 45


@pytest.mark.parametrize("mode", [BLACKHOLE, MUTE, SLAM, CROWDED, DISABLED])
def test_promise_36_a_connection_that_never_says_hello_is_given_up_for_another(slack: SlackStandIn, mode: str) -> None:
    slack.sockets.next_connections(mode, mode)

    async def story() -> None:
        async with listening(slack) as ear:
            await ear.connected(1)
            assert len(slack.sockets.listener.tickets) == 3
            await ear.hears_a_command()

    run(story())


@pytest.mark.parametrize("fault", [DOWN, DROP, "internal_error", "429"])
def test_an_address_that_cannot_be_had_is_asked_for_again(slack: SlackStandIn, fault: str) -> None:
    slack.fail(OPEN, fault, 3, retry_after=1)
    times = 2 if fault == "429" else 3

    async def story() -> None:
        async with listening(slack) as ear:
            await ear.until(lambda: len(slack.calls(OPEN)) >= times)
            assert ear.socket.state.error
            await ear.connected(1)

    run(story())
    asked = [call.at for call in slack.calls(OPEN)]
    if fault == "429":
        assert (asked[1] - asked[0]).total_seconds() >= 1.0


def test_promise_36_a_host_that_is_gone_for_a_while_is_found_again(slack: SlackStandIn) -> None:
    async def story() -> None:
        async with listening(slack) as ear:
            await ear.connected(1)
            slack.refuse()
            await ear.until(lambda: bool(ear.socket.state.down_since and "reached" in ear.socket.state.error))
            slack.accept()
            await ear.connected(2)
            await ear.hears_a_command()

    run(story())


def test_promise_36_a_name_that_does_not_resolve_is_no_end(slack: SlackStandIn) -> None:
    good = slack.base_url

    async def story() -> None:
        async with listening(slack) as ear:
            api = ear.socket._api
            api.base_url = "http://no-such-host.invalid/api/"
            await ear.until(lambda: "reached" in ear.socket.state.error)
            api.base_url = good
            await ear.connected(1)

    run(story())


def test_on_a_refresh_the_new_connection_is_open_before_the_old_one_is_dropped(slack: SlackStandIn) -> None:
    async def story() -> None:
        async with listening(slack, replace(PACE, linger=PATIENCE)) as ear:
            await ear.connected(1)
            (old,) = slack.sockets.links
            slack.sockets.disconnect("refresh_requested", closing=False)
            await ear.connected(2)
            assert old.alive
            assert len(slack.sockets.links) == 2
            envelopes = [slack.command("/crisis status") for _ in range(4)]
            await ear.until(lambda: len(ear.requests) == 4 and all(each.answers for each in envelopes))
            assert {each.link for each in envelopes} == set(slack.sockets.links)
            assert all(each.answers == 1 for each in envelopes)
            assert ear.socket.state.down_since is None
            old.close()

    run(story())
    assert slack.sockets.late() == []


def test_stopping_while_a_replaced_connection_says_goodbye_leaves_none_open(slack: SlackStandIn) -> None:
    async def story() -> None:
        async with listening(slack, replace(PACE, linger=0.01)) as ear:
            await ear.connected(1)
            (old,) = slack.sockets.links
            (link,) = ear.socket._links
            slack.sockets.disconnect("refresh_requested", closing=False)
            old.freeze()  # it never answers the goodbye
            await ear.until(lambda: link.reader is not None and link.reader.done())
            assert not link.socket.transport.is_closing()
        assert link.socket.transport.is_closing()

    run(story())


def test_a_connection_that_brings_nothing_for_long_is_replaced_in_case_slack_forgot_it(slack: SlackStandIn) -> None:
    async def story() -> None:
        async with listening(slack, replace(PACE, quiet=0.2)) as ear:
            await ear.connected(2)
            await ear.hears_a_command()

    run(story())


def test_what_is_no_envelope_is_passed_over(slack: SlackStandIn) -> None:
    async def story() -> None:
        async with listening(slack) as ear:
            await ear.connected(1)
            (link,) = slack.sockets.links
            odd: list[Any] = [{}, [], "text", {"type": "hello"}, {"envelope_id": 3, "type": "x", "payload": {}}]
            for message in [*odd, {"envelope_id": "e1", "type": "interactive", "payload": "no mapping"}]:
                link.send(message)
            await ear.hears_a_command()
            assert [each.payload for each in ear.requests][:1] == [{}]
            assert ear.socket.state.connections == 1

    run(story())


def test_an_outage_of_a_minute_is_an_error_in_the_log_once_and_its_end_is_told(slack: SlackStandIn) -> None:
    slack.always[OPEN] = replace(_fault(), mode="invalid_auth")

    async def story() -> None:
        async with listening(slack, replace(PACE, loud=0.1)) as ear:
            await ear.until(lambda: ear.socket._told)
            del slack.always[OPEN]
            await ear.connected(1)

    with structlog.testing.capture_logs() as lines:
        run(story())
    loud = [line for line in lines if line["log_level"] == "error"]
    assert len(loud) == 1
    assert "crisis-monitor ack" in loud[0]["event"]
    assert "invalid_auth" in loud[0]["reason"]
    assert any("work again" in line["event"] for line in lines)


def _fault() -> Any:
    slack = SlackStandIn()
    slack.fail("x", "y")
    return slack._faults["x"][0]


def test_neither_the_token_nor_the_ticket_of_an_address_is_ever_logged(
    slack: SlackStandIn, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    slack.sockets.next_connections(SLAM, MUTE, CROWDED)
    caplog.set_level("DEBUG")

    async def story() -> None:
        slack.fail(OPEN, f"strange error with {APP_TOKEN}")
        async with listening(slack) as ear:
            await ear.connected(1)
            slack.sockets.cut()
            await ear.connected(2)
            assert APP_TOKEN not in repr(ear.socket.state)

    with structlog.testing.capture_logs() as lines:
        run(story())
    said = f"{lines} {capsys.readouterr()} {caplog.text}"
    assert "connection" in said
    assert APP_TOKEN not in said
    assert "canary" not in said
    assert "ticket" not in said


SLACK, LOOPBACK = "https://slack.com/api/", "http://127.0.0.1:9/api/"


@pytest.mark.parametrize(
    ("address", "base", "scheme", "good"),
    [
        ("wss://wss-primary.slack.com/link/?ticket=1", SLACK, "wss", True),
        ("wss://slack.com/link", SLACK, "wss", True),
        ("ws://wss-primary.slack.com/link", SLACK, "wss", False),
        ("wss://evil.example/link", SLACK, "wss", False),
        ("wss://slack.com.evil.example/link", SLACK, "wss", False),
        ("wss://notslack.com/link", SLACK, "wss", False),
        ("wss://slack.com@evil.example/link", SLACK, "wss", False),
        ("wss://user@slack.com/link", SLACK, "wss", False),
        ("wss://slack.com:bad/link", SLACK, "wss", False),
        ("ws://127.0.0.1:10/link", SLACK, "wss", False),
        ("ws://127.0.0.1:10/link", LOOPBACK, "wss", True),
        ("ws://127.0.0.2:10/link", LOOPBACK, "wss", False),
        ("ws://10.0.0.1:10/link", "http://10.0.0.1/api/", "wss", False),
        ("wss://wss-primary.slack.com/link", LOOPBACK, "wss", False),
        ("https://hooks.slack.com/actions/T1/2/x", SLACK, "https", True),
        ("http://hooks.slack.com/actions/T1/2/x", SLACK, "https", False),
        ("https://evil.example/actions", SLACK, "https", False),
        ("http://127.0.0.1:10/hooks/1", LOOPBACK, "https", True),
        ("http://169.254.169.254/latest", LOOPBACK, "https", False),
        ("file:///etc/passwd", LOOPBACK, "https", False),
        ("", SLACK, "https", False),
        ("https://1.127.0.0.1/x", "https://127.0.0.1/api/", "https", False),
    ],
)
def test_only_addresses_of_slack_or_of_the_named_stand_in_are_followed(
    address: str, base: str, scheme: str, good: bool
) -> None:
    assert may_follow(address, base, scheme) is good


@pytest.mark.parametrize("address", ["", "ws://192.0.2.1/link", "http://127.0.0.1/link", "wss://evil.example/"])
def test_a_foreign_address_for_the_socket_is_refused_with_the_remedy(slack: SlackStandIn, address: str) -> None:
    slack.sockets.listener.new_address = lambda: address  # type: ignore[method-assign]  # what an impostor might say

    async def story() -> None:
        async with listening(slack) as ear:
            await ear.until(lambda: "SLACK_API_URL" in ear.socket.state.error)

    run(story())
    assert slack.sockets.listener.links == []


def test_what_nobody_expected_while_reading_ends_the_socket_and_so_the_daemon(slack: SlackStandIn) -> None:
    async def broken(_: SocketModeRequest) -> None:
        raise ZeroDivisionError

    async def story() -> None:
        ear = Ear(slack, PACE, broken)
        running = asyncio.create_task(ear.socket.run())
        await ear.connected(1)
        slack.command("/crisis status")
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ZeroDivisionError):
                await running

    run(story())
