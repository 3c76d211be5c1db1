"""The first stage: TF-IDF terms and one logistic regression per label, run by scikit-learn.

`LinearStage` is rebuilt from plain arrays: scikit-learn counts, weighs and multiplies, nothing is ever unpickled.
Terms seen in fewer than `min_items` items are not kept, so that no sentence can be rebuilt from the vocabulary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from classifiers.labels import LABELS
from classifiers.words import BLOCKS, Reading, read

Floats = NDArray[np.float64]

_NO_TERM = "\0"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearSettings:
    """How the first stage is trained.

    min_items: items a term must occur in to be kept, per block.
    weight: length of each block's unit vector; names of countries weigh little so that the act decides.
    soft_weight: weight, per label in `LABELS` order, of an item whose label is another model's probability.
    strength: inverse of the L2 penalty (scikit-learn's C).
    unsure_weight: weight of an item for a label its reader was unsure of, 0 to 1.
    positive_weight: how many times an item counts that carries the label.
    seed: of the solver.
    """

    min_items: Mapping[str, int] = field(default_factory=lambda: {"words": 3, "chars": 5, "countries": 5})
    weight: Mapping[str, float] = field(default_factory=lambda: {"words": 1.0, "chars": 1.0, "countries": 0.25})
    strength: float = 8.0
    unsure_weight: float = 0.2
    soft_weight: tuple[float, ...] = (1.0,) * len(LABELS)
    positive_weight: float = 2.0
    seed: int = 0


class _Known:
    """Yields the terms of a reading that are in the vocabulary: the rest would only cost scikit-learn time."""

    def __init__(self, terms: Callable[[Reading], list[str]], vocabulary: Mapping[str, int]) -> None:
        self._terms = terms
        self._vocabulary = vocabulary

    def __call__(self, reading: Reading) -> list[str]:
        vocabulary = self._vocabulary
        return [term for term in self._terms(reading) if term in vocabulary]


class Block:
    """One kind of terms: a scikit-learn counter with a fixed vocabulary, and its TF-IDF weighing."""

    def __init__(self, name: str, terms: Sequence[str], idf: Floats) -> None:
        """Rebuild a block. `terms`: in column order; `idf`: one weight per term."""
        self.name = name
        self.terms = list(terms)
        self.idf = idf
        vocabulary = {term: i for i, term in enumerate(self.terms)}
        self._counter = CountVectorizer(
            analyzer=_Known(BLOCKS[name], vocabulary), vocabulary=vocabulary, dtype=np.float64
        )
        self._weigher = TfidfTransformer(sublinear_tf=True)
        self._weigher.idf_ = idf

    @classmethod
    def fit(cls, name: str, readings: Sequence[Reading], min_items: int) -> Block:
        """Learn the vocabulary and its weights from `readings`."""
        holders = Counter(term for reading in readings for term in set(BLOCKS[name](reading)))
        needed = min(min_items, len(readings))
        terms = sorted(term for term, count in holders.items() if count >= needed) or [_NO_TERM]
        plain = cls(name, terms, np.ones(len(terms)))
        plain._weigher.fit(plain._counter.transform(readings))
        return cls(name, terms, _short(plain._weigher.idf_))

    def rows(self, readings: Sequence[Reading]) -> Any:
        """Return the weighed terms, sparse (n, terms), each row of unit length or empty."""
        return self._weigher.transform(self._counter.transform(readings), copy=False)


def _short(values: Floats) -> Floats:
    """Round to what the artefact stores (half precision), so that a fresh model equals its loaded copy."""
    return np.asarray(values, dtype=np.float16).astype(np.float64)


class LinearStage:
    """Blocks of terms and one linear model per label."""

    def __init__(self, blocks: Sequence[Block], coef: Floats, intercept: Floats) -> None:
        """Rebuild the stage. `coef`: (6, terms of all blocks), block weights folded in; `intercept`: (6,)."""
        self.blocks = list(blocks)
        self.coef = coef
        self.intercept = intercept
        self._model = LogisticRegression()
        self._model.classes_ = np.array([0, 1])

    @classmethod
    def fit(cls, texts: Sequence[str], targets: Floats, weights: Floats, settings: LinearSettings) -> LinearStage:
        """Train on `texts`; `targets` and `weights` are (n, 6): 0 or 1, and how much the item counts for the label."""
        readings = [read(text) for text in texts]
        blocks = [Block.fit(name, readings, settings.min_items[name]) for name in BLOCKS]
        scales = np.concatenate([np.full(len(b.terms), settings.weight[b.name]) for b in blocks])
        rows = sparse.hstack([b.rows(readings) for b in blocks], format="csr") @ sparse.diags(scales)
        weights = weights * (1 + (settings.positive_weight - 1) * targets)
        fits = [_fit_label(rows, targets[:, j], weights[:, j], settings) for j in range(len(LABELS))]
        coef = np.stack([coef * scales for coef, _ in fits])
        return cls(blocks, _short(coef), np.array([intercept for _, intercept in fits]))

    def rows(self, texts: Sequence[str]) -> Any:
        """Return the weighed terms of `texts`, sparse (n, terms of all blocks)."""
        readings = [read(text) for text in texts]
        return sparse.hstack([block.rows(readings) for block in self.blocks], format="csr")

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return the log-odds, shape (n, 6), columns in `LABELS` order, before calibration."""
        if not texts:
            return np.zeros((0, len(LABELS)))
        self._model.coef_, self._model.intercept_ = self.coef, self.intercept
        return np.asarray(self._model.decision_function(self.rows(texts)), dtype=np.float64)

    def contributions(self, text: str, label: str) -> dict[tuple[str, str], float]:
        """Return what each (block, term) of `text` adds to the label's log-odds; exact: they sum to it with the intercept."""
        row = self.rows([text]).tocoo()
        coef = self.coef[LABELS.index(label)]
        names = [(block.name, term) for block in self.blocks for term in block.terms]
        return {names[j]: float(value * coef[j]) for j, value in zip(row.coords[1], row.data, strict=True)}


def _fit_label(rows: Any, target: Floats, weight: Floats, settings: LinearSettings) -> tuple[Floats, float]:
    """Fit one label; a label with one class only gets the constant of its smoothed share.

    A soft target (between 0 and 1) counts as both classes, each by its share of the weight.
    """
    rows, target, weight = _hardened(rows, target, weight)
    if target.min() == target.max():
        share = (target.sum() + 0.5) / (len(target) + 1)
        return np.zeros(rows.shape[1]), float(np.log(share / (1 - share)))
    model = LogisticRegression(C=settings.strength, solver="liblinear", tol=1e-3, random_state=settings.seed)
    model.fit(rows, target.astype(int), weight)
    return model.coef_[0], float(model.intercept_[0])


def _hardened(rows: Any, target: Floats, weight: Floats) -> tuple[Any, Floats, Floats]:
    """Return rows with targets 0 and 1 only: an item with a soft target stands twice, its weight divided."""
    soft = np.flatnonzero((target > 0) & (target < 1))
    if not soft.size:
        return rows, target, weight
    share = np.where((target > 0) & (target < 1), target, 1.0)
    first = np.where(target > 0, 1.0, 0.0)
    doubled = sparse.vstack([rows, rows[soft]], format="csr")
    return doubled, np.append(first, np.zeros(soft.size)), np.append(weight * share, weight[soft] * (1 - target[soft]))
