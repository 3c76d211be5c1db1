"""RSS, RDF, Atom and CDF through feedparser, which is only ever handed bytes that were made harmless before."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import feedparser

from monitor.adapters.parse_entry import entry_from, is_withdrawn_title
from monitor.adapters.parse_prepare import prepared, root_name
from monitor.adapters.text import one_line, plain
from monitor.core.errors import ParseError
from monitor.core.model import Entry, ParsedFeed

MOST_ENTRIES = 10_000
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_TOMBSTONE = re.compile(r"<(?:[\w.-]+:)?deleted-entry\s([^<>]{1,4000})>")
_ATTRIBUTE = re.compile(r"""\b(ref|when)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}

Raw = Mapping[str, Any]


@dataclass(slots=True)
class _Reading:
    """What feedparser made of a document, or of its parts where one part broke it."""

    version: str = ""
    feed: Raw = field(default_factory=dict)
    entries: list[Raw] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_xml(text: str, base_url: str) -> ParsedFeed:
    """Return the feed in `text`. Raises ParseError where it is no feed at all; an empty feed is a feed."""
    text = prepared(text)
    reading = _read(text, base_url)
    if not reading.entries and not reading.version and root_name(text).lower().split(":")[-1] not in _FEED_ROOTS:
        raise ParseError(
            f"not a feed: the document begins with <{root_name(text) or 'nothing'}>; look for the feed's address"
        )
    entries, remarks = _entries(reading, base_url)
    return ParsedFeed(
        title=plain(_text(reading.feed, "title"), 500),
        language=one_line(_text(reading.feed, "language")).lower()[:20],
        entries=tuple(entries + _tombstones(text)),
        ttl=_ttl(reading.feed),
        remarks=tuple(reading.remarks + remarks),
    )


def _read(text: str, base_url: str) -> _Reading:
    try:
        return _by_feedparser(text, base_url)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # hostile input is expected input: find the part that breaks it
        return _salvage(text, base_url, error)


def _by_feedparser(text: str, base_url: str) -> _Reading:
    found = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base_url},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    remarks = []
    if found.get("bozo"):
        remarks.append(plain(f"ill-formed: {found.get('bozo_exception')}", 200))
    return _Reading(
        version=found.get("version") or "", feed=found["feed"], entries=list(found["entries"]), remarks=remarks
    )


def _salvage(text: str, base_url: str, error: Exception) -> _Reading:
    """Read a document that breaks feedparser item by item, leaving out only the items that do."""
    starts = [match.start() for match in _ITEM.finditer(text)]
    ends = [match.end() for match in _ITEM_END.finditer(text)]
    if not starts or not ends or ends[-1] < starts[0]:
        raise ParseError(f"feedparser cannot read this document: {plain(str(error), 200)}") from error
    head, tail = text[: starts[0]], text[ends[-1] :]
    bounds = [*starts, ends[-1]]
    items = [text[one:other] for one, other in pairwise(bounds)]
    return _read_halves(items, lambda part: _by_feedparser(head + "".join(part) + tail, base_url))


def _read_halves(items: list[str], read: Callable[[list[str]], _Reading]) -> _Reading:
    try:
        return read(items)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # as above: only the item that raises is given up
        if len(items) == 1:
            return _Reading(remarks=[f"one item could not be read: {plain(str(error), 200)}"])
    middle = len(items) // 2
    first, second = _read_halves(items[:middle], read), _read_halves(items[middle:], read)
    return _Reading(
        version=first.version or second.version,
        feed=first.feed or second.feed,
        entries=first.entries + second.entries,
        remarks=list(dict.fromkeys(first.remarks + second.remarks)),
    )


def _entries(reading: _Reading, base_url: str) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    remarks: list[str] = []
    base = base_url or _text(reading.feed, "link")
    for number, raw in enumerate(reading.entries[:MOST_ENTRIES], 1):
        try:
            entry = entry_from(raw, base)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            remarks.append(f"item {number} could not be read: {plain(str(error), 200)}")
        else:
            entries.append(replace(entry, withdrawn=is_withdrawn_title(entry.title)))
    if len(reading.entries) > MOST_ENTRIES:
        remarks.append(f"only the first {MOST_ENTRIES} of {len(reading.entries)} items were read")
    return entries, remarks


def _tombstones(text: str) -> list[Entry]:
    """Return the entries that the publisher deleted (RFC 6721), each known only by its id."""
    found = [{name: a or b for name, a, b in _ATTRIBUTE.findall(match[1])} for match in _TOMBSTONE.finditer(text)]
    raws = [{"id": marks.get("ref", ""), "updated": marks.get("when", "")} for marks in found[:MOST_ENTRIES]]
    return [replace(entry_from(raw, ""), published=None, withdrawn=True) for raw in raws if raw["id"]]


def _text(raw: Raw, key: str) -> str:
    value = dict.get(raw, key) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""


def _ttl(feed: Raw) -> timedelta | None:
    """Return how long the feed says its content stays fresh: `ttl` in minutes, or the syndication module's period."""
    minutes = _text(feed, "ttl").strip()
    if re.fullmatch(r"[0-9]{1,6}", minutes) and int(minutes):
        return timedelta(minutes=int(minutes))
    hours = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    times = _text(feed, "sy_updatefrequency").strip() or "1"
    if hours and re.fullmatch(r"[1-9][0-9]{0,3}", times):
        return timedelta(hours=hours) / int(times)
    return None
