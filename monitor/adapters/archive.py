"""Files of news items, one JSON object per line, plain or gzipped: what `score` and `replay` read."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from monitor.core.errors import InputError

SEPARATOR = " | "
NOON = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveItem:
    """One line. date: None where the line has none; a date without a time is 12:00 UTC. source: the outlet's name, "" unknown.

    language: ISO 639-1, "" where the line does not say.
    """

    id: str
    title: str
    text: str
    date: datetime | None
    source: str
    language: str = ""


def open_text(path: Path) -> IO[str]:
    """Open a plain or gzipped text file. Raises InputError."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rt", encoding="utf-8-sig") if zipped else path.open("rt", encoding="utf-8-sig")
    except OSError as exc:
        raise InputError(
            f"{path}: cannot be read ({exc.strerror or exc}); give the path of a .jsonl or .jsonl.gz file"
        ) from exc


def read_items(path: Path, *, dated: bool = False) -> Iterator[ArchiveItem]:
    """Yield the items of a file in order; blank lines are skipped.

    dated: every line must have a date. Raises InputError naming file and line.
    """
    with open_text(path) as lines:
        number = 0
        try:
            for number, line in enumerate(lines, 1):  # the handler below names the line
                if line.strip():
                    yield _item(line, path, number, dated=dated)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as exc:
            raise InputError(f"{path}:{number + 1}: the file is damaged here ({exc}); fetch or write it again") from exc


def _item(line: str, path: Path, number: int, *, dated: bool) -> ArchiveItem:
    where = f"{path}:{number}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise InputError(
            f'{where}: not JSON ({exc}); each line is one object such as {{"id": "1", "title": "…"}}'
        ) from exc
    if not isinstance(row, dict):
        raise InputError(f"{where}: not an object but {type(row).__name__}; each line is one object with id and title")
    if row.get("id") in (None, ""):
        raise InputError(f"{where}: no id; give every line an id of its own")
    title, text = _texts(row, where)
    if dated and not row.get("date"):
        raise InputError(f"{where}: no date; a replay needs one, such as 2010-11-23T05:12Z")
    return ArchiveItem(
        id=_valid(str(row["id"])),
        title=_valid(title),
        text=_valid(text),
        date=parse_moment(row.get("date"), where),
        source=sys.intern(_valid(row.get("source") or "")),
        language=sys.intern(row.get("lang") or ""),
    )


def _valid(text: str) -> str:
    """Return `text` with lone surrogates replaced: JSON may hold them, but no file, database or tokenizer takes them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _texts(row: dict[str, Any], where: str) -> tuple[str, str]:
    for name in ("title", "text", "source", "lang"):
        if not isinstance(row.get(name) or "", str):
            raise InputError(f"{where}: {name} is not a text but {type(row[name]).__name__}")
    if "title" in row:
        return row["title"] or "", row.get("text") or ""
    if "text" not in row:
        raise InputError(f"{where}: neither title nor text; give at least a title")
    title, _, text = (row["text"] or "").partition(SEPARATOR)
    return title, text


def parse_moment(value: object, where: str) -> datetime | None:
    """Read an ISO date or time; UTC where no zone is given, 12:00 where no time is given. Raises InputError."""
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise InputError(f"{where}: {value!r} is no date; write 2010-11-23 or 2010-11-23T05:12Z") from exc
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment + NOON if len(str(value)) == len("2010-11-23") else moment.astimezone(UTC)
