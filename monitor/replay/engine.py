"""The replay itself: archive items become polls of made-up feeds, the virtual clock jumps from tick to tick.

Between two arrivals nothing can rise, so the clock stops only where something can happen: at every tick with arrivals, and at
the computed instants at which an open alert falls or its quiet time is over.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import ModelUnderstanding
from monitor.adapters.storage import SqlStorage
from monitor.core.alerts import Alert, AlertState
from monitor.core.identity import digest, fold
from monitor.core.model import LABELS, Entry, Feed, FeedState, Fetched, ParsedFeed, Reading, Validators
from monitor.core.outlets import Outlets
from monitor.core.ports import Item
from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.state import Settings
from monitor.reading.language import detect_language

_NEVER = datetime.max.replace(tzinfo=UTC)
ENGLISH = "en"
_ANSWER = Fetched(status=200, body=b"-", content_type="", final_url="", validators=Validators())


@dataclass(kw_only=True)
class StoredScores:
    """Reads items whose scores are known already; stands where the model stands in the live pipeline.

    scores: by title and summary, because two archives may use the same ids.
    """

    understanding: ModelUnderstanding
    scores: Mapping[tuple[str, str], Mapping[str, float]]
    version: str = field(init=False)

    def __post_init__(self) -> None:
        self.version = self.understanding.version

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        """Return one reading per item, in order."""
        return [self._one(item, now) for item in items]

    def _one(self, item: Item, now: datetime) -> Reading:
        """Read one item; what is not English is read, or left unread, as it would be live."""
        entry = item.entry
        if detect_language(entry.title, entry.summary, ENGLISH) != ENGLISH:
            return self.understanding.read([item], now)[0]
        return self.understanding.read_text(
            entry.title,
            entry.summary,
            self.understanding.score_parts(entry.title, entry.summary, self.scores[entry.title, entry.summary]),
            published=entry.published or now,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One archive item that a rule may care about, with its scores by label."""

    item: ArchiveItem
    at: datetime
    scores: Mapping[str, float]


def arrivals(items: Sequence[ArchiveItem], rows: NDArray[np.float32], least: float) -> list[Arrival]:
    """Return the items with any score of at least `least`, and the first item of all, in order of time and id."""
    chosen = []
    for number, (item, row) in enumerate(zip(items, rows, strict=True)):
        if item.date is not None and (number == 0 or float(row.max()) >= least):
            scores = {label: float(p) for label, p in zip(LABELS, row, strict=True)}
            chosen.append(Arrival(item=item, at=item.date, scores=scores))
    return sorted(chosen, key=lambda arrival: (arrival.at, arrival.item.id))


class Replay:
    """Drives one pipeline over arrivals."""

    def __init__(
        self, *, storage: SqlStorage, settings: Settings, understanding: ModelUnderstanding, coming: Sequence[Arrival]
    ) -> None:
        self._coming = coming
        scores = {(arrival.item.title, arrival.item.text): arrival.scores for arrival in coming}
        self.pipeline = Pipeline(
            storage=storage,
            understanding=StoredScores(understanding=understanding, scores=scores),
            settings=settings,
            rng=random.Random(0),  # noqa: S311  # poll jitter, which a replay does not use
        )
        self._feeds: dict[str, Feed] = {}
        self._due: dict[str, datetime] = {}
        self._told = 0

    def __len__(self) -> int:
        """Return how many items there are to tell."""
        return len(self._coming)

    def run(self, advance: Callable[[int], None], until: datetime | None = None) -> None:
        """Replay everything; then let time run on to `until`."""
        while (at := self.next_moment(until)) is not None:
            advance(self.act(at))

    def next_moment(self, until: datetime | None = None) -> datetime | None:
        """Return when something happens next: items arrive or, before them, an alert falls; None when all is told by `until`."""
        arrival, fall = self._next_arrival(), self._next_fall(until)
        return arrival if fall is None else fall

    def act(self, now: datetime) -> int:
        """Do what happens next, as of `now`, which is that moment or later; return how many items arrived."""
        fall = self._next_fall(_NEVER)
        if fall is not None:
            self._fall(fall, now)
            return 0
        batch = self._batch()
        self._told += len(batch)
        taken = self.pipeline.take(list(self._polls(batch, now)), now)
        self._watch(taken.touched, now)
        return len(batch)

    def _next_arrival(self) -> datetime | None:
        return self._coming[self._told].at if self._told < len(self._coming) else None

    def _next_fall(self, until: datetime | None) -> datetime | None:
        """Return the first fall before the next arrival, or before `until` where nothing arrives any more."""
        end = self._next_arrival() or until
        fall = min(self._due.values(), default=None)
        return fall if fall is not None and end is not None and fall < end else None

    def _batch(self) -> list[Arrival]:
        """Return what arrives together next."""
        at = self._coming[self._told].at
        end = next((n for n in range(self._told, len(self._coming)) if self._coming[n].at != at), len(self._coming))
        return list(self._coming[self._told : end])

    def _polls(self, batch: Sequence[Arrival], at: datetime) -> Iterator[Poll]:
        by_source: dict[str, list[Entry]] = {}
        for arrival in batch:
            item = arrival.item
            entry = Entry(guid=item.id, link="", title=item.title, summary=item.text, published=arrival.at)
            by_source.setdefault(item.source, []).append(entry)
        for source, entries in by_source.items():
            feed = self._feed(source)
            state = FeedState(feed_id=feed.id, next_poll_at=at, first_ok_at=at)
            yield Poll(
                feed=feed,
                state=state,
                fetched=_ANSWER,
                parsed=ParsedFeed(title=source, language="en", entries=tuple(entries)),
            )

    def _feed(self, source: str) -> Feed:
        if source not in self._feeds:
            self._feeds[source] = feed_of(source, self.pipeline.settings.outlets)
        return self._feeds[source]

    def _watch(self, alerts: Sequence[Alert], now: datetime) -> None:
        for alert in alerts:
            change = self.pipeline.next_change(alert, now) if alert.state is AlertState.OPEN else None
            if change is None:
                self._due.pop(alert.id, None)
            else:
                self._due[alert.id] = max(change, now)

    def _fall(self, at: datetime, now: datetime) -> None:
        """Let every alert that falls at that instant do so, as of `now`."""
        due = {alert_id for alert_id, change in self._due.items() if change <= at}
        steps = self.pipeline.pass_time(now, due)
        for alert_id in due:
            del self._due[alert_id]
        self._watch([step.alert for step in steps if step.alert], now)


def feed_of(source: str, outlets: Outlets) -> Feed:
    """Return the made-up feed that stands for an archive's source."""
    outlet = outlets.find(source)
    name = outlet.name if outlet else source or "unknown"
    return Feed(
        id=f"replay-{digest(source)[:12]}",
        url="",
        outlet=name,
        owner=(outlet.owner if outlet else "") or fold(name),
        country=outlet.state_of if outlet else "",
        weight=outlet.weight if outlet else 1.0,
    )
