"""The shipped second stage, loaded as the daemon loads it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.encoder import FACTS_FILE, ONNX_FILE, TOKENIZER_FILE, Encoder, hash_of
from classifiers.errors import ClassifierArtifactError
from classifiers.labels import LABELS

SHIPPED = Path(__file__).parents[2] / "classifiers" / "artifacts"
HEADLINES = [
    "Generals seize state broadcaster and declare the president deposed",
    "Armoured columns and artillery mass along the northern frontier, satellite images show",
    "Defence minister vows to strike back with full force if a single drone crosses the border",
    "Bakery wins regional prize for rye bread",
    "Army chief calls rumours of a takeover plot nonsense",
    "Short",
    "",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    pytest.importorskip("onnxruntime", reason="the extra [encoder] is not installed")
    pytest.importorskip("tokenizers", reason="the extra [encoder] is not installed")
    return Encoder.load(SHIPPED)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in (ONNX_FILE, TOKENIZER_FILE, FACTS_FILE):
        shutil.copyfile(SHIPPED / name, tmp_path / name)
    return tmp_path


def change_facts(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = directory / FACTS_FILE
    facts = json.loads(path.read_text(encoding="utf-8"))
    change(facts)
    path.write_text(json.dumps(facts), encoding="utf-8")


def test_each_signal_is_heard_and_everyday_news_is_not(encoder: Encoder) -> None:
    scores = encoder.logits(HEADLINES)

    assert scores[0, LABELS.index("coup_warning")] > 0
    assert scores[1, LABELS.index("troop_concentration")] > 0
    assert scores[2, LABELS.index("military_response_threat")] > 0
    assert (scores[3, :3] < -2).all()


def test_logits_have_one_row_per_text_and_one_column_per_label(encoder: Encoder) -> None:
    scores = encoder.logits(HEADLINES)

    assert scores.shape == (len(HEADLINES), len(LABELS))
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert encoder.logits([]).shape == (0, len(LABELS))
    assert encoder.labels == LABELS


def test_a_text_scores_alike_whatever_it_is_batched_with(encoder: Encoder) -> None:
    together = encoder.logits(HEADLINES * 5)
    alone = np.concatenate([encoder.logits([text]) for text in HEADLINES])

    np.testing.assert_allclose(together[: len(HEADLINES)], alone, atol=1e-3)
    np.testing.assert_allclose(encoder.logits(HEADLINES[::-1])[::-1], alone, atol=1e-3)


def test_a_signal_deep_in_a_long_text_is_not_lost(encoder: Encoder) -> None:
    filler = "The council met to discuss the opening hours of the public library. " * 12
    scores = encoder.logits([filler, f"{filler}{HEADLINES[0]}. {filler}"])
    coup = LABELS.index("coup_warning")

    assert scores[0, coup] < -2
    assert scores[1, coup] > 0


def test_a_long_text_takes_the_strongest_of_its_parts(encoder: Encoder) -> None:
    endless = "tanks " * 500

    assert np.isfinite(encoder.logits([endless])).all()


def test_the_artefact_is_small_and_says_what_it_is_made_of() -> None:
    facts = json.loads((SHIPPED / FACTS_FILE).read_text(encoding="utf-8"))

    assert (SHIPPED / ONNX_FILE).stat().st_size <= 25_000_000
    assert facts["labels"] == list(LABELS)
    assert {"base", "data", "recipe", "seeds", "measured"} <= facts.keys()


@pytest.mark.parametrize("name", [ONNX_FILE, TOKENIZER_FILE])
def test_a_file_of_another_hash_is_refused(copied: Path, name: str) -> None:
    with (copied / name).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ClassifierArtifactError, match=rf"{name}: is not the file that encoder.json describes"):
        Encoder.load(copied)


@pytest.mark.parametrize("name", [ONNX_FILE, TOKENIZER_FILE, FACTS_FILE])
def test_a_missing_file_is_refused_by_name(copied: Path, name: str) -> None:
    (copied / name).unlink()

    with pytest.raises(ClassifierArtifactError, match=rf"{name}: missing or unreadable"):
        Encoder.load(copied)


def test_other_labels_are_refused(copied: Path) -> None:
    change_facts(copied, lambda facts: facts["labels"].reverse())

    with pytest.raises(ClassifierArtifactError, match="labels"):
        Encoder.load(copied)


def test_another_format_is_refused(copied: Path) -> None:
    change_facts(copied, lambda facts: facts.update(format=99))

    with pytest.raises(ClassifierArtifactError, match="format 99"):
        Encoder.load(copied)


@pytest.mark.parametrize(
    "values",
    [{"sha256": []}, {"sha256": None}, {"sha256": {}}, {"max_pieces": "96"}, {"max_pieces": 2}, {"labels": 5}],
    ids=str,
)
def test_facts_that_say_too_little_are_refused_by_name(copied: Path, values: dict[str, object]) -> None:
    change_facts(copied, lambda facts: facts.update(values))

    with pytest.raises(ClassifierArtifactError, match=FACTS_FILE):
        Encoder.load(copied)


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b"\xff\xfe"], ids=["empty", "list", "deep", "binary"])
def test_facts_that_are_none_are_refused_by_name(copied: Path, content: bytes) -> None:
    (copied / FACTS_FILE).write_bytes(content)

    with pytest.raises(ClassifierArtifactError, match=FACTS_FILE):
        Encoder.load(copied)


@pytest.mark.parametrize(("name", "content"), [(ONNX_FILE, b""), (ONNX_FILE, b"\x08\x08"), (TOKENIZER_FILE, b"{}")])
def test_a_file_that_is_no_model_is_refused_even_where_its_hash_agrees(
    encoder: Encoder, copied: Path, name: str, content: bytes
) -> None:
    assert encoder.sha256
    (copied / name).write_bytes(content)
    change_facts(copied, lambda facts: facts["sha256"].update({name: hashlib.sha256(content).hexdigest()}))

    with pytest.raises(ClassifierArtifactError, match="cannot be loaded"):
        Encoder.load(copied)


def test_the_hash_of_an_encoder_is_read_without_loading_it(copied: Path) -> None:
    assert hash_of(copied) == hashlib.sha256((copied / ONNX_FILE).read_bytes()).hexdigest()
    (copied / FACTS_FILE).unlink()

    with pytest.raises(ClassifierArtifactError, match=FACTS_FILE):
        hash_of(copied)


@pytest.mark.parametrize("text", ["\ud800 troops", "\0 troops", "\udfff" * 900, "\U0001f600" * 900, "\u202e" * 900])
def test_any_text_is_scored_without_harm(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.logits([text])).all()
