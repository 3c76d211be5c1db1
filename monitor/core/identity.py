"""When two items are the same article.

Publishers change GUIDs, switch to https, append tracking parameters, retitle and re-date. Identity therefore rests on several
keys, strongest first; an item that shares any key with a stored article is that article, and unique keys in the database decide.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from monitor.core.model import Entry

_TRACKING = re.compile(
    r"^(utm\w*|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|cmpid|cmp|ref|ref_src|referrer|source|src|smid|ns_\w+|at_\w+"
    r"|xtor|ito|partner|ocid|rss|feed\w*|traffic_source|__twitter_impression|amp|guccounter|s?ession_?id|jsessionid|phpsessid)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
SAME_GUID_SIMILARITY = 0.5


def normalise_url(url: str) -> str:
    """Return what is left of `url` when everything is dropped that may change while the article stays; "" for no http URL."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    path = re.sub(r";jsessionid=[^/?]*", "", unquote(parts.path), flags=re.IGNORECASE)
    path = re.sub(r"/(index\.(html?|php)|amp)?/*$", "", path)
    query = sorted((key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.match(key))
    address = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"{address}{path}" + (f"?{urlencode(query)}" if query else "")


def fold(text: str) -> str:
    """Return `text` in one case, one Unicode form, words only, single spaces."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def digest(*parts: str) -> str:
    """Return 24 hexadecimal digits that stand for `parts` in order."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def similarity(one: str, other: str) -> float:
    """Return the Jaccard index of the two texts' words, 0 to 1."""
    left, right = set(fold(one).split()), set(fold(other).split())
    return len(left & right) / len(left | right) if left | right else 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """The keys of one item.

    article_id: id it gets if it is new. keys: any of them shared with a stored article makes it that article, strongest first.
    guid_key: where its GUID may be looked up for a likeness test, "" where it has none that tells anything.
    content_hash: changes when title or summary change.
    """

    article_id: str
    keys: tuple[str, ...]
    guid_key: str
    content_hash: str


def identify(entries: Sequence[Entry], scope: str) -> list[Identity]:
    """Return the identity of each entry of one document, in order.

    scope: the owner group whose feeds may carry the same article. A link or GUID that several differently titled items of the
    document share tells nothing by itself and counts only together with the title.
    """
    titles_by_url: dict[str, set[str]] = {}
    guids: Counter[str] = Counter()
    for guid, title in {(entry.guid, fold(entry.title or entry.summary)) for entry in entries}:
        guids[guid] += 1
        del title
    for entry in entries:
        titles_by_url.setdefault(normalise_url(entry.link), set()).add(fold(entry.title or entry.summary))
    shared_urls = {url for url, titles in titles_by_url.items() if len(titles) > 1}
    return [_identity(entry, scope, shared_urls, guids) for entry in entries]


def _identity(entry: Entry, scope: str, shared_urls: set[str], guids: Counter[str]) -> Identity:
    url = normalise_url(entry.link)
    title, summary = fold(entry.title), fold(entry.summary)
    keys = []
    if url:
        own = "/" in url and url not in shared_urls
        keys.append(digest("url", scope, url) if own else digest("url+title", scope, url, title or summary))
    if entry.guid:
        keys.append(digest("guid+title", scope, entry.guid, title or summary))
    day = entry.published.date().isoformat() if entry.published else ""
    keys.append(digest("text", scope, title, summary, day))
    alone = entry.guid and guids[entry.guid] == 1
    return Identity(
        article_id=f"art-{keys[0][:20]}",
        keys=tuple(keys),
        guid_key=digest("guid", scope, entry.guid) if alone else "",
        content_hash=digest("content", title, summary),
    )
