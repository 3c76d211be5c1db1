"""One document, whatever its format: bytes in, entries out. Pure; run inside a worker on third-party bytes."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from monitor.adapters.parse_encoding import decode
from monitor.adapters.parse_json import read_json
from monitor.adapters.parse_prepare import root_name
from monitor.adapters.parse_xml import read_xml
from monitor.adapters.text import plain, web_link
from monitor.core.errors import ParseError
from monitor.core.model import ParsedFeed

_HEAD = 100_000
_HTML = re.compile(
    r"(?:\s|<!--.*?-->|<\?.*?\?>)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.IGNORECASE | re.DOTALL
)
_PAGE_TITLE = re.compile(r"<title[^>]{0,500}>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"<link\s([^<>]{1,2000})>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_BOT_CHECK = re.compile(
    r"captcha|attention required|just a moment|checking your browser|access denied|are you a robot|enable javascript and cookies",
    re.IGNORECASE,
)
_MOST_NAMED = 3


def parse_document(body: bytes, content_type: str, base_url: str) -> ParsedFeed:
    """Return the feed in `body`, links seen from `base_url`.

    Raises ParseError where there is no feed in it. A feed without items is no error here.
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ParseError("the document is empty; the server answered without a feed")
    if body.startswith((b"\x1f\x8b", b"PK\x03\x04", b"%PDF")):
        raise ParseError("the document is an archive or a file, not a feed; look for the feed's address")
    text, remark = decode(body, content_type)
    feed = _read(text, base_url)
    return replace(feed, remarks=(remark, *feed.remarks)) if remark else feed


def _read(text: str, base_url: str) -> ParsedFeed:
    if text.lstrip("\ufeff \t\r\n\x00")[:1] in ("{", "["):
        return read_json(text, base_url)
    if _HTML.match(text[:_HEAD]) or root_name(text).lower() == "html":
        raise ParseError(_instead_of_feed(text[:_HEAD], base_url))
    try:
        return read_xml(text, base_url)
    except (MemoryError, RecursionError) as error:
        raise ParseError("the document needs more memory than one feed may take") from error


def _instead_of_feed(page: str, base_url: str) -> str:
    """Say what came instead of a feed, and where the page says its feeds are."""
    found = _PAGE_TITLE.search(page)
    named = f' titled "{plain(found[1], 80)}"' if found else ""
    if _BOT_CHECK.search(page):
        return f"a bot check or refusal{named} came instead of a feed; ask the publisher for access or use another feed"
    links = [web_link(html.unescape(href), base_url) for href in _alternates(page)]
    places = ", ".join([link for link in links if link][:_MOST_NAMED])
    remedy = f"it names these feeds: {places}" if places else "look for the feed's address on it"
    return f"an HTML page{named} came instead of a feed; {remedy}"


def _alternates(page: str) -> list[str]:
    tags = [match[1] for match in _LINK.finditer(page)]
    feeds = [tag for tag in tags if re.search(r"application/(rss|atom|feed|rdf)", tag, re.IGNORECASE)]
    return [found[1] for found in map(_HREF.search, feeds) if found]
