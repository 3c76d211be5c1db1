"""Reads gold items to measure against: codebook labels, or partial ones where a label may be unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.items import ItemsError, read_text, title_and_text
from classifiers.labels import LABELS


@dataclass(frozen=True, kw_only=True, slots=True)
class GoldRow:
    """One item with what is known of it.

    truth: six values in `LABELS` order: 1, 0, or None where unknown.
    groups: field to value, for the break-down: genre, region, year, stratum, near_miss, form and what else is there.
    random: it was drawn at random from a stream, so it may speak for one.
    """

    id: str
    title: str
    text: str
    truth: tuple[int | None, ...]
    groups: Mapping[str, str]
    random: bool


def read_gold(path: Path) -> list[GoldRow]:
    """Read gold lines: `labels` (all others absent) or `y` (label to 0 or 1, others unknown); plain or `.gz`.

    Raises ItemsError with every problem as `file:line: what is wrong; what to do`.
    """
    rows: list[GoldRow] = []
    problems: list[str] = []
    try:
        lines = read_text(path).split("\n")
    except (OSError, EOFError, UnicodeDecodeError) as exc:
        raise ItemsError(f"{path}: cannot be read ({exc}); name a UTF-8 file of JSON lines") from exc
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(_row(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            problems.append(f'{path}:{number}: {exc!r}; write {{"id", "title" or "text", "labels" or "y"}}')
    if problems:
        raise ItemsError("\n".join(problems))
    return rows


def truth_matrix(rows: list[GoldRow]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the truths, shape (n, 6), NaN where unknown."""
    return np.array([[np.nan if value is None else value for value in row.truth] for row in rows], dtype=np.float64)


def _row(row: dict[str, Any]) -> GoldRow:
    title, text = title_and_text(row)
    known = row["y"] if "y" in row else {label: int(label in row["labels"]) for label in LABELS}
    groups = {
        "genre": row.get("genre"),
        "region": row.get("region"),
        "year": str(row.get("date") or "")[:4],
        "stratum": row.get("stratum") or row.get("dataset"),
        "near_miss": row.get("note") or row.get("hn"),
        "form": "with summary" if text else "title only",
    }
    return GoldRow(
        id=str(row["id"]),
        title=title,
        text=text,
        truth=tuple(None if known.get(label) is None else int(known[label]) for label in LABELS),
        groups={name: str(value) for name, value in groups.items() if value},
        random="random" in str(row.get("stratum", "")),
    )
