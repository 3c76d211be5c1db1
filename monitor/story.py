"""The shipped story: three invented outlets and a state agency tell the days before a crisis, retold from late November 2021."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from monitor.adapters.archive import ArchiveItem

OUTLETS: Mapping[str, Mapping[str, str | float]] = {
    "northwatch": {"outlet": "Northwatch Daily", "owner": "northwatch", "country": "GBR", "kind": "newspaper"},
    "meridian": {
        "outlet": "Meridian Broadcasting",
        "owner": "meridian",
        "country": "FRA",
        "kind": "public_broadcaster",
    },
    "harbour": {"outlet": "Harbour Wire", "owner": "harbour", "country": "USA", "kind": "wire"},
    "stateagency": {
        "outlet": "State Agency of the East",
        "owner": "state-agency",
        "country": "RUS",
        "kind": "state_media",
        "weight": 0.5,
    },
}


def story_lines() -> list[dict[str, Any]]:
    """Return the story in order: `hour` from its start, `outlet`, `title`, `summary`."""
    text = files("monitor").joinpath("story.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def story_begins(now: datetime) -> datetime:
    """Return when the story begins so that it has ended by `now`."""
    return now.replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=3)


def story_items(start: datetime) -> Sequence[ArchiveItem]:
    """Return the story as items of an archive that begins at `start`."""
    return [
        ArchiveItem(
            id=f"story-{number}",
            title=line["title"],
            text=line["summary"],
            date=start + timedelta(hours=line["hour"]),
            source=str(OUTLETS[line["outlet"]]["outlet"]),
        )
        for number, line in enumerate(story_lines(), 1)
    ]
