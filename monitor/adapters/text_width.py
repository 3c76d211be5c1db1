"""How wide text is in Helvetica and what has its metrics (Arial, Liberation Sans), in thousandths of the font's size."""

from __future__ import annotations

import unicodedata

_FIRST = 32
_PLAIN = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
    556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611,
    611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_OTHERS = {"“": 400, "”": 400, "’": 250, "‘": 250, "—": 1000, "\u2013": 556, "·": 278, "…": 1000, "•": 350}  # noqa: RUF001  # typographic marks
_WIDE, _USUAL = 1000, 620


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of `text` at a font size, in the unit of that size; what the table lacks is taken generously."""
    return sum(_advance(character, bold=bold) for character in text) * size / 1000


def _advance(character: str, *, bold: bool) -> int:
    table, place = _BOLD if bold else _PLAIN, ord(character) - _FIRST
    if 0 <= place < len(table):
        return table[place]
    if character in _OTHERS:
        return _OTHERS[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _USUAL
