"""Items in, one record each out: what `crisis-monitor score` writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import ModelUnderstanding, Scored
from monitor.core.model import SIGNALS, Reading
from monitor.reading.reader import Reader

BATCH = 1024
PLACED = 0.02  # from here on the reader says where a signal would belong; live, only what scores 0.1 is read closely


def score_items(
    items: Iterable[ArchiveItem], understanding: ModelUnderstanding, reader: Reader, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield a record per item, in order. Dates of items without one are taken relative to `now`."""
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        found = understanding.score([(item.title, item.text) for item in batch])
        for item, scored in zip(batch, found, strict=True):
            yield _record(item, scored.whole, _reading(item, scored, understanding, reader, now))


def _reading(
    item: ArchiveItem, scored: Scored, understanding: ModelUnderstanding, reader: Reader, now: datetime
) -> Reading:
    if max(scored.whole.values()) < PLACED:
        return Reading(scores=scored.whole, places=reader.places(item.title, item.text), model=understanding.version)
    return understanding.read_text(item.title, item.text, scored, published=item.date or now)


def _record(item: ArchiveItem, scores: Mapping[str, float], reading: Reading) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": item.id,
        "scores": {label: round(p, 6) for label, p in scores.items()},
        "places": [{"code": place.code, "role": place.role.value} for place in reading.places],
        "situation": strongest_situation(reading, SIGNALS),
        "situations": {signal: reading.situations[signal] for signal in SIGNALS if signal in reading.situations},
    }
    quote = max(
        (quote for label, quote in reading.quotes.items() if label in SIGNALS),
        key=lambda each: each.score,
        default=None,
    )
    if quote:
        record["quote"] = quote.text
        if quote.speaker:
            record["speaker"] = quote.speaker
    return record | {"claimed_dates": [day.isoformat() for day in reading.claimed_dates], "model": reading.model}


def strongest_situation(reading: Reading, signals: Sequence[str]) -> str | None:
    """Return the situation of the signal with the highest score, None where it has none."""
    placed = [signal for signal in signals if signal in reading.situations]
    best = max(placed, key=lambda signal: reading.scores.get(signal, 0.0), default=None)
    return reading.situations[best] if best else None
