r"""Hands the decision layer on to an encoder that was trained on from the one it was fitted for.

    python -m classifiers.handover --model classifiers/artifacts --first trained/ --encoder trained-encoder/ \
        --texts archive.jsonl.gz --out new/

A decision layer is fitted on log-odds out of fold. An encoder that goes on from a shipped one has none: the shipped one
has seen every labelled item. Both read the same unlabelled texts; per label the new log-odds are shifted and stretched
to the mean and spread of the old ones, so that what the layer learned of weights and calibration still holds. Where the
new encoder is stronger than the one the layer was fitted for, `--moved 0.2` gives it a fifth of the first stage's weight.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.artifact import Artifact, load, save
from classifiers.decision import Decision, Layer
from classifiers.encoder import FACTS_FILE, ONNX_FILE, TOKENIZER_FILE, Encoder
from classifiers.errors import ClassifierArtifactError
from classifiers.items import guard_texts
from classifiers.labels import LABELS, SIGNALS

Floats = NDArray[np.float64]

_FEWEST = 2  # texts that have a spread


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """What is joined, and where the result goes.

    model: directory of the model in use, with its encoder. first: directory of a newly trained first stage, None for that of
    `model`. encoder: directory of the new encoder. texts: JSON Lines files to compare on; limit: how many of their texts that
    the first stage does not rule out. out: directory of the new model. moved: share, 0 to 1, of the first stage's weight on
    each signal that goes to the encoder. shift: added to the log-odds of each signal.
    """

    model: Path
    encoder: Path
    texts: Sequence[Path]
    out: Path
    first: Path | None = None
    limit: int = 20_000
    moved: float = 0.0
    shift: Sequence[float] = (0.0, 0.0, 0.0)


def fitted_to(layer: Layer, old: Floats, new: Floats) -> Layer:
    """Return `layer`, of both stages, for log-odds `new` (n, 6) of the second stage in place of `old`, on the same texts."""
    size = len(LABELS)
    stretch, offset = _scale(new, old)
    own = np.diag(layer.coef[:, size:])
    coef = layer.coef.copy()
    coef[:, size:] = np.diag(own * stretch)
    return Layer(coef=coef, intercept=layer.intercept + own * offset)


def leaning(layer: Layer, first: Floats, second: Floats, moved: float) -> Layer:
    """Return `layer` with the share `moved` of the first stage's weight on each signal given to the second stage.

    first, second: log-odds (n, 6) of both stages on the same texts. What is given is put on the second's scale: mean and spread stay.
    """
    size = len(LABELS)
    stretch, offset = _scale(second, first)
    given = moved * np.diag(layer.coef[:, :size]) * np.array([label in SIGNALS for label in LABELS])
    coef = layer.coef.copy()
    coef[:, :size] -= np.diag(given)
    coef[:, size:] += np.diag(given * stretch)
    return Layer(coef=coef, intercept=layer.intercept + given * offset)


def _scale(source: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Return factor and summand (6,) that give `source` (n, 6) the mean and spread of `target`."""
    stretch = target.std(axis=0) / np.maximum(source.std(axis=0), 1e-9)
    return stretch, target.mean(axis=0) - stretch * source.mean(axis=0)


def hand_over(settings: Handover) -> Decision:
    """Write the joined model to `out` and return its decision layer.

    Raises ClassifierArtifactError where a model or an encoder cannot be used, ItemsError where a text file cannot.
    """
    used, first = load(settings.model), load(settings.first or settings.model)
    if used.decision.both is None:
        raise ClassifierArtifactError(f"{settings.model} has no decision layer over both stages to hand on")
    old, new = Encoder.load(settings.model), Encoder.load(settings.encoder)
    texts = _asked(guard_texts(settings.texts), used, settings.limit)
    if len(texts) < _FEWEST:
        raise ClassifierArtifactError(
            f"the first stage lets {len(texts)} texts through, {_FEWEST} are needed; give more --texts"
        )
    before, now = (encoder.logits(texts).astype(np.float64) for encoder in (old, new))
    both = leaning(fitted_to(used.decision.both, before, now), first.first.logits(texts), now, settings.moved)
    both = both.shifted(np.array([*settings.shift, *[0.0] * (len(LABELS) - len(SIGNALS))]))
    decision = replace(used.decision, first=first.decision.first, both=both, encoder=new.sha256)
    told = {
        "from": used.digest,
        "encoder": old.sha256,
        "texts": len(texts),
        "moved": settings.moved,
        "shift": [*settings.shift],
    }
    save(settings.out, first.first, decision, {**first.facts, "handed_over": told})
    for name in (ONNX_FILE, TOKENIZER_FILE, FACTS_FILE):
        if settings.encoder != settings.out:
            shutil.copyfile(settings.encoder / name, settings.out / name)
    return decision


def _asked(texts: Sequence[str], artifact: Artifact, limit: int) -> list[str]:
    """Return the texts the first stage does not rule out, evenly drawn."""
    kept: list[str] = []
    for start in range(0, len(texts), 4096):
        batch = texts[start : start + 4096]
        share = artifact.decision.open(artifact.decision.first.logits(artifact.first.logits(batch)))
        kept += [text for text, own in zip(batch, share, strict=True) if own > 0]
    return kept[:: max(1, len(kept) // limit)][:limit]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and print the new layer."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.handover", description=(__doc__ or "").split("\n")[0])
    for name in ("model", "encoder", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--first", type=Path)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", type=int, default=20_000)
    parser.add_argument("--moved", type=float, default=0.0, help="share of the first stage's weight for the encoder")
    parser.add_argument(
        "--shift", type=float, nargs=len(SIGNALS), default=(0.0, 0.0, 0.0), help="of log-odds, a signal each"
    )
    given = parser.parse_args(arguments)
    if not 0 <= given.moved <= 1:
        parser.error(f"--moved {given.moved}: give a share from 0 to 1")
    decision = hand_over(Handover(**vars(given)))
    sys.stdout.write(json.dumps(decision.as_json()["layers"], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
