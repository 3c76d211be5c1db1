"""What passes between the daemon and a parse worker: length-prefixed frames of JSON, and the document's bytes.

Entries travel in batches, so that decoding a frame never holds the interpreter for long. Nothing is unpickled: a worker reads
hostile bytes, and what it answers is data.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from monitor.core.model import Entry, ParsedFeed

_LENGTH = struct.Struct(">I")
_BATCH = 50
_LARGEST_FRAME = 64 * 1024 * 1024
_END = b"null"
_DATES = ("published", "updated")
_FIELDS = tuple(Entry.__dataclass_fields__)


class BrokenPipeline(Exception):  # noqa: N818  # says what it is: the other side is gone or talks nonsense
    """The other process died, or what it sent is no frame."""


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Send one frame."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)


def read_frame(stream: BinaryIO) -> bytes:
    """Return the next frame. Raises BrokenPipeline where the other side is gone."""
    (size,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if size > _LARGEST_FRAME:
        raise BrokenPipeline(f"a frame of {size} bytes")
    return _exactly(stream, size)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise BrokenPipeline("the other side closed the pipe")
    return data


def write_feed(stream: BinaryIO, feed: ParsedFeed) -> None:
    """Send a parsed feed: a head, batches of entries, an end."""
    ttl = feed.ttl.total_seconds() if feed.ttl else None
    head = {"title": feed.title, "language": feed.language, "ttl": ttl, "remarks": feed.remarks}
    write_frame(stream, json.dumps(head).encode())
    for start in range(0, len(feed.entries), _BATCH):
        rows = [[_sent(getattr(entry, name)) for name in _FIELDS] for entry in feed.entries[start : start + _BATCH]]
        write_frame(stream, json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace"))
    write_frame(stream, _END)


def write_error(stream: BinaryIO, message: str) -> None:
    """Send why there is no feed."""
    write_frame(stream, json.dumps({"error": message}).encode())


def read_feed(stream: BinaryIO) -> ParsedFeed | str:
    """Return the parsed feed, or the message why there is none. Raises BrokenPipeline."""
    try:
        head = json.loads(read_frame(stream))
        if "error" in head:
            return str(head["error"])
        entries = tuple(entry for rows in _batches(stream) for entry in map(_entry, rows))
        ttl = timedelta(seconds=head["ttl"]) if head["ttl"] else None
        return ParsedFeed(
            title=head["title"], language=head["language"], entries=entries, ttl=ttl, remarks=tuple(head["remarks"])
        )
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenPipeline(f"not an answer: {error}") from error


def _batches(stream: BinaryIO) -> Iterator[list[list[Any]]]:
    while (frame := read_frame(stream)) != _END:
        yield json.loads(frame)


def _sent(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _entry(row: list[Any]) -> Entry:
    values = dict(zip(_FIELDS, row, strict=True))
    for name in _DATES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return Entry(**values)
