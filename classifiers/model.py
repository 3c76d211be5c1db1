"""The classifier as the daemon sees it: texts in, calibrated probabilities out.

The first stage reads every part of every item; the encoder only the parts that the first stage does not rule out;
the decision layer joins and calibrates them; an item's score is that of its strongest part. An item is scored for
itself: neither its neighbours in a batch nor their order change what comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from classifiers.artifact import Artifact, load
from classifiers.canaries import CANARIES, CanaryResult, judged
from classifiers.errors import ClassifierArtifactError, EncoderUnavailable
from classifiers.explain import Explanation, explanation
from classifiers.labels import LABELS
from classifiers.odds import sigmoid
from classifiers.parts import parts
from classifiers.shipped import SHIPPED

Floats = NDArray[np.float64]
Stack = Literal["auto", "linear", "both"]

MAX_ENCODED_PARTS = 12
_ROUND = 6
_BATCH = 4096


class SentenceEncoder(Protocol):
    """What the second stage offers."""

    sha256: str

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return raw log-odds, shape (n, 6), columns in `LABELS` order."""
        ...


class TextModel:
    """Scores news items; made by `load`."""

    def __init__(self, artifact: Artifact, encoder: SentenceEncoder | None) -> None:
        """Wire an artefact with an encoder, or with none."""
        self._artifact = artifact
        self._encoder = encoder
        self.stack = "linear+encoder" if encoder else "linear"
        base = f"{artifact.facts.get('version', 'own')}-{artifact.digest[:8]}"
        self.version = f"{base}+enc-{encoder.sha256[:4]}" if encoder else base

    @classmethod
    def load(cls, directory: Path | None = None, *, stack: Stack = "auto") -> TextModel:
        """Load the shipped model, or the one in `directory`.

        stack: "linear" leaves the encoder out, "both" insists on it, "auto" takes it where its packages and its
        artefact are there.
        Raises ClassifierArtifactError, naming file and remedy, where an artefact is missing or does not match.
        """
        artifact = load(directory or SHIPPED)
        return cls(artifact, None if stack == "linear" else _encoder(artifact, directory or SHIPPED, stack))

    @property
    def artifact(self) -> Artifact:
        """What was loaded, with its facts."""
        return self._artifact

    def with_artifact(self, artifact: Artifact) -> TextModel:
        """Return a model of another artefact with this one's encoder."""
        return TextModel(artifact, self._encoder)

    def score(self, items: Sequence[tuple[str, str]]) -> Floats:
        """Return calibrated probabilities, shape (n, 6), columns in `LABELS` order, of (title, text) pairs."""
        if not items:
            return np.zeros((0, len(LABELS)))
        batches = [self._score(items[i : i + _BATCH]) for i in range(0, len(items), _BATCH)]
        return np.concatenate(batches)

    def read(self, items: Sequence[tuple[str, str]]) -> list[tuple[Floats, list[tuple[str, Floats]]]]:
        """Return, for each (title, text), what `score` and `score_parts` would, but in batches: one pass for both."""
        found: list[tuple[Floats, list[tuple[str, Floats]]]] = []
        for start in range(0, len(items), _BATCH):
            cut = [parts(title, text) for title, text in items[start : start + _BATCH]]
            logits, at = self._part_logits(cut), 0
            for own in cut:
                found.append(_pooled(own, logits[at : at + len(own)]))
                at += len(own)
        return found

    def score_parts(self, title: str, text: str) -> list[tuple[str, Floats]]:
        """Return the title and each sentence (and pair of sentences) of the text with its own six probabilities."""
        found = [part for part in parts(title, text) if part]
        logits = self._part_logits([found])
        return (
            list(zip(found[1:], sigmoid(logits[1:]), strict=True))
            if len(found) > 1
            else [(p, sigmoid(logits)[0]) for p in found]
        )

    def explain(self, title: str, text: str, signal: str, top: int = 6) -> Explanation:
        """Say which phrases drove the score of `signal` (any label): exactly for the first stage, by omission for the encoder."""
        found = parts(title, text)
        best = found[int(self._part_logits([found])[:, LABELS.index(signal)].argmax())]
        return explanation(self._artifact.first, self._encoder, best, signal, top)

    def canaries(self) -> list[CanaryResult]:
        """Score the shipped canary texts through each stage; one that is not `ok` means a model has turned silent."""
        stages = {"first": sigmoid(self._first([c.text for c in CANARIES]))}
        if self._encoder:
            stages["encoder"] = sigmoid(self._encoder.logits([c.text for c in CANARIES]).astype(np.float64))
        stages["together"] = self.score([(c.text, "") for c in CANARIES])
        return [judged(c, stage, scores[i]) for stage, scores in stages.items() for i, c in enumerate(CANARIES)]

    def part_logits(self, texts: Sequence[str]) -> Floats:
        """Return the calibrated log-odds of whole texts, each as one part, shape (n, 6)."""
        return self._part_logits([[text] for text in texts])

    def first_stage(self, texts: Sequence[str]) -> Floats:
        """Return the first stage's calibrated probabilities of whole texts, shape (n, 6): what opens the gate."""
        return sigmoid(self._first(texts))

    def second_stage(self, texts: Sequence[str]) -> Floats:
        """Return the encoder's probabilities of whole texts as it gives them, before calibration, shape (n, 6).

        Raises EncoderUnavailable where none is live.
        """
        if self._encoder is None:
            raise EncoderUnavailable("no encoder is live: pip install 'crisis-monitor[encoder]'")
        return sigmoid(self._encoder.logits(texts).astype(np.float64))

    def asked(self, items: Sequence[tuple[str, str]]) -> float:
        """Return the share of items, 0 to 1, whose whole text the first stage does not rule out."""
        if not items:
            return 0.0
        batches = (items[i : i + _BATCH] for i in range(0, len(items), _BATCH))
        first = [self._first([parts(title, text)[0] for title, text in batch]) for batch in batches]
        return float((self._artifact.decision.open(np.concatenate(first)) > 0).mean())

    def _first(self, texts: Sequence[str]) -> Floats:
        return self._artifact.decision.first.logits(self._artifact.first.logits(texts))

    def _score(self, items: Sequence[tuple[str, str]]) -> Floats:
        cut = [parts(title, text) for title, text in items]
        logits = self._part_logits(cut)
        starts = np.cumsum([0, *(len(found) for found in cut[:-1])])
        return np.asarray(np.round(sigmoid(np.maximum.reduceat(logits, starts, axis=0)), _ROUND), dtype=np.float64)

    def _part_logits(self, cut: Sequence[Sequence[str]]) -> Floats:
        """Return calibrated log-odds of all parts of all items, one after the other; an item's first part is its whole."""
        decision = self._artifact.decision
        flat = [part for found in cut for part in found]
        raw = self._artifact.first.logits(flat)
        logits = decision.first.logits(raw)
        if self._encoder and decision.both:
            share = decision.open(logits)
            asked = _asked(share, [len(found) for found in cut])
            logits[asked] = self._joined([flat[i] for i in asked], raw[asked], logits[asked], share[asked])
        return decision.in_context(logits, [len(found) for found in cut])

    def _joined(self, texts: list[str], raw: Floats, first: Floats, share: Floats) -> Floats:
        if not texts or self._encoder is None:
            return first
        second = self._encoder.logits(texts).astype(np.float64)
        return self._artifact.decision.joined(first, np.hstack([raw, second]), share)


