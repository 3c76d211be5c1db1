"""Slack's mark-up read back: what a person sees of blocks, as runs of text for a picture and as plain lines for a terminal."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PIECE = re.compile(r"<(?P<url>[^<>|]+)(?:\|(?P<label>[^<>]*))?>|(?P<star>\*)|(?P<text>[^<*]+|<)")
QUOTE = "> "


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A stretch of text in one style. link: its address, "" for none."""

    text: str
    bold: bool = False
    link: str = ""


def runs(markup: str) -> list[Run]:
    """Return one line of mrkdwn as runs. Bold and links are what our own messages use; all else is text."""
    found: list[Run] = []
    bold = False
    for piece in _PIECE.finditer(markup):
        if piece["star"]:
            bold = not bold
        elif piece["url"]:
            label = piece["label"] if piece["label"] is not None else piece["url"]
            found.append(Run(text=_bare(label), bold=bold, link=_bare(piece["url"])))
        else:
            found.append(Run(text=_bare(piece["text"]), bold=bold))
    return found


def _bare(text: str) -> str:
    return html.unescape(text).replace("\u200b", "")


def text_of(thing: Mapping[str, Any]) -> list[list[Run]]:
    """Return a text object as lines of runs."""
    if thing.get("type") == "mrkdwn":
        return [runs(line) for line in str(thing["text"]).split("\n")]
    return [[Run(text=_bare(line))] for line in str(thing["text"]).split("\n")]


def readable(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return blocks as plain lines: links with their address, buttons in brackets, pictures by their words."""
    lines: list[str] = []
    for block in blocks:
        lines += [*([""] if lines else []), *_readable(block)]
    return lines


def _readable(block: Mapping[str, Any]) -> list[str]:
    kind = block["type"]
    if kind == "header":
        return [_plain(line) for line in text_of(block["text"])]
    if kind == "section":
        return [_plain(line) for line in text_of(block["text"])]
    if kind == "context":
        return [f"  {_plain(line)}" for each in block["elements"] for line in text_of(each)]
    if kind == "actions":
        return [" ".join(_element(each) for each in block["elements"])]
    if kind == "image":
        return [f"[picture: {block['alt_text']}]"]
    return ["-" * 20]


def _plain(line: Sequence[Run]) -> str:
    return "".join(f"{run.text} <{run.link}>" if run.link else run.text for run in line)


def _element(element: Mapping[str, Any]) -> str:
    if element["type"] == "overflow":
        return f"[… {' | '.join(str(option['text']['text']) for option in element['options'])}]"
    return f"[{element['text']['text']}]"
