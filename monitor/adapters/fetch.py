"""Fetching one feed's document: politely, within one deadline, from public addresses only."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urljoin

import httpx

from monitor.adapters.addresses import web_address
from monitor.adapters.checked_network import ALLOW_PRIVATE, CheckedTransport, Resolve, Resolver
from monitor.adapters.fetch_body import ACCEPTED_ENCODINGS, check_headers, max_age, read_body, retry_after
from monitor.core.errors import FetchError
from monitor.core.model import Feed, Fetched, Validators

MOST_REDIRECTS = 5
ASK_IN_FULL_EVERY = timedelta(days=1)
_MOST_AT_ONCE = 256
_POOL_WAIT = 10.0
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_DOCUMENT = (200, 203)
_UNCHANGED = 304
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_THROTTLED = (403, 429, 503)
_GONE = 410
_LONGEST_VALIDATOR = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Redirect:
    """Where the server sends us instead."""

    target: httpx.URL
    permanent: bool


class FeedFetcher:
    """Fetches feeds with one client; belongs to one event loop.

    contact: where publishers can reach the operator. deadline: for one poll, from the first connection to the last byte.
    max_bytes: of a document, decoded. per_host: polls of one host at the same time. resolve and context: name look-up and TLS
    settings, the system's by default.
    """

    def __init__(
        self,
        *,
        contact: str,
        deadline: timedelta,
        max_bytes: int,
        per_host: int,
        version: str,
        resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._deadline = deadline.total_seconds()
        self._max_bytes = max_bytes
        self._turns = _Turns(per_host)
        self._all = asyncio.Semaphore(_MOST_AT_ONCE)
        self._headers = _headers(version, contact)
        self._resolver = Resolver()
        self._resolve = resolve or self._resolver
        self._context = context or httpx.create_ssl_context(trust_env=False)
        self._client = self._new_client()
        self._retired: list[httpx.AsyncClient] = []

    async def fetch(self, feed: Feed, validators: Validators, now: datetime) -> Fetched:
        """Return the feed's document, or that it has not changed. Raises FetchError."""
        conditions = _conditions(validators, now)
        url = _checked(feed.url, f"correct the url of feed {feed.id}")
        seen, permanent, left = {url}, True, self._deadline
        while True:
            answer, left = await self._hop(feed, url, conditions, now, left)
            if isinstance(answer, Fetched):
                return _completed(
                    answer, validators, url if len(seen) > 1 and permanent else None, now, full=not conditions
                )
            permanent = permanent and answer.permanent
            url = answer.target
            if url in seen or len(seen) > MOST_REDIRECTS:
                raise FetchError(f"{_shown(url)}: the server redirects in a circle or more than {MOST_REDIRECTS} times")
            seen.add(url)

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._client, *self._retired):
            await client.aclose()
        self._resolver.close()

    async def _hop(
        self, feed: Feed, url: httpx.URL, conditions: dict[str, str], now: datetime, left: float
    ) -> tuple[Fetched | _Redirect, float]:
        """Ask one address; return its answer and the seconds left. Waiting for one's turn is not the feed's fault."""
        clock = asyncio.get_running_loop().time
        async with self._turns.of(url.host), self._all:
            begun = clock()
            try:
                async with asyncio.timeout(left):
                    answer = await self._ask(feed, url, conditions, now)
            except TimeoutError as error:
                raise FetchError(f"{_shown(url)}: no complete answer within {self._deadline:g} s") from error
            return answer, left - (clock() - begun)

    async def _ask(self, feed: Feed, url: httpx.URL, conditions: dict[str, str], now: datetime) -> Fetched | _Redirect:
        client = self._client
        request = client.build_request(
            "GET", url, headers=self._headers | conditions, extensions={ALLOW_PRIVATE: feed.allow_private}
        )
        try:
            response = await client.send(request, stream=True)
            async with aclosing(response):
                return await self._answer(response, url, now)
        except httpx.PoolTimeout as error:
            self._renew(client)
            raise FetchError(
                f"{_shown(url)}: no connection was free; the client was rebuilt, the next poll tries again"
            ) from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, UnicodeError) as error:
            raise FetchError(f"{_shown(url)}: {_reason(error)}") from error

    async def _answer(self, response: httpx.Response, url: httpx.URL, now: datetime) -> Fetched | _Redirect:
        check_headers(response.headers)
        status = response.status_code
        if status in _REDIRECTS:
            return _redirect(response, url)
        if status != _UNCHANGED and status not in _DOCUMENT:
            raise _refused(response, url, now)
        body = await read_body(response, self._max_bytes) if status in _DOCUMENT else b""
        return Fetched(
            status=_UNCHANGED if status == _UNCHANGED else _DOCUMENT[0],
            body=body,
            content_type=response.headers.get("content-type", "")[:200],
            final_url=str(url),
            validators=_validators(response.headers, body),
            max_age=max_age(response.headers, now),
        )

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=CheckedTransport(self._context, self._resolve, connections=_MOST_AT_ONCE * 2),
            timeout=httpx.Timeout(None, pool=_POOL_WAIT),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    def _renew(self, poisoned: httpx.AsyncClient) -> None:
        """Replace a client whose pool hands out no connection any more; polls in flight may still end on the old one."""
        if self._client is poisoned:
            self._retired.append(poisoned)
            self._client = self._new_client()


