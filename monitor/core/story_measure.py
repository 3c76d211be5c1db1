"""How near two headlines are, and what speaks against their telling the same report.

Nearness is a weighted Jaccard index over tokens: names and numbers weigh more than words that any headline may hold. Copy desks
drop, move and replace words, but they do not change who, where, when, how many and with what: where both texts name such a
thing and it differs, they are different reports however many other words they share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from monitor.core.story_text import Text, shingles
from monitor.core.story_words import DECISIVE_ALONE, DIRECTED, GROUPS, LOOSE, OPPOSITES, SEATS

NEAR = 0.5
CONTAINED = 0.85
LEAST_NEAR = 0.34
LEAST_SHARED = 3.0
FUZZY = 0.8
FUZZY_LENGTH = 5
SAME_TEXT = 0.7
COPY_WORDS = 4
LONG_SUMMARY = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """similarity: 0 to 1. conflict: both name a thing that cannot differ within one report, and it differs."""

    similarity: float
    same: bool
    conflict: bool


def weight(token: str, names: frozenset[str]) -> float:
    """Return how much a token tells about which report this is."""
    if token in LOOSE:
        return 0.3
    if token[0] in "#@" or token in names:
        return 1.5
    return 1.2 if token in GROUPS else 1.0


def compare(one: Text, other: Text) -> Likeness:
    """Measure two headlines against each other; the order of the two does not matter."""
    left, right = set(one.tokens), set(other.tokens)
    names = one.names | other.names
    shared = left & right
    only_left, only_right = left - right, right - left
    paired = _pairs(only_left, only_right, names)
    only_left -= {a for a, _ in paired}
    only_right -= {b for _, b in paired}
    common = _sum(shared, names) + _sum((a for a, _ in paired), names)
    rest_left, rest_right = _sum(only_left, names), _sum(only_right, names)
    total = common + rest_left + rest_right
    near = common / total if total else 0.0
    contained = common / (common + min(rest_left, rest_right)) if common else 0.0
    conflict = _differ(only_left, only_right, names) or _alone(only_left | only_right) or _turned(one, other)
    enough = near >= NEAR or (contained >= CONTAINED and near >= LEAST_NEAR and common >= LEAST_SHARED)
    return Likeness(similarity=near, same=enough and not conflict, conflict=conflict)


def _sum(tokens: Iterable[str], names: frozenset[str]) -> float:
    return sum(weight(token, names) for token in sorted(tokens))


def _pairs(left: set[str], right: set[str], names: frozenset[str]) -> list[tuple[str, str]]:
    """Return words that differ in letters but name the same: spellings of a name, a government and its seat."""
    found = []
    free = sorted(right)
    for a in sorted(left):
        match = next((b for b in free if _same_thing(a, b, names)), None)
        if match:
            free.remove(match)
            found.append((a, match))
    return found


def _same_thing(a: str, b: str, names: frozenset[str]) -> bool:
    if a[0] in "#@" or b[0] in "#@":
        return SEATS.get(a) == b or SEATS.get(b) == a
    if min(len(a), len(b)) < FUZZY_LENGTH or a[0] != b[0] or a in GROUPS or b in GROUPS:
        return False
    if (a in names) != (b in names) and a[:FUZZY_LENGTH] != b[:FUZZY_LENGTH]:
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= FUZZY


def _differ(left: set[str], right: set[str], names: frozenset[str]) -> bool:
    """Say whether each side has a number, name or word of one group that the other lacks, or words that say the opposite."""
    return (
        _both(left, right, "#")
        or (bool(left & names) and bool(right & names))
        or bool({GROUPS[t] for t in left if t in GROUPS} & {GROUPS[t] for t in right if t in GROUPS})
        or any(OPPOSITES[token] & right for token in left if token in OPPOSITES)
    )


def _both(left: set[str], right: set[str], mark: str) -> bool:
    return any(t[0] == mark for t in left) and any(t[0] == mark for t in right)


def _alone(different: set[str]) -> bool:
    return bool(different & DECISIVE_ALONE)


def _turned(one: Text, other: Text) -> bool:
    """Say whether who does it to whom is the other way round."""
    there = set(_deeds(other))
    return any((verb, target, actor) in there for verb, actor, target in _deeds(one))


def _deeds(text: Text) -> list[tuple[str, str, str]]:
    """Return (verb, who, whom) wherever a directed verb has a name before and after it."""
    found = []
    for place, token in enumerate(text.tokens):
        if token in DIRECTED:
            before = next((t for t in reversed(text.tokens[:place]) if t in text.names), None)
            after = next((t for t in text.tokens[place + 1 :] if t in text.names), None)
            if before and after:
                found.append((token, before, after))
    return found


def summaries_agree(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return the share of the shorter summary's shingles found in the other; None where either is too short to tell."""
    if min(len(one), len(other)) < LONG_SUMMARY:
        return None
    length = min(len(one), len(other))
    left, right = shingles(one[:length]), shingles(other[:length])
    return len(left & right) / min(len(left), len(right))
