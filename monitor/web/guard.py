"""What stands before every route: host, method, session; and the headers on every answer, errors included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.pages import plain_page
from monitor.web.security import COOKIE, HEADERS, Door, Entered, host_of, is_address, is_loopback

_OPEN = "/healthz"
_METRICS = "/metrics"
_ENTER = "/enter"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Guard:
    """Wraps the application. Nothing passes but a GET to a known host with a session; /healthz needs none."""

    def __init__(self, app: ASGIApp, *, door: Door, allowed: Callable[[str], bool]) -> None:
        self._app = app
        self._door = door
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        answer, entered = await self._judge(scope)
        sending = self._dressed(send, entered)
        await (answer or self._app)(scope, receive, sending)

    async def _judge(self, scope: Scope) -> tuple[Response | None, Entered]:
        """Return the refusal (or the door's answer), None to let the request pass."""
        headers, path, nothing = Headers(scope=scope), scope["path"], Entered()
        if not self._host_good(headers.get("host", ""), path):
            return PlainTextResponse("this name is not one of the page's own", 421), nothing
        if scope["method"] != "GET":
            return PlainTextResponse("only GET is answered here", 405, {"Allow": "GET"}), nothing
        if path == _OPEN or (path == _METRICS and _from_here(scope, headers)):
            return None, nothing
        if path == _ENTER:
            return await self._enter(scope), nothing
        entered = self._door.admit(_secret(headers))
        return (None, entered) if entered else (_refused(path), nothing)

    def _host_good(self, header: str, path: str) -> bool:
        """Probes may call health by any address: a page of another site can point a name here, but not an address."""
        return self._allowed(header) or (path in (_OPEN, _METRICS) and is_address(host_of(header)))

    async def _enter(self, scope: Scope) -> Response:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        secret = await asyncio.to_thread(self._door.enter, token)
        if secret is None:
            return _refused("/")
        # A page that goes on by itself, not a redirect: the browser then sends the new cookie even when the link came from elsewhere.
        page = HTMLResponse(plain_page("Welcome", "You are in.", link="/", link_text="Go to the alerts", refresh=True))
        page.headers.append("Set-Cookie", self._door.cookie(secret))
        return page

    def _dressed(self, send: Send, entered: Entered) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(message, entered)
            await send(message)

        return dressed

    def _dress(self, message: MutableMapping[str, Any], entered: Entered) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers[name] = value
        if entered.secret:
            headers.append("Set-Cookie", self._door.cookie(entered.secret))


def _secret(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _from_here(scope: Scope, headers: Headers) -> bool:
    """Say whether a request comes from this machine itself, not through a proxy on it."""
    client = scope.get("client") or ("", 0)
    return is_loopback(client[0]) and not any(name in headers for name in _FORWARDED)


def _refused(path: str) -> Response:
    text = (
        "This page needs a session. Open the link that `crisis-monitor run` printed, or the newest one in the file page-link in the"
        " data directory; each link works once."
    )
    return HTMLResponse(plain_page("Not entered", text, link=path, link_text="I have entered already: try again"), 401)
