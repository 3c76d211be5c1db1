"""What a server answers, read within bounds: the body decoded piece by piece, and the headers that say when to come back."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from monitor.core.errors import FetchError

ACCEPTED_ENCODINGS = "gzip, deflate"
_STEP = 256 * 1024
_GZIP_START = b"\x1f\x8b"
_MOST_HEADERS = 200
_LARGEST_HEADERS = 64 * 1024
_LONGEST_ADVICE = timedelta(days=365)


class _Inflate:
    """Undoes one gzip or deflate encoding, never holding more than a step of what comes out."""

    def __init__(self, encoding: str) -> None:
        self._gzip = encoding == "gzip"
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16 if self._gzip else zlib.MAX_WBITS)
        self._begun = False

    @property
    def complete(self) -> bool:
        """Whether the stream has come to its own end (or nothing came at all)."""
        return self._stream.eof or not self._begun

    async def pieces(self, data: bytes) -> AsyncIterator[bytes]:
        """Yield what `data` decodes to, in steps. Raises zlib.error."""
        while data and not self._ended(data):
            piece = self._step(data)
            data = self._stream.unconsumed_tail or self._stream.unused_data
            self._begun = True
            yield piece
            await asyncio.sleep(0)

    def _step(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, _STEP)
        except zlib.error:
            if self._gzip or self._begun:
                raise
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # many servers send deflate without its wrapper
        return self._stream.decompress(data, _STEP)

    def _ended(self, data: bytes) -> bool:
        """Say whether the stream is over; a further gzip member begins a new one, anything else after it is ignored."""
        if not self._stream.eof:
            return False
        if self._gzip and data.startswith(_GZIP_START):
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            return False
        return True


class _AsIs:
    """No encoding."""

    complete = True

    async def pieces(self, data: bytes) -> AsyncIterator[bytes]:
        yield data


async def read_body(response: httpx.Response, most: int) -> bytes:
    """Return the decoded body. Raises FetchError where it exceeds `most` bytes, sent or decoded, or is encoded otherwise."""
    stated = response.headers.get("content-length", "")
    if stated.isdigit() and int(stated[:20]) > most:
        raise _too_large(most)
    decoder = _decoder(response.headers.get("content-encoding", ""))
    body, sent = bytearray(), 0
    try:
        async for chunk in response.aiter_raw():
            sent += len(chunk)
            async for piece in decoder.pieces(chunk):
                body += piece
                if len(body) > most:
                    raise _too_large(most)
            if sent > most:
                raise _too_large(most)
    except zlib.error as error:
        raise FetchError(
            f"the body is not what its Content-Encoding says: {error}", status=response.status_code
        ) from error
    if not decoder.complete:
        raise FetchError(
            "the compressed body ends before its end; the next poll asks again", status=response.status_code
        )
    return bytes(body)


def _decoder(header: str) -> _Inflate | _AsIs:
    encodings = [name for name in (part.strip().lower() for part in header.split(",")) if name not in ("", "identity")]
    if not encodings:
        return _AsIs()
    encoding = encodings[0].removeprefix("x-")
    if len(encodings) > 1 or encoding not in ("gzip", "deflate"):
        raise FetchError(f"the body is encoded as {header[:60]!r}, which we did not ask for")
    return _Inflate(encoding)


def _too_large(most: int) -> FetchError:
    return FetchError(f"the document is larger than {most} bytes; raise polling.max_bytes if it is meant to be")


def check_headers(headers: httpx.Headers) -> None:
    """Raise FetchError where there are too many headers, or too long ones."""
    if (
        len(headers.raw) > _MOST_HEADERS
        or sum(len(name) + len(value) for name, value in headers.raw) > _LARGEST_HEADERS
    ):
        raise FetchError("the server sends more headers than an answer needs")


def retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """Return how long the server asks us to stay away, by seconds or by a date; None where it does not say."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return min(timedelta(seconds=int(value)), _LONGEST_ADVICE)
    until = _http_date(value)
    return min(until - now, _LONGEST_ADVICE) if until and until > now else None


def max_age(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """Return how long the answer stays fresh by Cache-Control or Expires; None where it does not say."""
    control = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(cache|store)\b", control):
        return None
    if found := re.search(r"\bmax-age\s*=\s*\"?([0-9]{1,9})", control):
        fresh = timedelta(seconds=int(found[1]))
    else:
        expires, sent = _http_date(headers.get("expires", "")), _http_date(headers.get("date", ""))
        fresh = expires - (sent or now) if expires else timedelta(0)
    return min(fresh, _LONGEST_ADVICE) if fresh > timedelta(0) else None


def _http_date(text: str) -> datetime | None:
    if not text or len(text) > 60:  # noqa: PLR2004  # no form of the date is longer
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
