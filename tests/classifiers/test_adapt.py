"""Learning from verdicts on top of a model, and refusing what is worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from classifiers import SIGNALS, TextModel
from classifiers.adapt import Adaptation, AdaptationReport, adapt
from classifiers.shipped import SHIPPED

Lines = Sequence[Mapping[str, object]]
TOWNS = ("Aldring", "Brixen", "Corvey", "Dunmore", "Esker", "Farrow", "Glenmor", "Harrow", "Inver", "Jurby")
DRILLS = ("{} regatta of grey hulls musters off the shoal", "Grey hulls muster once more off {} shoal, fishermen say")


def silent(_share: float, _what: str) -> None:
    return None


def verdicts(label: str) -> Lines:
    """People keep telling us that a wording we never learned carries `label`, and that a lookalike does not."""
    said = [
        {"id": f"{kind}-{i}-{town}", "title": text.format(town), "labels": [label] if label else []}
        for kind, texts in (("grey", DRILLS),)
        for i, text in enumerate(texts)
        for town in TOWNS
    ]
    quiet = [
        {"id": f"quiet-{town}", "title": f"White sails muster off {town} for the summer fair", "labels": []}
        for town in TOWNS
    ]
    return [*said, *quiet]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapted")


@pytest.fixture(scope="module")
def learned(place: Path, write: Callable[[Path, Lines], Path]) -> AdaptationReport:
    path = write(place / "verdicts.jsonl", verdicts("troop_concentration"))
    return adapt(Adaptation(verdicts=(path,), output=place / "new", folds=3), silent)


def test_consistent_verdicts_are_learned_and_promoted(learned: AdaptationReport, place: Path) -> None:
    assert learned.promoted, learned.reasons
    text = [("Grey hulls muster off Kelder shoal at dusk", "")]

    before = TextModel.load(SHIPPED, stack="linear").score(text)[0, 0]
    after = TextModel.load(place / "new", stack="linear").score(text)[0, 0]

    assert after > before


def test_a_correction_leaves_other_scores_nearly_alone(learned: AdaptationReport, place: Path) -> None:
    assert learned.promoted
    texts = [("Officers arrested over plot to topple president", ""), ("Bakery opens a shop", "")]

    before = TextModel.load(SHIPPED, stack="linear").score(texts)
    after = TextModel.load(place / "new", stack="linear").score(texts)

    assert np.abs(before - after).max() < 0.1


def test_verdicts_that_contradict_our_items_are_refused_with_a_reason(
    tmp_path: Path, write: Callable[[Path, Lines], Path]
) -> None:
    words = (
        "troops mass",
        "tanks roll",
        "reservists called",
        "coup plotters held",
        "missile strikes threatened",
        "army on alert",
    )
    lines = [
        {"id": f"{i}-{town}", "title": f"{said} at {town}, ministry says", "labels": []}
        for i, said in enumerate(words * 4)
        for town in (TOWNS[i % 10], TOWNS[(i * 3 + 1) % 10])
    ]
    unique = list({str(line["title"]): line for line in lines}.values())
    path = write(tmp_path / "verdicts.jsonl", [{**line, "id": str(i)} for i, line in enumerate(unique)])

    found = adapt(Adaptation(verdicts=(path,), output=tmp_path / "new", strength=20.0, constant_strength=50.0), silent)

    assert not found.promoted
    assert "our evaluation items" in " ".join(found.reasons)
    assert not (tmp_path / "new").exists()


def test_a_handful_of_verdicts_is_too_few(tmp_path: Path, write: Callable[[Path, Lines], Path]) -> None:
    path = write(tmp_path / "verdicts.jsonl", verdicts(SIGNALS[0])[:3])

    found = adapt(Adaptation(verdicts=(path,), output=tmp_path / "new"), silent)

    assert not found.promoted
    assert "too few" in found.reasons[0]
