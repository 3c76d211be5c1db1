"""Reads labelled items: the corpus (`classifiers/corpus/*.jsonl`) and label files from outside."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.labels import LABELS
from classifiers.parts import whole

CORPUS = Path(__file__).parent / "corpus"
_HELD_OUT_EVERY = 16
_GZIP = b"\x1f\x8b"
_SPLIT = " | "
_WITH_SUMMARY = ("feeds_real", "newsapi_", "wikipedia_")


class ItemsError(ValueError):
    """A label file cannot be used; the message lists every problem as `file:line: what is wrong; what to do`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One labelled news item.

    id: unique within a training run. title, text: headline and summary ('' where there is none).
    labels: those it carries; unsure: those its reader left off in doubt.
    genre, region, note, stratum, date, source: as the file has them, '' where it has not; `source` is the file's
    stem or the item's `archive`.
    soft: probabilities (6,) that stand in for a reader's labels, None where a reader labelled it.
    """

    id: str
    title: str
    text: str
    labels: frozenset[str]
    unsure: frozenset[str] = frozenset()
    genre: str = ""
    lang: str = "en"
    region: str = ""
    note: str = ""
    stratum: str = ""
    date: str = ""
    source: str = ""
    soft: tuple[float, ...] | None = None

    @property
    def whole(self) -> str:
        """Title and text as one."""
        return whole(self.title, self.text)


def targets(items: Sequence[Item]) -> NDArray[np.float64]:
    """Return 1 where an item carries a label, else 0, or its soft label; shape (n, 6)."""
    rows = [item.soft or [float(label in item.labels) for label in LABELS] for item in items]
    return np.array(rows, dtype=np.float64).reshape(len(items), len(LABELS))


def weights(items: Sequence[Item], unsure: float) -> NDArray[np.float64]:
    """Return 1, or `unsure` for a label its reader was unsure of; shape (n, 6)."""
    rows = [[unsure if label in item.unsure else 1.0 for label in LABELS] for item in items]
    return np.array(rows, dtype=np.float64).reshape(len(items), len(LABELS))


def corpus_files(directory: Path = CORPUS) -> list[Path]:
    """Return the files of the corpus, by name."""
    return sorted(directory.glob("*.jsonl"))


def held_out(item: Item) -> bool:
    """Say whether a corpus item is kept from training, to measure on: about one in sixteen, drawn by its id."""
    return hashlib.sha256(item.id.encode()).digest()[0] % _HELD_OUT_EVERY == 0


def digest(paths: Iterable[Path]) -> str:
    """Return the sha256 over the files' contents, in hex, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def read_items(paths: Iterable[Path]) -> list[Item]:
    """Read every item of every file, in order.

    Raises ItemsError with all problems at once: no JSON, no id, no words, unknown labels, an id used twice.
    """
    items: list[Item] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    for path in paths:
        for place, row in rows_of(path, problems):
            try:
                item = _item(row, path.stem)
            except ValueError as exc:
                problems.append(f"{place}: {exc}")
                continue
            if item.id in seen:
                problems.append(f"{place}: id {item.id!r} was used at {seen[item.id]}; give each item its own id")
            seen.setdefault(item.id, place)
            items.append(item)
    if problems:
        raise ItemsError("\n".join(problems))
    return items


def rows_of(path: Path, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield `file:line` and the object of each line that is one; what is wrong with any other is added to `problems`.

    The file is UTF-8, with a byte order mark or without, plain or packed by gzip.
    """
    try:
        lines = _text(path).split("\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as exc:
        problems.append(f"{path}: cannot be read ({exc}); name a UTF-8 file of JSON lines")
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(f"{path}:{number}: is not JSON; write one object per line")
            continue
        if isinstance(row, dict):
            yield f"{path}:{number}", row
        else:
            problems.append(f"{path}:{number}: is not an object; write one object per line")


def guard_texts(paths: Iterable[Path]) -> list[str]:
    """Return the texts of files that must stay unseen: whole texts of any JSON lines with `title` or `text`.

    Raises ItemsError where a file cannot be read or a line has no text: a guard that guards nothing must not pass in silence.
    """
    texts: list[str] = []
    problems: list[str] = []
    for path in paths:
        before = len(texts), len(problems)
        for place, row in rows_of(path, problems):
            try:
                texts.append(whole(*words_of(row)))
            except ValueError as exc:
                problems.append(f"{place}: {exc}")
        if before == (len(texts), len(problems)):
            problems.append(f"{path}: holds no item, so it would guard nothing; name a file of JSON lines")
    if problems:
        raise ItemsError("\n".join(problems))
    return texts


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if content.startswith(_GZIP) else content).decode("utf-8-sig")


def _item(row: Mapping[str, Any], stem: str) -> Item:
    """Read one line; raises ValueError that says what is wrong and what to do."""
    title, text = words_of(row)
    return Item(
        id=_string(row, "id", required=True),
        title=title,
        text=text,
        labels=labels_of(row, "labels") if "soft" not in row else frozenset(),
        soft=_soft(row),
        unsure=labels_of(row, "unsure") if "unsure" in row else frozenset(),
        source=_string(row, "archive") or stem,
        lang=_string(row, "lang") or "en",
        **{name: _string(row, name) for name in ("genre", "region", "note", "stratum", "date")},
    )


def words_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text of a line; raises ValueError where it has no words."""
    title, text = title_and_text(row)
    if not (title or text).strip():
        raise ValueError('has no words; give "title" or "text"')
    return title, text


def title_and_text(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text; a line with text alone is split at ` | ` unless its archive uses that sign itself."""
    text = _string(row, "text")
    if "title" in row:
        return _string(row, "title"), text
    archive = _string(row, "archive")
    if _SPLIT in text and (not archive or archive.startswith(_WITH_SUMMARY)):
        title, _, rest = text.partition(_SPLIT)
        return title, rest
    return text, ""


def _string(row: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    value = row.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise ValueError(f'"{name}" is {"missing or " if required else ""}no text; write a string')
    return value


def _soft(row: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Return the soft labels of a line: `soft` maps every label to a probability."""
    if "soft" not in row:
        return None
    given = row["soft"]
    if not isinstance(given, dict) or set(given) != set(LABELS):
        raise ValueError('"soft" does not give every label; write {label: probability} for all six')
    values = tuple(given[label] for label in LABELS)
    if not all(isinstance(value, int | float) and 0.0 <= value <= 1.0 for value in values):
        raise ValueError('"soft" holds what is no number from 0 to 1; write probabilities')
    return tuple(map(float, values))


def labels_of(row: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the labels a line lists under `name`; raises ValueError where it is no list of known ones."""
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise ValueError(f'"{name}" is missing or no list; write a list of labels, [] for none')
    unknown = sorted(set(value) - set(LABELS))
    if unknown:
        raise ValueError(f'"{name}" has unknown {", ".join(unknown)}; use {", ".join(LABELS)}')
    return frozenset(value)
