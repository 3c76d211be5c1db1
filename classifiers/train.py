"""Trains the first stage and the decision layer from zero: corpus, outside label files, nothing that must stay unseen.

The same inputs, seed and lock file give the same bytes on the same kind of machine. Only weights are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.artifact import save
from classifiers.folds import Grouping, folds, groups
from classifiers.items import CORPUS, Item, corpus_files, digest, guard_texts, held_out, read_items, targets, weights
from classifiers.labels import LABELS
from classifiers.leakage import drop_near
from classifiers.linear import LinearSettings, LinearStage
from classifiers.stacking import DecisionSettings, EncoderLogits, StackData, fit_decision

Floats = NDArray[np.float64]
Report = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """What to train from, and where the model goes.

    output: directory of the artefact. corpus: folder of `*.jsonl`, or None to leave it out. extra: label files.
    guards: files whose texts, and near-equals of them, must stay unseen. encoder_logits: `.npz` with `ids`, `logits`
    of the encoder out of fold; encoder_sha256: of the encoder they stand for. version: shown before the hash.
    folds, folds_by: of the cross-validation that feeds the decision layer: how many, and what none of them parts.
    """

    output: Path
    corpus: Path | None = CORPUS
    extra: tuple[Path, ...] = ()
    guards: tuple[Path, ...] = ()
    encoder_logits: Path | None = None
    encoder_sha256: str = ""
    version: str = "own"
    folds: int = 4
    folds_by: Grouping = "story"
    linear: LinearSettings = field(default_factory=LinearSettings)
    decision: DecisionSettings = field(default_factory=DecisionSettings)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingReport:
    """What was trained.

    items: used; left_out: near-equals of a guard; positives: per label; scores: average precision per label of the
    first stage out of fold ("first"), and joined ("both") where encoder log-odds were given; directory: the artefact.
    """

    items: int
    left_out: int
    positives: Mapping[str, int]
    scores: Mapping[str, Mapping[str, float]]
    directory: Path


def train(settings: Training, report: Report) -> TrainingReport:
    """Train from zero and write the artefact; `report` gets the share done, 0 to 1, and what is being done.

    Raises ItemsError (file, line, remedy) where a label file cannot be used.
    """
    report(0.0, "reading items")
    encoder = EncoderLogits.load(settings.encoder_logits, settings.encoder_sha256) if settings.encoder_logits else None
    items, left_out = _items(settings)
    read = [item for item in items if item.soft is None]
    logits = _out_of_fold(read, settings, report)
    report(0.75, "training the first stage on everything")
    first = _fit(items, settings.linear)
    report(0.95, "fitting the decision layer")
    decision, scores = fit_decision(StackData(items=read, first=logits, encoder=encoder), settings.decision)
    facts = _facts(settings, items, left_out, scores)
    save(settings.output, first, decision, facts)
    report(1.0, "done")
    return TrainingReport(
        items=len(items), left_out=left_out, positives=facts["positives"], scores=scores, directory=settings.output
    )


def _items(settings: Training) -> tuple[list[Item], int]:
    """Read what is trained on; returns the items and how many were left out for nearly equalling a guard.

    Guards are the texts of the guard files, and the items of the corpus that are held out to measure on.
    """
    own = read_items(corpus_files(settings.corpus)) if settings.corpus else []
    items = [*(item for item in own if not held_out(item)), *read_items(settings.extra)]
    guards = [*guard_texts(settings.guards), *(item.whole for item in own if held_out(item))]
    kept, left_out = drop_near(items, [item.whole for item in items], guards)
    return [items[i] for i in kept], left_out


def _fit(items: Sequence[Item], settings: LinearSettings) -> LinearStage:
    texts = [item.whole for item in items]
    given = weights(items, settings.unsure_weight)
    soft = np.array([item.soft is not None for item in items], dtype=bool)
    given[soft] *= np.array(settings.soft_weight)
    return LinearStage.fit(texts, targets(items), given, settings)


def _out_of_fold(items: Sequence[Item], settings: Training, report: Report) -> Floats:
    """Return the first stage's log-odds (n, 6) of each item by a model that saw nothing of its story, year or pair.

    Items with soft labels take no part: the model that labelled them may have seen what is held out here.
    """
    fold = folds(groups(items, settings.folds_by), settings.folds, settings.linear.seed)
    logits = np.zeros((len(items), len(LABELS)))
    for k in range(settings.folds):
        report(0.05 + 0.7 * k / settings.folds, f"cross-validation {k + 1} of {settings.folds}")
        stage = _fit([item for item, f in zip(items, fold, strict=True) if f != k], settings.linear)
        held = np.flatnonzero(fold == k).tolist()
        logits[held] = stage.logits([items[i].whole for i in held])
    return logits


def _facts(settings: Training, items: Sequence[Item], left_out: int, scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the artefact says about itself; no clock, no path of this machine."""
    counts = targets([item for item in items if item.soft is None]).sum(axis=0).astype(int).tolist()
    return {
        "version": settings.version,
        "corpus": digest(corpus_files(settings.corpus)) if settings.corpus else "",
        "extra": [{"name": path.name, "sha256": digest([path])} for path in settings.extra],
        "guards": [{"name": path.name, "sha256": digest([path])} for path in settings.guards],
        "items": len(items),
        "left_out": left_out,
        "positives": dict(zip(LABELS, counts, strict=True)),
        "scores": scores,
        "folds_by": settings.folds_by,
        "seed": settings.linear.seed,
    }
