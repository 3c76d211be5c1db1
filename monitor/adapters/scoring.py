"""Items in, one record each out: what `crisis-monitor score` writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import ModelUnderstanding, Scored
from monitor.core.model import SIGNALS, Entry, Reading
from monitor.reading.language import detect_language
from monitor.reading.reader import Reader

BATCH = 1024
ENGLISH = "en"
PLACED = 0.02  # from here on the reader says where a signal would belong; live, only what scores 0.1 is read closely


def score_items(
    items: Iterable[ArchiveItem], understanding: ModelUnderstanding, reader: Reader, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield a record per item, in order. Dates of items without one are taken relative to `now`.

    An item that does not say its language (`lang`) is taken for English unless its words say otherwise.
    """
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        languages = [detect_language(item.title, item.text, item.language or ENGLISH) for item in batch]
        english = [item for item, language in zip(batch, languages, strict=True) if understanding.reads(language)]
        others = [(item, lang) for item, lang in zip(batch, languages, strict=True) if not understanding.reads(lang)]
        scores = iter(understanding.score([(item.title, item.text) for item in english]))
        readings = iter(understanding.read_others([_entry(item) for item, _ in others], [lang for _, lang in others]))
        for item, language in zip(batch, languages, strict=True):
            if understanding.reads(language):
                scored = next(scores)
                yield _record(item, scored.whole, _reading(item, scored, understanding, reader, now))
            else:
                reading = next(readings)
                yield _record(item, reading.scores, reading) | _in_language(reading)


def _entry(item: ArchiveItem) -> Entry:
    return Entry(guid="", link="", title=item.title, summary=item.text, published=item.date, language=item.language)


def _in_language(reading: Reading) -> dict[str, Any]:
    """Return what marks an item that is not English; one that cannot be read has no scores, for zero would look like calm."""
    return {"language": reading.language} | ({"unread": True} if reading.unread else {})


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
