"""Writes and reads the first stage and the decision layer: arrays without pickle, JSON for the rest.

    model.json       format, labels, scikit-learn's minor version, where it came from, scores, sha256 of the other file
    first_stage.npz  vocabulary (UTF-8 bytes), weights and coefficients, half precision
    decision.json    the decision layer

Nothing here can run code when loaded (`allow_pickle=False`), and the same model gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray

from classifiers.decision import Decision
from classifiers.errors import ClassifierArtifactError
from classifiers.labels import LABELS
from classifiers.linear import Block, LinearStage
from classifiers.shipped import SHIPPED
from classifiers.words import BLOCKS

FORMAT = 1
MODEL, FIRST, DECISION = "model.json", "first_stage.npz", "decision.json"
_REMEDY = "reinstall crisis-monitor"
_OWN_REMEDY = "train it anew, or remove its folder to use the shipped model"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A first stage, its decision layer, and the facts about both.

    facts: what `model.json` says beside hashes: `version`, `sources`, `left_out`, `scores` and so on.
    digest: sha256 over all files, in hex.
    """

    first: LinearStage
    decision: Decision
    facts: Mapping[str, Any]
    digest: str


def sklearn_minor() -> str:
    """Return scikit-learn's major and minor version, for example `1.9`."""
    return ".".join(sklearn.__version__.split(".")[:2])


def save(directory: Path, first: LinearStage, decision: Decision, facts: Mapping[str, Any]) -> None:
    """Write the three files into `directory` (made if absent); the same model gives the same bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {FIRST: arrays_bytes(_first_arrays(first)), DECISION: _json_bytes(decision.as_json())}
    model = {
        **facts,
        "format": FORMAT,
        "labels": list(LABELS),
        "sklearn": sklearn_minor(),
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    for name, content in {**files, MODEL: _json_bytes(model)}.items():
        (directory / name).write_bytes(content)


def load(directory: Path) -> Artifact:
    """Read and check the three files of `directory`.

    Raises ClassifierArtifactError, naming file and remedy, where one is missing, damaged, or made for other labels,
    another format or another scikit-learn.
    """
    model_bytes = _bytes(directory / MODEL)
    facts = _checked_facts(directory / MODEL, model_bytes)
    contents = {name: _checked_bytes(directory / name, facts) for name in (FIRST, DECISION)}
    try:
        first = _first_stage(read_arrays(contents[FIRST]))
    except Exception as exc:  # what a crafted archive makes zipfile, zlib and numpy raise is not declared
        raise _refused(directory / FIRST, f"is not a first stage ({exc})") from exc
    try:
        decision = Decision.from_json(json.loads(contents[DECISION]))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise _refused(directory / DECISION, f"is not a decision layer ({exc})") from exc
    digest = hashlib.sha256(model_bytes).hexdigest()
    return Artifact(first=first, decision=decision, facts=facts, digest=digest)


def _refused(path: Path, why: str) -> ClassifierArtifactError:
    return ClassifierArtifactError(f"{path} {why}: {_REMEDY if path.parent == SHIPPED else _OWN_REMEDY}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise _refused(path, f"cannot be read ({exc.strerror})") from exc


def _checked_facts(path: Path, content: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise _refused(path, "is not JSON") from exc
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise _refused(path, f"is not of format {FORMAT}")
    if facts.get("labels") != list(LABELS):
        raise _refused(path, "has other labels than this release")
    if facts.get("sklearn") != sklearn_minor():
        raise _refused(path, f"was made with scikit-learn {facts.get('sklearn')}, installed is {sklearn_minor()}")
    return facts


def _checked_bytes(path: Path, facts: Mapping[str, Any]) -> bytes:
    content = _bytes(path)
    hashes = facts.get("sha256")
    expected = hashes.get(path.name) if isinstance(hashes, dict) else None
    if hashlib.sha256(content).hexdigest() != expected:
        raise _refused(path, f"does not match the sha256 in {MODEL}")
    return content


def _first_arrays(stage: LinearStage) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "coef": stage.coef.astype(np.float16),
        "intercept": stage.intercept.astype(np.float64),
    }
    for block in stage.blocks:
        arrays[f"{block.name}.terms"] = np.frombuffer("\n".join(block.terms).encode(), dtype=np.uint8)
        arrays[f"{block.name}.idf"] = block.idf.astype(np.float16)
    return arrays


def _first_stage(arrays: Mapping[str, NDArray[Any]]) -> LinearStage:
    blocks = [_block(name, arrays) for name in BLOCKS]
    coef, intercept = arrays["coef"].astype(np.float64), arrays["intercept"].astype(np.float64)
    if coef.shape != (len(LABELS), sum(len(block.terms) for block in blocks)) or intercept.shape != (len(LABELS),):
        raise ValueError("coefficients and vocabulary differ in size")
    if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
        raise ValueError("a coefficient is no finite number")
    return LinearStage(blocks, coef, intercept)


def _block(name: str, arrays: Mapping[str, NDArray[Any]]) -> Block:
    joined = arrays[f"{name}.terms"].tobytes().decode()
    terms, idf = joined.split("\n") if joined else [], arrays[f"{name}.idf"].astype(np.float64)
    if idf.shape != (len(terms),) or len(set(terms)) != len(terms):
        raise ValueError(f"the terms of {name} do not match their weights")
    if not np.isfinite(idf).all():
        raise ValueError(f"a weight of {name} is no finite number")
    return Block(name, terms, idf)


def read_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays in the bytes of an `.npz`; nothing is unpickled.

    Raises ValueError, or whatever zipfile, zlib and numpy make of a crafted archive, where it is none.
    """
    if not content.startswith(b"PK"):  # numpy would advise to unpickle it
        raise ValueError("not an archive of arrays")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def arrays_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return named arrays as the bytes of an `.npz` without pickle; the same arrays give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            one = io.BytesIO()
            np.lib.format.write_array(one, arrays[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), one.getvalue(), zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def _json_bytes(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
