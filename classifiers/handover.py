r"""Hands the decision layer on to an encoder that was trained on from the one it was fitted for.

    python -m classifiers.handover --model classifiers/artifacts --first trained/ --encoder trained-encoder/ \
        --texts archive.jsonl.gz --out new/

A decision layer is fitted on log-odds out of fold. An encoder that goes on from a shipped one has none: the shipped one
has seen every labelled item. Both read the same unlabelled texts; per label the new log-odds are shifted and stretched
to the mean and spread of the old ones, so that what the layer learned of weights and calibration still holds.
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
from classifiers.labels import LABELS

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """What is joined, and where the result goes.

    model: directory of the model in use, with its encoder. first: directory of a newly trained first stage, None for that of
    `model`. encoder: directory of the new encoder. texts: JSON Lines files to compare on; limit: how many of their texts that
    the first stage does not rule out. out: directory of the new model.
    """

    model: Path
    encoder: Path
    texts: Sequence[Path]
    out: Path
    first: Path | None = None
    limit: int = 20_000


def fitted_to(layer: Layer, old: Floats, new: Floats) -> Layer:
    """Return `layer`, of both stages, for log-odds `new` (n, 6) of the second stage in place of `old`, on the same texts."""
    size = len(LABELS)
    stretch = old.std(axis=0) / np.maximum(new.std(axis=0), 1e-9)
    moved = old.mean(axis=0) - stretch * new.mean(axis=0)
    own = np.diag(layer.coef[:, size:])
    coef = layer.coef.copy()
    coef[:, size:] = np.diag(own * stretch)
    return Layer(coef=coef, intercept=layer.intercept + own * moved)


def hand_over(settings: Handover) -> Decision:
    """Write the joined model to `out` and return its decision layer.

    Raises ClassifierArtifactError where a model or an encoder cannot be used, ItemsError where a text file cannot.
    """
    used, first = load(settings.model), load(settings.first or settings.model)
    if used.decision.both is None:
        raise ClassifierArtifactError(f"{settings.model} has no decision layer over both stages to hand on")
    old, new = Encoder.load(settings.model), Encoder.load(settings.encoder)
    texts = _asked(guard_texts(settings.texts), used, settings.limit)
    both = fitted_to(used.decision.both, *(encoder.logits(texts).astype(np.float64) for encoder in (old, new)))
    decision = replace(used.decision, first=first.decision.first, both=both, encoder=new.sha256)
    told = {"from": used.digest, "encoder": old.sha256, "texts": len(texts)}
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
    decision = hand_over(Handover(**vars(parser.parse_args(arguments))))
    sys.stdout.write(json.dumps(decision.as_json()["layers"], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
