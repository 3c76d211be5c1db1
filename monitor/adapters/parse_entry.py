"""One item: from the loose fields of any format to a clean entry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from monitor.adapters.parse_dates import read_date
from monitor.adapters.text import one_line, plain, plain_title, web_link
from monitor.core.model import Entry

LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 20_000
_LONGEST_NAME = 200
_LONGEST_GUID = 1_000
_WITHDRAWN = re.compile(
    r"\W{0,5}(?:(?i:withdrawn|retracted|story withdrawn|story retracted|correction\s{0,3}\W{1,3}\s{0,3}story withdrawn)"
    r"\s{0,3}[:\u2013\u2014-]|KILL(?:ED)?\s{0,3}:|(?i:correction\s{0,3}\W{1,3}\s{0,3}story withdrawn)\b)"
)
_BY_MARKS = ("published", "created", "updated")

Raw = Mapping[str, Any]


def is_withdrawn_title(title: str) -> bool:
    """Say whether a title begins with a publisher's mark that the story no longer stands."""
    return bool(_WITHDRAWN.match(title))


def entry_from(raw: Raw, base: str) -> Entry:
    """Return the entry that feedparser's fields describe; relative links are seen from `base`."""
    dates = {name: _string(raw, name) for name in _BY_MARKS}
    published = next((moment for moment in (read_date(text) for text in dates.values() if text) if moment), None)
    return Entry(
        guid=guid(_string(raw, "id")),
        link=_link(raw, base),
        title=plain_title(_string(raw, "title"), LONGEST_TITLE),
        summary=_summary(raw),
        published=published,
        bad_date=published is None and any(text.strip() for text in dates.values()),
        source=source_name(_nested(raw, "source", "title") or _string(raw, "dc_source")),
        author=plain(_string(raw, "author"), _LONGEST_NAME),
        language=language(_nested(raw, "title_detail", "language") or _string(raw, "language")),
        updated=read_date(dates["updated"]) if dates["updated"] else None,
    )


def guid(text: str) -> str:
    """Return an item's own id as one line; one too long to keep is cut and told apart by its digest."""
    text = one_line(text)
    if len(text) <= _LONGEST_GUID:
        return text
    return f"{text[:_LONGEST_GUID]}#{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


def language(text: str) -> str:
    """Return a language tag in lower case, "" for anything else."""
    tag = text.strip().lower().replace("_", "-")
    return tag if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}", tag) else ""


def source_name(text: str) -> str:
    """Return the outlet that an aggregate names for an item; of an address, its host."""
    name = plain(text, _LONGEST_NAME)
    if not name.startswith(("http://", "https://")):
        return name
    try:
        return (urlsplit(name).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _link(raw: Raw, base: str) -> str:
    original = web_link(_string(raw, "feedburner_origlink"), base)
    return original or web_link(_string(raw, "link"), base) or _first_link(_dicts(raw, "links"), base)


def _first_link(links: Iterable[Raw], base: str) -> str:
    found = (web_link(_string(one, "href"), base) for one in links if _string(one, "rel") in ("alternate", ""))
    return next((link for link in found if link), "")


def _summary(raw: Raw) -> str:
    """Return the summary, or the content where there is none."""
    contents = [_string(one, "value") for one in _dicts(raw, "content") if _is_text(_string(one, "type"))]
    for markup in (_string(raw, "summary"), *contents):
        if text := plain(markup, LONGEST_SUMMARY):
            return text
    return ""


def _is_text(kind: str) -> bool:
    return not kind or kind.startswith("text") or "html" in kind or kind.endswith("xml")


def _string(raw: Raw, key: str) -> str:
    # dict.get, because feedparser's own look-up answers for other keys, with deprecation warnings
    value = dict.get(raw, key) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""


def _nested(raw: Raw, key: str, inner: str) -> str:
    value = dict.get(raw, key) if isinstance(raw, dict) else None
    return _string(value, inner) if isinstance(value, dict) else ""


def _dicts(raw: Raw, key: str) -> list[Raw]:
    value = dict.get(raw, key) if isinstance(raw, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
