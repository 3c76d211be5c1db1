"""The tables under `lists/`: lines of tab-separated cells; a line that begins with `#` is a remark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the lines of a table as stripped cells."""
    text = files("monitor.reading").joinpath("lists", name).read_text(encoding="utf-8")
    return tuple(_cells(text.splitlines()))


def _cells(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if line and not line.startswith("#"):
            yield tuple(cell.strip() for cell in line.split("\t"))


@cache
def words(group: str) -> frozenset[str]:
    """Return a group of words.tsv. Raises KeyError for a group it does not have."""
    return frozenset(listed(group))


def listed(group: str) -> list[str]:
    """Return a group of words.tsv in its order. Raises KeyError for a group it does not have."""
    return {row[0]: row[1] for row in rows("words.tsv")}[group].split()
