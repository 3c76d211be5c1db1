"""Turns a text into terms: words, pairs of words, runs of characters, and the countries named.

The model shall learn the act, not the actor: every name or capital of a country becomes one sign, every demonym
another, and which countries they were is a block of terms of its own that training may weigh lightly. Digits become
zeros for the same reason. Everything here is pure and deterministic.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from classifiers.countries import TABLE

COUNTRY = "§"
DEMONYM = "¤"

_TOKEN = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\b\.?|\w+(?:'(?!s\b)\w+)?|[^\w\s]|\s+")
_WORD = re.compile(r"[§¤]|\w+(?:[.']\w+)*")
_CHARS = (3, 4, 5)
_DIGIT = re.compile(r"\d")
_MARKS = re.compile("[\u0300-\u036f]")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "§": " ", "¤": " "})
_ONLY_CAPITALISED = frozenset({"turkey", "turk", "turks", "polish", "jordan", "chad", "lao", "danes", "wellington"})
_ONLY_UPPER = frozenset({"us", "rok", "png", "prc"})

Names = dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A text made ready for the model.

    masked: lower case, countries as `§`, demonyms as `¤`, digits as 0, single spaces.
    countries: ISO alpha-3 code of each name found, in order of mention, with repetitions.
    """

    masked: str
    countries: tuple[str, ...]


def plain(text: str) -> str:
    """Return `text` with straight quotes and without accents (compatibility forms folded)."""
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_QUOTES)))


def _spelling(name: str) -> tuple[str, ...]:
    return tuple(token.lower() for token in _TOKEN.findall(plain(name)) if not token.isspace())


@cache
def _names() -> Names:
    """Map the first word of each name (lower case) to its candidates: (words, mask, ISO code), longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for code, names, demonyms, cities in (line.split(";") for line in TABLE.strip().splitlines()):
        for mask, group in ((COUNTRY, names), (DEMONYM, demonyms), (COUNTRY, cities)):
            for name in filter(None, group.split(",")):
                words = _spelling(name)
                found.setdefault(words[0], []).append((words, mask, code))
    return {first: tuple(sorted(group, key=lambda c: (-len(c[0]), c[2]))) for first, group in found.items()}


def _is_name(word: str, lower: str) -> bool:
    """Say whether a word that spells a country's name is also written like one."""
    if lower in _ONLY_UPPER:
        return word.isupper()
    return lower not in _ONLY_CAPITALISED or word[0].isupper()


def _covers(tokens: list[str], at: int, words: tuple[str, ...]) -> int:
    """Return the position after `words` in `tokens` from `at` on (spaces between them are skipped), or 0."""
    for word in words:
        while at < len(tokens) and tokens[at].isspace():
            at += 1
        if at == len(tokens) or tokens[at].lower() != word:
            return 0
        at += 1
    return at


def _name_at(tokens: list[str], at: int, names: Names) -> tuple[int, str, str] | None:
    """Return (position after it, mask, code) of the longest country name that starts at `at`."""
    lower = tokens[at].lower()
    for words, mask, code in names.get(lower, ()):
        end = at + 1 if len(words) == 1 else _covers(tokens, at, words)
        if end and _is_name(tokens[at], lower):
            return end, mask, code
    return None


def _pieces(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield (masked piece, start and end in `text`, country code or '') for each token or country name of plain `text`."""
    matches = list(_TOKEN.finditer(text))
    tokens = [match.group() for match in matches]
    names = _names()
    i = 0
    while i < len(tokens):
        token = tokens[i]
        found = _name_at(tokens, i, names) if token.lower() in names else None
        end, piece, code = found or (i + 1, " " if token.isspace() else _DIGIT.sub("0", token.lower()), "")
        yield piece, matches[i].start(), matches[end - 1].end(), code
        i = end


def read(text: str) -> Reading:
    """Read `text`: lower it, mask its countries and digits, and keep which countries it names."""
    pieces = list(_pieces(plain(text).strip()))
    return Reading(
        masked="".join(piece for piece, *_ in pieces),
        countries=tuple(code for *_, code in pieces if code),
    )


def countries(text: str) -> frozenset[str]:
    """Return the ISO alpha-3 codes of the countries that `text` names by name, people or capital."""
    return frozenset(read(text).countries)


def word_terms(reading: Reading) -> list[str]:
    """Return single words, pairs of neighbours, and pairs with one word between (marked by `*`)."""
    words = _WORD.findall(reading.masked)
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    return words + pairs + [f"{a} * {b}" for a, b in zip(words, words[2:], strict=False)]


def char_terms(reading: Reading) -> list[str]:
    """Return the runs of 3 to 5 characters, across words, punctuation included."""
    padded = f" {reading.masked} "
    size = len(padded)
    return [padded[i : i + n] for n in _CHARS for i in range(size - n + 1)]


def country_terms(reading: Reading) -> list[str]:
    """Return the codes of the countries named."""
    return list(reading.countries)


BLOCKS: dict[str, Callable[[Reading], list[str]]] = {
    "words": word_terms,
    "chars": char_terms,
    "countries": country_terms,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """One occurrence of a term, and the words of the text it touches.

    term: (block, term); spans: (start, end) of each word in the plain text, at least one.
    """

    term: tuple[str, str]
    spans: tuple[tuple[int, int], ...]


def touches(text: str) -> list[Touch]:
    """Return every occurrence of every term of plain, stripped `text`, in the order of the blocks.

    A run of characters beyond all words (quotes, spaces) touches the word before it, or the first.
    """
    pieces = list(_pieces(text))
    masked = "".join(piece for piece, *_ in pieces)
    origin = [(start, end) for piece, start, end, _ in pieces for _ in piece]
    words = [match.span() for match in _WORD.finditer(masked)]
    if not words:
        return []
    spans = [(origin[start][0], origin[end - 1][1]) for start, end in words]
    return [
        *_word_touches([masked[start:end] for start, end in words], spans),
        *_char_touches(masked, words, spans),
        *_country_touches(pieces),
    ]


def _word_touches(words: list[str], spans: list[tuple[int, int]]) -> Iterator[Touch]:
    for i, word in enumerate(words):
        yield Touch(term=("words", word), spans=(spans[i],))
        for gap, sign in ((1, " "), (2, " * ")):
            if i + gap < len(words):
                yield Touch(term=("words", f"{word}{sign}{words[i + gap]}"), spans=(spans[i], spans[i + gap]))


def _char_touches(masked: str, words: list[tuple[int, int]], spans: list[tuple[int, int]]) -> Iterator[Touch]:
    padded = f" {masked} "
    for n in _CHARS:
        for i in range(len(padded) - n + 1):
            low, high = i - 1, i - 1 + n
            within = [span for (start, end), span in zip(words, spans, strict=True) if start < high and end > low]
            before = [span for (_, end), span in zip(words, spans, strict=True) if end <= low]
            yield Touch(term=("chars", padded[i : i + n]), spans=tuple(within or before[-1:] or spans[:1]))


def _country_touches(pieces: list[tuple[str, int, int, str]]) -> Iterator[Touch]:
    for _, start, end, code in pieces:
        if code:
            yield Touch(term=("countries", code), spans=((start, end),))
