"""A small model trained on a small world."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from classifiers.items import Item
from classifiers.linear import LinearSettings
from classifiers.train import Training, TrainingReport, train

PLACES = ("Ardania", "Belmark", "Corvia", "Dessen", "Elbara", "Fenwick", "Gorlund", "Hestia")
SAID = {
    "troop_concentration": (
        "{} masses tanks at the frontier",
        "Reservists called up as {} raises readiness of its army",
    ),
    "coup_warning": ("Officers in {} accused of plotting a coup", "Plot to overthrow the government uncovered in {}"),
    "military_response_threat": (
        "{} vows to strike back if it is attacked",
        "{} threatens missiles against its neighbour",
    ),
    "denial": ("{} denies any such plan as hysteria", "Ministry in {} rejects the claim as invention"),
    "deescalation": ("{} agrees to a truce and withdraws", "Army of {} returns to barracks after talks"),
    "armed_conflict": ("Shelling kills dozens near {}", "Heavy fighting rages around {} after an air strike"),
    "": (
        "Bakery in {} opens a new shop",
        "Striker from {} scores twice",
        "{} museum shows old maps",
        "Rain delays {} trains",
    ),
}

Lines = Sequence[Mapping[str, object]]


def _line(name: str, title: str, label: str) -> dict[str, object]:
    return {"id": name, "title": title, "labels": [label] if label else []}


@pytest.fixture(scope="session")
def small() -> LinearSettings:
    return LinearSettings(min_items={"words": 2, "chars": 2, "countries": 2})


@pytest.fixture(scope="session")
def world() -> Lines:
    return [
        _line(f"{label or 'none'}-{i}-{place}", said.format(place), label)
        for label, sentences in SAID.items()
        for i, said in enumerate(sentences)
        for place in PLACES
    ]


@pytest.fixture(scope="session")
def write() -> Callable[[Path, Lines], Path]:
    def written(path: Path, lines: Lines) -> Path:
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, world: Lines, write: Callable[[Path, Lines], Path]) -> Path:
    return write(tmp_path_factory.mktemp("corpus") / "world.jsonl", world).parent


@pytest.fixture(scope="session")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory, small: LinearSettings) -> TrainingReport:
    output = tmp_path_factory.mktemp("artifact")
    return train(Training(output=output, corpus=corpus, folds=2, linear=small), lambda _share, _what: None)


@pytest.fixture
def an_item() -> Callable[..., Item]:
    def built(name: str = "a", title: str = "Bakery opens a shop", labels: Sequence[str] = (), note: str = "") -> Item:
        return Item(id=name, title=title, text="", labels=frozenset(labels), note=note)

    return built
