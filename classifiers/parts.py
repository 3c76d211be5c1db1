"""Cuts an item into the parts that are scored: the whole, its title, and windows of its sentences."""

from __future__ import annotations

import re
from itertools import pairwise

MAX_SENTENCES = 40
MAX_CHARS = 600

_END = re.compile(r"(?<=[.!?\u2026\u3002\uff01\uff1f])[\"'\u201d\u2019)\]]*\s+(?=[^\sa-z])|\n+")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Gen|Lt|Col|Maj|Sgt|Capt|Adm|Sen|Rep|Gov|Pres|St|vs|No|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.$"
)


def sentences(text: str) -> list[str]:
    """Return the sentences of `text`, at most `MAX_SENTENCES`; a very long one is cut at `MAX_CHARS`.

    An ending after an initial, a title or a month's short form is no ending.
    """
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[start : match.start()]):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
        if len(found) == MAX_SENTENCES:
            break
    else:
        found.append(text[start:].strip())
    return [sentence[:MAX_CHARS] for sentence in found if sentence]


def whole(title: str, text: str) -> str:
    """Return title and text as one, cut at a length that bounds the work."""
    joined = f"{title.strip()} {text.strip()}".strip()
    return joined[: MAX_CHARS * 4]


def parts(title: str, text: str) -> list[str]:
    """Return what is scored for an item: the whole first, then title, sentences and pairs of neighbours.

    An item without text has one part, its title. Work is bounded: at most 2 * `MAX_SENTENCES` + 1 parts.
    """
    if not text.strip():
        return [title.strip()[: MAX_CHARS * 4]]
    found = sentences(text)
    pairs = [f"{a} {b}" for a, b in pairwise(found)]
    head = [title.strip()[:MAX_CHARS]] if title.strip() else []
    if len(found) + len(head) == 1:
        return [whole(title, text)]
    return list(dict.fromkeys([whole(title, text), *head, *found, *pairs]))
