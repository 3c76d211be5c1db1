"""What an item in another language says, as far as it is read: scores, the countries it names, a quote; no roles, no dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.multilingual import MultilingualModel
from classifiers.parts import sentences
from monitor.adapters.territories import countries_named
from monitor.core.model import LABELS, SIGNALS, Entry, Place, Quote, Reading, Role
from monitor.core.situations import Registry, situation_key

_RELEVANT = 0.1
_COUP = "coup_warning"
_PAIR = 2
_MOST_QUOTED = 8


def read_foreign(
    entries: Sequence[Entry], languages: Sequence[str], model: MultilingualModel, registry: Registry
) -> list[Reading]:
    """Return one reading per entry, in order."""
    rows = model.score([(entry.title, entry.summary) for entry in entries])
    return [
        _reading(entry, language, row, model, registry)
        for entry, language, row in zip(entries, languages, rows, strict=True)
    ]


def _reading(
    entry: Entry, language: str, row: NDArray[np.float64], model: MultilingualModel, registry: Registry
) -> Reading:
    scores = dict(zip(LABELS, map(float, row), strict=True))
    if max(scores.values()) < _RELEVANT:
        return Reading(scores=scores, language=language, model=model.version)
    codes = countries_named(f"{entry.title} {entry.summary}", language)
    return Reading(
        scores=scores,
        places=tuple(Place(code=code, role=Role.LOCATION) for code in codes),
        situations=dict(_situations(codes, scores, registry)),
        quotes=_quotes(entry, scores, model),
        language=language,
        model=model.version,
    )


def _situations(codes: Sequence[str], scores: Mapping[str, float], registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield a situation per relevant signal where the countries named leave no choice: one for a coup, else one or two."""
    for signal in SIGNALS:
        most = 1 if signal == _COUP else _PAIR
        if scores[signal] >= _RELEVANT and 0 < len(codes) <= most:
            yield signal, situation_key(codes, registry)


def _quotes(entry: Entry, scores: Mapping[str, float], model: MultilingualModel) -> dict[str, Quote]:
    """Return, per label of some weight, the title or sentence that carries it best."""
    parts = [part for part in (entry.title, *sentences(entry.summary)[:_MOST_QUOTED]) if part.strip()]
    rows = model.score([(part, "") for part in parts]) if len(parts) > 1 else np.ones((len(parts), len(LABELS)))
    return {
        label: Quote(text=parts[int(rows[:, j].argmax())], score=scores[label])
        for j, label in enumerate(LABELS)
        if parts and scores[label] >= _RELEVANT
    }
