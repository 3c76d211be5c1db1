"""Texts as tokens: words in their own spelling and in the plain lower form that tables are written in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONG, ENOUGH = 4, 3
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b(?!\.))?|[^\W_]+(?:'(?![sS]\b)[^\W_]+)*|'[sS]\b|[^\w\s]")
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"'}
)
_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-"})


_LONG_DASHES = str.maketrans({"\u2013": "-", "\u2014": "-"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text cut up.

    words: as written, accents removed. lower: the same in lower case. cased: whether the text distinguishes names by capitals
    (False for all capitals and for none).
    """

    words: list[str]
    lower: list[str]
    cased: bool


def plain_marks(text: str) -> str:
    """Return the text with plain quotes, hyphens and dashes, character for character."""
    return text if text.isascii() else text.translate(_QUOTES).translate(_DASHES).translate(_LONG_DASHES)


def plain(text: str) -> str:
    """Return the text with plain quotes and hyphens and without accents, for looking up."""
    if text.isascii():
        return text
    text = text.translate(_QUOTES).translate(_DASHES)
    if text.isascii():
        return text
    return "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))


def tokenise(text: str) -> Tokens:
    """Cut a text into words, abbreviations with their periods, possessive endings and single signs."""
    words = _TOKEN.findall(plain(text))
    lower = [word.lower() for word in words]
    return Tokens(words=words, lower=lower, cased=_is_cased(text))


def _is_cased(text: str) -> bool:
    return not (text.isupper() or text.islower())


def is_titled(words: list[str]) -> bool:
    """Say whether more than three quarters of the longer words begin with a capital, as in many headlines."""
    longer = [word for word in words if len(word) >= LONG and word[0].isalpha()]
    return len(longer) >= ENOUGH and sum(word[0].isupper() for word in longer) * 4 > len(longer) * 3
