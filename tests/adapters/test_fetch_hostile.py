"""Fetching from hosts that mean harm, or are broken: each costs its own deadline and little memory, and nobody else anything."""

from __future__ import annotations

import asyncio
import gzip
import resource
import shutil
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from monitor.adapters.checked_network import AddressRefused, CheckedBackend
from monitor.adapters.fetch import FeedFetcher
from monitor.core.errors import FetchError
from monitor.core.model import Fetched, Validators
from tests.builders import AT, a_feed
from tests.servers.feeds import FeedServer, Handler, drip, hang, head, page, redirect, rss, stream

DEADLINE = 0.6
MOST = 2_000_000
CHUNKED = head(200, {"Content-Type": "text/xml", "Transfer-Encoding": "chunked"})


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def a_fetcher(**changes: Any) -> FeedFetcher:
    base: dict[str, Any] = {
        "contact": "",
        "deadline": timedelta(seconds=DEADLINE),
        "max_bytes": MOST,
        "per_host": 100,
        "version": "1",
    }
    return FeedFetcher(**{**base, **changes})


def running(work: Callable[[FeedFetcher], Awaitable[Any]], **changes: Any) -> Any:
    async def whole() -> Any:
        async with aclosing(a_fetcher(**changes)) as fetcher:
            return await work(fetcher)

    return asyncio.run(whole())


def fetched(url: str, *, private: bool = True, **changes: Any) -> Fetched:
    feed = a_feed(url=url, allow_private=private)
    answer = running(lambda fetcher: fetcher.fetch(feed, Validators(), AT), **changes)
    assert isinstance(answer, Fetched)
    return answer


def refusal(url: str, *, private: bool = True, **changes: Any) -> str:
    with pytest.raises(FetchError) as caught:
        fetched(url, private=private, **changes)
    return str(caught.value)


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


def test_a_private_address_is_refused_unless_the_feed_allows_it(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One")))

    assert "127.0.0.1 is not a public address; say `allow_private: true`" in refusal(url, private=False)
    assert not server.requests
    assert fetched(url).status == 200


def resolving(**table: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    async def resolve(host: str, _: int) -> Sequence[str]:
        return table[host.replace(".", "_")]

    return resolve


def test_a_name_that_leads_to_a_private_address_is_refused(server: FeedServer) -> None:
    server.put("/f", page(rss("One")))

    said = refusal(
        server.url("/f", host="feeds.test"), private=False, resolve=resolving(feeds_test=["127.0.0.1", "::1"])
    )

    assert "feeds.test (127.0.0.1) is not a public address" in said
    assert not server.requests


def test_a_redirect_to_a_private_address_is_refused_whoever_sends_it(server: FeedServer) -> None:
    """The first host is taken for a public one by a network that leads every public address to loopback."""
    inner = server.put("/inner", page("secret"))
    server.put("/f", redirect(inner))

    async def work(fetcher: FeedFetcher) -> Fetched:
        backend = public_backend_of(fetcher)
        backend._network = Leading(server.port)
        return await fetcher.fetch(a_feed(url="http://feeds.test/f"), Validators(), AT)

    with pytest.raises(FetchError, match=r"127\.0\.0\.1 is not a public address"):
        running(work, resolve=resolving(feeds_test=["93.184.216.34"]))
    assert [request.path for request in server.requests] == ["/f"]


def public_backend_of(fetcher: FeedFetcher) -> Any:
    transport: Any = fetcher._client._transport
    return transport._pools[False]._network_backend


class Leading(httpcore.AsyncNetworkBackend):
    """A network in which public addresses lead to a port on loopback, and say so or not; remembers who was asked for."""

    def __init__(self, port: int, *, honest: bool = False) -> None:
        self.asked: list[str] = []
        self._port = port
        self._honest = honest
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        del port
        self.asked.append(host)
        stream = await self._real.connect_tcp("127.0.0.1", self._port)
        return stream if self._honest else Claiming(stream, host)


class Claiming(httpcore.AsyncNetworkStream):
    """A stream that claims another peer than it has."""

    def __init__(self, real: httpcore.AsyncNetworkStream, peer: str) -> None:
        self._real = real
        self._peer = peer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # httpcore's interface
        return await self._real.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # httpcore's interface
        await self._real.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._real.aclose()

    def get_extra_info(self, info: str) -> Any:
        return (self._peer, 80) if info == "server_addr" else self._real.get_extra_info(info)


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(server: FeedServer) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])

    async def rebinding(_: str, __: int) -> Sequence[str]:
        return next(answers)

    async def work() -> None:
        backend = CheckedBackend(rebinding, allow_private=False)
        network = Leading(server.port)
        backend._network = network  # type: ignore[assignment]  # any backend serves
        stream = await backend.connect_tcp("feeds.test", 80)
        await stream.aclose()
        assert network.asked == ["93.184.216.34"]
        with pytest.raises(AddressRefused):
            await backend.connect_tcp("feeds.test", 80)
        assert network.asked == ["93.184.216.34"]

    asyncio.run(work())


