"""YAML without surprises: plain values only, every value with its line, every oddity named with its remedy.

Refused: aliases, anchors, merge keys, tags, duplicate keys, empty values, and plain words that YAML 1.1 turns into something
else than they look like (`NO`, `1e3`, `0777`, `12:30`, `2021-12-01`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never

import yaml
from yaml import events

from monitor.core.errors import Problem

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
LONGEST_SHOWN = 60

Path_ = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,17}")
_TRAPS = (
    (re.compile(r"yes|no|on|off", re.IGNORECASE), "YAML reads {0} as a boolean: write {1} in quotes for text, or true or false"),
    (re.compile(r"[-+]?[0-9.]+e[-+]?[0-9]+", re.IGNORECASE), "{0} has an exponent: write the number in full, or {1} in quotes for text"),
    (re.compile(r"[-+]?0[0-9xob][0-9a-f_]*", re.IGNORECASE), "YAML may read {0} in another base: write the number without a leading 0, or {1} in quotes for text"),
    (re.compile(r"[-+]?[0-9]+(?:_[0-9_]*)+(?:\.[0-9]*)?"), "{0} has underscores: write the number without them, or {1} in quotes for text"),
    (re.compile(r"[-+]?[0-9]+(?::[0-9]{1,2})+(?:\.[0-9]*)?"), "YAML may read {0} as a number in base 60: write {1} in quotes"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"), "YAML may read {0} as a date: write {1} in quotes"),
    (re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE), "{0} is no number that can be used here: write a plain one"),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.|[0-9]{19,})"), "{0} is written oddly for a number: write one such as 0.5 or 12, or {1} in quotes for text"),
)  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Document:
    """A file as read. file: name for people. lines: 1-based line per key path. problems: what could not be read as meant."""

    file: str
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path_) -> int:
        """Return the line of the nearest written key at or above `path`, 0 for an empty file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def problem(self, path: Path_, message: str, line: int | None = None) -> Problem:
        """Return a problem located at `path`."""
        return Problem(file=self.file, line=line or self.line(path), path=dotted(path), message=message)

    def note(self, path: Path_, message: str, line: int | None = None) -> None:
        """Add a problem at `path`."""
        self.problems.append(self.problem(path, message, line))


def dotted(path: Path_) -> str:
    """Return `path` as people write it: `rules[1].levels.watch`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def shown(value: object) -> str:
    """Return `value` short enough for a message, and never a secret."""
    text = repr(value) if isinstance(value, str) else str(value)
    if re.search(r"xox[a-z]-|xapp-|://[^/]*@", text, re.IGNORECASE):
        return "***"
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def read(path: Path, name: str) -> Document:
    """Return what the file at `path` holds; whatever is wrong with it is in `problems`, and nothing is raised."""
    document = Document(file=name)
    try:
        with path.open("rb") as handle:
            body = handle.read(MAX_BYTES + 1)
    except OSError as exc:
        document.note((), f"cannot be read ({exc.strerror}): check that it exists and its permissions")
        return document
    if len(body) > MAX_BYTES:
        document.note((), f"is larger than {MAX_BYTES // 1_000_000} MB: split it or remove what is not needed")
        return document
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = body[: exc.start].count(b"\n") + 1
        document.note((), f"byte {body[exc.start]:#04x} is not UTF-8: save the file as UTF-8", line)
        return document
    return parse(text, document)


def parse(text: str, document: Document) -> Document:
    """Fill `document` with what `text` holds."""
    try:
        _Builder(text, document).build()
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        hint = (
            ": indent with spaces, never with tabs"
            if "\\t" in str(exc.problem)
            else ": check indentation, quotes and brackets"
        )
        document.note((), f"is not valid YAML, {exc.problem or exc.context}{hint}", mark.line + 1 if mark else 0)
    except yaml.YAMLError:
        document.note((), "holds characters that YAML does not allow: save it as plain UTF-8 text", 1)
    except _RefusedError:
        pass
    return document


class _RefusedError(Exception):
    """Reading on makes no sense; the reason is already noted."""


class _Builder:
    """Builds plain values from parser events; the parser itself never builds objects."""

    def __init__(self, text: str, document: Document) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._document = document

    def build(self) -> None:
        """Read the only document of the stream."""
        next(self._events)
        if isinstance(next(self._events), events.StreamEndEvent):
            self._refuse((), "is empty: write at least one key, or remove the file to use the shipped one", 1)
        self._document.data = self._value(next(self._events), ())
        next(self._events)
        more = next(self._events)
        if not isinstance(more, events.StreamEndEvent):
            self._document.note((), "a second document begins here: keep one document in a file", _line(more))

    def _refuse(self, path: Path_, message: str, line: int) -> Never:
        self._document.note(path, message, line)
        raise _RefusedError

    def _value(self, event: Any, path: Path_) -> Any:
        if len(path) > MAX_DEPTH:
            self._refuse(path[:3], f"is nested more than {MAX_DEPTH} deep", _line(event))
        self._document.lines.setdefault(path, _line(event))
        if isinstance(event, events.AliasEvent):
            return self._document.note(
                path, f"alias *{event.anchor} is not allowed: write the value again", _line(event)
            )
        if event.anchor:
            self._document.note(path, f"anchor &{event.anchor} is not allowed: remove it", _line(event))
        if event.tag:
            self._document.note(path, f"tag {event.tag} is not allowed: remove it", _line(event))
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path)

    def _sequence(self, path: Path_) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._key(event, path)
            if key == "<<" and not event.style:
                self._document.note(path, "merge key << is not allowed: write the keys out", _line(event))
                self._value(next(self._events), (*path, key))
                continue
            if key in found:
                first = self._document.lines[(*path, key)]
                self._document.note((*path, key), f"is written twice (first on line {first}): keep one", _line(event))
                self._value(next(self._events), (*path, f"{key} (again)"))
                continue
            self._document.lines[(*path, key)] = _line(event)
            found[key] = self._value(next(self._events), (*path, key))
        return found

    def _key(self, event: Any, path: Path_) -> str:
        if not isinstance(event, events.ScalarEvent):
            self._refuse(path, "a key must be plain text", _line(event))
        plain = self._scalar(event, (*path, event.value))
        if not isinstance(plain, str) and plain is not None:
            self._document.note(
                (*path, event.value), f'key {event.value} is not text: write "{event.value}"', _line(event)
            )
        return str(event.value)

    def _scalar(self, event: Any, path: Path_) -> Any:
        text: str = event.value
        if event.style:
            return text
        if text.lower() in {"", "~", "null"}:
            hint = " (a # begins a comment: put text with # in quotes)" if text == "" else ""
            return self._document.note(path, f"has no value: give it one or remove the line{hint}", _line(event))
        for pattern, remedy in _TRAPS:
            if pattern.fullmatch(text):
                return self._document.note(
                    path, remedy.format(shown(text)[1:-1], f'"{shown(text)[1:-1]}"'), _line(event)
                )
        return _plain(text)


def _plain(text: str) -> bool | int | float | str:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
