"""Handing a decision layer on to another encoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers.artifact import load
from classifiers.decision import Layer
from classifiers.errors import ClassifierArtifactError
from classifiers.handover import Handover, fitted_to, hand_over, leaning, main
from classifiers.labels import LABELS, SIGNALS
from classifiers.model import TextModel
from classifiers.shipped import SHIPPED

SIZE = len(LABELS)


def test_an_encoder_that_only_speaks_on_another_scale_gets_the_same_scores() -> None:
    rng = np.random.default_rng(2)
    layer = Layer(
        coef=np.hstack([np.diag(rng.uniform(0.2, 0.8, SIZE)), np.diag(rng.uniform(0.2, 0.8, SIZE))]),
        intercept=rng.normal(size=SIZE),
    )
    first, old = rng.normal(size=(2, 50, SIZE))
    new = 3.0 * old - 1.5

    moved = fitted_to(layer, old, new)

    np.testing.assert_allclose(moved.logits(np.hstack([first, new])), layer.logits(np.hstack([first, old])), atol=1e-9)


@pytest.mark.parametrize("moved", [0.2, 1.0])
def test_weight_given_to_a_stage_that_says_the_same_changes_nothing_and_only_signals_give(moved: float) -> None:
    rng = np.random.default_rng(3)
    layer = Layer(coef=np.hstack([np.eye(SIZE) * 0.6, np.eye(SIZE) * 0.4]), intercept=rng.normal(size=SIZE))
    first = rng.normal(size=(50, SIZE))
    second = 2.0 * first + 1.0

    given = leaning(layer, first, second, moved)

    stages = np.hstack([first, second])
    np.testing.assert_allclose(given.logits(stages), layer.logits(stages), atol=1e-9)
    kept = np.diag(given.coef[:, :SIZE])
    np.testing.assert_allclose(kept, [0.6 * (1 - moved) if label in SIGNALS else 0.6 for label in LABELS])


def test_a_share_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--model", "a", "--encoder", "b", "--out", "c", "--texts", "d", "--moved", "1.5"])
    assert "--moved 1.5: give a share from 0 to 1" in capsys.readouterr().err


def test_the_same_encoder_changes_nothing_and_the_model_still_loads(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra [encoder] is not installed")
    texts = tmp_path / "texts.jsonl"
    said = ["Tanks gather at the border", "Generals seize the palace", "We will strike if you cross", "Rain in Oslo"]
    texts.write_text("".join(json.dumps({"title": line}) + "\n" for line in said), encoding="utf-8")

    decision = hand_over(Handover(model=SHIPPED, encoder=SHIPPED, texts=[texts], out=tmp_path / "new"))

    np.testing.assert_allclose(decision.both.coef, load(SHIPPED).decision.both.coef)  # type: ignore[union-attr]
    items = [(line, "") for line in said]
    np.testing.assert_allclose(TextModel.load(tmp_path / "new").score(items), TextModel.load().score(items), atol=1e-6)


def test_texts_that_are_all_ruled_out_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra [encoder] is not installed")
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"title": "Rain in Oslo"}) + "\n", encoding="utf-8")

    with pytest.raises(ClassifierArtifactError, match="give more --texts"):
        hand_over(Handover(model=SHIPPED, encoder=SHIPPED, texts=[texts], out=tmp_path / "new"))
