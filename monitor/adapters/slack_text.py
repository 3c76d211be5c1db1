"""Text for Slack: third-party words that can neither ping, link, format nor overflow.

Lengths are counted in UTF-16 units after escaping, which is never less than what Slack counts.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from urllib.parse import urlsplit

from monitor.adapters.text import one_line
from monitor.core.wording import safe_link

_LONGEST_RAW = 4_000  # no limit is above 3,000; what hides more than a thousand characters is no headline
_LONGEST_URL = 1_000
_LONGEST_TAIL = 16
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_COSTS = {character: len(entity) for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))}
_LOOKALIKES = str.maketrans({"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb", "|": "\u00a6"})
_CALL = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_EMOJI_CODE = re.compile(r":(?=[a-z][a-z0-9_+'-]*:)", re.IGNORECASE)
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
NO_LINK = "\u200b"


def size(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Return third-party words as one line of valid Unicode in which `@channel` and its like call nobody."""
    return _clean(text[:_LONGEST_RAW])


@functools.lru_cache(maxsize=256)  # one message shows the same words up to four times
def _clean(text: str) -> str:
    return _CALL.sub("@" + NO_LINK, one_line(text))


def escape(text: str) -> str:
    """Return `text` with Slack's three control characters written as entities."""
    return text.translate(_ENTITIES)


def plain(text: str, limit: int) -> str:
    """Return third-party words for a plain_text object or the fallback text, at most `limit` long."""
    return cut(_enough(text, limit), limit)


def _enough(text: str, limit: int) -> str:
    """Return as much of `text`, cleaned, as can show within `limit`, and enough to tell that it goes on."""
    return clean(text)[: max(limit, 0) + 2]


def words(text: str, limit: int) -> str:
    """Return third-party words for a mrkdwn object: without any power to format, at most `limit` long."""
    return cut(_EMOJI_CODE.sub("\u2236", _enough(text, limit)).translate(_LOOKALIKES), limit)


def cut(text: str, limit: int) -> str:
    """Return `text` escaped and at most `limit` long, never cut inside an entity or a visible character."""
    if size(text) <= limit and size(escaped := escape(text)) <= limit:
        return escaped
    return escape(text[: _cut_at(text, limit - 1)].rstrip()) + "…" if limit > 0 else ""


def _cut_at(text: str, room: int) -> int:
    used = end = 0
    for character in text[: room + 1]:
        used += _COSTS.get(character) or (2 if character > "\uffff" else 1)
        if used > room:
            break
        end += 1
    for back in range(min(_LONGEST_TAIL, end)):
        if not _joined(text, end - back):
            return _at_word(text, end - back)
    return end


def _joined(text: str, position: int) -> bool:
    """Say whether the characters on both sides of `position` are seen as one."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    if _ZERO_WIDTH_JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    return ord(after) in _SKIN_TONES or (ord(before) in _FLAGS and ord(after) in _FLAGS)


def _at_word(text: str, end: int) -> int:
    space = text.rfind(" ", 0, end)
    return space if space > end * 3 // 4 else end


def host_of(url: str) -> str:
    """Return the host of a link in ASCII, as a person must see it; "" where the link may not be shown."""
    if not safe_link(url):
        return ""
    try:
        host = (urlsplit(url).hostname or "").encode("idna").decode()
    except UnicodeError:
        return ""
    return host if re.fullmatch(r"[A-Za-z0-9._:\[\]-]{1,253}", host) else ""


def link(url: str, label: str, limit: int) -> str:
    """Return a mrkdwn link with `label` followed by its host, or the label alone where `url` may not be shown."""
    host = host_of(url)
    if not host or size(escape(url)) > _LONGEST_URL or one_line(url) != url:
        return words(label, limit)
    tail = f" ({escape(host)})"
    room = limit - size(escape(url)) - size(tail) - 3
    shown = words(label, room) if room > 0 else ""
    return f"<{escape(url)}|{shown or escape(host)}>{tail}" if room >= size(host) else words(label, limit)
