"""WebSocket connections of the Slack stand-in: each address is good for one connection, and each connection can be made to fail."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

BLACKHOLE = "blackhole"  # takes the connection and the upgrade, then never speaks again
MUTE = "mute"  # answers pings, but never says hello
CROWDED = "too_many_websockets"  # says so instead of hello
DISABLED = "link_disabled"  # says so instead of hello
SLAM = "slam"  # closes the connection before the upgrade is answered
NORMAL = ""
_silent = logging.getLogger("stand-in.links")  # what a client logs must be told from what we would
_silent.propagate = False
_silent.setLevel(logging.CRITICAL)
_silent.addHandler(logging.NullHandler())


class Link:
    """One connection. alive: not closed by either side. ready: hello was said. frozen: the network swallows everything."""

    def __init__(self, number: int, connection: socket.socket, mode: str, listener: LinkListener) -> None:
        self.number, self.mode = number, mode
        self.alive, self.ready, self.frozen = True, False, False
        self.pings = 0
        self.bye = ""
        self._connection, self._listener = connection, listener
        self._protocol = ServerProtocol(logger=_silent)
        self._lock = threading.RLock()

    def start(self) -> None:
        """Begin to serve; the listener must know of the connection before, for the client may act on hello at once."""
        threading.Thread(target=self._serve, daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Send one JSON message."""
        with self._lock:
            if self.alive and not self.frozen:
                self._protocol.send_text(json.dumps(message).encode())
                self._flush()

    def say_goodbye(self, reason: str) -> None:
        """Send a disconnect message; what follows is up to the caller."""
        self.bye = reason
        self.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}})

    def close(self) -> None:
        """Close as the protocol says."""
        with self._lock:
            if self.alive and not self.frozen:
                with contextlib.suppress(Exception):
                    self._protocol.send_close(1000)
                    self._flush()
        self._end()

    def cut(self) -> None:
        """Reset the connection without a word."""
        with contextlib.suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end()

    def freeze(self) -> None:
        """Neither read nor write any more, and do not close: what a client sees when a middlebox forgets the connection."""
        self.frozen = True

    def _end(self) -> None:
        self.alive = False
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        try:
            while data := self._connection.recv(65_536):
                with self._lock:
                    if not self.frozen:
                        self._protocol.receive_data(data)
                        for event in self._protocol.events_received():
                            self._take(event)
                        self._flush()
        except OSError:
            pass
        finally:
            self.alive = False
            self._connection.close()

    def _take(self, event: object) -> None:
        if isinstance(event, Request):
            self._open(event)
        elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
            self._listener.heard(self, json.loads(bytes(event.data)))
        elif isinstance(event, Frame) and event.opcode is Opcode.PING:
            self.pings += 1

    def _open(self, request: Request) -> None:
        good = self._listener.redeem(request.path)
        response = self._protocol.accept(request) if good else self._protocol.reject(403, "used or unknown ticket")
        self._protocol.send_response(response)
        self._flush()
        if not good:
            return
        if self.mode == BLACKHOLE:
            self.freeze()
        elif self.mode in (CROWDED, DISABLED):
            self.say_goodbye(self.mode)
            self.close()
        elif self.mode != MUTE:
            self._flush()
            self._listener.greet(self)

    def _flush(self) -> None:
        for piece in self._protocol.data_to_send():
            with contextlib.suppress(OSError):
                self._connection.sendall(piece) if piece else self._connection.shutdown(socket.SHUT_WR)


class LinkListener:
    """Takes connections at addresses it has given out. modes: what shall become of the next connections, one after another.

    most: how many connections may be open at once. heard_by: told (link, message) of what clients say.
    """

    def __init__(self, heard_by: Callable[[Link, dict[str, Any]], None]) -> None:
        self.links: list[Link] = []
        self.modes: list[str] = []
        self.tickets: list[str] = []
        self.refused_tickets: list[str] = []
        self.most = 10
        self._used: set[str] = set()
        self._heard_by = heard_by
        self._numbers = itertools.count(1)
        self._server: socket.socket | None = None
        self._port = 0

    def start(self) -> None:
        """Listen, at the same port as before."""
        self._server = socket.create_server(("127.0.0.1", self._port))
        self._port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def stop(self) -> None:
        """Close everything."""
        if self._server:
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None
        for link in self.links:
            link.cut()

    def new_address(self) -> str:
        """Give out an address that is good for one connection."""
        self.tickets.append(f"ticket-{next(self._numbers)}")
        return f"ws://127.0.0.1:{self._port}/link/?ticket={self.tickets[-1]}&app_id=A1"

    def redeem(self, path: str) -> bool:
        """Say whether the address is good, once."""
        ticket = path.partition("ticket=")[2].partition("&")[0]
        if ticket not in self.tickets or ticket in self._used:
            self.refused_tickets.append(ticket)
            return False
        self._used.add(ticket)
        return True

    def greet(self, link: Link) -> None:
        """Say hello, or that there are too many."""
        if len(self.open_links()) >= self.most:
            link.say_goodbye(CROWDED)
            link.close()
            return
        link.ready = True  # before the client knows; the link's lock keeps what follows behind hello
        info = {"host": "stand-in", "started": "2026-01-01 00:00:00.000", "build_number": 1}
        hello = {"type": "hello", "num_connections": len(self.open_links()), "connection_info": {"app_id": "A1"}}
        link.send({**hello, "debug_info": {**info, "approximate_connection_time": 18_060}})

    def heard(self, link: Link, message: dict[str, Any]) -> None:
        """Pass on what a client says."""
        self._heard_by(link, message)

    def open_links(self) -> list[Link]:
        """Return the connections that were greeted and not closed; a frozen one counts, for nobody here can tell."""
        return [link for link in self.links if link.alive and link.ready]

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            mode = self.modes.pop(0) if self.modes else NORMAL
            if mode == SLAM:
                connection.close()
            else:
                link = Link(len(self.links) + 1, connection, mode, self)
                self.links.append(link)
                link.start()
