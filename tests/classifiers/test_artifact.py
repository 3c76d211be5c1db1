"""The artefact: no code, no mismatch, same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from classifiers import ClassifierArtifactError, TextModel
from classifiers.artifact import DECISION, FIRST, MODEL, load
from classifiers.linear import LinearSettings
from classifiers.shipped import SHIPPED
from classifiers.train import Training, TrainingReport, train


class Bomb:
    """Leaves a file behind when unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.mark), "w")


@pytest.fixture
def copy(trained: TrainingReport, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained.directory, tmp_path / "copy"))


def rehash(directory: Path) -> None:
    """Do what an attacker would: make the manifest agree with the files."""
    facts = json.loads((directory / MODEL).read_text())
    for name in (FIRST, DECISION):
        facts["sha256"][name] = hashlib.sha256((directory / name).read_bytes()).hexdigest()
    (directory / MODEL).write_text(json.dumps(facts))


def bombs(mark: Path) -> dict[str, bytes]:
    plain = pickle.dumps(Bomb(mark))
    array = io.BytesIO()
    np.save(array, np.array([Bomb(mark)], dtype=object), allow_pickle=True)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("coef.npy", array.getvalue())
    return {"pickle": plain, "npy": array.getvalue(), "npz": archive.getvalue()}


@pytest.mark.parametrize("kind", ["pickle", "npy", "npz"])
@pytest.mark.parametrize("name", [FIRST, DECISION, MODEL])
def test_a_pickle_bomb_under_any_name_is_refused_and_never_goes_off(
    copy: Path, tmp_path: Path, name: str, kind: str
) -> None:
    mark = tmp_path / "went-off"
    (copy / name).write_bytes(bombs(mark)[kind])
    if name != MODEL:
        rehash(copy)

    with pytest.raises(ClassifierArtifactError, match=name):
        load(copy)

    assert not mark.exists()


@pytest.mark.parametrize("name", [FIRST, DECISION, MODEL])
def test_a_missing_file_is_named_with_a_remedy(copy: Path, name: str) -> None:
    (copy / name).unlink()

    with pytest.raises(ClassifierArtifactError, match=rf"{name} cannot be read .*: train it anew, or remove"):
        load(copy)


@pytest.mark.parametrize("name", [FIRST, DECISION])
def test_a_changed_byte_is_refused(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)

    with pytest.raises(ClassifierArtifactError, match="sha256"):
        load(copy)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        pytest.param("format", 0, "format", id="another format"),
        pytest.param("labels", ["coup_warning"], "labels", id="other labels"),
        pytest.param("sklearn", "0.1", "scikit-learn 0.1", id="another scikit-learn"),
        pytest.param("sha256", None, "sha256", id="no hashes"),
    ],
)
def test_an_artefact_made_for_something_else_is_refused(copy: Path, key: str, value: object, said: str) -> None:
    facts = json.loads((copy / MODEL).read_text())
    (copy / MODEL).write_text(json.dumps({**facts, key: value}))

    with pytest.raises(ClassifierArtifactError, match=said):
        load(copy)


def test_arrays_that_do_not_fit_together_are_refused(copy: Path) -> None:
    with np.load(copy / FIRST, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["coef"] = arrays["coef"][:, 1:]
    np.savez(copy / FIRST, **arrays)
    rehash(copy)

    with pytest.raises(ClassifierArtifactError, match="differ in size"):
        load(copy)


def test_the_same_inputs_give_the_same_bytes(
    trained: TrainingReport, corpus: Path, tmp_path: Path, small: LinearSettings
) -> None:
    train(Training(output=tmp_path / "again", corpus=corpus, folds=2, linear=small), lambda _share, _what: None)

    for name in (FIRST, DECISION, MODEL):
        assert (tmp_path / "again" / name).read_bytes() == (trained.directory / name).read_bytes()


def test_the_shipped_artefact_loads_and_is_small() -> None:
    assert TextModel.load(stack="linear").stack == "linear"
    assert (SHIPPED / FIRST).stat().st_size < 15_000_000


def test_no_sentence_can_be_rebuilt_from_the_shipped_vocabulary() -> None:
    terms = [term for block in load(SHIPPED).first.blocks if block.name == "words" for term in block.terms]

    assert max(len(term.split()) for term in terms) <= 3
    assert not any(len(term.replace(" * ", " ").split()) > 2 for term in terms)


def with_arrays(directory: Path, name: str, value: float) -> None:
    with np.load(directory / FIRST, allow_pickle=False) as stored:
        arrays = {each: stored[each].copy() for each in stored.files}
    arrays[name].flat[0] = value
    np.savez(directory / FIRST, **arrays)


def with_decision(directory: Path, **values: object) -> None:
    kept = json.loads((directory / DECISION).read_text())
    (directory / DECISION).write_text(json.dumps({**kept, **values}))


def packed(array: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("words.terms.npy", array)
    return archive.getvalue()


def larger_than_memory() -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**15,)})
    return packed(header.getvalue())


def gone_bad(directory: Path) -> bytes:
    content = bytearray((directory / FIRST).read_bytes())
    content[200:260] = bytes(60)
    return bytes(content)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "a coefficient that is no number": lambda at: with_arrays(at, "coef", np.nan),
    "a weight that is no number": lambda at: with_arrays(at, "words.idf", np.inf),
    "arrays larger than memory": lambda at: (at / FIRST).write_bytes(larger_than_memory()),
    "packed bytes gone bad": lambda at: (at / FIRST).write_bytes(gone_bad(at)),
    "a file cut short": lambda at: (at / FIRST).write_bytes((at / FIRST).read_bytes()[:999]),
    "the files swapped": lambda at: (at / FIRST).write_bytes((at / DECISION).read_bytes()),
    "a gate that is no number": lambda at: with_decision(at, gate_low=float("nan")),
    "a gate upside down": lambda at: with_decision(at, gate_low=0.5, gate_high=0.1),
    "a part offset of infinity": lambda at: with_decision(at, part_offset=[float("inf")] * 6),
    "an encoder without its layer": lambda at: with_decision(at, encoder="0" * 64),
    "brackets without end": lambda at: (at / DECISION).write_bytes(b"[" * 100_000),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_artefact_is_refused_by_name_even_where_its_hashes_agree(
    copy: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(copy)
    rehash(copy)

    with pytest.raises(ClassifierArtifactError, match=rf"{FIRST}|{DECISION}"):
        load(copy)


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b"\xff\xfe"], ids=["empty", "list", "deep", "binary"])
def test_facts_that_are_none_are_refused_by_name(copy: Path, content: bytes) -> None:
    (copy / MODEL).write_bytes(content)

    with pytest.raises(ClassifierArtifactError, match=MODEL):
        load(copy)
