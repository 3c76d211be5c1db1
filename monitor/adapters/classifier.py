"""The trained model and the reader behind one port: scores for all, places and quotes for what is not ruled out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from classifiers import TextModel
from classifiers.errors import ClassifierArtifactError
from monitor.core.errors import ClassifierError
from monitor.core.model import LABELS, Place, Reading
from monitor.core.ports import Item
from monitor.reading.language import detect_language
from monitor.reading.reader import Reader, TextScores

Stack = Literal["auto", "linear", "both"]
READABLE = frozenset({"en"})
RELEVANT = 0.1


def model_directory(data: Path) -> Path | None:
    """Return the folder of a model trained here and promoted, None where the shipped one is in use."""
    own = data / "model"
    return own if (own / "model.json").exists() else None


def load_model(directory: Path | None = None, *, stack: Stack = "auto") -> TextModel:
    """Load the shipped model, or the one in `directory`. Raises ClassifierError naming the file and the remedy."""
    try:
        return TextModel.load(directory, stack=stack)
    except ClassifierArtifactError as exc:
        raise ClassifierError(str(exc)) from exc


class ModelUnderstanding:
    """Scores texts in one batch and reads the relevant ones closely.

    readable: languages the model was made for; an item in another one is marked unread, never scored zero.
    """

    def __init__(self, model: TextModel, reader: Reader, readable: frozenset[str] = READABLE) -> None:
        self.model = model
        self.version = model.version
        self._reader = reader
        self._readable = readable

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        """Return one reading per item, in order."""
        languages = [
            detect_language(item.entry.title, item.entry.summary, item.entry.language or item.feed.language)
            for item in items
        ]
        wanted = [index for index, language in enumerate(languages) if not language or language in self._readable]
        scores = self._scores([(items[index].entry.title, items[index].entry.summary) for index in wanted])
        readings = [Reading(language=language, unread=True, model=self.version) for language in languages]
        for index, own in zip(wanted, scores, strict=True):
            readings[index] = self._closely(items[index], own, languages[index], now)
        return readings

    def places(self, title: str, text: str) -> tuple[Place, ...]:
        """Return the countries and actors that a text names."""
        return self._reader.places(title, text)

    def _scores(self, texts: Sequence[tuple[str, str]]) -> list[dict[str, float]]:
        if not texts:
            return []
        return [dict(zip(LABELS, map(float, row), strict=True)) for row in self.model.score(texts)]

    def _closely(self, item: Item, scores: Mapping[str, float], language: str, now: datetime) -> Reading:
        if max(scores.values()) < RELEVANT:
            return Reading(scores=scores, language=language, model=self.version)
        return self.read_text(
            item.entry.title,
            item.entry.summary,
            scores,
            published=item.entry.published or now,
            language=language,
            outlet_country=item.feed.country,
        )

    def read_text(
        self,
        title: str,
        text: str,
        scores: Mapping[str, float],
        *,
        published: datetime,
        language: str = "en",
        outlet_country: str = "",
    ) -> Reading:
        """Read one scored text closely: its parts' scores choose the quotes; places, situations and dates follow from them."""
        parts = [
            (part, dict(zip(LABELS, map(float, row), strict=True))) for part, row in self.model.score_parts(title, text)
        ]
        reading = self._reader.read(
            title,
            text,
            TextScores(whole=scores, parts=parts),
            published=published,
            language=language,
            outlet_country=outlet_country,
        )
        return _signed(reading, scores, language, self.version)


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
