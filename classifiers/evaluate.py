"""Measures scores against gold items, per label, stage and kind of item; nothing here prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import EncoderUnavailable
from classifiers.gold import GoldRow, truth_matrix
from classifiers.labels import LABELS, SIGNALS
from classifiers.metrics import THRESHOLD, LabelScores, calibration_error, label_scores, reliability
from classifiers.model import TextModel
from classifiers.parts import whole

Floats = NDArray[np.float64]

RESAMPLES = 200
_FEW = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupScores:
    """Figures within one group of items: `field` is genre, region, year, stratum, near_miss or form.

    labels: only labels with a positive in the group. false_alarms: items at or above 0.5 on a signal they do not
    carry; items: in the group.
    """

    field: str
    value: str
    items: int
    false_alarms: int
    labels: Mapping[str, LabelScores]


@dataclass(frozen=True, kw_only=True, slots=True)
class StageReport:
    """Figures of one stage.

    labels: over all items, labels with a positive. calibration_error: over the three signals together, items as they
    stand; stream_calibration_error: the same over items drawn at random from a stream, None where there are none.
    random_items, random_false_alarms: how many of those, and how many of them stand at or above 0.5 on a signal they
    do not carry. groups: the break-down.
    """

    labels: Mapping[str, LabelScores]
    calibration_error: float
    stream_calibration_error: float | None
    random_items: int
    random_false_alarms: int
    groups: tuple[GroupScores, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was measured: one entry per stage, "first" and, with the encoder, "second" and "both"."""

    items: int
    stages: Mapping[str, StageReport]


def stage_scores(rows: Sequence[GoldRow], directory: Path | None = None) -> dict[str, Floats]:
    """Score `rows` by the shipped model (or the one in `directory`): the first stage alone; where installed, the second alone, and both."""
    pairs = [(row.title, row.text) for row in rows]
    scores = {"first": TextModel.load(directory, stack="linear").score(pairs)}
    try:
        model = TextModel.load(directory, stack="auto")
    except EncoderUnavailable:
        return scores
    if model.stack == "linear":
        return scores
    return {**scores, "second": model.second_stage([whole(*pair) for pair in pairs]), "both": model.score(pairs)}


def evaluate(
    rows: Sequence[GoldRow], scores: Mapping[str, Floats], *, resamples: int = RESAMPLES, seed: int = 0
) -> Report:
    """Judge the scores of each stage, (n, 6) in `LABELS` order, against gold rows of the same order.

    resamples: bootstrap samples for the intervals, of the whole and of each group; seed: of their drawing.
    Raises ValueError if a stage's scores and the rows differ in number.
    """
    truth = truth_matrix(list(rows))
    for stage, given in scores.items():
        if given.shape != (len(rows), len(LABELS)):
            raise ValueError(f"{stage}: scores of shape {given.shape} for {len(rows)} rows")
    stages = {stage: _stage(rows, truth, given, resamples, seed) for stage, given in scores.items()}
    return Report(items=len(rows), stages=stages)


def _stage(rows: Sequence[GoldRow], truth: Floats, scores: Floats, resamples: int, seed: int) -> StageReport:
    random = np.array([row.random for row in rows], dtype=bool)
    return StageReport(
        labels=_labels(scores, truth, resamples, seed),
        calibration_error=_signal_calibration(scores, truth),
        stream_calibration_error=_signal_calibration(scores[random], truth[random]) if random.any() else None,
        random_items=int(random.sum()),
        random_false_alarms=false_alarms(scores[random], truth[random]),
        groups=tuple(_groups(rows, truth, scores, resamples, seed)),
    )


def false_alarms(scores: Floats, truth: Floats) -> int:
    """Return how many items stand at or above 0.5 on a signal they are known not to carry."""
    signals = slice(0, len(SIGNALS))
    return int(((scores[:, signals] >= THRESHOLD) & (truth[:, signals] == 0)).any(axis=1).sum())


def _labels(scores: Floats, truth: Floats, resamples: int, seed: int) -> dict[str, LabelScores]:
    found: dict[str, LabelScores] = {}
    for j, label in enumerate(LABELS):
        known = ~np.isnan(truth[:, j])
        if np.nansum(truth[:, j]) > 0:
            found[label] = label_scores(scores[known, j], truth[known, j], resamples=resamples, seed=seed)
    return found


def _signal_calibration(scores: Floats, truth: Floats) -> float:
    own, known = scores[:, : len(SIGNALS)].ravel(), truth[:, : len(SIGNALS)].ravel()
    given = ~np.isnan(known)
    return calibration_error(reliability(own[given], known[given]))


def _groups(rows: Sequence[GoldRow], truth: Floats, scores: Floats, resamples: int, seed: int) -> Iterator[GroupScores]:
    """Yield the figures of every group of at least `_FEW` items, by field and value."""
    members: dict[tuple[str, str], list[int]] = {}
    for i, row in enumerate(rows):
        for name, value in row.groups.items():
            members.setdefault((name, value), []).append(i)
    for (name, value), own in sorted(members.items()):
        if len(own) >= _FEW:
            yield GroupScores(
                field=name,
                value=value,
                items=len(own),
                false_alarms=false_alarms(scores[own], truth[own]),
                labels=_labels(scores[own], truth[own], resamples, seed),
            )
