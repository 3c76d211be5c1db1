"""Trains the head that reads other languages, on English items alone: `python -m classifiers.multilingual_training --help`.

Embedding is what takes time (some 25 items a second on one core), so a sample of the short items is read: half of it
carries a signal, and in the calibration each item stands for its share of those left out (Horvitz and Thompson 1952).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from classifiers.artifact import arrays_bytes
from classifiers.decision import fit_layer
from classifiers.folds import folds, groups
from classifiers.items import CORPUS, Item, corpus_files, guard_texts, held_out, read_items, targets, weights
from classifiers.labels import LABELS, SIGNALS
from classifiers.leakage import drop_near
from classifiers.multilingual import ARRAYS, FACTS, FORMAT, Embed, Floats, Head, encoder, package_facts, text_of
from classifiers.shipped import SHIPPED

TRANSLATED = CORPUS.parent / "corpus_translated"
_UNSURE_WEIGHT = 0.2
_SHORT = 130  # characters: headlines, which are what most foreign feeds give, and quick to embed
_TURNS = (1, 2, 1, 2)  # items of each stratum per round
COUP = SIGNALS[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadTraining:
    """What to train from: the corpus, label files, and guards whose near-equals stay out.

    most: items to embed, 0 for all. strength: scikit-learn's C. folds: of the cross-validation behind the calibration.
    """

    extra: tuple[Path, ...] = ()
    guards: tuple[Path, ...] = ()
    most: int = 3840
    strength: float = 0.003
    folds: int = 3
    seed: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Items to embed, and how many items of the pool each stands for, shape (n,)."""

    items: list[Item]
    share: Floats


