# ruff: noqa: INP001, T201  # a script of the documentation, no package: it prints
"""Draw pairs of headlines that were joined into one story across outlets, for a person to judge: `python docs/sample_origins.py ARCHIVE`.

Prints, for each of 100 random pairs, its number, the ids, what was decided (copy: one origin; telling: an origin of its own) and both
headlines. `docs/judged-origins.csv` holds one reader's verdicts on the pairs of the front pages of 2023, without the headlines.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from monitor.adapters.archive import ArchiveItem, read_items
from monitor.core.stories import Member, StoryIndex

SEED, PAIRS = 12, 100
Pair = tuple[str, Member, ArchiveItem]


def _at(item: ArchiveItem) -> datetime:
    if item.date is None:
        raise ValueError(f"{item.id} has no date")
    return item.date


def joined(items: Sequence[ArchiveItem]) -> Iterator[Pair]:
    """Yield every item that joins the story of another outlet, with the member it was found by."""
    index, seen = StoryIndex(), set[tuple[str, str]]()
    for item in items:
        if (item.source, item.title) in seen:
            continue
        seen.add((item.source, item.title))
        match = index.find(item.title, "", _at(item), item.source)
        if match and match.member.outlet != item.source:
            yield ("copy" if match.copy else "telling"), match.member, item
        index.add(
            Member(
                article_id=item.id,
                story_id=match.member.story_id if match else item.id,
                origin=match.member.origin if match and match.copy else item.source,
                owner=item.source,
                title=item.title,
                summary="",
                at=_at(item),
                outlet=item.source,
            )
        )


def main() -> None:
    """Print the sample."""
    items = sorted(
        (item for name in sys.argv[1:] for item in read_items(Path(name), dated=True)),
        key=lambda item: (_at(item), item.id),
    )
    found = list(joined(items))
    copies = sum(decided == "copy" for decided, _, _ in found)
    print(f"{len(found)} joined across outlets, {copies} of them as copies")
    for number, (decided, member, item) in enumerate(random.Random(SEED).sample(found, PAIRS)):  # noqa: S311  # a sample
        print(
            number,
            member.article_id,
            item.id,
            decided,
            f"{member.outlet}: {member.title}",
            f"{item.source}: {item.title}",
            sep=" | ",
        )


if __name__ == "__main__":
    main()
