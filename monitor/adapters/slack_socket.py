"""Socket Mode: Slack's clicks and commands over a connection that we open, so that nothing of ours listens to the world.

An envelope is answered before anything else is done with it. A connection that is half-open, mute or told to go is replaced: the
new one is opened first where the old one still works. Each connection has an address of its own, asked for anew.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from monitor.adapters.slack_client import SlackApi, ask
from monitor.adapters.slack_errors import redact
from monitor.adapters.slack_hosts import may_follow
from monitor.core.errors import NotifyError
from monitor.core.ports import Clock

log = structlog.get_logger(__name__)
_LARGEST_MESSAGE = 4_000_000
_WAITING_MESSAGES = 1024  # a full queue stops the reading of pongs, too
_CROWDED = frozenset({"too_many_websockets", "link_disabled"})
_LONG_FROM = 5  # failures after which the pause is long at once
_REMEDIES = {
    "link_disabled": "Socket Mode is switched off for the app; switch it on in the app's settings",
    "too_many_websockets": "too many programs are connected as this app; stop the others",
}
_silent = logging.getLogger("monitor.slack.socket")  # the library writes addresses with tickets: nobody may read them
_silent.addHandler(logging.NullHandler())
_silent.propagate = False
_silent.setLevel(logging.CRITICAL)

Take = Callable[[SocketModeRequest], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """Seconds that the connection may take, and between attempts.

    hello: from the attempt to Slack's greeting. ping, pong: between pings, and until the answer. first, longest: pause after
    failures, doubling. steady: a connection that lasted so long was a good one. linger: how long a replaced connection is still read.
    quiet: a connection that brought nothing for so long is replaced, in case Slack has forgotten it. loud: how long a failure to
    connect may last before it is an error. note: how long writing an envelope down may take before it is answered all the same.
    """

    hello: float = 10.0
    ping: float = 10.0
    pong: float = 10.0
    first: float = 1.0
    longest: float = 30.0
    steady: float = 10.0
    linger: float = 15.0
    quiet: float = 3600.0
    loud: float = 60.0
    note: float = 0.5


@dataclass(kw_only=True, slots=True)
class SocketState:
    """How the connection stands. down_since: when the last one was lost or the first one tried, None while one is up."""

    connected_since: datetime | None = None
    down_since: datetime | None = None
    last_envelope: datetime | None = None
    connections: int = 0
    envelopes: int = 0
    error: str = ""


@dataclass(eq=False, kw_only=True)
class _Link:
    """One connection. leaving: it must be replaced. why: what Slack or the library said."""

    socket: ClientConnection
    opened: float
    heard: float
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None
    why: str = ""


class SlackSocket:
    """Keeps one connection open and hands over what comes. take: told of each request once it has been answered.

    note: writes a request down before it is answered, so that a crash right after the answer loses nothing.
    """

    def __init__(
        self,
        *,
        api: SlackApi,
        take: Take,
        clock: Clock,
        rng: random.Random,
        tls: ssl.SSLContext,
        note: Take | None = None,
        pace: Pace = Pace(),  # frozen
    ) -> None:
        self.state = SocketState()
        self._api, self._tls = api, tls
        self._take, self._note = take, note
        self._clock, self._rng, self._pace = clock, rng, pace
        self._links: set[_Link] = set()
        self._going: set[asyncio.Task[None]] = set()
        self._opened: list[ClientConnection] = []
        self._failures = 0
        self._asked_to_wait = 0.0
        self._unwritten_until = 0.0
        self._told = False

    async def run(self) -> None:
        """Stay connected until cancelled. Raises what nobody expected while reading, as every part of the daemon does."""
        self.state.down_since = self._clock()
        watching = asyncio.create_task(self._watch(), name="socket watch")
        try:
            while True:
                link = await self._open()
                if link is None:
                    await asyncio.sleep(self._pause())
                    continue
                await self._stay(link)
        finally:
            watching.cancel()
            await self._close_all()

    async def _open(self) -> _Link | None:
        """Connect once; return None where that fails."""
        try:
            address = await self._address()
            async with asyncio.timeout(self._pace.hello):
                return await self._greeted(address)
        except NotifyError as error:
            self._failed(str(error), error.retry_after)
        except TimeoutError:
            self._failed(f"no hello within {self._pace.hello:g} s")
        except (OSError, WebSocketException, ValueError) as exc:
            self._failed(redact(f"no connection: {exc!r}", self._api.token or ""))
        return None

    async def _address(self) -> str:
        answer = await ask(self._api.api_call("apps.connections.open"))
        address = str(answer.get("url") or "")
        if not may_follow(address, self._api.base_url, "wss"):
            raise NotifyError(
                "apps.connections.open gave an address that is not Slack's own and encrypted; check SLACK_API_URL"
            )
        return address

    async def _greeted(self, address: str) -> _Link | None:
        """Open `address` and wait for hello."""
        socket = await connect(
            address,
            ssl=self._tls if address.startswith("wss:") else None,
            proxy=None,
            compression=None,
            open_timeout=None,
            close_timeout=1,
            ping_interval=self._pace.ping,
            ping_timeout=self._pace.pong,
            max_size=_LARGEST_MESSAGE,
            max_queue=_WAITING_MESSAGES,
            logger=_silent,
        )
        try:
            first = _object(await socket.recv())
        except BaseException:
            socket.transport.abort()
            raise
        if first.get("type") != "hello":
            socket.transport.abort()
            self._dismissed(str(first.get("reason") or first.get("type")))
            return None
        return self._welcome(socket)

    def _welcome(self, socket: ClientConnection) -> _Link:
        now = asyncio.get_running_loop().time()
        link = _Link(socket=socket, opened=now, heard=now)
        for old in self._links:
            self._retire(old)
        self._links.add(link)
        self._opened = [each for each in self._opened if not each.transport.is_closing()] + [socket]
        link.reader = asyncio.create_task(self._read(link), name="socket read")
        self.state.connections += 1
        self.state.connected_since, self.state.down_since, self.state.error = self._clock(), None, ""
        if self._told:
            log.info("Slack's buttons and commands work again")
            self._told = False
        return link

    async def _stay(self, link: _Link) -> None:
        """Return once `link` must be replaced, after the pause that its end calls for."""
        loop = asyncio.get_running_loop()
        while not link.leaving.is_set():
            try:
                await asyncio.wait_for(link.leaving.wait(), max(0.01, link.heard + self._pace.quiet - loop.time()))
            except TimeoutError:
                if loop.time() >= link.heard + self._pace.quiet:
                    break
        if link.reader and link.reader.done() and link.reader.exception():
            link.socket.transport.abort()
            link.reader.result()
        self._failures = 0 if loop.time() - link.opened >= self._pace.steady else self._failures + 1
        self._dismissed(link.why)
        if self._failures > 1:
            await asyncio.sleep(self._pause())

    def _dismissed(self, reason: str) -> None:
        """Note why Slack sends us away: some reasons call for a long pause, and for a person."""
        if reason in _CROWDED:
            self._failed(f"{reason}: {_REMEDIES[reason]}")
            self._failures = max(self._failures, _LONG_FROM)

    def _failed(self, why: str, retry_after: timedelta | None = None) -> None:
        self._failures += 1
        self._asked_to_wait = retry_after.total_seconds() if retry_after else 0.0
        if why != self.state.error:  # a long outage is told once, not at every attempt
            log.warning("no connection to Slack for buttons and commands; trying again", reason=why)
        self.state.error = why

    def _pause(self) -> float:
        """Return seconds until the next attempt: doubling, never in step with others, never before Slack allows."""
        usual = min(self._pace.first * (1 << min(max(self._failures - 1, 0), 10)), self._pace.longest)
        asked, self._asked_to_wait = self._asked_to_wait, 0.0
        return max(usual * (0.5 + self._rng.random() / 2), asked)

    async def _read(self, link: _Link) -> None:
        try:
            async for raw in link.socket:
                link.heard = asyncio.get_running_loop().time()
                await self._heard(link, _object(raw))
        except (ConnectionClosed, OSError) as exc:
            link.why = link.why or redact(repr(exc), self._api.token or "")
        finally:
            link.leaving.set()
            self._links.discard(link)
            if not self._links:
                self.state.connected_since, self.state.down_since = None, self._clock()
                self.state.error = link.why

    async def _heard(self, link: _Link, message: dict[str, Any]) -> None:
        if message.get("type") == "disconnect":
            link.why = str(message.get("reason") or "disconnect")
            log.info("Slack asks for a new connection", reason=link.why)
            link.leaving.set()
            return
        request = _request(message)
        if request is None:
            return
        await self._write_down(request)
        await link.socket.send(json.dumps(SocketModeResponse(envelope_id=request.envelope_id).to_dict()))
        self.state.envelopes += 1
        self.state.last_envelope = self._clock()
        await self._take(request)

    async def _write_down(self, request: SocketModeRequest) -> None:
        """Keep the request on disk before it is answered; a disk that is full or slow must not cost the answer."""
        loop = asyncio.get_running_loop()
        if self._note is None or loop.time() < self._unwritten_until:
            return
        try:
            async with asyncio.timeout(self._pace.note):
                await self._note(request)
        except (OSError, TimeoutError) as exc:
            self._unwritten_until = loop.time() + self._pace.longest
            log.warning(
                "a click could not be written down before its answer; it is worked on from memory", why=repr(exc)
            )

    def _retire(self, link: _Link) -> None:
        """Read a replaced connection for a while longer: what was sent to it is still answered."""
        task = asyncio.create_task(self._end(link), name="socket retire")
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _end(self, link: _Link) -> None:
        if link.reader:
            await asyncio.wait({link.reader}, timeout=self._pace.linger)
        await _close(link)

    async def _close_all(self) -> None:
        """Say goodbye where that can be done at once, and leave nothing open."""
        going = list(self._going)
        try:
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)
            for link in list(self._links):
                await _close(link)
        finally:
            for socket in self._opened:
                socket.transport.abort()
        self.state.connected_since, self.state.down_since = None, self._clock()

    async def _watch(self) -> None:
        """Say loudly, once for each outage, that nobody can click."""
        while True:
            await asyncio.sleep(self._pace.loud / 10)
            since = self.state.down_since
            if since and not self._told and (self._clock() - since).total_seconds() >= self._pace.loud:
                self._told = True
                log.error(
                    "buttons and commands in Slack do not work; use the review page or `crisis-monitor ack` meanwhile",
                    since=since.isoformat(timespec="seconds"),
                    reason=self.state.error,
                )


async def _close(link: _Link) -> None:
    if link.reader and not link.reader.done():
        link.reader.cancel()
        await asyncio.gather(link.reader, return_exceptions=True)
    await link.socket.close()


def _object(raw: str | bytes) -> dict[str, Any]:
    """Return a message as JSON, {} where it is none."""
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _request(message: dict[str, Any]) -> SocketModeRequest | None:
    """Return an envelope, None for anything else."""
    if not isinstance(message.get("envelope_id"), str) or not isinstance(message.get("type"), str):
        return None
    payload = message.get("payload")
    return SocketModeRequest.from_dict({**message, "payload": payload if isinstance(payload, dict) else {}})
