"""How near two headlines are, and what speaks against their telling the same report.

Nearness is a weighted Jaccard index over tokens: names and numbers weigh more than words that any headline may hold. Copy desks
drop, move and replace words, but they do not change who, where, when, how many and with what: where both texts name such a
thing and it differs, they are different reports however many other words they share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from monitor.core.identity import fold
from monitor.core.story_text import Text, shingles, strip_title
from monitor.core.story_words import DECISIVE_ALONE, GROUPS, LOOSE, OPPOSITES, SEATS

NEAR = 0.5
NEAR_REWORDED = 0.68
HOPELESS = 0.4
CONTAINED = 0.85
LEAST_NEAR = 0.42
LEAST_SHARED = 30
OWN_WORD = 10
NAME_BONUS = 5
FUZZY = 0.8
FUZZY_LENGTH = 5
SAME_TEXT = 0.85
SAME_SHORT_TEXT = 0.92
SHORT_TITLE = 9
SHORTENED = 0.95
LEAST_KEPT = 0.75
COPY_WORDS = 4
LONG_TITLE = 8
LONG_SUMMARY = 10
_POINTS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_PARTIES = ("people", "force")


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """similarity: 0 to 1. conflict: both name a thing that cannot differ within one report, and it differs."""

    similarity: float
    same: bool
    conflict: bool


UNLIKE = Likeness(similarity=0.0, same=False, conflict=False)


@lru_cache(maxsize=65_536)
def weight(token: str) -> int:
    """Return how much a token tells about which report this is, in tenths; a name tells half as much again."""
    if token in LOOSE:
        return 3
    if token[0] == "#":
        return 15
    return 12 if token in GROUPS else 10


def mass(tokens: frozenset[str], names: frozenset[str]) -> int:
    """Return the weight of all tokens together: whole numbers, so that no order of adding matters."""
    return sum(map(weight, tokens)) + NAME_BONUS * len(tokens & names)


def compare(one: Text, other: Text) -> Likeness:
    """Measure two headlines against each other; the order of the two does not matter."""
    shared = one.bag & other.bag
    names = one.names | other.names
    common = mass(shared, names)
    left, right = one.bag - shared, other.bag - shared
    rest_left, rest_right = mass(left, names), mass(right, names)
    if common < HOPELESS * (common + min(rest_left, rest_right)):
        return UNLIKE
    for a, b in _pairs(left, right, names) if left and right else ():
        left, right = left - {a}, right - {b}
        rest_left, rest_right = mass(left, names), mass(right, names)
        common += weight(a) + NAME_BONUS
    near = common / (common + rest_left + rest_right) if common else 0.0
    if near < LEAST_NEAR:
        return UNLIKE
    conflict = (
        _differ(one, other, left, right) or bool((left | right) & DECISIVE_ALONE) or _turned(one, other, shared, names)
    )
    enough = _enough(near, common, min(rest_left, rest_right))
    return Likeness(similarity=near, same=enough and not conflict, conflict=conflict)


def _enough(near: float, common: int, lesser_rest: int) -> bool:
    """Say whether two texts are near: the more so where each has words of its own; one may also be a shortened form of the other."""
    if near >= (NEAR if lesser_rest < OWN_WORD else NEAR_REWORDED):
        return True
    return near >= LEAST_NEAR and common >= LEAST_SHARED and common >= CONTAINED * (common + lesser_rest)


def _pairs(left: frozenset[str], right: frozenset[str], names: frozenset[str]) -> list[tuple[str, str]]:
    """Return words that differ in letters but name the same: spellings of a name, a government and its seat."""
    free = sorted(right)
    found = []
    for a in sorted(left):
        for b in free:
            if (a[0] == b[0] or a in SEATS or b in SEATS) and _same_thing(a, b, names):
                free.remove(b)
                found.append((a, b))
                break
    return found


def _same_thing(a: str, b: str, names: frozenset[str]) -> bool:
    if a[0] != b[0]:
        return SEATS.get(a) == b or SEATS.get(b) == a
    if a[0] in "#@" or min(len(a), len(b)) < FUZZY_LENGTH or a in GROUPS or b in GROUPS:
        return False
    if (a in names) != (b in names) and a[:FUZZY_LENGTH] != b[:FUZZY_LENGTH]:
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= FUZZY


def _differ(one: Text, other: Text, left: frozenset[str], right: frozenset[str]) -> bool:
    """Say whether each side has a number, name or word of one group that the other lacks, or words that say the opposite."""
    names = one.names | other.names
    own, others = left & names, right & names
    return (
        _both(left, right, "#")
        or (bool(own) and bool(others) and not _in_other_places(one, other, own, others))
        or bool({GROUPS[t] for t in left if t in GROUPS} & {GROUPS[t] for t in right if t in GROUPS})
        or any(OPPOSITES[token] & right for token in left if token in OPPOSITES)
    )


def _in_other_places(one: Text, other: Text, left: frozenset[str], right: frozenset[str]) -> bool:
    """Say whether the texts run alike and their own names stand at different places: one was left out, another put in elsewhere."""
    shared = one.bag & other.bag
    if [t for t in one.tokens if t in shared] != [t for t in other.tokens if t in shared]:
        return False
    return not _gaps(one, shared, left) & _gaps(other, shared, right)


def _gaps(text: Text, shared: frozenset[str], own: frozenset[str]) -> set[int]:
    """Return after how many shared words each of the text's own words stands."""
    return {sum(t in shared for t in text.tokens[:place]) for place, token in enumerate(text.tokens) if token in own}


