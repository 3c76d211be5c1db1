"""Messages drawn as Slack shows them, light theme: an SVG laid out here, and a PNG of it by vl-convert (extra `charts`), offline.

Text is wrapped by the metrics of Helvetica, whatever a system puts in its place. Colour marks are drawn as discs, because few fonts
for pictures hold them.
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from monitor.adapters.slack_markup import QUOTE, Run, text_of
from monitor.adapters.text_width import width
from monitor.core.errors import InputError

WIDTH, LEFT, RIGHT = 720, 72, 24
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_INK, _SOFT, _LINK, _EDGE, _GREEN = "#1d1c1d", "#616061", "#1264a3", "#c9c9ca", "#007a5a"
_DISCS = {"🔴": "#dd2e44", "🟠": "#f4900c", "🟡": "#fdcb58", "⚪": "#e6e7e8"}
_PICTURE_RATIO = 0.36
_INDENT = 14.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A message as it stands in a channel. at: when, for people. replies: its thread. broadcast: a reply also shown in the channel."""

    blocks: Sequence[Mapping[str, Any]]
    at: str
    replies: Sequence[Post] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Style:
    size: float
    line: float
    colour: str = _INK
    bold: bool = False


_HEADER = _Style(size=18, line=26, bold=True)
_BODY = _Style(size=15, line=22)
_SMALL = _Style(size=12.5, line=18, colour=_SOFT)


@dataclass(kw_only=True)
class _Sheet:
    """What has been drawn so far, from `y` downwards, between `left` and `right`."""

    left: float
    right: float
    pictures: Mapping[str, bytes]
    y: float = 0.0
    drawn: list[str] = field(default_factory=list)

    def add(self, element: str) -> None:
        self.drawn.append(element)


def svg_of(posts: Sequence[Post], channel: str = "", pictures: Mapping[str, bytes] | None = None) -> str:
    """Return messages, oldest first, as one SVG. pictures: PNG by the id of an uploaded file."""
    sheet = _Sheet(left=LEFT, right=WIDTH - RIGHT, pictures=pictures or {}, y=12.0)
    if channel:
        _channel(sheet, channel)
    for post in posts:
        _post(sheet, post)
    height = round(sheet.y + 8)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return f"{head}{ground}{''.join(sheet.drawn)}</svg>"


def png_of(svg: str) -> bytes:
    """Return the picture of an SVG. Raises InputError where the extra that draws is not installed."""
    if importlib.util.find_spec("vl_convert") is None:
        raise InputError(
            "a PNG needs vl-convert: pip install 'crisis-monitor[charts]', or name the picture .svg, which needs nothing"
        )
    return _packed(bytes(importlib.import_module("vl_convert").svg_to_png(svg, scale=2)))


