"""Who denies, tied to the sentence that carries the denial."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from monitor.reading.lexicon import Act
from monitor.reading.slots import Part, Slot

DENIED = 0.3
_NO = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed)?|dismiss(?:es|ed)?|refut(?:es|ed)|rul(?:es|ed) out|no (?:plans?|intention|such)|not (?:plan|prepar|intend|plot|seek)\w*|hysteria|"
    r"baseless|false|fabricat\w+|lies|nonsense|untrue|groundless|unfounded|absurd|rumou?rs|fake|has not|had not|never)\b",
    re.IGNORECASE,
)


class ReadPassage(Protocol):
    """A sentence with its names in their slots."""

    @property
    def text(self) -> str: ...
    @property
    def parts(self) -> Sequence[Part]: ...


def deniers_of(passages: Sequence[ReadPassage], carrier: int, score: float) -> tuple[str, ...]:
    """Return the codes of the parties that deny, where the denial's score or the words say that somebody does."""
    found: dict[str, None] = {}
    for index, passage in enumerate(passages):
        named = [part for part in passage.parts if part.code]
        outright = [part.code for part in named if part.act is Act.DENY and part.slot is Slot.SUBJECT]
        found.update(dict.fromkeys(outright))
        if index == carrier and not outright and score >= DENIED and _NO.search(passage.text):
            speakers = [part.code for part in named if part.slot is Slot.SPEAKER]
            subjects = [part.code for part in named if part.slot is Slot.SUBJECT]
            found.update(dict.fromkeys((speakers or subjects)[:1]))
    return tuple(found)
