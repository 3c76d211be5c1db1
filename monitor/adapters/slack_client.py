"""slack_sdk's Web API client over httpx: one attempt per call, one deadline over all of it, nothing taken from the environment.

slack_sdk's own transports re-send by themselves, wait per read instead of per request, and obey proxies of the environment (its
asynchronous one needs aiohttp besides). So the way a call is sent is replaced at `api_call`, and its methods become awaitable.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any, cast

import httpx
from slack_sdk import WebClient

from monitor.adapters import slack_errors
from monitor.core.errors import NotifyError

Answer = Mapping[str, Any]
_LARGEST_ANSWER = 20_000_000
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


class SlackApi(WebClient):
    """The Web API for one token. Every method returns an awaitable of the answer and raises NotifyError; see `call`."""

    def __init__(self, *, token: str, base_url: str, timeout: timedelta, tls: ssl.SSLContext) -> None:
        super().__init__(token=token, base_url=base_url, retry_handlers=[], logger=logging.getLogger("monitor.slack"))
        self.proxy = None
        self._seconds = timeout.total_seconds()
        self._tls = tls

    async def api_call(  # type: ignore[override]  # awaitable where the base class blocks
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        files: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        auth: dict[str, Any] | None = None,
    ) -> Answer:
        """Send one call and return what Slack answers. Raises NotifyError; POST is right for every method."""
        del http_verb, files, headers, auth
        form = {**(data or {}), **(params or {})}
        request = {"json": json} if json is not None else {"data": _form(form)}
        bearer = {"Authorization": f"Bearer {self.token}"}
        try:
            status, body, answered = await self._send(f"{self.base_url}{api_method}", headers=bearer, **request)
        except _NEVER_SENT as exc:
            raise slack_errors.unreachable(api_method, repr(exc), self.token or "") from exc
        except (httpx.HTTPError, TimeoutError) as exc:
            raise slack_errors.uncertain(api_method, repr(exc), self.token or "") from exc
        return self._read(api_method, status, body, _retry_after(answered))

    async def upload(self, url: str, content: bytes) -> None:
        """Put the bytes of a file where Slack said. Raises NotifyError."""
        try:
            status, _, _ = await self._send(url, content=content)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as exc:
            raise slack_errors.unreachable("the upload", repr(exc), self.token or "") from exc
        if status != httpx.codes.OK:
            raise slack_errors.unreachable("the upload", f"HTTP {status}", self.token or "")

    async def _send(self, url: str, **request: Any) -> tuple[int, bytes, httpx.Headers]:
        limits = httpx.Timeout(self._seconds, connect=self._seconds * 0.6)
        async with asyncio.timeout(self._seconds):
            async with (
                httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=limits) as client,
                client.stream("POST", url, **request) as response,
            ):
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _LARGEST_ANSWER:
                        raise httpx.DecodingError("the answer is longer than 20 MB")
                return response.status_code, bytes(body), response.headers

    def _read(self, method: str, status: int, body: bytes, retry_after: timedelta | None) -> Answer:
        secret = self.token or ""
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise slack_errors.limited(method, retry_after)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise slack_errors.uncertain(method, f"HTTP {status}", secret, retry_after)
        answer = _object(body)
        if answer is None and status == httpx.codes.OK:
            raise slack_errors.uncertain(method, "the answer is not Slack's", secret)
        if answer is None:
            raise slack_errors.refused(method, f"http_{status}", "check SLACK_API_URL", retry_after, secret)
        if answer.get("ok") is not True:
            raise slack_errors.refused(method, str(answer.get("error")), _details(answer), retry_after, secret)
        return answer


async def call(method: object) -> Answer:
    """Await one of SlackApi's methods: its annotations are those of the blocking client. Raises NotifyError."""
    return await cast("Awaitable[Answer]", method)


async def ask(method: object) -> Answer:
    """Await a method that only reads: whatever fails, nothing has happened. Raises NotifyError, never unknown."""
    try:
        return await call(method)
    except NotifyError as error:
        if error.unknown:
            raise NotifyError(str(error), retry_after=error.retry_after, code=error.code) from error
        raise


def _form(values: Mapping[str, Any]) -> dict[str, str]:
    flags = {True: "1", False: "0"}
    given = {key: value for key, value in values.items() if value is not None}
    return {key: flags[value] if isinstance(value, bool) else _field(value) for key, value in given.items()}


def _field(value: object) -> str:
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


def _details(answer: Answer) -> str:
    extra = answer.get("response_metadata")
    messages = extra.get("messages", []) if isinstance(extra, dict) else []
    needed = [f"needs {answer['needed']}"] if answer.get("needed") else []
    return "; ".join([*needed, *(str(message)[:200] for message in messages[:5])])


def _retry_after(headers: httpx.Headers) -> timedelta | None:
    value = headers.get("Retry-After", "")
    return timedelta(seconds=max(1, int(value))) if value.isdecimal() and len(value) < 6 else None  # noqa: PLR2004  # a day has five digits of seconds