def sample(settings: HeadTraining) -> Sample:
    """Read the English items and draw those to embed. Raises ItemsError where a file cannot be used."""
    own = [item for item in read_items(corpus_files()) if item.lang == "en"]
    trained = [item for item in own if not held_out(item)]
    pool = [*trained, *read_items(settings.extra)]
    guards = [*guard_texts(settings.guards), *(item.whole for item in own if held_out(item))]
    kept, _ = drop_near(pool, [item.whole for item in pool], guards)
    strata = _strata([(pool[i], i < len(trained)) for i in kept])
    rng = random.Random(settings.seed)  # noqa: S311 - a sample, no secret
    for stratum in strata:
        rng.shuffle(stratum)
    rounds = min(-(-settings.most // sum(_TURNS)) or len(pool), max(map(len, strata)))
    drawn = [stratum[: rounds * turn] for stratum, turn in zip(strata, _TURNS, strict=True)]
    share = [np.full(len(some), len(every) / max(1, len(some))) for some, every in zip(drawn, strata, strict=True)]
    return Sample(items=list(chain.from_iterable(drawn)), share=np.concatenate(share))


def _strata(pool: Sequence[tuple[Item, bool]]) -> tuple[list[Item], ...]:
    """Return the short, certain items (and whether they are of the corpus) as coups, other signals, silent of the corpus, silent others."""
    short = [(item, own) for item, own in pool if len(item.whole) < _SHORT and not item.unsure]
    loud = [item for item, _ in short if not item.labels.isdisjoint(SIGNALS)]
    quiet = [(item, own) for item, own in short if item.labels.isdisjoint(SIGNALS)]
    return (
        [item for item in loud if COUP in item.labels],
        [item for item in loud if COUP not in item.labels],
        [item for item, own in quiet if own],
        [item for item, own in quiet if not own],
    )


def embedded(items: Sequence[Item], embed: Embed, report: Callable[[float], None], step: int = 64) -> Floats:
    """Return the embeddings (n, d) of items; `report` gets the share done."""
    texts = [text_of(item.title, item.text) for item in items]
    found = []
    for i in range(0, len(texts), step):
        found.append(embed(texts[i : i + step]))
        report(min(1.0, (i + step) / len(texts)))
    return np.concatenate(found)


def fit(items: Sequence[Item], vectors: Floats, share: Floats, settings: HeadTraining) -> Head:
    """Fit the head and calibrate it on log-odds out of fold (folds by story), folded into one matrix."""
    wanted, counted = targets(items), weights(items, _UNSURE_WEIGHT)
    fold = folds(groups(items, "story"), settings.folds, settings.seed)
    logits = np.zeros_like(wanted)
    for k in range(settings.folds):
        rest, own = fold != k, fold == k
        logits[own] = _plain(vectors[rest], wanted[rest], counted[rest], settings.strength).logits(vectors[own])
    layer = fit_layer(logits, wanted, counted * share[:, None])
    slope = np.diag(layer.coef)
    head = _plain(vectors, wanted, counted, settings.strength)
    return Head(coef=head.coef * slope[:, None], intercept=head.intercept * slope + layer.intercept)


def _plain(vectors: Floats, wanted: Floats, counted: Floats, strength: float) -> Head:
    """Fit one logistic regression per label on standardised columns, and fold the standardising into its weights."""
    centre, scale = vectors.mean(axis=0), vectors.std(axis=0) + 1e-9
    rows = (vectors - centre) / scale
    coef, intercept = np.zeros((len(LABELS), vectors.shape[1])), np.zeros(len(LABELS))
    for j in range(len(LABELS)):
        model = LogisticRegression(C=strength, max_iter=1000).fit(rows, wanted[:, j].astype(int), counted[:, j])
        coef[j], intercept[j] = model.coef_[0] / scale, float(model.intercept_[0])
    return Head(coef=coef, intercept=intercept - coef @ centre)


def auc_by_language(items: Sequence[Item], logits: Floats) -> dict[str, list[float]]:
    """Return, per language, the area under the ROC curve of each signal, in `SIGNALS` order."""
    found: dict[str, list[float]] = {}
    wanted = targets(items)
    for language in sorted({item.lang for item in items}):
        own = [i for i, item in enumerate(items) if item.lang == language]
        found[language] = [round(float(roc_auc_score(wanted[own, j], logits[own, j])), 3) for j in range(len(SIGNALS))]
    return found


def save(directory: Path, head: Head, facts: Mapping[str, Any]) -> None:
    """Write `multilingual.npz` and `multilingual.json`; the same head gives the same bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "coef": head.coef.astype(np.float32),
        "intercept": head.intercept.astype(np.float64),
    }
    content = arrays_bytes(arrays)
    told = {**facts, "format": FORMAT, "labels": list(LABELS), "sha256": {ARRAYS: hashlib.sha256(content).hexdigest()}}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ARRAYS).write_bytes(content)
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    (directory / FACTS).write_text(text, encoding="utf-8")


def train(directory: Path, settings: HeadTraining, embed: Embed, report: Callable[[float], None]) -> dict[str, Any]:
    """Train, measure on the translated items, keep the languages that reach 0.95 on average, write; returns the facts."""
    drawn = sample(settings)
    vectors = embedded(drawn.items, embed, report)
    head = fit(drawn.items, vectors, drawn.share, settings)
    foreign = read_items(sorted(TRANSLATED.glob("*.jsonl")))
    auc = auc_by_language(foreign, head.logits(embedded(foreign, embed, report)))
    facts = {
        "package": package_facts(),
        "languages": [language for language, found in auc.items() if float(np.mean(found)) >= 0.95],  # noqa: PLR2004 - the mark
        "auc": auc,
        "items": len(drawn.items),
        "extra": [path.name for path in settings.extra],
        "strength": settings.strength,
    }
    save(directory, head, facts)
    return facts


def main(arguments: Sequence[str] | None = None) -> int:
    """Train from the command line."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.multilingual_training", description=__doc__)
    parser.add_argument("--output", type=Path, default=SHIPPED, help="directory of the artefact")
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a label file to learn from as well")
    parser.add_argument("--guard", type=Path, action="append", default=[], help="a file whose texts must stay unseen")
    parser.add_argument("--most", type=int, default=HeadTraining().most, help="items to embed, 0 for all")
    given = parser.parse_args(arguments)
    settings = HeadTraining(extra=tuple(given.extra), guards=tuple(given.guard), most=given.most)
    facts = train(given.output, settings, encoder(), _show)
    sys.stdout.write(json.dumps(facts["auc"], indent=1) + "\n")
    return 0


def _show(share: float) -> None:
    sys.stderr.write(f"\rembedding {share:4.0%}" + ("\n" if share >= 1 else ""))


if __name__ == "__main__":
    sys.exit(main())
