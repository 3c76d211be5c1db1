"""A stand-in for Slack's Web API on loopback, as strict as the real one, with every way of failing it knows.

In tests: `with SlackStandIn() as slack: slack.add_channel("escalation")`. By hand: `python -m tests.servers.slack --port 0`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.servers.slack_payloads import ADA, User
from tests.servers.slack_rules import Refused, links, mentions
from tests.servers.slack_socket import Envelope, SocketMode
from tests.servers.slack_state import Ephemeral, RateLimited, Workspace

DROP = "drop"  # deliver, then close the connection without an answer
HANG = "hang"  # deliver, then never answer
ERROR = "500"  # deliver, then answer 500
DRIP = "drip"  # deliver, then answer one byte at a time for ever
GARBAGE = "garbage"  # deliver, then answer 200 with something that is no JSON
DROP_BEFORE = "drop before"  # close the connection, deliver nothing
DOWN = "503"  # answer 503, deliver nothing
_DELIVERING = frozenset({DROP, HANG, ERROR, DRIP, GARBAGE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as it came. at: the stand-in's clock. answer: what was sent back, "" where nothing was."""

    at: datetime
    method: str
    token: str
    body: Mapping[str, Any]
    answer: str
    status: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What shall go wrong with a request. mode: one of the constants above, "429" or an error code for `ok: false`."""

    mode: str
    retry_after: int = 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], stand_in: SlackStandIn) -> None:
        self.stand_in = stand_in
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the tests."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Say nothing: the requests are recorded."""

    def do_POST(self) -> None:
        self.close_connection = True
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path.startswith("/api/upload/"):
            self.server.stand_in.upload(self, path.rpartition("/")[2], raw)
        elif path.startswith("/hooks/"):
            self.server.stand_in.hook(self, path.rpartition("/")[2], json.loads(raw or b"{}"))
        else:
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
            self.server.stand_in.serve(self, path.removeprefix("/api/"), token, self._body(raw))

    do_GET = do_POST  # noqa: N815  # the base class's name

    def _body(self, raw: bytes) -> dict[str, Any]:
        if "json" in (self.headers.get("Content-Type") or ""):
            return dict(json.loads(raw or b"{}"))
        form = dict(parse_qsl(urlsplit(self.path).query) + parse_qsl(raw.decode()))
        return {key: json.loads(value) if value[:1] in "[{" else value for key, value in form.items()}

    def answer(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def drip(self, stop: threading.Event) -> None:
        self.send_response(200)
        self.end_headers()
        while not stop.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()


class SlackStandIn(Workspace):
    """The server. Use as a context manager; `base_url` is what SLACK_API_URL takes."""

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), port: int = 0) -> None:  # noqa: TID251  # the stand-in is a world of its own
        super().__init__(clock=clock)
        self.requests: list[Request] = []
        self.always: dict[str, Fault] = {}
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._port = port
        self.sockets = SocketMode(self)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.accept()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.refuse()

    @property
    def listening(self) -> bool:
        """Say whether connections are taken."""
        return self._server is not None

    def accept(self) -> None:
        """Listen, at the same port as before."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = int(self._server.server_address[1])
        self.base_url = f"http://127.0.0.1:{self._port}/api/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.sockets.listener.start()

    def refuse(self) -> None:
        """Stop listening: connections are refused until `accept`."""
        self.sockets.stop()
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def fail(self, method: str, mode: str, times: int = 1, *, retry_after: int = 1) -> None:
        """Let the next `times` requests of `method` go wrong."""
        self._faults[method].extend([Fault(mode=mode, retry_after=retry_after)] * times)

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Return the visible top-level messages of a channel (by name or id), edits applied, each with its `replies`."""
        with self._lock:
            stored = self._channel(channel, by_name=True).messages
            roots = [message for message in stored if "thread_ts" not in message]
            return [
                {**root, "replies": [dict(reply) for reply in stored if reply.get("thread_ts") == root["ts"]]}
                for root in roots
            ]

    def click(self, channel: str, ts: str, action_id: str, *, user: User = ADA, choice: str = "") -> Envelope:
        """Click on an element of a message; see SocketMode.click for forged ones."""
        with self._lock:
            return self.sockets.click(channel, ts, action_id, user=user, choice=choice)

    def command(self, text: str, *, channel: str = "", user: User = ADA) -> Envelope:
        """Type a slash command."""
        with self._lock:
            return self.sockets.command(text, channel=channel, user=user)

    def told(self, user: User = ADA) -> list[Ephemeral]:
        """Return what one person alone was told, oldest first."""
        with self._lock:
            return [each for each in self.ephemerals if each.user == user.id]

    def do_apps_connections_open(self, _: Mapping[str, Any]) -> dict[str, Any]:
        """Give out an address for one connection."""
        return {"url": self.sockets.listener.new_address()}

    def calls(self, method: str) -> list[Request]:
        """Return the requests of one method, oldest first."""
        with self._lock:
            return [request for request in self.requests if request.method == method]

    def pings(self) -> list[str]:
        """Return every mention that any stored message would fire."""
        return [hit for c in self.channels.values() for message in c.messages for hit in mentions(message, self.files)]

    def links(self) -> list[tuple[str, str]]:
        """Return every (address, label) that any stored message shows."""
        return [link for c in self.channels.values() for message in c.messages for link in links(message, self.files)]

    def serve(self, handler: _Handler, method: str, token: str, body: dict[str, Any]) -> None:
        """Answer one call, or fail at it as told."""
        with self._lock:
            fault = self._next_fault(method) or self.always.get("*")
            status, answer, headers = self._outcome(fault, method, token, body)
            shown = "" if fault and fault.mode in (DROP, HANG, DROP_BEFORE) else answer
            self.requests.append(
                Request(at=self.clock(), method=method, token=token, body=body, answer=shown, status=status)
            )
        self._send(handler, fault.mode if fault else "", status, answer, headers)

    def _outcome(
        self, fault: Fault | None, method: str, token: str, body: dict[str, Any]
    ) -> tuple[int, str, dict[str, str]]:
        if fault and fault.mode == "429":
            return _limited(fault.retry_after)
        if fault and fault.mode in (DOWN, DROP_BEFORE):
            return 503, "upstream connect error", {}
        if fault and fault.mode not in _DELIVERING:
            return 200, json.dumps({"ok": False, "error": fault.mode}), {}
        try:
            return 200, json.dumps(self.call(method, token, body)), {}
        except Refused as refusal:
            return (
                200,
                json.dumps({"ok": False, "error": refusal.code, "response_metadata": {"messages": refusal.details}}),
                {},
            )
        except RateLimited as limited:
            return _limited(limited.seconds)

    def _send(self, handler: _Handler, mode: str, status: int, answer: str, headers: Mapping[str, str]) -> None:
        if mode in (DROP, DROP_BEFORE):
            handler.drop()
        elif mode == HANG:
            self._stop.wait()
            handler.drop()
        elif mode == DRIP:
            handler.drip(self._stop)
        elif mode == ERROR:
            handler.answer(500, b"internal server error")
        elif mode == GARBAGE:
            handler.answer(200, b"<html>proxy</html>")
        else:
            handler.answer(status, answer.encode(), headers)

    def hook(self, handler: _Handler, key: str, body: dict[str, Any]) -> None:
        """Take what is posted to a response_url; its answers are plain words, unlike those of the Web API."""
        with self._lock:
            fault = self._next_fault("response_url")
            status, said = (500, "fault") if fault else (200, "ok")
            try:
                if fault is None:
                    self.respond(key, body)
            except Refused as refusal:
                status, said = 404, refusal.code
            self.requests.append(
                Request(at=self.clock(), method="response_url", token="", body=body, answer=said, status=status)
            )
        if fault and fault.mode in (DROP, DROP_BEFORE):
            handler.drop()
        else:
            handler.answer(status, said.encode())

    def _next_fault(self, method: str) -> Fault | None:
        return self._faults[method].pop(0) if self._faults[method] else self.always.get(method)

    def upload(self, handler: _Handler, file_id: str, content: bytes) -> None:
        """Take the bytes of a file."""
        with self._lock:
            fault = self._next_fault("upload")
            good = fault is None and self.receive(file_id, content)
        handler.answer(200 if good else 500, b"OK" if good else b"failed")


def _limited(seconds: int) -> tuple[int, str, dict[str, str]]:
    return 429, json.dumps({"ok": False, "error": "ratelimited"}), {"Retry-After": str(seconds)}


def main() -> None:
    """Listen until interrupted; print the base address first, then every message as it is posted."""
    parser = argparse.ArgumentParser(description="A stand-in for Slack's Web API on loopback")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--channel", action="append", default=[], help="name of a channel to create (repeatable)")
    options = parser.parse_args()
    with SlackStandIn(port=options.port) as slack:
        for name in options.channel or ["escalation"]:
            slack.add_channel(name.removeprefix("#"))
        print(slack.base_url, flush=True)  # noqa: T201  # the caller reads the address
        shown = 0
        with contextlib.suppress(KeyboardInterrupt):
            while not threading.Event().wait(0.5):
                for request in slack.requests[shown:]:
                    shown += 1
                    print(request.method, request.status, request.body.get("text", ""), flush=True)  # noqa: T201  # by hand


if __name__ == "__main__":
    main()
