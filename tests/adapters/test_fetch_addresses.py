"""Where a fetch may lead: addresses checked and connected, names that change, certificates."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpcore
import pytest

from monitor.adapters.checked_network import AddressRefused, CheckedBackend
from monitor.adapters.fetch import FeedFetcher
from monitor.core.errors import FetchError
from monitor.core.model import Fetched, Validators
from tests.builders import AT, a_feed
from tests.servers.feeds import FeedServer, page, redirect, rss
from tests.servers.fetching import fetched, refusal, running


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running_server:
        yield running_server


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
