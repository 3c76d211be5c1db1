"""Joins the stages' log-odds into calibrated probabilities.

Per label one logistic regression (scikit-learn) over the log-odds of the first stage, and another over those of both
stages, fitted on log-odds out of fold (stacking: Wolpert 1992; calibration by logistic regression: Platt 1999). Between
`gate_low` and `gate_high` of the first stage's probability the two are blended, so a score is continuous where
the encoder begins to read. All of it is plain arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers.labels import LABELS, SIGNALS
from classifiers.odds import logit

Floats = NDArray[np.float64]


_SHORT = 8  # parts up to which the whole item counts in full as the context of each


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One logistic regression per label over a row of stage log-odds.

    coef: (6, k) with k the number of stage log-odds, 6 per stage; intercept: (6,).
    """

    coef: Floats
    intercept: Floats

    def logits(self, stages: Floats) -> Floats:
        """Return calibrated log-odds (n, 6) of `stages` (n, k)."""
        model = LogisticRegression()
        model.classes_, model.coef_, model.intercept_ = np.array([0, 1]), self.coef, self.intercept
        return np.asarray(model.decision_function(stages), dtype=np.float64).reshape(len(stages), len(LABELS))

    def shifted(self, by: Floats) -> Layer:
        """Return the layer with `by` (6,) added to its log-odds."""
        return Layer(coef=self.coef, intercept=self.intercept + by)


def fit_layer(stages: Floats, targets: Floats, weights: Floats, strength: float = 1.0) -> Layer:
    """Fit a layer on log-odds out of fold.

    stages: (n, 6 per stage); targets, weights: (n, 6); strength: scikit-learn's C.
    A label sees only the log-odds of its own, per stage: what other labels say did not help.
    """
    count = stages.shape[1] // len(LABELS)
    coef, intercept = np.zeros((len(LABELS), stages.shape[1])), np.zeros(len(LABELS))
    for j in range(len(LABELS)):
        own = [j + len(LABELS) * stage for stage in range(count)]
        fit = _fit_one(stages[:, own], targets[:, j], weights[:, j], strength)
        coef[j, own], intercept[j] = fit
    return Layer(coef=coef, intercept=intercept)


def _fit_one(columns: Floats, target: Floats, weight: Floats, strength: float) -> tuple[Floats, float]:
    if target.min() == target.max():
        return np.full(columns.shape[1], 1.0 / columns.shape[1]), 0.0
    model = LogisticRegression(C=strength, tol=1e-8, max_iter=1000).fit(columns, target.astype(int), weight)
    return model.coef_[0], float(model.intercept_[0])


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """How log-odds of the stages become the scores people see.

    first, both: the layers over the first stage alone and over both; `both` is None where no encoder was joined.
    part_offset: (6,) added to the log-odds of a part that is not the whole item, before the highest part is taken.
    whole_share: share (0 to 1) of the whole item's log-odds in those of a part: a sentence is judged in its context. In an item
    of more than eight parts it falls with their number: the whole of a long text says little about one sentence.
    gate_low, gate_high: first-stage probability (highest of the three signals) below which the encoder is not asked,
    and from which its joint answer stands alone.
    encoder: sha256 of the encoder that `both` was fitted for, or ''.
    """

    first: Layer
    both: Layer | None
    part_offset: Floats
    gate_low: float
    gate_high: float
    encoder: str
    whole_share: float = 0.0

    def open(self, first: Floats) -> Floats:
        """Return the share (n,) of the joint answer, 0 to 1, from the first stage's calibrated log-odds (n, 6)."""
        highest = first[:, : len(SIGNALS)].max(axis=1)
        low, high = logit(np.array([self.gate_low, self.gate_high]))
        return np.asarray(np.clip((highest - low) / (high - low), 0.0, 1.0), dtype=np.float64)

    def joined(self, first: Floats, stages: Floats, share: Floats) -> Floats:
        """Return log-odds (n, 6): `share` of the joint answer, the rest of the first stage's."""
        if self.both is None:
            return first
        return np.asarray(first + share[:, None] * (self.both.logits(stages) - first), dtype=np.float64)

    def in_context(self, logits: Floats, sizes: Sequence[int]) -> Floats:
        """Return log-odds (n, 6) of items' parts as they count: a part's mixed with its whole's and shifted, a whole's as it is.

        sizes: how many parts each item has, one after the other; an item's first part is its whole.
        """
        starts = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
        share = self.whole_share * np.minimum(1.0, _SHORT / np.repeat(sizes, sizes))[:, None]
        mixed = (1.0 - share) * logits + share * logits[starts] + self.part_offset
        return np.where((starts == np.arange(len(logits)))[:, None], logits, mixed)

    def as_json(self) -> dict[str, Any]:
        """Return the numbers as JSON-ready values."""
        layers = {"first": self.first, "both": self.both}
        return {
            "layers": {
                name: {"coef": layer.coef.tolist(), "intercept": layer.intercept.tolist()}
                for name, layer in layers.items()
                if layer is not None
            },
            "part_offset": self.part_offset.tolist(),
            "whole_share": self.whole_share,
            "gate_low": self.gate_low,
            "gate_high": self.gate_high,
            "encoder": self.encoder,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Decision:
        """Rebuild; raises KeyError, TypeError or ValueError where a number is missing or has the wrong shape."""
        layers, gate = values["layers"], (float(values["gate_low"]), float(values["gate_high"]))
        if not 0 < gate[0] < gate[1] < 1:
            raise ValueError(f"a gate from {gate[0]:g} to {gate[1]:g} is none")
        if values["encoder"] and "both" not in layers:
            raise ValueError("it names an encoder but has no layer over both stages")
        return cls(
            first=_layer(layers["first"], 1),
            both=_layer(layers["both"], 2) if "both" in layers else None,
            part_offset=_array(values["part_offset"], (len(LABELS),)),
            gate_low=gate[0],
            gate_high=gate[1],
            encoder=str(values["encoder"]),
            whole_share=_share(values.get("whole_share", 0.0)),
        )


def _share(value: Any) -> float:
    share = float(value)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"expected a share from 0 to 1, found {share}")
    return share


def _array(values: Sequence[Any], shape: tuple[int, ...]) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"expected numbers of shape {shape}, found shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("a number is not finite")
    return array


def _layer(values: Mapping[str, Any], stages: int) -> Layer:
    size = len(LABELS)
    return Layer(coef=_array(values["coef"], (size, size * stages)), intercept=_array(values["intercept"], (size,)))