def _packed(png: bytes) -> bytes:
    """Return the same PNG with its pixels packed as tightly as zlib can: a tenth of what the library writes."""
    chunks, place = [], 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        chunks.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += 12 + length
    pixels = zlib.compress(zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT")), 9)
    kept = [chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")] + [(b"IDAT", pixels), (b"IEND", b"")]
    return png[:8] + b"".join(_chunk(kind, body) for kind, body in kept)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _channel(sheet: _Sheet, name: str) -> None:
    _text(sheet, 20, sheet.y + 18, [Run(text=name, bold=True)], _HEADER)
    sheet.y += 34
    sheet.add(f'<rect x="0" y="{sheet.y}" width="{WIDTH}" height="1" fill="#e2e2e2"/>')
    sheet.y += 14


def _post(sheet: _Sheet, post: Post, avatar: float = 36) -> None:
    x, top = sheet.left - avatar - 12, sheet.y
    sheet.add(f'<rect x="{x}" y="{top}" width="{avatar}" height="{avatar}" rx="6" fill="#1f4e79"/>')
    peak = [(0.2, 0.66), (0.4, 0.66), (0.5, 0.3), (0.62, 0.78), (0.7, 0.55), (0.82, 0.55)]
    points = " ".join(f"{x + a * avatar:.1f},{top + b * avatar:.1f}" for a, b in peak)
    sheet.add(f'<polyline points="{points}" fill="none" stroke="#ffffff" stroke-width="2.4" stroke-linejoin="round"/>')
    name = "crisis-monitor"
    _text(sheet, sheet.left, top + 13, [Run(text=name, bold=True)], _BODY)
    after = sheet.left + width(name, _BODY.size, bold=True) + 8
    sheet.add(f'<rect x="{after:.1f}" y="{top + 1}" width="30" height="15" rx="3" fill="#e8e8e8"/>')
    _text(sheet, after + 4, top + 12, [Run(text="APP", bold=True)], _Style(size=10, line=12, colour=_SOFT))
    _text(sheet, after + 40, top + 13, [Run(text=post.at)], _SMALL)
    sheet.y = top + 22
    for block in post.blocks:
        _block(sheet, block)
    sheet.y = max(sheet.y, top + avatar + 4)
    _thread(sheet, post.replies)
    sheet.y += 12


def _thread(sheet: _Sheet, replies: Sequence[Post]) -> None:
    if not replies:
        return
    count = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
    _text(sheet, sheet.left, sheet.y + 14, [Run(text=count, bold=True)], _Style(size=13, line=18, colour=_LINK))
    sheet.y += 26
    outer, top = sheet.left, sheet.y
    sheet.left = outer + 48
    for reply in replies:
        _post(sheet, reply, avatar=24)
    sheet.left = outer
    sheet.add(f'<rect x="{outer}" y="{top}" width="2" height="{max(sheet.y - top - 14, 1):.1f}" fill="#e2e2e2"/>')


def _block(sheet: _Sheet, block: Mapping[str, Any]) -> None:
    kind = block["type"]
    if kind == "header":
        _paragraph(sheet, text_of(block["text"]), _HEADER)
    elif kind == "section":
        _paragraph(sheet, text_of(block["text"]), _BODY)
    elif kind == "context":
        for element in block["elements"]:
            _paragraph(sheet, text_of(element), _SMALL)
    elif kind == "actions":
        _buttons(sheet, block["elements"])
    elif kind == "image":
        _picture(sheet, block)
    else:
        sheet.add(
            f'<rect x="{sheet.left}" y="{sheet.y + 6}" width="{sheet.right - sheet.left}" height="1" fill="#dddddd"/>'
        )
        sheet.y += 14


def _paragraph(sheet: _Sheet, lines: Iterable[Sequence[Run]], style: _Style) -> None:
    for line in lines:
        quoted = bool(line) and line[0].text.startswith(QUOTE)
        shown = [Run(text=line[0].text.removeprefix(QUOTE), bold=line[0].bold), *line[1:]] if quoted else line
        indent, top = _INDENT if quoted else 0.0, sheet.y
        for row in _wrapped(shown, sheet.right - sheet.left - indent, style):
            _text(sheet, sheet.left + indent, sheet.y + style.size, row, style)
            sheet.y += style.line
        if quoted:
            sheet.add(f'<rect x="{sheet.left}" y="{top}" width="4" height="{sheet.y - top:.1f}" fill="#dddddd"/>')
    sheet.y += 6


def _wrapped(line: Sequence[Run], room: float, style: _Style) -> list[list[Run]]:
    """Break a line of runs into rows that fit; a word wider than a row is broken where it must be."""
    rows: list[list[Run]] = [[]]
    used = 0.0
    for run in line:
        for word in _words(run.text):
            for part in _parts(word, room, style, bold=run.bold or style.bold):
                wide = width(part.rstrip(), style.size, bold=run.bold or style.bold)
                if rows[-1] and used + wide > room:
                    rows.append([])
                    used = 0.0
                rows[-1].append(Run(text=part, bold=run.bold, link=run.link))
                used += width(part, style.size, bold=run.bold or style.bold)
    return [_merged(row) for row in rows]


def _words(text: str) -> list[str]:
    """Return `text` cut behind each space."""
    pieces = text.split(" ")
    return [piece + " " for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _parts(word: str, room: float, style: _Style, *, bold: bool) -> list[str]:
    parts = [""]
    for character in word:
        if parts[-1] and width(parts[-1] + character, style.size, bold=bold) > room:
            parts.append("")
        parts[-1] += character
    return parts


def _merged(row: Sequence[Run]) -> list[Run]:
    merged: list[Run] = []
    for run in row:
        if merged and (merged[-1].bold, merged[-1].link) == (run.bold, run.link):
            merged[-1] = Run(text=merged[-1].text + run.text, bold=run.bold, link=run.link)
        else:
            merged.append(run)
    return merged


def _text(sheet: _Sheet, x: float, y: float, row: Sequence[Run], style: _Style) -> None:
    for run in row:
        bold = run.bold or style.bold
        for piece in _pieces(run.text):
            if piece in _DISCS:
                radius = style.size * 0.42
                centre = f'cx="{x + radius + 1:.1f}" cy="{y - style.size * 0.34:.1f}"'
                sheet.add(f'<circle {centre} r="{radius:.1f}" fill="{_DISCS[piece]}" stroke="#00000022"/>')
                x += 2 * radius + 2
                continue
            sheet.add(_tag(x, y, piece, style, run, bold=bold))
            x += width(piece, style.size, bold=bold)


def _tag(x: float, y: float, text: str, style: _Style, run: Run, *, bold: bool) -> str:
    colour = _LINK if run.link else style.colour
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{style.size:g}" fill="{colour}"{weight}'
    return f'<text {place} font-family={quoteattr(_FONT)} xml:space="preserve">{escape(_drawable(text))}</text>'


def _drawable(text: str) -> str:
    """Return `text` without what no XML may hold."""
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for character in text:
        if character in _DISCS:
            pieces += [character, ""]
        elif character != "\ufe0f":
            pieces[-1] += character
    return [piece for piece in pieces if piece]


def _buttons(sheet: _Sheet, elements: Sequence[Mapping[str, Any]]) -> None:
    x, height, style = sheet.left, 32.0, _Style(size=13.5, line=18)
    sheet.y += 2
    for element in elements:
        menu = element["type"] == "overflow"
        label = "" if menu else str(element["text"]["text"])
        wide = 36.0 if menu else width(label, style.size, bold=True) + 24
        if x > sheet.left and x + wide > sheet.right:
            x, sheet.y = sheet.left, sheet.y + height + 8
        primary = element.get("style") == "primary"
        fill, edge = (_GREEN, _GREEN) if primary else ("#ffffff", _EDGE)
        sheet.add(
            f'<rect x="{x:.1f}" y="{sheet.y}" width="{wide:.1f}" height="{height}" rx="6" fill="{fill}" stroke="{edge}"/>'
        )
        if menu:
            dots = "".join(
                f'<circle cx="{x + 11 + 7 * n:.1f}" cy="{sheet.y + 16}" r="2" fill="{_INK}"/>' for n in range(3)
            )
            sheet.add(dots)
        else:
            colour = {"primary": "#ffffff", "danger": "#e01e5a"}.get(str(element.get("style")), _INK)
            _text(sheet, x + 12, sheet.y + 21, [Run(text=label, bold=True)], _Style(size=13.5, line=18, colour=colour))
        x += wide + 8
    sheet.y += height + 10


def _picture(sheet: _Sheet, block: Mapping[str, Any]) -> None:
    wide = min(sheet.right - sheet.left, 560.0)
    content = sheet.pictures.get(str((block.get("slack_file") or {}).get("id")))
    if content:
        high = wide * _ratio(content)
        data = base64.b64encode(content).decode()
        place = f'x="{sheet.left}" y="{sheet.y + 4}" width="{wide}" height="{high:.1f}"'
        sheet.add(f'<image {place} href="data:image/png;base64,{data}"/>')
    else:
        high = wide * _PICTURE_RATIO
        sheet.add(
            f'<rect x="{sheet.left}" y="{sheet.y + 4}" width="{wide}" height="{high:.1f}" rx="8" fill="#f8f8f8" stroke="{_EDGE}"/>'
        )
        inner = _Sheet(left=sheet.left + 16, right=sheet.left + wide - 16, pictures={}, y=sheet.y + 20)
        _paragraph(inner, [[Run(text=f"Picture: {block['alt_text']}")]], _SMALL)
        sheet.drawn += inner.drawn
        high = max(high, inner.y - sheet.y)
    sheet.y += high + 12


def _ratio(png: bytes) -> float:
    """Return height over width of a PNG, by its header."""
    wide, high = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return high / wide if wide and high else _PICTURE_RATIO
