"""What is taken out of XML before any parser sees it: document types, entities, illegal characters, traps for regexes."""

from __future__ import annotations

import re
from html.entities import html5

_ILLEGAL = re.compile("\x1b\\[[0-?]{0,40}[ -/]{0,10}[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:(\d{1,9})|[xX]([0-9a-fA-F]{1,8}));")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_DECLARED = re.compile(
    r"""<!ENTITY\s+([\w.-]{1,64})\s+(?:"([^"&%<]{0,50}|&#\w{1,8};)"|'([^'&%<]{0,50}|&#\w{1,8};)')\s*>"""
)
_DECLARATION = re.compile(r"\s*<\?xml\s.{0,1000}?\?>", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_TOKEN = re.compile(r"""<!--.*?-->|"[^"]*"|'[^']*'|[\[\]>]""", re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]{0,60})")
_COMMENT = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
# feedparser looks for an address in every author with a regex that takes quadratic time.
_LONG_PERSON = re.compile(
    r"(<(?:[\w.-]+:)?(?:author|creator|name|email|managingEditor|webMaster|publisher|contributor)(?:\s[^<>]*)?>"
    r"\s*(?:<!\[CDATA\[)?[^<\]]{200})[^<\]]+",
    re.IGNORECASE,
)
_OPENED = re.compile(r"<([A-Za-z_][\w:.-]{0,60})(?:\s[^<>]*)?>\s*$")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_LAST = 0x10FFFF
_MOST_EXPANSIONS = 50_000


def prepared(text: str) -> str:
    """Return `text` without XML declaration and document type, its harmless entities replaced, illegal characters gone."""
    text = _ILLEGAL.sub("", text).lstrip("\ufeff \t\r\n")
    text = text[max(0, text.find("<")) :]
    declaration = _DECLARATION.match(text)
    if declaration:
        text = text[declaration.end() :].lstrip()
    text, entities = _without_doctype(text)
    if "&" in text:
        text = _ENTITY.sub(
            lambda match: _expanded(match, entities), text, count=0 if not entities else _MOST_EXPANSIONS
        )
        text = _REFERENCE.sub(_legal_reference, text)
    return _LONG_PERSON.sub(r"\1", text) + _missing_end(text)


def _missing_end(text: str) -> str:
    """Return what closes a CDATA section that the document breaks off in, so that its words are not lost."""
    start = text.rfind("<![CDATA[")
    if start < 0 or text.find("]]>", start) >= 0:
        return ""
    opened = _OPENED.search(text, max(0, start - 500), start)
    return f"]]></{opened[1]}>" if opened else "]]>"


def root_name(text: str) -> str:
    """Return the name of a document's first element, "" where there is none."""
    found = _ROOT.search(_COMMENT.sub("", text[:20_000]))
    return found[1] if found else ""


def _without_doctype(text: str) -> tuple[str, dict[str, str]]:
    """Cut the document type out; return its plain text entities, never nested ones or those of other files."""
    root = _ROOT.search(text)
    found = _DOCTYPE.search(text, 0, root.start() if root else len(text))
    if not found:
        return text, {}
    end = _end_of_doctype(text, found.end())
    entities = {name: one or other for name, one, other in _DECLARED.findall(text, found.end(), end)}
    rest = text[: found.start()] + text[end:]
    return (rest, entities) if not _DOCTYPE.match(rest.lstrip()) else (_DOCTYPE.sub("", rest), entities)


def _end_of_doctype(text: str, start: int) -> int:
    inside = False
    for token in _TOKEN.finditer(text, start):
        if token[0] in "[]":
            inside = token[0] == "["
        elif token[0] == ">" and not inside:
            return token.end()
    unclosed = text.find(">", start)
    return unclosed + 1 if unclosed >= 0 else len(text)


def _expanded(match: re.Match[str], declared: dict[str, str]) -> str:
    """Return what an entity that XML itself does not know stands for: as declared, or as in HTML."""
    name = match[1]
    if name in _XML_NAMES:
        return match[0]
    if name in declared:
        return declared[name]
    known = html5.get(f"{name};")
    return "".join(f"&#{ord(character)};" for character in known) if known else match[0]


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else int(match[2], 16)
    legal = code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= _LAST  # noqa: PLR2004  # as in XML 1.0
    return match[0] if legal else ""
