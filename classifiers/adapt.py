"""Learns from people's verdicts on top of the model in use, without the items it was first trained on.

The weights stay; a small correction is learned of the first stage (per term of the verdicts' words) and of the decision layer (one
constant per label), regularised towards no change: logistic regression with the present log-odds as its offset, by
L-BFGS. Cross-fitting over the verdicts and our own evaluation items decide whether it replaces the model in use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from classifiers.artifact import Artifact, save
from classifiers.folds import folds, groups
from classifiers.items import Item, digest, guard_texts, read_items, targets, weights
from classifiers.labels import LABELS
from classifiers.leakage import drop_near
from classifiers.linear import LinearStage
from classifiers.model import TextModel
from classifiers.odds import logit, sigmoid
from classifiers.promotion import Figures, compare, evaluation_items, figures, worse

Floats = NDArray[np.float64]
Report = Callable[[float, str], None]

MIN_VERDICTS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Adaptation:
    """What to learn from, and where the result goes.

    verdicts: label files; a label in `unsure` is not known and teaches nothing. output: directory of the new
    artefact, written only when it is promoted. base: directory of the model in use, None for the shipped one.
    guards: files whose texts must stay unseen. strength: inverse penalty of a term's correction (1: a lone verdict
    moves its own item's log-odds by at most about 2); constant_strength: of the constants; folds: of the cross-fitting.
    """

    verdicts: tuple[Path, ...]
    output: Path
    base: Path | None = None
    guards: tuple[Path, ...] = ()
    strength: float = 1.0
    constant_strength: float = 0.05
    folds: int = 5
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AdaptationReport:
    """What came of it.

    promoted, reasons: whether `output` was written, and why or why not. verdicts: used; left_out: near-equals of a
    guard or an evaluation item. verdicts_before, verdicts_after: on verdicts held out in turn; items_before,
    items_after: on our own evaluation items.
    """

    promoted: bool
    reasons: tuple[str, ...]
    verdicts: int
    left_out: int
    verdicts_before: Figures | None = None
    verdicts_after: Figures | None = None
    items_before: Figures | None = None
    items_after: Figures | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Verdicts:
    """Verdicts as numbers: weighed terms (n, terms), present log-odds, effect of a first-stage change, truth, weight."""

    rows: Any
    logits: Floats
    effect: Floats
    truth: Floats
    weight: Floats

    def part(self, chosen: NDArray[np.bool_]) -> _Verdicts:
        return _Verdicts(**{name: getattr(self, name)[chosen] for name in self.__slots__})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Correction:
    """terms: (6, terms) added to the first stage; constants: (6,) added to the decision layer's log-odds."""

    terms: Floats
    constants: Floats

    def logits(self, given: _Verdicts) -> Floats:
        moved = np.asarray(given.rows @ self.terms.T) * given.effect
        return np.asarray(given.logits + moved + self.constants, dtype=np.float64)


def adapt(settings: Adaptation, report: Report) -> AdaptationReport:
    """Learn from verdicts; write the new artefact only if it is no worse than the model in use.

    Raises ItemsError (file, line, remedy) where a label file cannot be used, and ClassifierArtifactError where the
    model in use cannot be loaded.
    """
    report(0.0, "reading verdicts")
    own = evaluation_items()
    items, left_out = _verdict_items(settings, own)
    if len(items) < MIN_VERDICTS:
        why = f"{len(items)} verdicts are too few to learn from: {MIN_VERDICTS} or more are needed"
        return AdaptationReport(promoted=False, reasons=(why,), verdicts=len(items), left_out=left_out)
    model = TextModel.load(settings.base)
    given = _as_numbers(items, model)
    report(0.2, "holding verdicts out in turn")
    before, after = _held_out_figures(items, given, settings)
    report(0.6, "learning from all verdicts")
    adapted = _corrected(model.artifact, _fit(given, settings), _facts(settings, model, len(items)))
    report(0.8, "comparing with the model in use")
    promotion = compare(model.with_artifact(adapted), model, own)
    reasons = [*worse(before, after, "held-out verdicts"), *(() if promotion.promoted else promotion.reasons)]
    if not reasons and after.log_loss >= before.log_loss:
        reasons = ["held-out verdicts are judged no better than before"]
    if not reasons:
        save(settings.output, adapted.first, adapted.decision, adapted.facts)
    report(1.0, "done")
    gain = f"log loss on held-out verdicts falls from {before.log_loss:.4f} to {after.log_loss:.4f}"
    return AdaptationReport(
        promoted=not reasons,
        reasons=tuple(reasons or [gain]),
        verdicts=len(items),
        left_out=left_out,
        verdicts_before=before,
        verdicts_after=after,
        items_before=promotion.before,
        items_after=promotion.after,
    )


