"""Leaves out of training whatever equals or nearly equals a text that is measured on.

Nearness is the exact Jaccard similarity of the sets of word 3-shingles (Broder, "On the resemblance and
containment of documents", 1997). An inverted index over the guards' shingles keeps it linear in practice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

SHINGLE_WORDS = 3
NEAR_DUPLICATE = 0.5

_WORD = re.compile(r"\w+")


def shingles(text: str) -> frozenset[str]:
    """Return the word 3-shingles of `text`, lower case, punctuation ignored.

    A text of fewer than three words is one shingle by itself; a text without words has none.
    """
    words = _WORD.findall(text.lower())
    if not words:
        return frozenset()
    if len(words) < SHINGLE_WORDS:
        return frozenset([" ".join(words)])
    return frozenset(" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


class NearIndex:
    """Finds which of the texts added so far are near a text.

    Positions count from 0 in the order of adding.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Add `texts` in order."""
        self._sizes: list[int] = []
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Add one text at the next position."""
        parts = shingles(text)
        for part in parts:
            self._holders[part].append(len(self._sizes))
        self._sizes.append(len(parts))

    def near(self, text: str, threshold: float = NEAR_DUPLICATE) -> list[int]:
        """Return the positions whose Jaccard similarity with `text` is at least `threshold`, ascending."""
        parts = shingles(text)
        shared = Counter(position for part in parts for position in self._holders.get(part, ()))
        return sorted(
            position
            for position, common in shared.items()
            if common >= threshold * (len(parts) + self._sizes[position] - common)
        )


def drop_near(
    items: Sequence[T],
    texts: Sequence[str],
    guards: Iterable[str],
    threshold: float = NEAR_DUPLICATE,
) -> tuple[list[int], int]:
    """Return the indices of `items` that are near no guard, ascending, and how many were left out.

    items: the training items; texts: their texts, same order and length.
    guards: the texts that must stay unseen.
    threshold: Jaccard similarity, 0 to 1, from which a text counts as near.
    Raises ValueError if `items` and `texts` differ in length.
    """
    if len(items) != len(texts):
        message = f"{len(items)} items but {len(texts)} texts"
        raise ValueError(message)
    index = NearIndex(guards)
    kept = [i for i, text in enumerate(texts) if not index.near(text, threshold)]
    return kept, len(items) - len(kept)


def group_near(texts: Sequence[str], threshold: float = NEAR_DUPLICATE) -> list[int]:
    """Return a group number per text: near texts, directly or through others, share one.

    A group's number is the lowest index of its members; used to keep a story within one fold.
    """
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    index = NearIndex()
    for i, text in enumerate(texts):
        for j in index.near(text, threshold):
            low, high = sorted((root(i), root(j)))
            parent[high] = low
        index.add(text)
    return [root(i) for i in range(len(texts))]
