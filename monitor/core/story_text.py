"""A headline as the comparison of stories sees it: what copy desks add is taken off, what is left is words with a meaning.

A token is a stemmed word; `#12` is a number, `@RUS` a country or bloc by any of its names. Names are the tokens that stand for
one particular person, place or body, told by capitals, or in a title that capitalises everything by not being common words.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.core.common_words import COMMON_WORDS
from monitor.core.story_words import GROUPS, NUMBERS, PHRASE_STARTS, PHRASES, PLACES, SAME, SEATS, STOP_WORDS, stem

_DASH = r"\-\u2013\u2014|"
_KICKER = re.compile(
    r"^\W*(?:(?:update|upd|refile|rpt|corrected|correction|wrapup|breaking(?: news)?|live(?: updates?| blog| news| coverage)?"
    r"|watch(?: live)?|video|exclusive|just in|developing|alert|urgent|lead|flash|newsflash|latest|the latest|updated?|new)"
    rf"\s*\d*\s*(?:[:{_DASH}\]]+|\s[{_DASH}]\s)\s*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"\s*[:,;(\[{_DASH}]+\s*(?:live(?: updates?| blog| news| coverage)?|updates?|updated|as it happened|latest(?: updates| news)?"
    r"|video|watch(?: live)?|photos?|pictures|exclusive|breaking|reports?|with video|developing)\s*[\])]?\s*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(rf"\s+([{_DASH}])\s+([^{_DASH}]{{2,60}}|[\w-]+(?:\.\w+)+)\s*$")
_SOURCE_IN_BRACKETS = re.compile(r"\s*\((?:reuters|afp|ap|upi|dpa|tass|efe|ansa)\)\s*$", re.IGNORECASE)
_SOURCE_FIRST = re.compile(
    rf"^(?:reuters|afp|ap|bbc(?: news)?|cnn|tass|xinhua|interfax)\s*[:{_DASH}]\s+", re.IGNORECASE
)
_OUTLETS = (
    "news times post tv radio herald tribune gazette daily telegraph guardian independent journal reuters ap afp bbc cnn nbc"
    " abc cbs npr cnbc fox msnbc bloomberg politico axios euronews dw rt tass xinhua interfax anadolu yahoo msn online press sun"
    " mirror mail express standard chronicle globe star observer reporter magazine media network jazeera upi dpa efe kyodo"
    " yonhap sky itv pbs haaretz ynet wire insider newspaper today week review channel agency monde figaro spiegel zeitung"
    " pravda gazeta kommersant"
)
_OUTLET_WORDS = frozenset(_OUTLETS.split())
_DOMAIN = re.compile(r"^[\w-]+(\.[\w-]+)+$")
_WORD = re.compile(r"\d+(?:[.,]\d+)*\w*|\w+")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}|\b[A-Z]\.(?=[A-Z]\b)")
_STATES = re.compile(r"\bUSA?\b")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s?\b(?!\w)")
_STARTS = frozenset(':.?!"\u201c\u2018;')
_NUMBER = re.compile(r"^(\d+(?:[.,]\d+)*)(k|m|bn|st|nd|rd|th)?$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\uac00-\ud7a3]")
_DATELINE = re.compile(
    rf"^[^.!?]{{0,60}}?\([A-Z][\w ./-]{{1,30}}\)\s*[{_DASH}:]+\s*|^[A-Z][A-Z ,./]{{2,40}}[{_DASH}:]\s+"
)
LEAST_REST = 3
LONGEST_PHRASE = 4
LONG_WORD = 4
SUMMARY_WORDS = 40
SHINGLE = 4
SKETCH = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A headline read.

    tokens: in order, without words that say nothing. names: the tokens that stand for one particular thing. bag: the tokens, each
    once. passive: whether it says by whom.
    """

    tokens: tuple[str, ...]
    names: frozenset[str]
    bag: frozenset[str]
    passive: bool


@lru_cache(maxsize=4096)
def read_title(title: str, outlet: str = "") -> Text:
    """Return what `title` says, without kickers and without the name of its source; outlet: its own outlet's name, if known."""
    plain = strip_title(unicodedata.normalize("NFKC", title), outlet)
    words = list(_words(_STATES.sub("usa", _INITIALS.sub(lambda m: _initials(m.group()), plain))))
    capitals = _capitalises_all(words)
    tokens, names = [], set()
    for raw, lower, starts in _phrases(words):
        for token in _tokens(raw, lower):
            tokens.append(token)
            if token[0] == "@" or token in SEATS or _is_name(raw, token, starts=starts or capitals):
                names.add(token)
    return Text(
        tokens=tuple(tokens), names=frozenset(names), bag=frozenset(tokens), passive=any(w[1] == "by" for w in words)
    )


