"""What part of the alert history is asked for: the same filter for the command line and the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.alerts import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryFilter:
    """What part of the alert history is wanted; None or "" asks nothing.

    situation: a key or a glob. level: lowest level ever reached. text: words that a title of its evidence, its situation or rule holds.
    before: (opened_at, id) of the last alert of the page before.
    """

    since: datetime | None = None
    until: datetime | None = None
    signal: str = ""
    situation: str = ""
    level: Level | None = None
    state: str = ""
    text: str = ""
    rule: str = ""
    before: tuple[datetime, str] | None = None
    limit: int | None = 50
