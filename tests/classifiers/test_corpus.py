"""The corpus we wrote, held by its linter; and the linter, held by bad corpora."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from classifiers.corpus_lint import LintReport, lint, main
from classifiers.items import Item, corpus_files, held_out, read_items


@pytest.fixture(scope="module")
def found() -> LintReport:
    return lint(read_items(corpus_files()))


def test_the_corpus_has_no_finding(found: LintReport) -> None:
    assert found.findings == ()


def test_the_corpus_is_large_enough_and_its_near_duplicates_are_few(found: LintReport) -> None:
    assert found.items >= 4000
    assert found.near_share < 0.02


def test_half_of_the_corpus_stays_silent(found: LintReport) -> None:
    assert 0.45 < found.silent / found.items < 0.65


def test_the_corpus_spans_regions_and_genres() -> None:
    items = read_items(corpus_files())

    assert len(Counter(item.region for item in items)) >= 6
    assert len(Counter(item.genre for item in items)) >= 6
    assert sum(bool(item.note) for item in items) >= 1000


def kinds(items: list[Item]) -> set[str]:
    return {finding.kind for finding in lint(items).findings}


def test_the_linter_finds_words_that_stand_twice(an_item: Callable[..., Item]) -> None:
    assert "duplicate" in kinds([an_item("1", "Rain falls on the plain"), an_item("2", "Rain falls, on the plain!")])


def test_the_linter_finds_an_id_used_twice(an_item: Callable[..., Item]) -> None:
    assert "duplicate" in kinds([an_item("1", "Rain falls"), an_item("1", "Snow melts")])


def test_the_linter_finds_labels_that_conflict(an_item: Callable[..., Item]) -> None:
    one = an_item("1", "Army sends ten tanks to the old river bridge", ["troop_concentration"])
    other = an_item("2", "Army sends ten tanks to the old river ford")
    marked = an_item("2", "Army sends ten tanks to the old river ford", note="parade")

    assert "conflict" in kinds([one, other])
    assert "conflict" not in kinds([one, marked])


def test_the_linter_finds_a_lack_of_balance(an_item: Callable[..., Item]) -> None:
    assert "balance" in kinds([an_item(str(i), f"Plot number {i} uncovered", ["coup_warning"]) for i in range(9)])


def messages(items: list[Item]) -> str:
    return "; ".join(finding.message for finding in lint(items).findings if finding.kind == "leakage")


def test_the_linter_finds_near_equals_that_stand_in_training_and_among_what_is_measured_on(
    an_item: Callable[..., Item],
) -> None:
    kept = next(str(i) for i in range(1000) if held_out(an_item(str(i))))
    trained = next(str(i) for i in range(1000) if not held_out(an_item(str(i))))
    one, other = "Army sends ten tanks to the old river bridge", "Army sends ten tanks to the old river ford"

    assert "held out" in messages([an_item(kept, one), an_item(trained, other)])
    assert messages([an_item(kept, one), an_item(trained, "Choir sings")]) == ""


def test_the_linter_finds_near_equals_that_folds_by_actor_pair_part(an_item: Callable[..., Item]) -> None:
    said = "{} sends ten tanks and two hundred men to the old river bridge at dawn"
    items = [an_item(name, said.format(name)) for name in ("Chile", "Peru", "Mali", "Niger", "Chad")]

    assert "folds by pair" in messages(items)
    assert "folds by story" not in messages(items)


def test_the_linter_is_a_command_for_anybodys_items(
    tmp_path: Path, write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    twice: list[dict[str, object]] = [
        {"id": name, "title": "Rain falls on the plain", "labels": []} for name in ("a", "b")
    ]

    assert main([str(write(tmp_path / "twice.jsonl", twice))]) == 1
    assert "duplicate: the same words stand twice (a, b)" in capsys.readouterr().out
    assert main([str(tmp_path / "absent.jsonl")]) == 2
    assert "absent.jsonl" in capsys.readouterr().err
    assert main([]) == 0
