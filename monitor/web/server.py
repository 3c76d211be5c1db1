"""The page's server: uvicorn in the daemon's own event loop, on a socket that we open, with signals left to the daemon."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from monitor.core.errors import InputError

CONCURRENT = 64
GOODBYE_SECONDS = 2


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the daemon has its own way to stop."""
        yield


def open_socket(host: str, port: int) -> socket.socket:
    """Listen on (host, port). Raises InputError naming the remedy where that cannot be."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as exc:
        raise InputError(
            f"the review page cannot listen on {host}:{port}: {exc}. Stop what uses the port, set another one as web.port in"
            " monitor.yaml (0 lets the system choose), or set web.enabled: false"
        ) from exc


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on an open socket for as long as the block lasts."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONCURRENT,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]), name="review page")
    try:
        yield
    finally:
        server.should_exit = True
        await task
        for connection in server.server_state.connections:  # one that was accepted while the server stopped
            connection.transport.abort()
        listening.close()
