"""From a document's bytes to its text, whatever it says about itself."""

from __future__ import annotations

import codecs
import re
from email.message import Message

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first bytes of `<` or `<?xm` in encodings that are no superset of ASCII (XML 1.0, appendix F).
_STARTS = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
# What publishers mean when they name a smaller set.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_BY_LANGUAGE = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk", "kk"), "cp1251"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro"), "cp1250"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
    "el": "cp1253",
    "he": "cp1255",
    "tr": "cp1254",
    "th": "cp874",
    "zh": "gb18030",
    "ja": "cp932",
    "ko": "cp949",
}
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']\s*([A-Za-z][\w.:-]{0,40})\s*["']""")
_LANGUAGE = re.compile(rb"""(?:<(?:dc:)?language>\s*|\bxml:lang\s*=\s*["'])([A-Za-z]{2})\b""")
_HIGH_RUN = re.compile(rb"[\xc0-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HEAD = 4_000


def decode(body: bytes, content_type: str) -> tuple[str, str]:
    """Return the text of `body` and a remark on its encoding, "" where nothing was odd.

    Bytes that are valid UTF-8 are UTF-8 whatever is declared; then the document's own word, then the server's, then a guess.
    """
    encoding, body = _by_signature(body)
    if encoding:
        return body.decode(encoding, "replace"), ""
    stated = [name for name in (_declared(body), _charset(content_type)) if name]
    if (body.isascii() and not _is_escaped(stated)) or _is_utf8(body, stated):
        return body.decode("utf-8"), ""
    for name in stated:
        text = _strictly(body, name)
        if text is not None:
            return text, ""
    return _guess(body)


def _by_signature(body: bytes) -> tuple[str, bytes]:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return (encoding if encoding != "utf-8" else ""), body[len(mark) :]
    start = body[:64].lstrip()
    for mark, encoding in _STARTS:
        if start.startswith(mark) or body.startswith(mark):
            return encoding, body
    return "", body


def _declared(body: bytes) -> str:
    found = _DECLARATION.match(body[:_HEAD])
    return _known(found[1].decode("ascii")) if found else ""


def _charset(content_type: str) -> str:
    header = Message()
    header["content-type"] = " ".join(content_type.split())
    try:
        return _known(str(header.get_content_charset() or ""))
    except (LookupError, ValueError, TypeError):  # the standard parser trips over some malformed parameters
        return ""


def _known(name: str) -> str:
    """Return the codec that `name` stands for, "" where it is none for text."""
    try:
        info = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name in (
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
    ):
        return ""
    return _WIDER.get(info.name, info.name)


def _is_escaped(stated: list[str]) -> bool:
    """Say whether the stated encoding hides other characters in ASCII bytes."""
    return any(name.startswith(("iso2022", "utf-7", "hz")) for name in stated)


def _is_utf8(body: bytes, stated: list[str]) -> bool:
    if _is_escaped(stated):
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strictly(body: bytes, name: str) -> str | None:
    if name.startswith(("utf-16", "utf-32")):  # it would have shown in the first bytes
        return None
    try:
        return body.decode(name)
    except (UnicodeError, LookupError):
        return None


def _guess(body: bytes) -> tuple[str, str]:
    """Decode what is neither what it says nor UTF-8: damaged UTF-8, or an old single- or double-byte set."""
    whole = sum(len(found) for found in _UTF8_CHARACTER.findall(body))
    high = len(_HIGH.findall(body))
    if whole * 2 > high:
        return body.decode("utf-8", "repair-byte"), "some bytes are not valid UTF-8 and were read as Windows-1252"
    found = _LANGUAGE.search(body[:_HEAD])
    named = _BY_LANGUAGE.get(found[1].decode("ascii").lower(), "") if found else ""
    runs = sum(len(run) for run in _HIGH_RUN.findall(body))
    encoding = named or ("cp1251" if runs * 2 > high else "cp1252")
    return body.decode(encoding, "replace"), f"wrong encoding stated; read as {encoding}"


def _read_as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return broken.decode("cp1252", "replace"), error.end


codecs.register_error("repair-byte", _read_as_windows)
