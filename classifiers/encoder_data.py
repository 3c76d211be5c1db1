"""Reads labelled items for the encoder and makes the copies it is trained on.

A line is one item: {"id", "text"} or {"id", "title", "text"?}, with "labels" and, where the reader was in doubt,
"unsure", or, where no reader labelled it, with "soft": a model's probability for every label. The labels' names are
those of `labels.py`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.encoder_names import swap_names
from classifiers.folds import folds
from classifiers.labels import LABELS, SIGNALS
from classifiers.leakage import drop_near, group_near

UNSURE_WEIGHT = 0.2

_CARRIES, _FREE = 0.5, 0.05  # probability from which an item counts as carrying a label, below which as free of it

_WITH_SUMMARY = re.compile(r"feeds_real|newsapi_|wikipedia_")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One item to learn from.

    title, summary: its words; summary may be empty. targets: 0 or 1 per label, in the order of `LABELS`, or a model's
    probabilities. weights: how much each label's loss counts, 0 to 1. soft: whether a model labelled it. drawn_blind: whether it
    was drawn at random from the stream (a `stratum` that says so), and so tells the share of false alarms.
    """

    id: str
    title: str
    summary: str
    targets: tuple[float, ...]
    weights: tuple[float, ...]
    soft: bool = False
    drawn_blind: bool = False

    @property
    def text(self) -> str:
        """Return title and summary as one text."""
        return f"{self.title} {self.summary}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Augmentation:
    """How often (probability, 0 to 1) an item is changed when it is read in training.

    swap: other countries, groups and leaders. join: put together with another item, labels united; the first value
    is for items with a signal, the second for the others. shorten: a label-free item loses a part.
    """

    swap: float = 0.2
    join_signal: float = 0.15
    join_other: float = 0.04
    shorten: float = 0.3


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _words(row: dict[str, Any]) -> tuple[str, str]:
    """Return title and summary of a line; ` | ` parts them only in archives that keep summaries."""
    if "title" in row:
        return str(row["title"]), str(row.get("text") or "")
    text = str(row["text"])
    if not _WITH_SUMMARY.match(str(row.get("archive", ""))):
        return text, ""
    title, _, summary = text.partition(" | ")
    return title, summary


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Return the items of JSON Lines files (plain or .gz), in order.

    Raises KeyError where a line lacks a field and ValueError where it is not JSON.
    """
    return [_example(row) for path in paths for row in _lines(path) if row.get("lang", "en") == "en"]


def _example(row: dict[str, Any]) -> Example:
    title, summary = _words(row)
    soft = row.get("soft")
    return Example(
        id=str(row["id"]),
        title=title,
        summary=summary,
        targets=tuple(float(soft[label]) if soft else float(label in row["labels"]) for label in LABELS),
        weights=tuple(UNSURE_WEIGHT if label in row.get("unsure", ()) else 1.0 for label in LABELS),
        soft=bool(soft),
        drawn_blind="random" in str(row.get("stratum") or ""),
    )


def hold_out(examples: Sequence[Example], one_in: int) -> tuple[list[Example], list[Example]]:
    """Return the examples to learn from, and those kept to measure on: one in `one_in` that a reader labelled.

    Which are kept hangs on their ids alone, so that they stay the same when items are added. What nearly equals one
    of them is in neither list.
    """
    held = [example for example in examples if not example.soft and _drawn(example.id) % one_in == 0]
    names = {example.id for example in held}
    others = [example for example in examples if example.id not in names]
    kept, _ = drop_near(others, [example.text for example in others], [example.text for example in held])
    return [others[i] for i in kept], held


def _drawn(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def story_folds(examples: Sequence[Example], count: int, only: Sequence[int]) -> NDArray[np.int64]:
    """Return each item's fold (0 to `count` - 1), one per story; -1 = in no fold, where a story holds a soft label.

    only: the folds that will be run; a story with an item drawn at random goes to one of them.
    """
    stories = group_near([example.text for example in examples])
    of = folds(stories, count)
    blind = {story for example, story in zip(examples, stories, strict=True) if example.drawn_blind}
    soft = {story for example, story in zip(examples, stories, strict=True) if example.soft}
    for i, story in enumerate(stories):
        if story in soft:
            of[i] = -1
        elif story in blind:
            of[i] = only[story % len(only)]
    return of


def without_leaks(examples: Sequence[Example], guards: Iterable[Path]) -> tuple[list[Example], int]:
    """Return the examples near no text of the `guards` files, and how many were left out."""
    words = [" ".join(_words(row)) for path in guards for row in _lines(path)]
    kept, dropped = drop_near(examples, [example.text for example in examples], words)
    return [examples[i] for i in kept], dropped


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 (hex) over the files' contents, in order of their names."""
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        total.update(path.read_bytes())
    return total.hexdigest()


def _coin(rng: random.Random) -> bool:
    return rng.random() < 0.5  # noqa: PLR2004 - a fair coin


def _has_signal(example: Example) -> bool:
    return max(example.targets[: len(SIGNALS)]) >= _CARRIES


def _label_free(example: Example) -> bool:
    return max(example.targets) < _FREE


def _joined(first: Example, second: Example) -> Example:
    """Return one item that says both, with the labels of both; a doubtful absence stays doubtful."""
    targets = tuple(map(max, first.targets, second.targets))
    weights = tuple(
        max(w for w, t in ((wa, ta), (wb, tb)) if t == target) if target else min(wa, wb)
        for wa, wb, ta, tb, target in zip(
            first.weights, second.weights, first.targets, second.targets, targets, strict=True
        )
    )
    end = "" if first.text.endswith((".", "!", "?", '"')) else "."
    return replace(first, title=f"{first.text}{end} {second.text}", summary="", targets=targets, weights=weights)


def _shortened(example: Example, rng: random.Random) -> Example:
    """Return a label-free item as its title, its summary or a run of its sentences alone."""
    if example.summary and _coin(rng):
        return replace(example, title=example.title if _coin(rng) else example.summary, summary="")
    sentences = _SENTENCE_END.split(example.text)
    start = rng.randrange(len(sentences))
    return replace(example, title=" ".join(sentences[start : rng.randint(start + 1, len(sentences))]), summary="")


def copies(examples: Sequence[Example], settings: Augmentation, rng: random.Random) -> list[Example]:
    """Return one changed or unchanged copy of each example, same order, drawn from `rng`."""
    signals = [example for example in examples if _has_signal(example)]
    return [_copy(example, examples, signals, settings, rng) for example in examples]


def _copy(
    example: Example,
    examples: Sequence[Example],
    signals: Sequence[Example],
    settings: Augmentation,
    rng: random.Random,
) -> Example:
    joins = settings.join_signal if _has_signal(example) else settings.join_other
    if _label_free(example) and rng.random() < settings.shorten:
        example = _shortened(example, rng)
    if rng.random() < joins:
        other = rng.choice(signals if signals and _coin(rng) else examples)
        example = _joined(*((example, other) if _coin(rng) else (other, example)))
    if rng.random() < settings.swap:
        example = replace(example, title=swap_names(example.text, rng), summary="")
    return example
