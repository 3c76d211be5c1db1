"""Fetching from hosts that mean harm, or are broken: each costs its own deadline and little memory, and nobody else anything."""

from __future__ import annotations

import asyncio
import gzip
import resource
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.adapters.fetch import FeedFetcher
from monitor.core.errors import FetchError
from monitor.core.model import Fetched, Validators
from tests.builders import AT, a_feed
from tests.servers.feeds import FeedServer, Handler, drip, hang, head, page, rss, stream
from tests.servers.fetching import DEADLINE, fetched, refusal, running

CHUNKED = head(200, {"Content-Type": "text/xml", "Transfer-Encoding": "chunked"})


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running_server:
        yield running_server


async def zeros() -> AsyncIterator[bytes]:
    while True:
        yield b"10000\r\n" + b"0" * 0x10000 + b"\r\n"


SLOW: dict[str, Handler] = {
    "never answers": hang(),
    "drips headers": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "drips interim answers": drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "drips a body": drip(head(200, {"Content-Length": "100000"}), b"<"),
    "drips chunks": drip(CHUNKED, b"1\r\n<\r\n"),
    "drips chunk extensions": drip(CHUNKED, b"1;a=b"),
    "promises more than it sends": drip(head(200, {"Content-Length": "100"}) + b"x" * 99, b""),
}


@pytest.mark.parametrize("handler", SLOW.values(), ids=SLOW.keys())
def test_a_slow_server_costs_its_deadline_and_no_more(server: FeedServer, handler: Handler) -> None:
    url = server.put("/f", handler)
    started = time.monotonic()

    assert "no complete answer within 0.6 s" in refusal(url)
    assert time.monotonic() - started < DEADLINE + 1.5


def test_a_server_that_hangs_in_the_tls_handshake_costs_its_deadline(server: FeedServer) -> None:
    url = server.put("/f", hang()).replace("http:", "https:")

    assert "no complete answer" in refusal(url)


