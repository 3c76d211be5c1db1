"""Cleaning of third-party text: from markup and any Unicode to one plain, safe line."""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_LONGEST_LINK = 4_000
_ANSI = re.compile(r"\x1b(?:\[[0-?]{0,40}[ -/]{0,10}[@-~]|[@-Z\\-_])")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Controls, bidirectional marks and overrides, soft hyphen, zero-width space and joiners that only hide text, interlinear
# marks, tags, noncharacters. ZWNJ and ZWJ stay: Persian and emoji need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF)) + "]"
)
_TWICE_ENCODED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")
# First bytes that hardly begin such a pair by chance; others do in honest French or German, an e acute before a quotation mark.
_TELLING = frozenset("\u00c2\u00c3\u00d0\u00d1\u00e2\u00f0")
_MOST_CHANCES = 3

_LINE_BREAKS = re.compile("[\t\r\n]")  # browsers leave them out, and with them `java\\tscript:` is a script


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BREAKING = _names(
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4"
    " h5 h6 header hr img li main nav ol option p pre section summary table tbody td tfoot th thead tr ul"
)
_INLINE = _names(
    "a abbr acronym area audio b base basefont bdi bdo big body button canvas cite code col colgroup data datalist del dfn em"
    " embed font frame frameset head html i input ins kbd label legend link map mark meta meter noscript object optgroup output"
    " param picture progress q rp rt ruby s samp select slot small source span strike strong sub sup svg time title track tt u"
    " var video wbr textarea g path"
)
_HIDDEN = frozenset({"script", "style", "template", "iframe"})
_KNOWN = _BREAKING | _INLINE | _HIDDEN
_UNFINISHED = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_MOST_UNFINISHED = 20
_BRACKETS = re.compile("[<>]")
_NAMESPACED = re.compile(r"[a-z][\w.-]*:[a-z][\w.-]*")
_ANY_TAG = re.compile(r"<[/!?]?[A-Za-z][^<>]*>|<!--")


class _Words(HTMLParser):
    """Collects the text of a fragment; an unknown tag is taken for text in angle brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BREAKING:
            self.pieces.append(" ")
        elif tag not in _KNOWN and not _NAMESPACED.fullmatch(tag) and not self._hidden:
            self.pieces.append(html.unescape(self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BREAKING:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def without_markup(text: str) -> str:
    """Return the words of an HTML fragment, entities decoded once, a space where a block begins or ends."""
    if "<" not in text:
        return html.unescape(text) if "&" in text else text
    text = _without_comments(text)
    if len(_UNFINISHED.findall(text)) > _MOST_UNFINISHED:  # the standard parser takes quadratic time for them
        text = _UNFINISHED.sub("&lt;", text)
    parser = _Words()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError:  # the standard parser gives up on some malformed declarations
        return html.unescape(_ANY_TAG.sub(" ", text))
    return "".join(parser.pieces)


def _without_comments(text: str) -> str:
    """Leave out comments; one that is never closed takes the rest with it, as in browsers."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        parts.append(text[position:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(parts)
        position = end + 3
    return "".join([*parts, text[position:]])


def _repair_double_utf8(text: str) -> str:
    """Return what a text was before its UTF-8 bytes were read as Latin-1 or Windows-1252 and encoded again."""
    found = _TWICE_ENCODED.findall(text)
    if len(found) < _MOST_CHANCES and not any(pair[0] in _TELLING for pair in found):
        return text
    try:
        raw = b"".join(_as_byte(character) for character in text)
        return raw.decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _as_byte(character: str) -> bytes:
    return character.encode("latin-1" if ord(character) <= 0xFF else "cp1252")  # noqa: PLR2004  # Latin-1 ends there


def valid(text: str) -> str:
    """Return `text` as valid Unicode: surrogate pairs joined, lone ones and NULs gone, in one normal form."""
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return unicodedata.normalize("NFC", _NONCHARACTER.sub("", text))


def one_line(text: str) -> str:
    """Return `text` without control, escape and bidirectional characters, white space folded to single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _UNWANTED.sub("", _ANSI.sub("", valid(_repair_double_utf8(text))))
    return unicodedata.normalize("NFC", " ".join(text.split()))


def shorten(text: str, limit: int) -> str:
    """Return `text` cut to at most `limit` characters, at a word where one ends nearby, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit * 3 // 4 else head).rstrip() + "…"


def plain(markup: str, limit: int) -> str:
    """Return the plain text of a feed's field, at most `limit` characters."""
    return shorten(one_line(without_markup(markup[: _most_markup(limit)])), limit)


def _most_markup(limit: int) -> int:
    return max(limit * 5, 10_000)


def plain_title(markup: str, limit: int) -> str:
    """Return a title's plain text; one that is nothing but markup is shown with its brackets left out, not lost."""
    return plain(markup, limit) or shorten(one_line(_BRACKETS.sub(" ", markup[: _most_markup(limit)])), limit)


def web_link(url: str, base: str) -> str:
    """Return the absolute http(s) address of `url` seen from `base`, "" for anything else.

    Addresses with credentials are dropped: nobody publishes news there, and they disguise the host.
    """
    url = one_line(_LINE_BREAKS.sub("", url)).replace(" ", "%20")
    if not url or len(url) > _LONGEST_LINK:
        return ""
    try:
        absolute = urljoin(base, url)
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return ""
    return absolute if usable and "\\" not in parts.netloc else ""
