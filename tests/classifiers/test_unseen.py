"""120 items of our own that no training sees: retellings of a crisis, single signals in unusual words, everyday words of war.

What stands here is what the shipped model does, in both directions: a better one must raise the counts, a worse one fails.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classifiers.items import Item, corpus_files, read_items, targets
from classifiers.labels import SIGNALS
from classifiers.leakage import NearIndex
from classifiers.model import TextModel

UNSEEN = Path(__file__).parent / "data" / "unseen.jsonl"
CARRIED, SILENT = 0.5, 0.3


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return read_items([UNSEEN])


@pytest.fixture(scope="module")
def scores(items: list[Item]) -> NDArray[np.float64]:
    pytest.importorskip("onnxruntime", reason="the extra [encoder] is not installed")
    return TextModel.load(stack="both").score([(item.title, item.text) for item in items])[:, : len(SIGNALS)]


def of(kind: str, items: list[Item]) -> NDArray[np.bool_]:
    return np.array([item.id.startswith(kind) for item in items])


def test_a_crisis_in_any_words_raises_all_three_signals(items: list[Item], scores: NDArray[np.float64]) -> None:
    told = scores[of("crisis", items)]

    assert len(told) == 24
    assert int((told.min(axis=1) >= CARRIED).sum()) >= 23


def test_one_signal_in_unusual_words_is_found_and_no_other(items: list[Item], scores: NDArray[np.float64]) -> None:
    chosen = of("signal", items)
    carried = targets(items)[chosen][:, : len(SIGNALS)] == 1
    found = scores[chosen] >= CARRIED

    assert int(carried.sum()) == 24
    assert int((found & carried).sum()) >= 22
    assert not (found & ~carried).any()


def test_everyday_items_full_of_the_words_of_war_mostly_stay_silent(
    items: list[Item], scores: NDArray[np.float64]
) -> None:
    highest = scores[of("everyday", items)].max(axis=1)

    assert len(highest) == 72
    assert int((highest >= SILENT).sum()) <= 7
    assert int((highest >= CARRIED).sum()) <= 5


def test_none_of_them_stands_in_the_corpus(items: list[Item]) -> None:
    corpus = NearIndex([item.whole for item in read_items(corpus_files())])

    assert [item.id for item in items if corpus.near(item.whole, 0.5)] == []