def _verdict_items(settings: Adaptation, own: Sequence[Item]) -> tuple[list[Item], int]:
    items = read_items(settings.verdicts)
    guards = [*guard_texts(settings.guards), *(item.whole for item in own)]
    kept, left_out = drop_near(items, [item.whole for item in items], guards)
    return [items[i] for i in kept], left_out


def _as_numbers(items: Sequence[Item], model: TextModel) -> _Verdicts:
    texts = [item.whole for item in items]
    decision = model.artifact.decision
    scored = model.part_logits(texts)
    own = np.diag(decision.first.coef)
    share = (
        decision.open(logit(model.first_stage(texts)))
        if model.stack != "linear" and decision.both
        else np.zeros(len(texts))
    )
    joint = np.diag(decision.both.coef[:, : len(LABELS)]) if decision.both else own
    return _Verdicts(
        rows=model.artifact.first.rows(texts),
        logits=scored,
        effect=own + share[:, None] * (joint - own),
        truth=targets(items),
        weight=weights(items, 0.0),
    )


def _fit(given: _Verdicts, settings: Adaptation) -> _Correction:
    found = [_fit_label(given, j, settings) for j in range(len(LABELS))]
    return _Correction(terms=np.stack([terms for terms, _ in found]), constants=np.array([c for _, c in found]))


def _fit_label(given: _Verdicts, j: int, settings: Adaptation) -> tuple[Floats, float]:
    """Return the corrections (terms,) and the constant for one label; zeros where no verdict speaks of it."""
    used = np.unique(given.rows.indices)
    size, weight, truth = len(used), given.weight[:, j], given.truth[:, j]
    rows = given.rows[:, used].multiply(given.effect[:, [j]]).tocsr()
    penalty = np.append(np.full(size, 1 / settings.strength), 1 / settings.constant_strength)

    def loss(x: Floats) -> tuple[float, Floats]:
        z = given.logits[:, j] + rows @ x[:-1] + x[-1]
        miss = weight * (sigmoid(z) - truth)
        value = float(weight @ (np.logaddexp(0.0, z) - truth * z) + 0.5 * penalty @ (x * x))
        return value, np.append(rows.T @ miss, miss.sum()) + penalty * x

    best = optimize.minimize(loss, np.zeros(size + 1), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    terms = np.zeros(given.rows.shape[1])
    terms[used] = best[:-1]
    return terms, float(best[-1])


def _held_out_figures(items: Sequence[Item], given: _Verdicts, settings: Adaptation) -> tuple[Figures, Figures]:
    """Return figures on the verdicts before, and after learning from the others (each held out once)."""
    fold = folds(groups(items, "story"), settings.folds, settings.seed)
    logits = given.logits.copy()
    for k in range(settings.folds):
        if (fold == k).any() and (fold != k).any():
            logits[fold == k] = _fit(given.part(fold != k), settings).logits(given.part(fold == k))
    truth = np.where(given.weight > 0, given.truth, np.nan)
    return figures(sigmoid(given.logits), truth), figures(sigmoid(logits), truth)


def _corrected(artifact: Artifact, correction: _Correction, facts: dict[str, Any]) -> Artifact:
    first, decision = artifact.first, artifact.decision
    coef = (first.coef + correction.terms).astype(np.float16).astype(np.float64)
    return Artifact(
        first=LinearStage(first.blocks, coef, first.intercept),
        decision=replace(
            decision,
            first=decision.first.shifted(correction.constants),
            both=decision.both.shifted(correction.constants) if decision.both else None,
        ),
        facts=facts,
        digest="candidate",
    )


def _facts(settings: Adaptation, model: TextModel, verdicts: int) -> dict[str, Any]:
    """Return the facts of the model in use, and what it has learned from since."""
    learned = {"from": model.artifact.digest, "verdicts": verdicts, "sha256": digest(settings.verdicts)}
    facts = dict(model.artifact.facts)
    return {**facts, "adapted": [*facts.get("adapted", ()), learned]}
