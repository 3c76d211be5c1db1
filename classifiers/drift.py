"""Summarises how scores are spread, so that a drift of the stream or of a model can be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
_SMOOTHING = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """How the scores of one label are spread: counts within `EDGES` (the last bin holds 1.0), and their mean."""

    counts: tuple[int, ...]
    mean: float

    @property
    def items(self) -> int:
        """How many scores there were."""
        return sum(self.counts)


def spread(scores: Floats) -> Spread:
    """Summarise scores (n,) between 0 and 1; none give zeros."""
    counts, _ = np.histogram(scores, bins=np.array(EDGES))
    return Spread(counts=tuple(int(n) for n in counts), mean=float(scores.mean()) if scores.size else 0.0)


def merged(first: Spread, second: Spread) -> Spread:
    """Return the spread of both lots of scores together."""
    items = first.items + second.items
    mean = (first.mean * first.items + second.mean * second.items) / items if items else 0.0
    counts = tuple(a + b for a, b in zip(first.counts, second.counts, strict=True))
    return Spread(counts=counts, mean=mean)


def drift(usual: Spread, now: Spread) -> float:
    """Return how far `now` lies from `usual`: the population stability index (Siddiqi 2006), smoothed.

    0 is no change; by custom 0.1 is worth a look and 0.25 a change. 0.0 where either holds no score.
    """
    if not usual.items or not now.items:
        return 0.0
    p, q = (_shares(s) for s in (usual, now))
    return float(np.sum((q - p) * np.log(q / p)))


def _shares(given: Spread) -> Floats:
    counts = np.array(given.counts, dtype=np.float64) + _SMOOTHING
    return np.asarray(counts / counts.sum(), dtype=np.float64)
