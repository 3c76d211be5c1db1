"""Says which phrases drove a score.

For the first stage exactly: each term's share of the log-odds is spread evenly over the words it touches, so the
phrases, the rest and the intercept sum to the log-odds. For the encoder by omission (occlusion: Zeiler and Fergus,
2014): what its probability loses when a phrase is left out. The two are different things and are kept apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classifiers.labels import LABELS
from classifiers.linear import LinearStage
from classifiers.odds import sigmoid
from classifiers.words import Touch, plain, touches

_WINDOW = 3
_MAX_OMISSIONS = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """A run of words and its weight: log-odds in the first stage, lost probability in the encoder."""

    phrase: str
    contribution: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why a text got its score.

    signal: the label explained; part: the part of the item that carries the score.
    logit: the first stage's raw log-odds of `part`; intercept: their constant.
    linear: the phrases that moved it most, strongest first; rest: the sum of all others. `intercept + rest` and the
    contributions add up to `logit`.
    encoder: the phrases whose omission costs the encoder's probability most, strongest first; None without encoder.
    """

    signal: str
    part: str
    logit: float
    intercept: float
    linear: tuple[Phrase, ...]
    rest: float
    encoder: tuple[Phrase, ...] | None


class _Logits(Protocol):
    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


def explanation(first: LinearStage, encoder: _Logits | None, part: str, signal: str, top: int) -> Explanation:
    """Explain the score of `signal` for one part of an item; at most `top` phrases per stage."""
    j, part = LABELS.index(signal), plain(part).strip()
    phrases = _phrases(part, _by_word(part, first.contributions(part, signal)))
    phrases.sort(key=lambda p: (-abs(p.contribution), p.phrase))
    logit, intercept = float(first.logits([part])[0, j]), float(first.intercept[j])
    chosen = tuple(phrases[:top])
    return Explanation(
        signal=signal,
        part=part,
        logit=logit,
        intercept=intercept,
        linear=chosen,
        rest=logit - intercept - sum(p.contribution for p in chosen),
        encoder=None if encoder is None else tuple(_omissions(encoder, part, j)[:top]),
    )


def _by_word(part: str, contributions: dict[tuple[str, str], float]) -> list[tuple[tuple[int, int], float]]:
    """Spread each term's contribution over its occurrences, and each occurrence's over the words it touches.

    Returns (span in `part`, contribution) per word, in order.
    """
    found: Sequence[Touch] = touches(part)
    counts: dict[tuple[str, str], int] = {}
    for touch in found:
        counts[touch.term] = counts.get(touch.term, 0) + 1
    totals: dict[tuple[int, int], float] = {}
    for touch in found:
        value = contributions.get(touch.term, 0.0) / counts[touch.term]
        for span in touch.spans:
            totals[span] = totals.get(span, 0.0) + value / len(touch.spans)
    return sorted(totals.items())


def _phrases(part: str, words: list[tuple[tuple[int, int], float]]) -> list[Phrase]:
    """Join neighbouring words that pull the same way with at least a third of the strongest word's weight."""
    strong = max((abs(value) for _, value in words), default=0.0) / 3
    runs: list[list[tuple[tuple[int, int], float]]] = []
    for word in words:
        last = runs[-1][-1][1] if runs else 0.0
        joins = min(abs(last), abs(word[1])) >= strong and (last > 0) == (word[1] > 0)
        if runs and joins:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Phrase(phrase=part[run[0][0][0] : run[-1][0][1]], contribution=sum(v for _, v in run)) for run in runs]


def _omissions(encoder: _Logits, part: str, label: int) -> list[Phrase]:
    """Return what the encoder's probability loses without each window of words, greatest loss first."""
    words = part.split()
    step = max(1, -(-len(words) // _MAX_OMISSIONS))
    spans = [(i, min(i + max(_WINDOW, step), len(words))) for i in range(0, len(words), step)]
    texts = [part, *(" ".join(words[:a] + words[b:]) for a, b in spans)]
    scores = sigmoid(encoder.logits(texts).astype(np.float64)[:, label])
    losses = [
        Phrase(phrase=" ".join(words[a:b]), contribution=float(scores[0] - score))
        for (a, b), score in zip(spans, scores[1:], strict=True)
    ]
    return sorted(losses, key=lambda p: (-p.contribution, p.phrase))
