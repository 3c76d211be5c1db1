"""Entry counts and speed of `parse_document` against feedparser as it comes, over a folder of captured feeds.

Start with `python tests/benchmarks/parse_corpus.py [FOLDER]`, where FOLDER holds `INDEX.jsonl` and the files it names.
"""

from __future__ import annotations

import io
import json
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import feedparser

from monitor.adapters.parse_document import parse_document
from monitor.core.errors import ParseError

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "feeds"
BASE = "https://feeds.example/news/feed.xml"


def plain_count(body: bytes) -> int:
    """Return how many entries feedparser finds with its own defaults, -1 where it raises."""
    try:
        return len(feedparser.parse(io.BytesIO(body)).entries)
    except Exception:  # noqa: BLE001  # what it raises is not our subject
        return -1


def our_count(body: bytes) -> tuple[int, str]:
    """Return how many entries we find, and why none."""
    try:
        return len(parse_document(body, "", BASE).entries), ""
    except ParseError as error:
        return 0, str(error)


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    outcome: Counter[str] = Counter()
    theirs_seconds = ours_seconds = 0.0
    slowest: list[tuple[float, str]] = []
    for line in (folder / "INDEX.jsonl").read_text().splitlines():
        row = json.loads(line)
        body = (folder / row["file"]).read_bytes()
        started = time.perf_counter()
        theirs = plain_count(body)
        between = time.perf_counter()
        ours, why = our_count(body)
        ended = time.perf_counter()
        theirs_seconds, ours_seconds = theirs_seconds + between - started, ours_seconds + ended - between
        slowest.append((ended - between, row["file"]))
        expected = max(theirs, row["entries_by_feedparser_6.0.12"] or 0)
        outcome["equal" if ours == expected else "more" if ours > expected else "fewer"] += 1
        if ours != expected:
            print(
                f"{row['file']} {row['kind']} {row['origin']}:{row['source_path']} index",
                row["entries_by_feedparser_6.0.12"],
                "now",
                theirs,
                "ours",
                ours,
                why[:100],
            )
    print(
        dict(outcome),
        f"feedparser {theirs_seconds:.1f} s, ours {ours_seconds:.1f} s, ratio {theirs_seconds / ours_seconds:.2f}",
    )
    print("slowest:", sorted(slowest)[-3:])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
