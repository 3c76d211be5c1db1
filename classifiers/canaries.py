"""Texts whose score is known: if one of them falls silent, or a quiet one speaks, a model has broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.labels import LABELS, SIGNALS

LOUD = 0.5
QUIET = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Canary:
    """A text of our own and the label it must carry; `label` is '' for one that must stay below every signal."""

    text: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryResult:
    """What one stage made of one canary.

    stage: "first", "encoder" or "together". score: probability of `label`, or the highest signal of a quiet canary.
    ok: the score is on the right side of `LOUD` (labelled) or `QUIET`; the lone encoder is uncalibrated, so for it a
    labelled canary must only stand above every quiet limit.
    """

    text: str
    label: str
    stage: str
    score: float
    ok: bool


CANARIES = (
    Canary(text="Tens of thousands of troops and tanks massed near the border, satellite images show", label=LABELS[0]),
    Canary(
        text="President says army officers are plotting a coup to overthrow the government next week", label=LABELS[1]
    ),
    Canary(
        text="Defence minister threatens to retaliate with missile strikes if its territory is attacked",
        label=LABELS[2],
    ),
    Canary(
        text="Foreign ministry denies planning an invasion and calls reports of a troop build-up hysteria",
        label=LABELS[3],
    ),
    Canary(
        text="Both sides agree to a ceasefire and begin to withdraw their troops from the front line", label=LABELS[4]
    ),
    Canary(text="Heavy shelling and air strikes kill dozens as fighting rages around the town", label=LABELS[5]),
    Canary(text="Bakery chain opens three new shops and promises cheaper bread", label=""),
    Canary(text="Striker scores twice as home side win the cup final", label=""),
)


def judged(canary: Canary, stage: str, scores: NDArray[np.float64]) -> CanaryResult:
    """Judge the six probabilities of one canary from one stage."""
    if canary.label:
        score = float(scores[LABELS.index(canary.label)])
        ok = score >= (QUIET if stage == "encoder" else LOUD)
    else:
        score = float(scores[: len(SIGNALS)].max())
        ok = score < QUIET
    return CanaryResult(text=canary.text, label=canary.label, stage=stage, score=score, ok=ok)
