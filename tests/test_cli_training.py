"""`train` and `evaluate` on the command line: what they refuse before they work, and what they write."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from classifiers.encoder import ONNX_FILE
from classifiers.labels import LABELS
from classifiers.shipped import SHIPPED
from monitor.cli import app
from monitor.cli.learning import replace_folder


def crisis_monitor(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    for word in words:
        assert word in result.stderr, result.stderr


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    said = ("Army masses tanks at the border", "Bakery opens a shop")
    rows = [
        {
            "id": f"{i}",
            "title": f"{said[i % 2]}, report {i}",
            "labels": [] if i % 2 else ["troop_concentration"],
            "date": f"20{10 + i // 10}-02-03",
            "region": "europe",
            "genre": "headline",
            "note": "a shop" if i % 2 else "",
        }
        for i in range(20)
    ]
    return lines(tmp_path / "gold.jsonl", *rows)


def test_evaluate_prints_each_stage_whole_and_group_by_group_and_draws_its_plots(gold: Path, tmp_path: Path) -> None:
    card, plots = tmp_path / "card.md", tmp_path / "plots"

    result = crisis_monitor("evaluate", gold, "--card", card, "--plots", plots)

    assert result.exit_code == 0, result.output
    text = card.read_text(encoding="utf-8")
    assert text.strip() == result.stdout.strip()
    stages = text.count("best F1 (at)")
    for group in ("genre | headline", "region | europe", "year | 2010", "near_miss | a shop", "form | title only"):
        assert text.count(f"| {group} | ") == stages, group
    drawn = sorted(path.name for path in plots.iterdir())
    assert len(drawn) == stages
    assert "first-troop_concentration.svg" in drawn
    assert all(ET.parse(plots / name).getroot().tag.endswith("svg") for name in drawn)


def test_evaluate_says_where_it_cannot_write(gold: Path, tmp_path: Path) -> None:
    refused(crisis_monitor("evaluate", gold, "--card", tmp_path / "absent" / "card.md"), "card.md", "cannot be written")
    refused(crisis_monitor("evaluate", gold, "--plots", gold), "gold.jsonl", "cannot be written")


def test_evaluate_refuses_a_model_that_is_not_there(gold: Path, tmp_path: Path) -> None:
    refused(crisis_monitor("evaluate", gold, "--model", tmp_path / "absent"), "model.json", "cannot be read")


@pytest.mark.parametrize(
    ("row", "word"),
    [({"id": "1", "title": "a", "labels": ["war"]}, "war"), ({"id": "1", "title": "a", "y": {"coup": 1}}, "coup")],
)
def test_evaluate_refuses_labels_it_does_not_know(tmp_path: Path, row: object, word: str) -> None:
    refused(crisis_monitor("evaluate", lines(tmp_path / "gold.jsonl", row)), "gold.jsonl:1", f"unknown {word}")


@pytest.mark.parametrize(
    "options",
    [["--extra", "x.jsonl"], ["--encoder-logits", "x.npz"], ["--encoder", "x"], ["-o", "x"]],
    ids=lambda options: options[0],
)
def test_train_adapt_refuses_what_it_would_ignore(tmp_path: Path, options: list[str]) -> None:
    refused(crisis_monitor("train", "--adapt", *options, "--data", tmp_path), "--adapt")


def test_train_refuses_an_encoder_whose_log_odds_are_not_given(tmp_path: Path) -> None:
    refused(crisis_monitor("train", "--encoder", SHIPPED, "--data", tmp_path), "--encoder-logits")


def test_train_refuses_folds_by_what_it_does_not_know(tmp_path: Path) -> None:
    refused(crisis_monitor("train", "--folds-by", "outlet", "-o", tmp_path / "m"), "--folds-by", "story, year, pair")


def test_train_refuses_an_output_before_the_work(tmp_path: Path) -> None:
    taken = lines(tmp_path / "taken", {})

    refused(crisis_monitor("train", "-o", taken), "taken", "cannot be written")


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04junk"], ids=["empty", "junk", "no archive"])
def test_train_refuses_log_odds_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)

    refused(
        crisis_monitor("train", "--encoder-logits", tmp_path / "x.npz", "-o", tmp_path / "m"), "x.npz", "cannot be read"
    )


def test_train_refuses_log_odds_of_another_shape(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", ids=np.array(["1"]), logits=np.zeros((1, 3)))

    refused(
        crisis_monitor("train", "--encoder-logits", tmp_path / "x.npz", "-o", tmp_path / "m"), "six finite log-odds"
    )


@pytest.mark.slow
def test_train_joins_an_encoder_whose_log_odds_it_is_given(tmp_path: Path) -> None:
    rows = [{"id": f"own-{i}", "title": f"Report {i} of a quiet day", "labels": []} for i in range(40)]
    rows += [{"id": f"own-{i}", "title": f"Army {i} masses tanks", "labels": [LABELS[0]]} for i in range(40, 80)]
    logits = np.full((80, len(LABELS)), -3.0, dtype=np.float32)
    logits[40:, 0] = 3.0
    np.savez(tmp_path / "x.npz", ids=np.array([f"own-{i}" for i in range(80)]), logits=logits)
    extra = lines(tmp_path / "extra.jsonl", *rows)

    result = crisis_monitor("train", "--extra", extra, "--encoder-logits", tmp_path / "x.npz", "-o", tmp_path / "m")

    assert result.exit_code == 0, result.output
    decision = json.loads((tmp_path / "m" / "decision.json").read_text())
    facts = json.loads((SHIPPED / "encoder.json").read_text())
    assert decision["encoder"] == facts["sha256"][ONNX_FILE]
    assert "both" in decision["layers"]
    assert "against" in result.stdout


def test_a_promoted_model_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    new, place = tmp_path / "new", tmp_path / "data" / "model"
    for folder, names in (
        (new, ("model.json",)),
        (place, ("model.json", ONNX_FILE)),
        (tmp_path / "data/model.new", ("cut short",)),
    ):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text(folder.name)

    replace_folder(new, place)

    assert {path.name: path.read_text() for path in place.iterdir()} == {"model.json": "new"}
    assert [path.name for path in place.parent.iterdir()] == ["model"]
