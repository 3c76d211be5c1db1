"""When two items are the same article.

Publishers change GUIDs, switch to https, append tracking parameters, retitle and re-date. Identity therefore rests on several
keys, strongest first; an item that shares any key with a stored article is that article, and unique keys in the database decide.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from monitor.core.model import Article, Entry

_TRACKING = re.compile(
    r"^(utm\w*|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|cmpid|cmp|ref|ref_src|referrer|source|src|smid|ns_\w+|at_\w+"
    r"|xtor|ito|partner|ocid|rss|feed\w*|traffic_source|__twitter_impression|amp|guccounter|s?ession_?id|jsessionid|phpsessid)$",
    re.IGNORECASE,
)
_MIRROR = re.compile(r"^(?:(?:www|m|mobile|amp)\.)+(?=[^.]+\.)")
_WORD = re.compile(r"\w+")
SAME_GUID_SIMILARITY = 0.5
SAME_URL_SIMILARITY = 0.2
TELLING_WORDS = 6


def normalise_url(url: str) -> str:
    """Return what is left of `url` when everything is dropped that may change while the article stays; "" for no http URL."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = _MIRROR.sub("", parts.hostname or "")
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
    guid_key: where its GUID may be looked up for a likeness test, "" where it has none that tells anything. content_hash: changes
    when title or summary change. url_key: the first of `keys` where that is the link alone, "" elsewhere.
    """

    article_id: str
    keys: tuple[str, ...]
    guid_key: str
    content_hash: str
    url_key: str = ""

    def without_url(self) -> Identity:
        """Return the identity of an item whose link turned out to be every item's: by link and title together."""
        keys = tuple(key for key in self.keys if key != self.url_key)
        return replace(self, article_id=_article_id(keys), keys=keys, url_key="")


def url_keys(url: str, scopes: Iterable[str]) -> list[str]:
    """Return the keys under which an address may be stored, for each owner group whose feeds may have carried it."""
    plain = normalise_url(url)
    return [digest("url", scope, plain) for scope in dict.fromkeys(scopes)] if "/" in plain else []


def identify(entries: Sequence[Entry], scope: str) -> list[Identity]:
    """Return the identity of each entry of one document, in order.

    scope: the owner group whose feeds may carry the same article. A link or GUID that several differently titled items of the
    document share tells nothing by itself and counts only together with the title.
    """
    titles = [fold(entry.title or entry.summary) for entry in entries]
    urls = Counter(url for url, _ in {(normalise_url(entry.link), title) for entry, title in _pairs(entries, titles)})
    guids = Counter(guid for guid, _ in {(entry.guid, title) for entry, title in _pairs(entries, titles)})
    return [_identity(entry, scope, shared_url=urls[normalise_url(entry.link)] > 1, guids=guids) for entry in entries]


def _pairs(entries: Sequence[Entry], titles: Sequence[str]) -> Iterator[tuple[Entry, str]]:
    return zip(entries, titles, strict=True)


def _identity(entry: Entry, scope: str, *, shared_url: bool, guids: Counter[str]) -> Identity:
    url = normalise_url(entry.link)
    title, summary = fold(entry.title), fold(entry.summary)
    url_key = digest("url", scope, url) if "/" in url and not shared_url else ""
    keys = [url_key] if url_key else []
    if url:
        keys.append(digest("url+title", scope, url, title or summary))
    if entry.guid:
        keys.append(digest("guid+title", scope, entry.guid, title or summary))
    keys.append(digest("text", scope, title, summary, _day(entry, f"{title} {summary}")))
    return Identity(
        article_id=_article_id(keys),
        keys=tuple(keys),
        guid_key=digest("guid", scope, entry.guid) if entry.guid and guids[entry.guid] == 1 else "",
        content_hash=digest("content", title, summary),
        url_key=url_key,
    )


def _article_id(keys: Sequence[str]) -> str:
    return f"art-{keys[0][:20]}"


def _day(entry: Entry, text: str) -> str:
    """Return the day that keeps texts apart which come again ("Morning briefing"); "" for a long text with nothing else to know it by."""
    nameless = not entry.link and not entry.guid
    if entry.published is None or (nameless and len(text.split()) >= TELLING_WORDS):
        return ""
    return entry.published.date().isoformat()


def same_by_guid(entry: Entry, former: Article) -> bool:
    """Say whether an item with the GUID of `former`, and no other key of it, is the same article: of the same moment or likeness."""
    if entry.published is not None and entry.published == former.published_at:
        return True
    return similarity(*_texts(entry, former)) >= SAME_GUID_SIMILARITY


def same_by_url(entry: Entry, former: Article) -> bool:
    """Say whether an item with the link of `former` is the same article, retitled perhaps, or another behind a link that never changes.

    Taking an edit for a new article costs a line; taking a new article for an edit would cost its alert. So two texts that share
    hardly a word are the same article only where GUID or date say so.
    """
    likeness = max(similarity(*_texts(entry, former)), similarity(entry.title, former.title))
    guids, dates = (entry.guid, former.guid), (entry.published, former.published_at)
    if likeness >= SAME_URL_SIMILARITY or any(one and one == other for one, other in (guids, dates)):
        return True
    return likeness > 0.0 and not any(one and other for one, other in (guids, dates))


def _texts(entry: Entry, former: Article) -> tuple[str, str]:
    return f"{entry.title} {entry.summary}", f"{former.title} {former.summary}"
