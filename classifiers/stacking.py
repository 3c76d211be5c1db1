"""Fits the decision layer on log-odds out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from classifiers.artifact import read_arrays
from classifiers.decision import Decision, Layer, fit_layer
from classifiers.items import Item, ItemsError, targets, weights
from classifiers.labels import LABELS

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionSettings:
    """How the decision layer is fitted.

    unsure_weight: of an item for a label its reader was unsure of. first_shift, both_shift: added to the log-odds of each
    label: for the first stage because labelled items are richer in positives than the stream, for both where F1 at 0.5 is
    highest out of fold. part_offset, whole_share: see `Decision`.
    gate_low, gate_high: see `Decision`.
    """

    unsure_weight: float = 0.2
    first_shift: tuple[float, ...] = (-0.3, -0.3, -0.3, 0.0, 0.0, 0.0)
    both_shift: tuple[float, ...] = (0.0, 0.6, 0.0, 0.0, 0.0, 0.0)
    part_offset: float = -0.3
    whole_share: float = 0.35
    gate_low: float = 0.01
    gate_high: float = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderLogits:
    """Log-odds of the encoder out of fold: `rows` maps an item's id to its row (6,); `sha256` names the encoder."""

    rows: dict[str, Floats]
    sha256: str

    @classmethod
    def load(cls, path: Path, sha256: str) -> EncoderLogits:
        """Read an `.npz` with `ids` (n,) and `logits` (n, 6). Raises ItemsError where it is none."""
        try:
            stored = read_arrays(path.read_bytes())
            ids, logits = stored["ids"], stored["logits"].astype(np.float64)
        except Exception as exc:  # what a damaged archive makes zipfile, zlib and numpy raise is not declared
            raise ItemsError(
                f"{path}: cannot be read ({exc}); name the held_out_logits.npz or oof_logits.npz of encoder_training"
            ) from exc
        if logits.shape != (len(ids), len(LABELS)) or not np.isfinite(logits).all():
            raise ItemsError(f"{path}: does not hold six finite log-odds per id; write it anew")
        return cls(rows={str(name): row for name, row in zip(ids, logits, strict=True)}, sha256=sha256)


@dataclass(frozen=True, kw_only=True, slots=True)
class StackData:
    """Items, the first stage's log-odds of each out of fold (n, 6), and the encoder's where there are any."""

    items: Sequence[Item]
    first: Floats
    encoder: EncoderLogits | None


def fit_decision(data: StackData, settings: DecisionSettings) -> tuple[Decision, dict[str, dict[str, float]]]:
    """Return the decision layer, and average precision per label out of fold, for "first" and "both"."""
    truth = targets(data.items)
    first = fit_layer(data.first, truth, weights(data.items, settings.unsure_weight)).shifted(
        np.array(settings.first_shift)
    )
    scores = {"first": _average_precision(data.first, truth)}
    both = None
    if data.encoder:
        both, scores["both"] = _fit_both(data, data.encoder, settings)
    decision = Decision(
        first=first,
        both=both.shifted(np.array(settings.both_shift)) if both else None,
        part_offset=np.full(len(LABELS), settings.part_offset),
        whole_share=settings.whole_share,
        gate_low=settings.gate_low,
        gate_high=settings.gate_high,
        encoder=data.encoder.sha256 if data.encoder else "",
    )
    return decision, scores


def _fit_both(data: StackData, encoder: EncoderLogits, settings: DecisionSettings) -> tuple[Layer, dict[str, float]]:
    """Fit the joint layer on the items that have log-odds of both stages."""
    known = [i for i, item in enumerate(data.items) if item.id in encoder.rows]
    if not known:
        raise ItemsError("the encoder's log-odds are of none of these items; give its items with --extra")
    items = [data.items[i] for i in known]
    stages = np.hstack([data.first[known], np.stack([encoder.rows[item.id] for item in items])])
    layer = fit_layer(stages, targets(items), weights(items, settings.unsure_weight))
    return layer, _average_precision(layer.logits(stages), targets(items))


def _average_precision(logits: Floats, truth: Floats) -> dict[str, float]:
    """Return average precision per label, for labels that have a positive; rounded to four digits."""
    return {
        label: round(float(average_precision_score(truth[:, j], logits[:, j])), 4)
        for j, label in enumerate(LABELS)
        if truth[:, j].any()
    }
