"""Scores for a whole archive, in chunks, on all cores, kept on disk so that a replay can be resumed.

A chunk's file is named by what it depends on: the model's version and the texts. The same texts in the same chunk give the same
bytes; another model or archive gives another file.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray

import classifiers
from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import Stack, load_model

CHUNK = 8192
AHEAD = 2  # chunks given to a helper at a time, so that it never waits
Scores = NDArray[np.float32]
Texts = Sequence[tuple[str, str]]

_model: list[classifiers.TextModel] = []  # a helper's own


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreStore:
    """Where chunks of scores are kept. version: of the model that made them."""

    directory: Path
    version: str

    def path(self, texts: Texts) -> Path:
        """Return the file that holds the scores of `texts`, whether it exists or not."""
        digest = hashlib.blake2b(self.version.encode(), digest_size=12)
        for title, text in texts:
            digest.update(f"{title}\\x1f{text}\\x1e".encode("utf-8", "surrogatepass"))
        return self.directory / f"{digest.hexdigest()}.npy"

    def load(self, texts: Texts) -> Scores | None:
        """Return stored scores, shape (n, 6), None where there are none or the file is damaged."""
        path = self.path(texts)
        if not path.exists():
            return None
        try:
            scores: Scores = np.load(path, allow_pickle=False)
        except (OSError, ValueError):
            return None
        return scores if scores.shape == (len(texts), 6) else None

    def save(self, texts: Texts, scores: Scores) -> None:
        """Keep scores; a crash leaves either nothing or all of it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.path(texts)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, scores, allow_pickle=False)
        part.replace(path)


def score_archive(
    items: Sequence[ArchiveItem],
    store: ScoreStore,
    model: classifiers.TextModel,
    stack: Stack,
    advance: Callable[[int], None],
    workers: int | None = None,
) -> Scores:
    """Return the scores of all items, shape (n, 6), from the store where they are there; `advance` is told how many are done.

    model: scores here; helpers load one of their own by `stack`, so that `workers` processes score in all.
    """
    found: dict[int, Scores] = {}
    missing = []
    for number in range(-(-len(items) // CHUNK)):
        scores = store.load(_texts(items, number))
        if scores is None:
            missing.append(number)
        else:
            found[number] = scores
            advance(len(scores))
    for number, scores in _score(items, missing, model, stack, workers):
        store.save(_texts(items, number), scores)
        found[number] = scores
        advance(len(scores))
    parts = [found[number] for number in sorted(found)]
    return np.concatenate(parts) if parts else np.zeros((0, 6), dtype=np.float32)


def _texts(items: Sequence[ArchiveItem], number: int) -> Texts:
    return [(item.title, item.text) for item in items[number * CHUNK : (number + 1) * CHUNK]]


def _score(
    items: Sequence[ArchiveItem],
    missing: Sequence[int],
    model: classifiers.TextModel,
    stack: Stack,
    workers: int | None,
) -> Iterator[tuple[int, Scores]]:
    """Yield (number, scores) of the missing chunks as they are done: this process takes its share, helpers take theirs.

    A process costs some 350 MB, so the one that waits for the others had better work.
    """
    helpers = min(workers or os.cpu_count() or 1, len(missing)) - 1
    if helpers < 1:
        yield from ((number, _score_texts(model, _texts(items, number))) for number in missing)
        return
    waiting, running = deque(missing), dict[Future[Scores], int]()
    with ProcessPoolExecutor(helpers, get_context("spawn"), initializer=_begin, initargs=(stack,)) as pool:
        while waiting or running:
            while waiting and len(running) < helpers * AHEAD:
                number = waiting.popleft()
                running[pool.submit(_score_chunk, _texts(items, number))] = number
            if waiting:
                number = waiting.popleft()
                yield number, _score_texts(model, _texts(items, number))
            else:
                wait(running, return_when=FIRST_COMPLETED)
            for future in [future for future in running if future.done()]:
                yield running.pop(future), future.result()


def _begin(stack: Stack) -> None:
    """Begin a helper: load the model, and end with the parent, which may be killed without a word."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()
    _model[:] = [load_model(stack=stack)]


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _score_chunk(texts: Texts) -> Scores:
    return _score_texts(_model[0], texts)


def _score_texts(model: classifiers.TextModel, texts: Texts) -> Scores:
    return np.asarray(model.score(texts), dtype=np.float32)
