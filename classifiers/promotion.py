"""Decides whether a new model may replace the one in use: never on hope, always with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from classifiers.evaluate import false_alarms
from classifiers.items import CORPUS, Item, corpus_files, held_out, read_items, targets
from classifiers.labels import SIGNALS
from classifiers.model import TextModel

Floats = NDArray[np.float64]

_PRECISION_SLACK = 0.01
_LOSS_SLACK = 0.01
_FALSE_ALARM_SLACK = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Scores on one set of items.

    log_loss: nats per item and signal. average_precision: mean over the signals that have a positive, None without
    any. false_alarms: items at or above 0.5 on a signal they do not carry.
    """

    items: int
    log_loss: float
    average_precision: float | None
    false_alarms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """The decision: `reasons` says why not, or what got better; `before` and `after` are on our evaluation items."""

    promoted: bool
    reasons: tuple[str, ...]
    before: Figures
    after: Figures


def evaluation_items(directory: Path = CORPUS) -> list[Item]:
    """Return our own evaluation items: those of the corpus that no training sees."""
    return [item for item in read_items(corpus_files(directory)) if held_out(item)]


def figures(scores: Floats, truth: Floats) -> Figures:
    """Measure scores (n, 6) against truth (n, 6), NaN where unknown; only the signals count."""
    own, known = scores[:, : len(SIGNALS)], truth[:, : len(SIGNALS)]
    given = ~np.isnan(known)
    p = np.clip(own[given], 1e-6, 1 - 1e-6)
    loss = -np.where(known[given] == 1, np.log(p), np.log(1 - p))
    ranked = [
        float(average_precision_score(known[given[:, j], j], own[given[:, j], j]))
        for j in range(len(SIGNALS))
        if np.nansum(known[:, j]) > 0
    ]
    return Figures(
        items=len(scores),
        log_loss=float(loss.mean()) if loss.size else 0.0,
        average_precision=float(np.mean(ranked)) if ranked else None,
        false_alarms=false_alarms(scores, truth),
    )


def worse(before: Figures, after: Figures, where: str) -> list[str]:
    """Return what is worse after than before beyond the slack, in words; `where` names the items."""
    found: list[str] = []
    if after.log_loss > before.log_loss + _LOSS_SLACK:
        found.append(f"log loss on {where} rises from {before.log_loss:.4f} to {after.log_loss:.4f}")
    if (after.average_precision or 0) < (before.average_precision or 0) - _PRECISION_SLACK:
        found.append(
            f"average precision on {where} falls from {before.average_precision:.3f} to {after.average_precision or 0:.3f}"
        )
    if after.false_alarms > before.false_alarms + _FALSE_ALARM_SLACK * before.items:
        found.append(f"false alarms on {where} rise from {before.false_alarms} to {after.false_alarms}")
    return found


def compare(candidate: TextModel, shipped: TextModel, items: Sequence[Item] | None = None) -> Promotion:
    """Compare two models on our own evaluation items (or on `items`); a worse candidate is not promoted."""
    chosen = evaluation_items() if items is None else list(items)
    pairs = [(item.title, item.text) for item in chosen]
    before, after = (figures(model.score(pairs), targets(chosen)) for model in (shipped, candidate))
    reasons = worse(before, after, "our evaluation items")
    silent = [f"canary {c.text!r} fails ({c.stage}: {c.score:.2f})" for c in candidate.canaries() if not c.ok]
    kept = [c for c in shipped.canaries() if not c.ok]
    refused = [*reasons, *(silent if not kept else [])]
    good = f"log loss on our evaluation items {before.log_loss:.4f} to {after.log_loss:.4f}"
    return Promotion(promoted=not refused, reasons=tuple(refused or [good]), before=before, after=after)