def strip_title(title: str, outlet: str = "") -> str:
    """Return `title` without kickers ("LIVE:", "UPDATE 2-"), tails ("- as it happened") and its source's name."""
    bare = _SOURCE_IN_BRACKETS.sub("", title)
    bare = _SOURCE_FIRST.sub("", _KICKER.sub("", bare))
    for _ in range(LEAST_REST):
        shorter = _TAIL.sub("", bare)
        found = _SOURCE.search(shorter)
        if found and _is_source(found.group(2), outlet, certain=found.group(1) == "|"):
            shorter = shorter[: found.start()]
        if shorter == bare or len(shorter.split()) < LEAST_REST:
            break
        bare = shorter
    return bare


def _is_source(tail: str, outlet: str, *, certain: bool) -> bool:
    words = tail.split()
    folded = tail.casefold()
    if certain or _DOMAIN.match(tail) or (outlet and (outlet.casefold() in folded or folded in outlet.casefold())):
        return True
    known = any(word.casefold().strip(".,") in _OUTLET_WORDS for word in words)
    return known and all(word[0].isupper() or word[0].isdigit() or word in ("of", "the", "and") for word in words)


def _initials(text: str) -> str:
    bare = text.replace(".", "")
    return "usa" if bare in ("US", "USA") else bare


def _words(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (word as written, folded, whether it opens a sentence or a quotation)."""
    text = _POSSESSIVE.sub("", text)
    end = 0
    for found in _WORD.finditer(text):
        starts = end == 0 or any(mark in _STARTS for mark in text[end : found.start()])
        end = found.end()
        yield found.group(), found.group().casefold(), starts


def _capitalises_all(words: Sequence[tuple[str, str, bool]]) -> bool:
    long = [raw for raw, _, starts in words if len(raw) >= LONG_WORD and raw[0].isalpha() and not starts]
    return len(long) >= LEAST_REST and sum(raw[0].isupper() for raw in long) / len(long) > 0.7  # noqa: PLR2004  # a name or two left out


def _phrases(words: Sequence[tuple[str, str, bool]]) -> Iterator[tuple[str, str, bool]]:
    """Join words that mean something together ("north korea", "air strike")."""
    position = 0
    while position < len(words):
        raw, lower, starts = words[position]
        for length in range(LONGEST_PHRASE, 1, -1) if lower in PHRASE_STARTS else ():
            joined = PHRASES.get(" ".join(word[1] for word in words[position : position + length]))
            if joined and position + length <= len(words):
                lower, position = joined, position + length - 1
                break
        yield raw, lower, starts
        position += 1


def _tokens(raw: str, lower: str) -> Sequence[str]:
    number = _NUMBER.match(lower)
    if number:
        return [_number(*number.groups())]
    if lower in NUMBERS:
        return [NUMBERS[lower]]
    if (lower in STOP_WORDS and raw not in ("US", "UN", "IT")) or (len(lower) == 1 and lower.isascii()):
        return []
    if _CJK.search(lower):
        return [lower[i : i + 2] for i in range(max(1, len(lower) - 1))]
    short = stem(lower)
    return [PLACES.get(short) or SAME.get(short) or SAME.get(lower) or short]


def _number(digits: str, unit: str | None) -> str:
    plain = digits.replace(",", "")
    return f"#{plain}000" if unit == "k" else f"#{plain}"


def _is_name(raw: str, token: str, *, starts: bool) -> bool:
    if not raw[0].isupper() or token in GROUPS or token[0] == "#":
        return False
    return not (starts and (token in COMMON_WORDS or stem(raw.casefold()) in COMMON_WORDS))


def summary_words(summary: str) -> tuple[str, ...]:
    """Return the first 40 words of a summary, folded, without its dateline."""
    plain = _DATELINE.sub("", unicodedata.normalize("NFKC", summary).strip())
    return tuple(found.group().casefold() for found in _WORD.finditer(plain))[:SUMMARY_WORDS]


def shingles(words: Sequence[str]) -> set[int]:
    """Return the 60-bit hashes of all runs of four words."""
    runs = (" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
    return {int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") >> 4 for run in runs}


def sketch(words: Sequence[str]) -> tuple[int, ...]:
    """Return the six least shingle hashes: two texts that share most shingles share one of these (bottom-k sketch, Broder 1997)."""
    return tuple(sorted(shingles(words))[:SKETCH])
