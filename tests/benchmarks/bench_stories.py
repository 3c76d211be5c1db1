"""Queries per second of the story index at a full window, beside a plain index of word 3-shingles run in the same breath.

    python -m tests.benchmarks.bench_stories [--members 100000] [--queries 4000] [--archive headlines.jsonl.gz]

Without an archive (JSON lines with `title`) the headlines are made up from a seeded vocabulary whose frequencies fall as in
natural text. One core, one thread; the window holds `members` titles throughout.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from monitor.core.identity import fold
from monitor.core.stories import HORIZON, Member, StoryIndex

START = datetime(2021, 11, 26, tzinfo=UTC)
VOCABULARY = 40_000


class ShingleIndex:
    """The peer: an inverted index of hashed word 3-shingles, Jaccard index of at least 0.4."""

    def __init__(self) -> None:
        self._postings: dict[int, list[int]] = defaultdict(list)
        self._sizes: list[int] = []

    def add(self, title: str) -> None:
        number = len(self._sizes)
        marks = _shingles(title)
        self._sizes.append(len(marks))
        for mark in marks:
            self._postings[mark].append(number)

    def find(self, title: str) -> int | None:
        marks = _shingles(title)
        shared: Counter[int] = Counter()
        for mark in marks:
            shared.update(self._postings.get(mark, ()))
        found = [(n / (len(marks) + self._sizes[key] - n), key) for key, n in shared.items()]
        best = max(found, default=(0.0, -1))
        return best[1] if best[0] >= 0.4 else None


def _shingles(title: str) -> set[int]:
    words = ["", *fold(title).split(), ""]
    return {hash(tuple(words[i : i + 3])) for i in range(len(words) - 2)}


def titles(archive: Path | None, count: int, rng: random.Random) -> list[str]:
    """Return `count` headlines, from the archive or made up."""
    if archive:
        with gzip.open(archive, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["title"] for _, line in zip(range(count), lines, strict=False)]
    words = [_word(rng) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
    return [" ".join(rng.choices(words, cum_weights=weights, k=rng.randint(6, 13))) for _ in range(count)]


def _word(rng: random.Random) -> str:
    letters = "".join(rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
    return letters.title() if rng.random() < 0.3 else letters


def edited(title: str, rng: random.Random) -> str:
    """Return the title with one word dropped and a kicker, as a copy desk would."""
    words = title.split()
    del words[rng.randrange(len(words))]
    return "UPDATE 1-" + " ".join(words)


def per_second(ask: Callable[[str], object], questions: Sequence[str]) -> float:
    """Return queries per second of processor time."""
    start = time.process_time()
    for question in questions:
        ask(question)
    return len(questions) / (time.process_time() - start)


def main() -> None:
    """Build both windows, ask both the same questions, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=4_000)
    parser.add_argument("--archive", type=Path)
    wanted = parser.parse_args()
    rng = random.Random(7)
    everything = titles(wanted.archive, wanted.members + wanted.queries // 2, rng)
    held, fresh = everything[: wanted.members], everything[wanted.members :]
    questions = [*fresh, *(edited(title, rng) for title in rng.sample(held, wanted.queries // 2))]
    rng.shuffle(questions)
    index, peer = StoryIndex(), ShingleIndex()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    for number, title in enumerate(held):
        index.add(_member(number, title, len(held)))
    adding = len(held) / (time.process_time() - start)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    for title in held:
        peer.add(title)
    now = START + HORIZON
    ours = per_second(lambda title: index.find(title, "", now), questions)
    theirs = per_second(peer.find, questions)
    print(f"window {len(index):,} members, {grown:,.0f} MB; {adding:,.0f} added/s; {len(questions):,} queries")
    print(f"story index {ours:,.0f} queries/s; word 3-shingles {theirs:,.0f} queries/s; ratio {ours / theirs:.2f}")


def _member(number: int, title: str, count: int) -> Member:
    name = f"m{number}"
    at = START + HORIZON * (number / count) + timedelta(microseconds=1)
    return Member(article_id=name, story_id=name, origin=name, owner=name, title=title, summary="", at=at)


if __name__ == "__main__":
    main()
