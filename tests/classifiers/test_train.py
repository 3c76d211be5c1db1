"""Training from zero."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from classifiers import LABELS, TextModel
from classifiers.artifact import load
from classifiers.folds import folds, groups
from classifiers.items import ItemsError, read_items
from classifiers.linear import LinearSettings, LinearStage
from classifiers.train import Training, TrainingReport, train


def silent(_share: float, _what: str) -> None:
    return None


def test_a_model_of_a_small_world_knows_it(trained: TrainingReport) -> None:
    model = TextModel.load(trained.directory)

    scores = model.score(
        [("Officers in Dessen accused of plotting a coup", ""), ("Bakery in Dessen opens a new shop", "")]
    )

    assert scores[0].argmax() == LABELS.index("coup_warning")
    assert scores[0, 1] > 3 * scores[1, :3].max()


def test_progress_runs_from_zero_to_one(corpus: Path, tmp_path: Path, small: LinearSettings) -> None:
    seen: list[float] = []
    train(Training(output=tmp_path, corpus=corpus, folds=2, linear=small), lambda share, _what: seen.append(share))

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_texts_near_a_guard_are_left_out_and_counted(
    corpus: Path, tmp_path: Path, small: LinearSettings, write: Callable[..., Path]
) -> None:
    extra = write(
        tmp_path / "extra.jsonl", [{"id": "x", "text": "Marshal orders every tank to the river tonight", "labels": []}]
    )
    guard = write(tmp_path / "guard.jsonl", [{"id": "g", "text": "Marshal orders every tank to the river today"}])

    found = train(
        Training(output=tmp_path, corpus=corpus, extra=(extra,), guards=(guard,), folds=2, linear=small), silent
    )

    assert found.left_out >= 1
    assert load(tmp_path).facts["left_out"] == found.left_out


def test_the_artefact_says_what_it_was_made_from_but_no_place_or_time(trained: TrainingReport, corpus: Path) -> None:
    facts = load(trained.directory).facts

    assert facts["items"] == trained.items
    assert facts["positives"] == dict(trained.positives)
    assert str(corpus) not in json.dumps(facts)


def test_a_bad_extra_file_is_named_before_anything_is_written(tmp_path: Path, corpus: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n", encoding="utf-8")

    with pytest.raises(ItemsError, match=r"bad\.jsonl:1"):
        train(Training(output=tmp_path / "out", corpus=corpus, extra=(bad,)), silent)

    assert not (tmp_path / "out").exists()


def test_folds_by_actor_pair_part_no_pair_and_the_artefact_says_so(
    corpus: Path, tmp_path: Path, small: LinearSettings, write: Callable[..., Path]
) -> None:
    said = "{} masses tanks near the river at dawn, say villagers of the north"
    rows = [{"id": f"p{i}", "title": said.format(name), "labels": []} for i, name in enumerate(("Chile", "Peru") * 9)]
    extra = write(tmp_path / "extra.jsonl", rows)

    train(Training(output=tmp_path, corpus=corpus, extra=(extra,), folds=2, folds_by="pair", linear=small), silent)

    assert load(tmp_path).facts["folds_by"] == "pair"
    of = groups(read_items([extra]), "pair")
    assert {"CHL", "PER"} == set(of)
    assert len({(name, int(fold)) for name, fold in zip(of, folds(of, 2), strict=True)}) == 2


def test_soft_labels_teach_like_labels(small: LinearSettings) -> None:
    texts = ["tanks at the border", "cake at the party"] * 6
    soft = np.tile([[0.9], [0.1]], (6, len(LABELS)))

    stage = LinearStage.fit(texts, soft, np.ones_like(soft), small)
    logits = stage.logits(["tanks", "cake"])

    assert (logits[0] > logits[1]).all()


def test_loaded_scores_equal_those_of_the_fresh_model(trained: TrainingReport) -> None:
    one, other = load(trained.directory).first, load(trained.directory).first

    assert (one.logits(["Shelling near Hestia"]) == other.logits(["Shelling near Hestia"])).all()
