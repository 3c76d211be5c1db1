"""How good scores of one label are: detection at a threshold, ranking, calibration, and how sure we can be of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve

Floats = NDArray[np.float64]

BINS = 10
SURE = 90  # percent of the bootstrap samples that an interval holds
THRESHOLD = 0.5
_PERCENTILES = ((100 - SURE) / 2, (100 + SURE) / 2)
_CELLS = 2_000_000  # of a table of samples by items, to bound the memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """One bin of the reliability plot: items, their mean score, and the share of them that is positive."""

    items: int
    mean_score: float
    share_positive: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A bootstrap percentile interval (Efron 1979) that holds `SURE` percent of the samples."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelScores:
    """Figures of one label over some items; all between 0 and 1 but the counts.

    precision, recall, f1: at 0.5. average_precision: step rule, ties together. best_f1: over all thresholds, reached
    at best_at. brier: mean squared error. calibration_error: expected, over ten bins of equal width. The intervals
    are None where none was asked for.
    """

    items: int
    positives: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    best_f1: float
    best_at: float
    brier: float
    calibration_error: float
    bins: tuple[Bin, ...]
    average_precision_interval: Interval | None = None
    f1_interval: Interval | None = None


def label_scores(scores: Floats, truth: Floats, *, resamples: int = 0, seed: int = 0) -> LabelScores:
    """Judge `scores` (n,) against `truth` (n,) of 0 and 1, which must hold a positive.

    resamples: bootstrap samples for the intervals, 0 for none; seed: of their drawing.
    """
    precision, recall, f1 = detection(scores, truth)
    best_f1, best_at = _best(scores, truth)
    bins = reliability(scores, truth)
    ap_interval, f1_interval = _intervals(scores, truth, resamples, seed) if resamples else (None, None)
    return LabelScores(
        items=len(scores),
        positives=int(truth.sum()),
        precision=precision,
        recall=recall,
        f1=f1,
        average_precision=float(average_precision_score(truth, scores)),
        best_f1=best_f1,
        best_at=best_at,
        brier=float(np.mean((scores - truth) ** 2)),
        calibration_error=calibration_error(bins),
        bins=bins,
        average_precision_interval=ap_interval,
        f1_interval=f1_interval,
    )


def detection(scores: Floats, truth: Floats, threshold: float = THRESHOLD) -> tuple[float, float, float]:
    """Return precision, recall and F1 at `threshold`; 0 where undefined."""
    hits = float(np.sum((scores >= threshold) & (truth == 1)))
    raised, positives = float(np.sum(scores >= threshold)), float(np.sum(truth))
    precision, recall = hits / raised if raised else 0.0, hits / positives if positives else 0.0
    return precision, recall, 2 * hits / (raised + positives) if raised + positives else 0.0


def reliability(scores: Floats, truth: Floats) -> tuple[Bin, ...]:
    """Return ten bins of equal width; an empty one has zeros."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    total = np.maximum(counts, 1)
    means = np.bincount(place, weights=scores, minlength=BINS) / total
    shares = np.bincount(place, weights=truth, minlength=BINS) / total
    return tuple(
        Bin(items=int(n), mean_score=float(mean), share_positive=float(share))
        for n, mean, share in zip(counts, means, shares, strict=True)
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error: mean distance of score and share over the bins, weighed by items."""
    items = sum(b.items for b in bins)
    return sum(b.items * abs(b.mean_score - b.share_positive) for b in bins) / items if items else 0.0


def _best(scores: Floats, truth: Floats) -> tuple[float, float]:
    precision, recall, cuts = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    at = int(np.argmax(f1[:-1]))
    return float(f1[at]), float(cuts[at])


def _intervals(scores: Floats, truth: Floats, resamples: int, seed: int) -> tuple[Interval, Interval]:
    """Return the intervals of average precision and F1 at 0.5 over bootstrap samples that hold a positive."""
    rng, order = np.random.default_rng(seed), np.argsort(-scores, kind="stable")
    own, carried = scores[order], truth[order]
    found: list[Floats] = [np.zeros((0, 2))]
    at_once = max(1, _CELLS // len(scores))
    for start in range(0, resamples, at_once):
        drawn = [rng.integers(0, len(scores), len(scores)) for _ in range(min(at_once, resamples - start))]
        counts = np.stack([np.bincount(each, minlength=len(scores)) for each in drawn])[:, order].astype(np.float64)
        found.append(resampled(own, carried, counts[counts @ carried > 0]))
    every = np.concatenate(found)
    low, high = np.percentile(every, _PERCENTILES, axis=0) if len(every) else (np.zeros(2), np.ones(2))
    return Interval(low=float(low[0]), high=float(high[0])), Interval(low=float(low[1]), high=float(high[1]))


def resampled(scores: Floats, truth: Floats, counts: Floats) -> Floats:
    """Return average precision and F1 at 0.5, shape (samples, 2), where item i stands `counts[:, i]` times in a sample.

    scores, truth: (n,), scores descending; every sample holds a positive.
    """
    ends = np.flatnonzero(np.append(np.diff(scores) != 0, True))  # the last item of each run of equal scores
    hits, raised = np.cumsum(counts * truth, axis=1)[:, ends], np.cumsum(counts, axis=1)[:, ends]
    positives = hits[:, -1]
    gained = np.diff(hits, axis=1, prepend=0.0)
    precision = (gained * hits / np.maximum(raised, 1.0)).sum(axis=1) / positives
    cut = int((scores[ends] >= THRESHOLD).sum()) - 1
    at = (hits[:, cut], raised[:, cut]) if cut >= 0 else (np.zeros(len(counts)), np.zeros(len(counts)))
    return np.stack([precision, 2 * at[0] / (at[1] + positives)], axis=1)
