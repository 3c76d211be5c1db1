"""The trained model and the reader behind one port: scores for all, places and quotes for what is not ruled out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import classifiers
from classifiers.errors import ClassifierArtifactError
from classifiers.multilingual import MultilingualModel, MultilingualUnavailable, installed_languages
from monitor.adapters.foreign import read_foreign
from monitor.core.errors import ClassifierError
from monitor.core.model import LABELS, SIGNALS, Entry, FeedKind, Place, Reading
from monitor.core.ports import Item
from monitor.reading.language import detect_language
from monitor.reading.reader import Reader, TextScores

Scored = TextScores
Stack = Literal["auto", "linear", "both"]
ENGLISH = frozenset({"en"})
READABLE = ENGLISH | installed_languages()
RELEVANT = 0.1
CARRIED = 0.5  # from here on it is told why
PHRASES = 3  # kept of each stage
LOST = 0.05  # probability that the encoder must lose for a phrase to count


def model_directory(data: Path) -> Path | None:
    """Return the folder of a model trained here and promoted, None where the shipped one is in use."""
    own = data / "model"
    return own if (own / "model.json").exists() else None


def load_model(directory: Path | None = None, *, stack: Stack = "auto") -> classifiers.TextModel:
    """Load the shipped model, or the one in `directory`. Raises ClassifierError naming the file and the remedy."""
    try:
        return classifiers.TextModel.load(directory, stack=stack)
    except ClassifierArtifactError as exc:
        raise ClassifierError(str(exc)) from exc


@cache
def load_multilingual() -> MultilingualModel | None:
    """Load what reads other languages, once; None without the extra. Raises ClassifierError naming the file and the remedy."""
    try:
        return MultilingualModel.load()
    except MultilingualUnavailable:
        return None
    except ClassifierArtifactError as exc:
        raise ClassifierError(str(exc)) from exc


class ModelUnderstanding:
    """Scores texts in one batch and reads the relevant ones closely.

    readable: languages to read; English is read by `model`, others by the multilingual model where its extra is installed. An
    item in any other language is marked unread, never scored zero.
    """

    def __init__(self, model: classifiers.TextModel, reader: Reader, readable: frozenset[str] = READABLE) -> None:
        self.model = model
        self.version = model.version
        self._reader = reader
        self._readable = readable & ENGLISH
        self._multilingual = load_multilingual() if readable - ENGLISH else None
        self._foreign = readable & self._multilingual.languages if self._multilingual else frozenset()

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        """Return one reading per item, in order."""
        languages = [
            detect_language(item.entry.title, item.entry.summary, item.entry.language or item.feed.language)
            for item in items
        ]
        wanted = [index for index, language in enumerate(languages) if self.reads(language)]
        others = [index for index, language in enumerate(languages) if not self.reads(language)]
        scores = self.score([(items[index].entry.title, items[index].entry.summary) for index in wanted])
        readings = {
            index: self._closely(items[index], own, languages[index], now)
            for index, own in zip(wanted, scores, strict=True)
        }
        found = self.read_others([items[index].entry for index in others], [languages[index] for index in others])
        readings |= dict(zip(others, found, strict=True))
        return [readings[index] for index in range(len(items))]

    def reads(self, language: str) -> bool:
        """Say whether the English model reads it: English, and what nothing tells the language of."""
        return not language or language in self._readable

    def read_others(self, entries: Sequence[Entry], languages: Sequence[str]) -> list[Reading]:
        """Return readings of entries in other languages: by the multilingual model those it knows, unread all others."""
        readings = [Reading(language=language, unread=True, model=self.version) for language in languages]
        wanted = [index for index, language in enumerate(languages) if language in self._foreign]
        if self._multilingual and wanted:
            found = read_foreign(
                [entries[index] for index in wanted],
                [languages[index] for index in wanted],
                self._multilingual,
                self._reader._registry,  # noqa: SLF001 - the one registry in force is the reader's
            )
            for index, reading in zip(wanted, found, strict=True):
                readings[index] = reading
        return readings

    def places(self, title: str, text: str) -> tuple[Place, ...]:
        """Return the countries and actors that a text names."""
        return self._reader.places(title, text)

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return the scores of each (title, text) and of its parts, in one batch."""
        return [_scored(whole, parts) for whole, parts in self.model.read(texts)] if texts else []

    def _closely(self, item: Item, scored: Scored, language: str, now: datetime) -> Reading:
        if max(scored.whole.values()) < RELEVANT:
            return Reading(scores=scored.whole, language=language, model=self.version)
        reading = self.read_text(
            item.entry.title,
            item.entry.summary,
            scored,
            published=item.entry.published or now,
            language=language,
            outlet_country=item.feed.country if item.feed.kind is FeedKind.LOCAL else "",
        )
        return self._explained(reading, item.entry)

    def _explained(self, reading: Reading, entry: Entry) -> Reading:
        """Add to the quotes of the signals it carries the phrases that drove their scores: they are told with an alert."""
        quotes = dict(reading.quotes)
        for signal in SIGNALS:
            if signal in quotes and reading.scores[signal] >= CARRIED:
                found = self.model.explain(entry.title, entry.summary, signal, PHRASES)
                needed = [each.phrase for each in found.encoder or () if each.contribution >= LOST]
                drove = [each.phrase for each in found.linear if each.contribution > 0]
                quotes[signal] = replace(quotes[signal], drove=tuple(drove), needed=tuple(needed))
        return replace(reading, quotes=quotes)

    def read_text(
        self,
        title: str,
        text: str,
        scored: Scored,
        *,
        published: datetime,
        language: str = "en",
        outlet_country: str = "",
    ) -> Reading:
        """Read one scored text closely: its parts' scores choose the quotes; places, situations and dates follow from them."""
        reading = self._reader.read(
            title,
            text,
            scored,
            published=published,
            language=language,
            outlet_country=outlet_country,
        )
        return _signed(reading, scored.whole, language, self.version)

    def score_parts(self, title: str, text: str, whole: Mapping[str, float]) -> Scored:
        """Return the scores of an item's parts beside those of the `whole`, which are known already."""
        if not text:
            return TextScores(whole=whole, parts=[(title, whole)])
        parts = self.model.score_parts(title, text)
        return TextScores(whole=whole, parts=[(part, _named(row)) for part, row in parts])


def _named(row: Sequence[float] | NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(LABELS, map(float, row), strict=True))


def _scored(whole: NDArray[np.float64], parts: Sequence[tuple[str, NDArray[np.float64]]]) -> Scored:
    return TextScores(whole=_named(whole), parts=[(part, _named(row)) for part, row in parts])


def _signed(reading: Reading, scores: Mapping[str, float], language: str, version: str) -> Reading:
    return Reading(
        scores=scores,
        places=reading.places,
        situations=reading.situations,
        quotes=reading.quotes,
        claimed_dates=reading.claimed_dates,
        denied_by=reading.denied_by,
        language=language,
        model=version,
    )