def _asked(share: Floats, sizes: Sequence[int]) -> list[int]:
    """Return the indices of the parts the encoder reads: those not ruled out, of one item at most the likeliest few."""
    asked: list[int] = []
    start = 0
    for size in sizes:
        own = [i for i in range(start, start + size) if share[i] > 0]
        own.sort(key=lambda i: (i != start, -share[i], i))
        asked += sorted(own[:MAX_ENCODED_PARTS])
        start += size
    return asked


def _pooled(own: Sequence[str], logits: Floats) -> tuple[Floats, list[tuple[str, Floats]]]:
    """Return an item's scores (its strongest part's) and those of its parts, from its parts' log-odds, shape (parts, 6)."""
    whole = np.asarray(np.round(sigmoid(logits.max(axis=0)), _ROUND), dtype=np.float64)
    inner = list(zip(own[1:], sigmoid(logits[1:]), strict=True))
    return whole, [(part, row) for part, row in inner if part] or [(own[0], sigmoid(logits[0]))]


def _encoder(artifact: Artifact, directory: Path, stack: Stack) -> SentenceEncoder | None:
    """Load the encoder the decision layer was fitted for; None where "auto" may do without it."""
    wanted = artifact.decision.encoder
    if not wanted:
        if stack == "both":
            raise ClassifierArtifactError(
                f"{directory} has no encoder joined to its decision layer: install the shipped model"
            )
        return None
    try:
        encoder = _load_encoder(directory if any(directory.glob("encoder.*")) else SHIPPED)
    except EncoderUnavailable:
        if stack == "both":
            raise
        return None
    if encoder.sha256 != wanted:
        raise ClassifierArtifactError(
            f"the encoder for {directory} is not the one its decision layer was fitted for: "
            + (
                "reinstall crisis-monitor"
                if directory == SHIPPED
                else "train it anew, or remove it to use the shipped one"
            )
        )
    return encoder


def _load_encoder(directory: Path) -> SentenceEncoder:
    try:
        from classifiers.encoder import Encoder  # noqa: PLC0415 - onnxruntime is an extra and slow to import
    except ImportError as exc:
        raise EncoderUnavailable(
            f"the extra [encoder] is not installed ({exc}): pip install 'crisis-monitor[encoder]'"
        ) from exc
    encoder: SentenceEncoder = Encoder.load(directory, threads=1)
    return encoder