def _both(left: frozenset[str], right: frozenset[str], mark: str) -> bool:
    return any(t[0] == mark for t in left) and any(t[0] == mark for t in right)


def _turned(one: Text, other: Text, shared: frozenset[str], names: frozenset[str]) -> bool:
    """Say whether two parties have changed places: what followed the one follows the other ("A warns B", "B warns A")."""
    if one.tokens == other.tokens or one.passive != other.passive:
        return False
    here, there = _followers(one), _followers(other)
    for parties in (shared & names, {token for token in shared if GROUPS.get(token) in _PARTIES}):
        moved = {(here[token], there[token]) for token in parties if here[token] != there[token]}
        if any((after, before) in moved for before, after in moved):
            return True
    return False


def _followers(text: Text) -> dict[str, str]:
    """Return what follows each word at its first place, "" at the end."""
    found: dict[str, str] = {}
    for token, after in zip(text.tokens, (*text.tokens[1:], ""), strict=True):
        found.setdefault(token, after)
    return found


def same_wording(one: str, other: str, *, apart: bool) -> bool:
    """Say whether two headlines are one text, word for word but for a copy desk's touch: words dropped, moved or a few replaced.

    Two newsrooms that tell one event share its names and numbers, so most words must agree, nearly all in a short headline: by bag of words
    (moved), in order (replaced), or the shorter must stand in the longer as it is (shortened).

    apart: whether their summaries differ; then only a headline too long to be written twice by chance tells.
    """
    left, right = _plain_words(one), _plain_words(other)
    if apart and min(len(left), len(right)) < LONG_TITLE:
        return False
    if left == right:
        return True
    shorter, longer = sorted((len(left), len(right)))
    if shorter < COPY_WORDS:
        return False
    common, in_order = sum((Counter(left) & Counter(right)).values()), _in_order(left, right)
    moved, replaced = common / (shorter + longer - common), 2 * in_order / (shorter + longer)
    shortened = shorter > SHORT_TITLE and shorter >= LEAST_KEPT * longer and in_order >= SHORTENED * shorter
    return shortened or max(moved, replaced) >= (SAME_TEXT if shorter > SHORT_TITLE else SAME_SHORT_TEXT)


def _plain_words(title: str) -> list[str]:
    """Return the words of a headline, an acronym with or without points being one word."""
    return fold(_POINTS.sub(lambda found: found[0].replace(".", ""), strip_title(title))).split()


def _in_order(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many words stand in both in the same order: a shortened text keeps the order of what it keeps."""
    return sum(block.size for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks())


def summaries_agree(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return the share of the shorter summary's shingles found in the other; None where either is too short to tell."""
    if min(len(one), len(other)) < LONG_SUMMARY:
        return None
    length = min(len(one), len(other))
    left, right = shingles(one[:length]), shingles(other[:length])
    return len(left & right) / min(len(left), len(right))
