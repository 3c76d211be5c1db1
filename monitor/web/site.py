"""What the page needs from the rest of the program, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from classifiers.drift import Spread
from monitor.core.alerts import Alert, Decision
from monitor.core.history import HistoryFilter
from monitor.core.model import Article, Feed
from monitor.core.ports import Clock, Unit
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.state import Settings
from monitor.web.health import Vitals


class Shelf(Unit, Protocol):
    """A reading transaction with the questions that only pages ask."""

    def history(self, wanted: HistoryFilter) -> list[Alert]: ...
    def find_articles(self, id_or_url: str) -> list[Article]: ...
    def near_misses(self, since: datetime, limit: int) -> list[Decision]: ...
    def decisions_of_article(self, article_id: str) -> list[Decision]: ...
    def revisions(self, article_id: str) -> list[dict[str, Any]]: ...
    def lease(self, name: str) -> tuple[str, int, datetime] | None: ...
    def count_alerts(self) -> dict[tuple[str, str], int]: ...
    def count_notifications(self) -> dict[tuple[str, str], int]: ...
    def count_articles(self) -> int: ...
    def score_histogram(self, since: datetime) -> dict[str, list[tuple[float, int]]]: ...
    def score_spreads(self, since: datetime, until: datetime) -> dict[tuple[str, str], Spread]: ...


class Library(Protocol):
    """The database, for reading only."""

    def reading(self) -> AbstractContextManager[Shelf]:
        """Open a transaction that only reads. Raises StorageError."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The page's view of the program.

    settings and feeds: those in force now, for a reload replaces them. version: of the program.
    """

    library: Library
    settings: Callable[[], Settings]
    feeds: Callable[[], Sequence[Feed]]
    lookout: Callable[[], Lookout]
    clock: Clock
    vitals: Vitals
    version: str
