"""A host of feeds on loopback that can behave well or badly, in a thread of its own.

with FeedServer() as server:
    server.put("/world.xml", page(rss("One", "Two"), etag='"1"'))
    server.put("/slow.xml", hang())
    ... server.url("/world.xml") ... server.requests
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar
from xml.sax.saxutils import escape

T = TypeVar("T")
Handler = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]
RSS = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as it came. headers: names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class _Log:
    requests: list[Request] = field(default_factory=list)
    now: int = 0
    most: int = 0


class FeedServer:
    """Serves what was put at each path; a path nobody put answers 404.

    requests: every request so far. most_at_once: highest number of connections open at the same time.
    """

    def __init__(self, *, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._context = context
        self._host = host
        self._handlers: dict[str, Handler] = {}
        self._log = _Log()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def requests(self) -> list[Request]:
        return list(self._log.requests)

    @property
    def most_at_once(self) -> int:
        return self._log.most

    def put(self, path: str, handler: Handler) -> str:
        """Serve `handler` at `path` from now on; return its URL."""
        self._handlers[path] = handler
        return self.url(path)

    def url(self, path: str, host: str = "") -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://{host or self._host}:{self.port}{path}"

    def hits(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(timeout=10)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, self._host, 0, ssl=self._context)

    async def _stop(self) -> None:
        """Leave nothing open: on a busy machine a connection may be accepted while the server stops."""
        self._server.close()
        for _ in range(10):  # what was just accepted begins, and can then be ended
            await asyncio.sleep(0.005)
        while tasks := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        while open_ones := [each for each in self._loop._transports.values() if each._sock is not None]:  # type: ignore[attr-defined]  # one in the midst of a TLS handshake is known to the loop alone
            for transport in open_ones:  # a mere close waits for a client to read what it no longer wants
                transport.abort()
            await asyncio.sleep(0.005)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._log.now += 1
        self._log.most = max(self._log.most, self._log.now)
        try:
            request = await _read(reader)
            self._log.requests.append(request)
            await self._handlers.get(request.path, page(b"", status=404))(request, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the server stops
        finally:
            self._log.now -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
    return Request(
        path=head[0].split(" ")[1].split("?")[0], headers={name.lower(): value.strip() for name, value in pairs}
    )


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return the first lines of an answer."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def page(
    body: bytes | str, *, status: int = 200, etag: str = "", headers: Mapping[str, str] | None = None, kind: str = RSS
) -> Handler:
    """Answer with `body`; 304 to a request that knows `etag`."""
    data = body.encode() if isinstance(body, str) else body

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        named = {"ETag": etag} if etag else {}
        if etag and request.headers.get("if-none-match") == etag:
            writer.write(head(304, named))
            return
        writer.write(
            head(status, {"Content-Type": kind, "Content-Length": str(len(data)), **named, **(headers or {})}) + data
        )
        await writer.drain()

    return answer


def redirect(target: str, status: int = 302) -> Handler:
    """Send the client elsewhere."""
    return page(b"", status=status, headers={"Location": target})


def hang() -> Handler:
    """Accept, read the request, never answer."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        await asyncio.Event().wait()

    return answer


def stream(first: bytes, chunks: Callable[[], AsyncIterator[bytes]]) -> Handler:
    """Send `first`, then whatever comes, until the client has gone."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        async for chunk in chunks():
            writer.write(chunk)
            await writer.drain()

    return answer


def drip(first: bytes, piece: bytes, *, pause: float = 0.05) -> Handler:
    """Send `first`, then `piece` again and again with pauses, for ever."""

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield piece
            await asyncio.sleep(pause)

    return stream(first, pieces)


def rss(*titles: str, title: str = "Example", link: str = "https://example.example") -> str:
    """Return an RSS 2.0 document with one item per title, linked by its number."""
    items = "".join(
        f"<item><title>{escape(name)}</title><link>{link}/{number}</link><guid>{link}/{number}</guid></item>"
        for number, name in enumerate(titles)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(title)}</title>{items}</channel></rss>'


def rss_items(items: Sequence[Mapping[str, str]], *, title: str = "Example") -> str:
    """Return an RSS 2.0 document whose items have the given elements."""
    parts = ("".join(f"<{name}>{escape(value)}</{name}>" for name, value in item.items()) for item in items)
    body = "".join(f"<item>{part}</item>" for part in parts)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(title)}</title>{body}</channel></rss>'
