"""Items: label files are read strictly, and every problem is named with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from classifiers import LABELS
from classifiers.items import ItemsError, corpus_files, guard_texts, held_out, read_items, targets, weights


def one(path: Path, row: object) -> Path:
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param([1], "not an object", id="a list"),
        pytest.param({"title": "a", "labels": []}, '"id"', id="no id"),
        pytest.param({"id": "1", "labels": []}, "no words", id="no words"),
        pytest.param({"id": "1", "text": "a"}, '"labels"', id="no labels"),
        pytest.param({"id": "1", "text": "a", "labels": ["war"]}, "unknown war", id="a label we do not have"),
        pytest.param({"id": "1", "text": 5, "labels": []}, '"text"', id="text that is none"),
        pytest.param({"id": "1", "text": "a", "soft": {"denial": 2}}, '"soft"', id="soft labels that miss some"),
        pytest.param(
            {"id": "1", "text": "a", "soft": {label: [1] for label in LABELS}}, '"soft"', id="soft labels of no number"
        ),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(tmp_path: Path, row: object, said: str) -> None:
    path = one(tmp_path / "x.jsonl", row)

    with pytest.raises(ItemsError) as caught:
        read_items([path])

    assert f"{path}:1: " in str(caught.value)
    assert said in str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "1"}\nnot json\n{"id": "2", "text": "a", "labels": []}\n', encoding="utf-8")

    with pytest.raises(ItemsError) as caught:
        read_items([path, tmp_path / "absent.jsonl"])

    assert len(str(caught.value).splitlines()) == 3


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    paths = [one(tmp_path / name, {"id": "1", "text": "a", "labels": []}) for name in ("a.jsonl", "b.jsonl")]

    with pytest.raises(ItemsError, match="was used at"):
        read_items(paths)


def test_a_bar_parts_title_and_text_only_where_the_archive_means_it(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "text": "T | S", "labels": []},
        {"id": "2", "text": "T | S", "labels": [], "archive": "newsapi_x"},
        {"id": "3", "text": "T | S", "labels": [], "archive": "oldwire"},
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    assert [(item.title, item.text) for item in read_items([path])] == [("T", "S"), ("T", "S"), ("T | S", "")]


def test_unsure_labels_weigh_less(tmp_path: Path) -> None:
    path = one(tmp_path / "x.jsonl", {"id": "1", "text": "a", "labels": ["denial"], "unsure": ["coup_warning"]})
    items = read_items([path])

    assert targets(items).tolist() == [[0, 0, 0, 1, 0, 0]]
    assert weights(items, 0.2).tolist() == [[1, 0.2, 1, 1, 1, 1]]


def test_packed_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "1", "text": "a b c", "y": {}}\n'))

    assert guard_texts([path]) == ["a b c"]


ONE = b'{"id": "1", "title": "a b c", "labels": []}'
WRITTEN_ELSEWHERE = {
    "a byte order mark": b"\xef\xbb\xbf" + ONE,
    "line ends of another system": ONE + b"\r\n\r\n",
    "no end of the last line": ONE,
    "packed under a plain name": gzip.compress(ONE),
}
UNREADABLE = {
    "another encoding": ONE.decode().encode("utf-16"),
    "a packed file cut short": gzip.compress(ONE * 99)[:60],
    "a packed file gone bad": gzip.compress(bytes(range(256)) * 9)[:12] + b"\xff" * 90,
    "brackets without end": b"[" * 100_000,
    "a list": b"[]",
}


@pytest.mark.parametrize("content", WRITTEN_ELSEWHERE.values(), ids=WRITTEN_ELSEWHERE)
def test_files_of_other_systems_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)

    assert [item.title for item in read_items([path])] == guard_texts([path]) == ["a b c"]


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)

    for read in (read_items, guard_texts):
        with pytest.raises(ItemsError, match=r"x\.jsonl"):
            read([path])


def test_a_guard_that_would_guard_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n")

    with pytest.raises(ItemsError, match="holds no item"):
        guard_texts([path])


def test_a_guard_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="cannot be read"):
        guard_texts([tmp_path / "absent.jsonl"])


def test_about_one_corpus_item_in_sixteen_is_held_out() -> None:
    items = read_items(corpus_files())

    assert 1 / 20 < sum(map(held_out, items)) / len(items) < 1 / 12
