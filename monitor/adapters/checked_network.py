"""Connections that reach public addresses only: the address that was checked is the address that is connected."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from monitor.adapters.addresses import is_public

ALLOW_PRIVATE = "allow_private"
_LOOKUPS = 32
_FIRST_TRIES = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(Exception):  # noqa: N818  # says what happened
    """A host has no address that may be connected."""


class Resolver:
    """Looks names up in threads of its own, so that a name server that does not answer holds up nobody else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of `host`, in the order the system prefers. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, checks every address, connects to a checked one, and looks again at whom it reached."""

    def __init__(self, resolve: Resolve, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers. Raises AddressRefused, httpcore.ConnectError."""
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await self._connect(
                    address, port, min(timeout or _FIRST_TRIES, _FIRST_TRIES), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = [host] if _is_literal(host) else await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved: {error.strerror or error}") from error
        allowed = [address for address in found if self._allow_private or is_public(address)]
        if not found:
            raise httpcore.ConnectError(f"the name {host} has no address")
        if not allowed:
            raise AddressRefused(_refusal(host, found[0]))
        return allowed

    async def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,  # noqa: ASYNC109  # the interface of httpcore
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
        peer = (stream.get_extra_info("server_addr") or ("",))[0]
        if not self._allow_private and not is_public(peer):
            await stream.aclose()
            raise AddressRefused(_refusal(address, peer))
        return _ClosingStream(stream)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _refusal(host: str, address: str) -> str:
    where = address if host == address else f"{host} ({address})"
    return f"{where} is not a public address; say `allow_private: true` at the feed if it is meant"


class _ClosingStream(httpcore.AsyncNetworkStream):
    """A connection that is closed when a poll is cancelled within the TLS handshake, where httpcore leaves it open."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # the interface of httpcore
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # the interface of httpcore
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface of httpcore
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends each request by a pool that may reach private addresses or by one that may not, as its extensions say.

    The two never share a connection. Connections are not kept: feeds are polled minutes apart, and what is not kept cannot go
    stale or be left half-read by a cancelled poll.
    """

    def __init__(self, context: ssl.SSLContext, resolve: Resolve, *, connections: int) -> None:
        self._pools = {
            allow: httpcore.AsyncConnectionPool(
                ssl_context=context,
                max_connections=connections,
                max_keepalive_connections=0,
                network_backend=CheckedBackend(resolve, allow_private=allow),
            )
            for allow in (False, True)
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._pools[bool(request.extensions.get(ALLOW_PRIVATE))]
        url = request.url
        with _as_httpx(request):
            answer = await pool.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, request), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for chunk in self._answer.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """Translate the pool's errors to those that users of httpx expect."""
    try:
        yield
    except httpcore.PoolTimeout as error:
        raise httpx.PoolTimeout(str(error), request=request) from error
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error), request=request) from error
    except (httpcore.ConnectError, AddressRefused) as error:
        raise httpx.ConnectError(str(error), request=request) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.RemoteProtocolError(str(error), request=request) from error