def test_a_connection_that_ends_at_a_private_peer_is_refused(server: FeedServer) -> None:
    async def work() -> None:
        backend = CheckedBackend(resolving(feeds_test=["93.184.216.34"]), allow_private=False)
        backend._network = Leading(server.port, honest=True)  # type: ignore[assignment]  # any backend serves
        with pytest.raises(AddressRefused, match=r"127\.0\.0\.1"):
            await backend.connect_tcp("feeds.test", 80)

    asyncio.run(work())


def test_private_addresses_among_public_ones_are_left_out(server: FeedServer) -> None:
    async def work() -> list[str]:
        backend = CheckedBackend(resolving(feeds_test=["10.0.0.1", "93.184.216.34", "::1"]), allow_private=False)
        network = Leading(server.port)
        backend._network = network  # type: ignore[assignment]  # any backend serves
        await (await backend.connect_tcp("feeds.test", 80)).aclose()
        return network.asked

    assert asyncio.run(work()) == ["93.184.216.34"]


def test_the_next_address_is_tried_when_the_first_is_closed(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One"))).replace("127.0.0.1", "feeds.test")

    assert fetched(url, resolve=resolving(feeds_test=["127.0.0.2", "127.0.0.1"])).status == 200


def test_a_name_that_does_not_resolve_is_named() -> None:
    async def nothing(_: str, __: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    assert "not known" in refusal("http://nowhere.test/", resolve=nothing)


def test_a_name_server_that_does_not_answer_costs_the_deadline() -> None:
    async def silence(_: str, __: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    assert "no complete answer" in refusal("http://slow.test/", resolve=silence)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a self-signed certificate for feeds.test, with its key."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout both.pem -out cert.pem -days 2 -subj /CN=feeds.test "
        "-addext subjectAltName=DNS:feeds.test && cat cert.pem >> both.pem",
        shell=True,
        check=True,
        capture_output=True,
        cwd=folder,
    )
    return folder


def test_tls_is_asked_for_the_name_and_checked_against_it(certificate: Path) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate / "both.pem")
    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")
    resolve = resolving(feeds_test=["127.0.0.1"], other_test=["127.0.0.1"])

    with FeedServer(context=serving) as server:
        server.put("/f", page(rss("One")))
        good = fetched(
            server.url("/f", host="feeds.test"), resolve=resolve, context=trusting, deadline=timedelta(seconds=5)
        )
        wrong = refusal(
            server.url("/f", host="other.test"), resolve=resolve, context=trusting, deadline=timedelta(seconds=5)
        )
        unknown = refusal(server.url("/f", host="feeds.test"), resolve=resolve, deadline=timedelta(seconds=5))

    assert good.status == 200
    assert server.requests[0].headers["host"].startswith("feeds.test:")
    assert "certificate" in wrong.lower()
    assert "certificate" in unknown.lower()
    assert len(server.requests) == 1
