"""JSON Feed 1 and 1.1 (feedparser reads none of it)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.adapters.parse_dates import read_date
from monitor.adapters.parse_entry import LONGEST_SUMMARY, LONGEST_TITLE, guid, is_withdrawn_title, language, source_name
from monitor.adapters.text import plain, plain_title, web_link
from monitor.core.errors import ParseError
from monitor.core.model import Entry, ParsedFeed

MOST_ENTRIES = 10_000
_LONGEST_NAME = 200

Raw = Mapping[str, Any]


def read_json(text: str, base_url: str) -> ParsedFeed:
    """Return the JSON Feed in `text`. Raises ParseError where it is none, or nested without end."""
    remarks: list[str] = []
    document = _loaded(text, remarks)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ParseError("not a feed: a JSON document without a list of items; look for the feed's address")
    base = web_link(_string(document, "home_page_url"), base_url) or base_url
    entries = [_entry(item, base) for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    if len(entries) < len(items):
        remarks.append(
            f"{len(items) - len(entries)} of {len(items)} items are no objects or beyond the first {MOST_ENTRIES}"
        )
    return ParsedFeed(
        title=plain(_string(document, "title"), 500),
        language=language(_string(document, "language")),
        entries=tuple(entries),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _loaded(text: str, remarks: list[str]) -> Any:
    """Decode JSON, numbers as text (an id of 400 digits is an id, not a number), NaN as nothing."""

    def constant(name: str) -> None:
        remarks.append(f"{name} is no JSON and was read as nothing")

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) < len(pairs):
            remarks.append("repeated names in one object; the last one counts")
        return read

    try:
        return json.loads(text, parse_constant=constant, parse_int=str, parse_float=str, object_pairs_hook=members)
    except RecursionError:
        raise ParseError("JSON nested too deeply to be a feed") from None
    except ValueError as error:
        raise ParseError(f"looks like JSON but is not valid: {plain(str(error), 200)}") from error


def _entry(item: Raw, base: str) -> Entry:
    published, updated = _string(item, "date_published"), _string(item, "date_modified")
    moment = _first_date(published, updated)
    title = plain_title(_string(item, "title"), LONGEST_TITLE)
    return Entry(
        guid=guid(_string(item, "id")),
        link=web_link(_string(item, "url"), base) or web_link(_string(item, "external_url"), base),
        title=title,
        summary=_summary(item),
        published=moment,
        bad_date=moment is None and bool((published + updated).strip()),
        source=source_name(_source(item)),
        author=plain(_author(item), _LONGEST_NAME),
        language=language(_string(item, "language")),
        updated=read_date(updated) if updated else None,
        withdrawn=is_withdrawn_title(title),
    )


def _first_date(*texts: str) -> datetime | None:
    return next((moment for moment in (read_date(text) for text in texts if text) if moment), None)


def _summary(item: Raw) -> str:
    for key in ("summary", "content_text", "content_html"):
        if text := plain(_string(item, key), LONGEST_SUMMARY):
            return text
    return ""


def _author(item: Raw) -> str:
    authors = item.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return _string(first, "name") if isinstance(first, dict) else ""


def _source(item: Raw) -> str:
    """Return the outlet an aggregate names; the format has no field for it, publishers use these."""
    source = item.get("source", item.get("_source"))
    if isinstance(source, dict):
        return _string(source, "title") or _string(source, "name")
    return source if isinstance(source, str) else ""


def _string(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""
