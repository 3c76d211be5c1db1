"""The reports that still matter, by (signal, situation): what the database holds, kept in memory between ticks.

Nothing is decided by it alone: it is rebuilt from the database at start, after a failed transaction and when another daemon
held the lease.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.core.evidence import RETAINED
from monitor.core.model import Report

Key = tuple[str, str]


class Ledger:
    """Reports by (signal, situation), and since when anything was stored."""

    def __init__(self, reports: Iterable[Report] = (), history_since: datetime | None = None) -> None:
        self._reports: dict[Key, list[Report]] = defaultdict(list)
        self._keys_of: dict[str, set[Key]] = defaultdict(set)
        self.history_since = history_since
        self.add(reports)

    def add(self, reports: Iterable[Report]) -> set[Key]:
        """Take reports in; return the keys they touch."""
        touched = set()
        for report in reports:
            key = (report.signal, report.situation)
            self._reports[key].append(report)
            self._keys_of[report.article_id].add(key)
            touched.add(key)
        return touched

    def remove(self, article_id: str) -> set[Key]:
        """Take an article's reports out; return the keys they touched."""
        touched = self._keys_of.pop(article_id, set())
        for key in touched:
            self._reports[key] = [report for report in self._reports[key] if report.article_id != article_id]
        return touched

    def reports(self, signal: str, situation: str) -> Sequence[Report]:
        """Return the reports of one (signal, situation), in order of arrival."""
        return self._reports.get((signal, situation), ())

    def keys(self) -> set[Key]:
        """Return every (signal, situation) that has reports."""
        return {key for key, held in self._reports.items() if held}

    def saw(self, now: datetime) -> None:
        """Note that something was stored at `now`."""
        self.history_since = min(self.history_since or now, now)

    def expire(self, now: datetime) -> None:
        """Drop what is older than any baseline reaches."""
        since = now - RETAINED
        for key, held in list(self._reports.items()):
            if held and min(report.at for report in held) < since:
                gone = {report.article_id for report in held if report.at < since}
                self._reports[key] = [report for report in held if report.at >= since]
                if not self._reports[key]:
                    del self._reports[key]
                for article_id in gone:
                    self._forget(article_id, key)

    def _forget(self, article_id: str, key: Key) -> None:
        self._keys_of[article_id].discard(key)
        if not self._keys_of[article_id]:
            del self._keys_of[article_id]
