"""Splits items into folds so that no story, year or pair of countries stands on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from classifiers.items import Item
from classifiers.leakage import group_near
from classifiers.words import countries

Grouping = Literal["story", "year", "pair"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


def groups(items: Sequence[Item], by: Grouping) -> list[str]:
    """Return the group of each item: its story (near texts), the year of its date, or the countries it names.

    An item without a date, or that names no country, is grouped by its story.
    """
    stories = [f"story {number}" for number in group_near([item.whole for item in items])]
    if by == "story":
        return stories
    if by == "year":
        return [item.date[:4] or story for item, story in zip(items, stories, strict=True)]
    pairs = ["-".join(sorted(countries(item.whole))) for item in items]
    return [pair or story for pair, story in zip(pairs, stories, strict=True)]


def folds(of: Sequence[Hashable], count: int, seed: int = 0) -> NDArray[np.int64]:
    """Return a fold number (0 to count - 1) per item, equal within a group, sizes evened out.

    Groups go, largest first, to the smallest fold; equal groups in an order drawn from `seed`.
    """
    sizes: dict[Hashable, int] = {}
    for group in of:
        sizes[group] = sizes.get(group, 0) + 1
    order = sorted(sizes, key=lambda g: (-sizes[g], _drawn(g, seed)))
    filled = [0] * count
    home: dict[Hashable, int] = {}
    for group in order:
        home[group] = int(np.argmin(filled))
        filled[home[group]] += sizes[group]
    return np.array([home[group] for group in of], dtype=np.int64)


def _drawn(group: Hashable, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=8).digest()
