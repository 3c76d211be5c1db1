"""Texts in sentences, without losing a character of them."""

from __future__ import annotations

import re

from monitor.reading.tables import words

_END = re.compile(
    r"(?<![.!?\u2026])[.!?\u2026\u3002\uff01\uff1f]+[\"'\u2019\u201d\u00bb)\]]*(?=\s)|\n{2,}|[\u3002\uff01\uff1f]"
)
_WORD_BEFORE = re.compile(r"([^\s(\"'\u201c\u2018]+)$")
_ABBREVIATIONS = words("abbreviation")
_ENDING_TOO = frozenset(
    {"u.s", "u.k", "u.n", "e.u", "d.c", "a.m", "p.m", "etc", "jr", "sr", "inc", "ltd", "co", "corp"}
)
_NUMBERED = frozenset(
    {"no", "nos", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec", "approx"}
)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text in order, each stripped; together they hold every word of it."""
    sentences, start = [], 0
    for match in _END.finditer(text):
        if _ends(text, match):
            sentences.append(text[start : match.end()].strip())
            start = match.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 40].lstrip()
    if not after:
        return True
    if match.group().startswith("\n"):
        return True
    if after[0].islower():
        return False
    return match.group() != "." or not _is_abbreviation(text[max(0, match.start() - 30) : match.start()], after)


def _is_abbreviation(before: str, after: str) -> bool:
    found = _WORD_BEFORE.search(before)
    word = found.group(1) if found else ""
    lower = word.lower()
    if lower in _NUMBERED:
        return after[0].isdigit()
    if lower in _ENDING_TOO:
        return not after[:1].isupper() or not _STARTERS.match(after)
    return lower in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word.isupper() and word != "I")


_STARTERS = re.compile(
    r"(?:The|A|An|It|He|She|They|We|But|And|In|On|At|If|This|That|These|Those|As|Its|His|Her|Their|There|Some|Any)\b|[A-Z]\w+ (?:says|said|has|have|is|was|will|would)\b"
)
