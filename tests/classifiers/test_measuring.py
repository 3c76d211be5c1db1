"""Metrics, evaluation, the card, drift and folds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import LABELS
from classifiers.card import markdown, reliability_svg
from classifiers.drift import drift, merged, spread
from classifiers.evaluate import Report, evaluate
from classifiers.folds import folds, groups
from classifiers.gold import GoldRow, read_gold
from classifiers.items import Item, ItemsError
from classifiers.metrics import calibration_error, detection, label_scores, reliability, resampled


def test_perfect_scores_have_perfect_figures() -> None:
    found = label_scores(np.array([1.0, 0.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0]))

    assert (found.precision, found.recall, found.f1, found.average_precision) == (1, 1, 1, 1)
    assert (found.brier, found.calibration_error) == (0, 0)


def test_figures_of_a_known_case() -> None:
    scores, truth = np.array([0.9, 0.8, 0.6, 0.2]), np.array([1.0, 0.0, 1.0, 1.0])
    precision, recall, f1 = detection(scores, truth)

    assert (precision, recall, f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert label_scores(scores, truth).average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_overconfidence_shows_as_calibration_error() -> None:
    assert calibration_error(reliability(np.full(10, 0.95), np.array([1.0] * 5 + [0.0] * 5))) == pytest.approx(0.45)


def test_intervals_hold_the_figure_and_do_not_depend_on_chance() -> None:
    rng = np.random.default_rng(1)
    truth = (rng.random(300) < 0.3).astype(float)
    scores = np.clip(truth * 0.3 + rng.random(300) * 0.7, 0, 1)
    one, other = (label_scores(scores, truth, resamples=100, seed=3) for _ in range(2))

    assert one == other
    assert one.average_precision_interval is not None
    assert one.average_precision_interval.low <= one.average_precision <= one.average_precision_interval.high


def a_row(i: int, truth: tuple[int | None, ...], **groups: str) -> GoldRow:
    return GoldRow(
        id=str(i), title=f"t{i}", text="", truth=truth, groups=groups, random=groups.get("stratum") == "random"
    )


@pytest.fixture
def report() -> Report:
    rows = [
        a_row(i, (int(i % 4 == 0), None, 0, 0, 0, 0), stratum="random" if i < 20 else "cue", genre="headline")
        for i in range(40)
    ]
    first = np.full((40, len(LABELS)), 0.1)
    first[::4, 0] = 0.8
    first[1, 2] = 0.9
    return evaluate(rows, {"first": first, "both": first}, resamples=20)


def test_unknown_labels_are_left_out(report: Report) -> None:
    assert set(report.stages["first"].labels) == {"troop_concentration"}


def test_false_alarms_in_random_items_are_counted(report: Report) -> None:
    stage = report.stages["both"]

    assert (stage.random_items, stage.random_false_alarms) == (20, 1)
    assert stage.stream_calibration_error is not None


def test_each_group_has_its_own_figures(report: Report) -> None:
    assert {(g.field, g.value): g.items for g in report.stages["first"].groups} == {
        ("genre", "headline"): 40,
        ("stratum", "cue"): 20,
        ("stratum", "random"): 20,
    }


def test_scores_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="first"):
        evaluate([a_row(1, (0,) * 6)], {"first": np.zeros((2, 6))})


def test_the_card_names_every_stage_label_and_both_calibrations(report: Report) -> None:
    text = markdown(report, "own items")

    assert "First stage alone" in text
    assert "Both stages" in text
    assert "| troop_concentration | 10 |" in text
    assert "as they stand" in text
    assert "drawn at random" in text
    assert "In brackets: 90 % bootstrap intervals." in text
    assert text.count("| genre | headline | 40 | 1 | troop_concentration | 10 | 1.00 (1.00 to 1.00) |") == 2


def test_the_reliability_plot_is_well_formed_and_safe(report: Report) -> None:
    svg = reliability_svg(report.stages["first"].labels["troop_concentration"], "<troops & co>")
    root = ET.fromstring(svg)

    assert root.tag.endswith("svg")
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 2


def test_gold_of_both_kinds_is_read(tmp_path: Path, write: Callable[..., Path]) -> None:
    rows = [
        {"id": "1", "text": "a", "labels": ["denial"], "date": "2020-01-02", "stratum": "random"},
        {"id": "2", "text": "b", "y": {"coup_warning": 1}},
    ]
    one, other = read_gold(write(tmp_path / "gold.jsonl", rows))

    assert one.truth == (0, 0, 0, 1, 0, 0)
    assert (one.groups["year"], one.random) == ("2020", True)
    assert other.truth == (None, 1, None, None, None, None)


def test_bad_gold_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "a", "labels": []}) + "\n{}\n", encoding="utf-8")

    with pytest.raises(ItemsError, match=r"gold\.jsonl:2"):
        read_gold(path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({"id": "1", "text": "a", "labels": ["war"]}, "unknown war", id="a label we do not have"),
        pytest.param({"id": "1", "text": "a", "labels": "denial"}, "no list", id="labels that are a word"),
        pytest.param({"id": "1", "text": "a", "y": {"coup": 1}}, "unknown coup", id="a label in y we do not have"),
        pytest.param({"id": "1", "text": "a", "y": {"denial": 5}}, "0 or 1", id="a truth that is none"),
        pytest.param({"id": "1", "text": "a", "y": [1]}, "0 or 1", id="y that is no mapping"),
        pytest.param({"text": "a", "labels": []}, '"id"', id="no id"),
        pytest.param({"id": "1", "text": " ", "labels": []}, "no words", id="no words"),
    ],
)
def test_gold_that_would_measure_something_else_is_refused(
    tmp_path: Path, write: Callable[..., Path], row: dict[str, object], said: str
) -> None:
    with pytest.raises(ItemsError, match=rf"gold\.jsonl:1: .*{said}"):
        read_gold(write(tmp_path / "gold.jsonl", [row]))


def test_gold_without_items_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    with pytest.raises(ItemsError, match="holds no item"):
        read_gold(write(tmp_path / "gold.jsonl", []))


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.5001, 1.0]), st.integers(0, 1)), min_size=2, max_size=20),
    st.integers(0, 99),
)
def test_a_sample_drawn_by_counts_has_the_figures_of_the_same_items_written_out(
    items: list[tuple[float, int]], seed: int
) -> None:
    scores, truth = (np.array(each, dtype=float) for each in zip(*sorted(items, reverse=True), strict=True))
    drawn = np.random.default_rng(seed).integers(0, len(items), len(items))
    counts = np.bincount(drawn, minlength=len(items)).astype(float)[None]
    if not truth[drawn].any():
        return

    precision, f1 = resampled(scores, truth, counts)[0]

    written = label_scores(scores[drawn], truth[drawn])
    assert (precision, f1) == pytest.approx((written.average_precision, written.f1))


def test_the_same_spread_has_no_drift_and_another_has() -> None:
    calm, loud = spread(np.full(500, 0.005)), spread(np.full(500, 0.8))

    assert drift(calm, calm) == 0
    assert drift(calm, loud) > 0.25
    assert drift(calm, spread(np.array([]))) == 0


@given(st.lists(st.floats(0, 1), max_size=30), st.lists(st.floats(0, 1), max_size=30))
def test_spreads_merge_as_if_counted_together(one: list[float], other: list[float]) -> None:
    both = merged(spread(np.array(one)), spread(np.array(other)))
    together = spread(np.array(one + other))

    assert both.counts == together.counts
    assert both.mean == pytest.approx(together.mean)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(2, 5))
def test_no_group_is_parted_by_folds(of: list[int], count: int) -> None:
    fold = folds(of, count)

    assert all(len({int(f) for f, g in zip(fold, of, strict=True) if g == group}) == 1 for group in of)
    assert set(fold.tolist()) <= set(range(count))


def test_items_are_grouped_by_story_year_and_pair(an_item: Callable[..., Item]) -> None:
    items = [
        an_item("1", "Iran warns Israel over reactor strike plan"),
        an_item("2", "Iran warns Israel over reactor strike plans"),
        an_item("3", "Tehran and Jerusalem trade barbs"),
        an_item("4", "Chef bakes"),
    ]
    stories, pairs = groups(items, "story"), groups(items, "pair")

    assert stories[0] == stories[1] != stories[2]
    assert pairs[0] == pairs[1] == pairs[2] == "IRN-ISR"
    assert pairs[3] == stories[3]
