"""Places and situations of items written for this test: every region, ambiguous names, everyday news."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from monitor.core.model import SIGNALS, Reading
from monitor.reading.reader import Reader, TextScores
from monitor.reading.sentences import split_sentences
from tests.reading.conftest import DAY

LIST = Path(__file__).parent / "data" / "places_300.jsonl"
Item = dict[str, Any]


@pytest.fixture(scope="module")
def judged(reader: Reader) -> list[tuple[Item, Reading]]:
    items = [json.loads(line) for line in LIST.read_text(encoding="utf-8").splitlines()]
    return [(item, _read(reader, item)) for item in items]


def _read(reader: Reader, item: Item) -> Reading:
    sentences = [item["title"], *split_sentences(item.get("text", ""))]
    carrier = item.get("carrier", 0)
    whole = {signal: 0.9 if signal in item["situations"] else 0.01 for signal in SIGNALS}
    parts = [
        (sentence, {signal: p if index == carrier else 0.01 for signal, p in whole.items()})
        for index, sentence in enumerate(sentences)
    ]
    scores = TextScores(whole=whole, parts=parts)
    return reader.read(item["title"], item.get("text", ""), scores, published=DAY, language="en")


def _places_right(item: Item, reading: Reading) -> bool:
    found, named = {place.code for place in reading.places}, set(item["places"])
    return named <= found <= named | set(item.get("maybe", ()))


def _keys_right(item: Item, reading: Reading) -> bool:
    return all(reading.situations.get(signal) in keys for signal, keys in item["situations"].items())


def _share(verdicts: Iterable[bool]) -> float:
    counted = list(verdicts)
    return sum(counted) / len(counted)


def test_the_list_has_300_items_half_of_them_about_two_countries(judged: list[tuple[Item, Reading]]) -> None:
    assert len(judged) >= 300
    assert sum(len(item["places"]) == 2 for item, _ in judged) * 2 >= len(judged)
    assert len({item["title"] for item, _ in judged}) == len(judged)


def test_nine_in_ten_items_have_the_right_places_and_keys(judged: list[tuple[Item, Reading]]) -> None:
    wrong = [
        item["title"] for item, reading in judged if not (_places_right(item, reading) and _keys_right(item, reading))
    ]

    assert _share(item["title"] not in wrong for item, _ in judged) >= 0.9, wrong


def test_keys_of_two_country_items_are_right_in_19_of_20(judged: list[tuple[Item, Reading]]) -> None:
    pairs = [
        (item, reading)
        for item, reading in judged
        if len(item["places"]) == 2 and all("-" in key for keys in item["situations"].values() for key in keys)
    ]
    wrong = [item["title"] for item, reading in pairs if not _keys_right(item, reading)]

    assert _share(item["title"] not in wrong for item, _ in pairs) >= 0.95, wrong
