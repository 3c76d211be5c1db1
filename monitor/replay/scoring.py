"""Scores for a whole archive, in chunks, on all cores, kept on disk so that a replay can be resumed.

A chunk's file is named by what it depends on: the model's version and the texts. The same texts in the same chunk give the same
bytes; another model or archive gives another file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import Stack, load_model
from monitor.core.errors import InputError

CHUNK = 8192
Scores = NDArray[np.float32]
Texts = Sequence[tuple[str, str]]

_model: list[object] = []


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
    stack: Stack,
    advance: Callable[[int], None],
    workers: int | None = None,
) -> Scores:
    """Return the scores of all items, shape (n, 6), from the store where they are there; `advance` is told how many are done."""
    chunks = [[(item.title, item.text) for item in items[at : at + CHUNK]] for at in range(0, len(items), CHUNK)]
    found = [store.load(chunk) for chunk in chunks]
    missing = [number for number, scores in enumerate(found) if scores is None]
    for number, chunk in enumerate(chunks):
        advance(len(chunk) if found[number] is not None else 0)
    for number, scores in zip(missing, _score([chunks[n] for n in missing], stack, workers), strict=True):
        store.save(chunks[number], scores)
        found[number] = scores
        advance(len(chunks[number]))
    parts = [scores for scores in found if scores is not None]
    if len(parts) != len(chunks):
        raise InputError("scoring was interrupted; start the replay again with the same -o to resume")
    return np.concatenate(parts) if parts else np.zeros((0, 6), dtype=np.float32)


def _score(chunks: Sequence[Texts], stack: Stack, workers: int | None) -> Iterator[Scores]:
    count = min(workers or os.cpu_count() or 1, len(chunks))
    if count <= 1:
        _load(stack)
        yield from map(_score_chunk, chunks)
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin, initargs=(stack,)) as pool:
        yield from pool.map(_score_chunk, chunks)


def _load(stack: Stack) -> None:
    _model[:] = [load_model(stack=stack)]


def _begin(stack: Stack) -> None:
    """Begin a worker: load the model, and end with the parent, which may be killed without a word."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()
    _load(stack)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _score_chunk(texts: Texts) -> Scores:
    scores = _model[0].score(texts)  # type: ignore[attr-defined]  # set by _load in this process
    return np.asarray(scores, dtype=np.float32)