def test_redirects_share_one_deadline(server: FeedServer) -> None:
    async def late(_: Any, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(DEADLINE * 0.7)
        writer.write(head(302, {"Location": "/b", "Content-Length": "0"}))

    server.put("/b", late)

    assert "no complete answer" in refusal(server.put("/a", late))


def test_a_hung_feed_among_fifty_good_ones_disturbs_none(server: FeedServer) -> None:
    async def all_of_them(fetcher: FeedFetcher) -> list[Any]:
        return await asyncio.gather(*(fetcher.fetch(feed, Validators(), AT) for feed in feeds), return_exceptions=True)

    server.put("/hung", hang())
    server.put("/good", page(rss("One")))
    paths = ["/good"] * 25 + ["/hung"] + ["/good"] * 25
    feeds = [a_feed(id=str(number), url=server.url(path), allow_private=True) for number, path in enumerate(paths)]

    answers = running(all_of_them, deadline=timedelta(seconds=3))

    assert [isinstance(answer, FetchError) for answer in answers] == [path == "/hung" for path in paths]


def test_cancelled_polls_leave_the_client_able_to_fetch(server: FeedServer) -> None:
    async def churn(fetcher: FeedFetcher) -> int:
        for number in range(120):
            poll = asyncio.ensure_future(fetcher.fetch(a_feed(url=slow, allow_private=True), Validators(), AT))
            await asyncio.sleep(0.001 * (number % 7))
            poll.cancel()
            await asyncio.gather(poll, return_exceptions=True)
        feed = a_feed(url=good, allow_private=True)
        return len(await asyncio.gather(*(fetcher.fetch(feed, Validators(), AT) for _ in range(100))))

    slow = server.put("/slow", drip(head(200, {"Content-Length": "100000"}), b"<"))
    good = server.put("/good", page(rss("One")))

    assert running(churn, deadline=timedelta(seconds=20)) == 100


def test_a_pool_that_hands_out_no_connection_is_replaced(server: FeedServer) -> None:
    class Exhausted(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.PoolTimeout("", request=request)

    async def work(fetcher: FeedFetcher) -> Fetched:
        fetcher._client._transport = Exhausted()
        with pytest.raises(FetchError, match="rebuilt"):
            await fetcher.fetch(feed, Validators(), AT)
        return await fetcher.fetch(feed, Validators(), AT)

    feed = a_feed(url=server.put("/f", page(rss("One"))), allow_private=True)

    assert running(work).status == 200


def bomb(size: int, format_bits: int = 31) -> bytes:
    """Return `size` zero bytes, compressed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, format_bits)
    block = bytes(1024 * 1024)
    return b"".join([*(packer.compress(block) for _ in range(size // len(block))), packer.flush()])


BOMB = bomb(200 * 1024 * 1024)


def encoded(body: bytes, encoding: str) -> Handler:
    return page(body, headers={"Content-Encoding": encoding})


TOO_MUCH: dict[str, tuple[Handler, str]] = {
    "gzip bomb": (encoded(BOMB, "gzip"), "larger than"),
    "deflate bomb": (encoded(bomb(50 * 1024 * 1024, 15), "deflate"), "larger than"),
    "raw deflate bomb": (encoded(bomb(50 * 1024 * 1024, -15), "deflate"), "larger than"),
    "bomb in a second member": (encoded(gzip.compress(b"<rss/>") + BOMB, "gzip"), "larger than"),
    "nested gzip": (encoded(gzip.compress(gzip.compress(b"x")), "gzip, gzip"), "did not ask for"),
    "brotli": (encoded(b"x", "br"), "did not ask for"),
    "zstandard": (encoded(b"x", "zstd"), "did not ask for"),
    "endless encodings": (encoded(b"x", ", ".join(["gzip"] * 100)), "did not ask for"),
    "endless chunks": (stream(CHUNKED, zeros), "larger than"),
    "endless body": (stream(head(200, {}), zeros), "larger than"),
    "announces too much": (drip(head(200, {"Content-Length": "99999999999"}), b"x"), "larger than"),
    "not gzip at all": (encoded(b"<rss/>", "gzip"), "not what its Content-Encoding says"),
    "gzip cut short": (encoded(gzip.compress(rss("One").encode())[:-9], "gzip"), "ends before its end"),
    "a header of 1 MB": (page(rss("One"), headers={"X-Long": "x" * 1_000_000}), ""),
    "a thousand headers": (page(rss("One"), headers={f"X-{number}": "y" for number in range(1000)}), "more headers"),
    "headers of 70 KB": (page(rss("One"), headers={f"X-{number}": "y" * 7000 for number in range(10)}), "more headers"),
    "no HTTP": (stream(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", zeros), ""),
    "two lengths": (page(rss("One"), headers={"Content-Length ": "1"}), ""),
}


@pytest.mark.parametrize(("handler", "said"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_much_is_refused_in_little_memory(server: FeedServer, handler: Handler, said: str) -> None:
    url = server.put("/f", handler)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert said in refusal(url, deadline=timedelta(seconds=10))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


GOOD: dict[str, Handler] = {
    "gzip": encoded(gzip.compress(rss("One").encode()), "gzip"),
    "x-gzip": encoded(gzip.compress(rss("One").encode()), "x-gzip"),
    "two members": encoded(gzip.compress(rss("One")[:50].encode()) + gzip.compress(rss("One")[50:].encode()), "gzip"),
    "rubbish after the end": encoded(gzip.compress(rss("One").encode()) + b"rubbish", "gzip"),
    "deflate": encoded(zlib.compress(rss("One").encode()), "deflate"),
    "deflate without wrapper": encoded(zlib.compress(rss("One").encode())[2:-4], "deflate"),
    "identity": encoded(rss("One").encode(), "identity"),
    "no encoding named": encoded(rss("One").encode(), ""),
}


@pytest.mark.parametrize("handler", GOOD.values(), ids=GOOD.keys())
def test_what_is_encoded_as_asked_is_decoded(server: FeedServer, handler: Handler) -> None:
    assert fetched(server.put("/f", handler)).body.decode() == rss("One")


def test_the_loop_goes_on_while_a_bomb_is_refused(server: FeedServer) -> None:
    async def watched(fetcher: FeedFetcher) -> float:
        poll = asyncio.ensure_future(fetcher.fetch(a_feed(url=url, allow_private=True), Validators(), AT))
        worst, clock = 0.0, time.monotonic
        while not poll.done():
            began = clock()
            await asyncio.sleep(0.005)
            worst = max(worst, clock() - began)
        await asyncio.gather(poll, return_exceptions=True)
        return worst

    url = server.put("/f", encoded(BOMB, "gzip"))

    assert running(watched, max_bytes=50_000_000, deadline=timedelta(seconds=20)) < 0.25
