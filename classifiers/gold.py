"""Reads gold items to measure against: codebook labels, or partial ones where a label may be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.items import ItemsError, labels_of, rows_of, words_of
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
    for place, row in rows_of(path, problems):
        try:
            rows.append(_row(row))
        except ValueError as exc:
            problems.append(f"{place}: {exc}")
    if not rows and not problems:
        problems.append(f"{path}: holds no item; name a file of JSON lines")
    if problems:
        raise ItemsError("\n".join(problems))
    return rows


def truth_matrix(rows: list[GoldRow]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the truths, shape (n, 6), NaN where unknown."""
    return np.array([[np.nan if value is None else value for value in row.truth] for row in rows], dtype=np.float64)


def _row(row: Mapping[str, Any]) -> GoldRow:
    title, text = words_of(row)
    groups = {
        "genre": row.get("genre"),
        "region": row.get("region"),
        "year": str(row.get("date") or "")[:4],
        "stratum": row.get("stratum") or row.get("dataset"),
        "near_miss": row.get("note") or row.get("hn"),
        "form": "with summary" if text else "title only",
    }
    return GoldRow(
        id=_id(row),
        title=title,
        text=text,
        truth=_truth(row),
        groups={name: str(value) for name, value in groups.items() if value},
        random="random" in str(row.get("stratum", "")),
    )


def _id(row: Mapping[str, Any]) -> str:
    if row.get("id") in (None, ""):
        raise ValueError('"id" is missing; give each item its own')
    return str(row["id"])


def _truth(row: Mapping[str, Any]) -> tuple[int | None, ...]:
    """Return what is known of each label: all of them where `labels` lists those it carries, only some by `y`."""
    if "y" not in row:
        carried = labels_of(row, "labels")
        return tuple(int(label in carried) for label in LABELS)
    known = row["y"]
    if not isinstance(known, dict) or not all(value in (0, 1, None) for value in known.values()):
        raise ValueError('"y" is no mapping of labels to 0 or 1; write {label: 1} for what it carries, 0 for what not')
    labels_of({"y": list(known)}, "y")
    return tuple(None if known.get(label) is None else int(known[label]) for label in LABELS)
