"""Small stand-ins for ports, for tests that need no real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from monitor.core.model import Reading
from monitor.core.ports import Item


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> datetime:
        """Move on by a timedelta's units; return the new moment."""
        self.now += timedelta(**units)
        return self.now


class FakeUnderstanding:
    """Reads what a title says about itself: `troops RUS-UKR 0.9 …` scores the first signal 0.9 in that situation."""

    version = "fake"
    SHORT: Mapping[str, str] = {
        "troops": "troop_concentration",
        "coup": "coup_warning",
        "threat": "military_response_threat",
        "denial": "denial",
    }

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        """Return one reading per item."""
        del now
        return [self._one(item.entry.title) for item in items]

    def _one(self, title: str) -> Reading:
        words = title.split()
        label = self.SHORT.get(words[0]) if words else None
        if label is None:
            return Reading(scores=dict.fromkeys(self.SHORT.values(), 0.01), language="en", model=self.version)
        scores = {**dict.fromkeys(self.SHORT.values(), 0.01), label: float(words[2])}
        signal = "troop_concentration" if label == "denial" else label
        return Reading(scores=scores, situations={signal: words[1]}, language="en", model=self.version)