class _Turns:
    """Lets only so many polls of one host run at the same time."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._hosts: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[None]:
        turn, users = self._hosts.get(host, (asyncio.Semaphore(self._at_once), 0))
        self._hosts[host] = turn, users + 1
        try:
            async with turn:
                yield
        finally:
            turn, users = self._hosts.pop(host)
            if users > 1:
                self._hosts[host] = turn, users - 1


def _headers(version: str, contact: str) -> dict[str, str]:
    named = f" (+{contact})" if contact else ""
    agent = f"crisis-monitor/{version}{named}".encode("ascii", "ignore").decode()
    return {
        "User-Agent": "".join(character for character in agent if character.isprintable()),
        "Accept": _ACCEPT,
        "Accept-Encoding": ACCEPTED_ENCODINGS,
        "Connection": "close",
    }


def _conditions(validators: Validators, now: datetime) -> dict[str, str]:
    """Return the headers of a conditional request; none at least daily, since servers have said 'not modified' for weeks."""
    asked = validators.checked_at
    if asked is None or not timedelta(0) <= now - asked < ASK_IN_FULL_EVERY:
        return {}
    headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def _validators(headers: httpx.Headers, body: bytes) -> Validators:
    return Validators(
        etag=_sendable(headers.get("etag", "")),
        last_modified=_sendable(headers.get("last-modified", "")),
        body_hash=hashlib.blake2b(body, digest_size=32).hexdigest() if body else "",
    )


def _sendable(value: str) -> str:
    """Return a validator that can be sent back as it came, else ""."""
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR else ""


def _completed(answer: Fetched, known: Validators, moved_to: httpx.URL | None, now: datetime, *, full: bool) -> Fetched:
    """Fill in what an answer means beside what was known: its validators, and whether the document changed."""
    if answer.status == _UNCHANGED:
        if full:
            raise FetchError(
                f"{_shown(httpx.URL(answer.final_url))}: HTTP 304 to a request without conditions", status=_UNCHANGED
            )
        kept = replace(
            known,
            etag=answer.validators.etag or known.etag,
            last_modified=answer.validators.last_modified or known.last_modified,
        )
        return replace(answer, validators=kept, unchanged=True, moved_to=str(moved_to or ""))
    return replace(
        answer,
        validators=replace(answer.validators, checked_at=now if full else known.checked_at),
        unchanged=bool(answer.validators.body_hash) and answer.validators.body_hash == known.body_hash,
        moved_to=str(moved_to or ""),
    )


def _redirect(response: httpx.Response, url: httpx.URL) -> _Redirect:
    location = response.headers.get("location", "").strip().replace(" ", "%20")
    if not location:
        raise FetchError(
            f"{_shown(url)}: HTTP {response.status_code} without saying where to", status=response.status_code
        )
    try:
        absolute = urljoin(str(url), location)
    except ValueError as error:
        raise FetchError(f"{_shown(url)}: redirects to an address that cannot be read") from error
    target = _checked(absolute, f"{_shown(url)} redirects there")
    if url.scheme == "https" and target.scheme != "https":
        raise FetchError(f"{_shown(url)}: redirects from https to {_shown(target)}, which is not encrypted")
    return _Redirect(target=target, permanent=response.status_code in _PERMANENT)


def _checked(url: str, remedy: str) -> httpx.URL:
    try:
        return web_address(url)
    except ValueError as error:
        raise FetchError(f"{error}; {remedy}") from error


def _refused(response: httpx.Response, url: httpx.URL, now: datetime) -> FetchError:
    status = response.status_code
    meaning = {
        _GONE: "the feed is gone for good; remove it or find its new address",
        404: "there is no such document",
    }.get(status)
    if status in _THROTTLED:
        meaning = "the server refuses for now; we come back less often"
    return FetchError(
        f"{_shown(url)}: HTTP {status}" + (f": {meaning}" if meaning else ""),
        status=status,
        retry_after=retry_after(response.headers, now),
        gone=status == _GONE,
    )


def _shown(url: httpx.URL) -> str:
    """Return an address for people, without its query, which may hold a key."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}{url.path}"[:300]


def _reason(error: Exception) -> str:
    """Return what went wrong in the system's own words where they lie beneath, else in the library's."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLError):
            detail = getattr(cause, "verify_message", "") or cause.reason or "handshake failed"
            return f"no secure connection (certificate or TLS version): {detail}"
        if isinstance(cause, OSError) and cause.strerror:
            return os.strerror(cause.errno) if cause.errno and cause.errno > 0 else cause.strerror[:300]
        cause = cause.__cause__ or cause.__context__
    return str(error)[:300] or type(error).__name__
