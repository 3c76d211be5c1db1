"""Which sentence carries which label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.core.model import LABELS
from monitor.reading.lexicon import ACTS, NOUNS, Act, Noun
from monitor.reading.sentences import split_sentences
from monitor.reading.tables import words

Row = Mapping[str, float]
CLOSER = 0.2
"""How much more two sentences together must say than the best single one, to look for the carrier within them."""
SIGNS: dict[str, frozenset[str]] = {
    "coup_warning": words("coup") | words("overthrow") | {"power"},
    "troop_concentration": frozenset(
        {word for word, noun in NOUNS.items() if noun is Noun.FORCE}
        | {word for word, act in ACTS.items() if act is Act.MOVE}
    ),
    "military_response_threat": frozenset(word for word, act in ACTS.items() if act in {Act.WARN, Act.HIT}),
    "denial": frozenset(word for word, act in ACTS.items() if act is Act.DENY),
}


@dataclass(frozen=True, slots=True)
class Carried:
    """The title and sentences of an item, none twice; per label the index of the one that carries it, and its probability."""

    sentences: Sequence[str]
    carriers: Mapping[str, int]
    scores: Row


def carried(title: str, text: str, whole: Row, parts: Sequence[tuple[str, Row]]) -> Carried:
    """Return the sentences with their carriers.

    parts: texts with their own probabilities: title, sentences, and pairs of neighbouring sentences, which say what neither says
    alone; without any, the words alone tell the carrier.
    """
    pairs = {f"{one} {other}" for (one, _), (other, _) in pairwise(parts)}
    single = [(part, row) for part, row in parts if part and part not in pairs]
    joint = [(part, row) for part, row in parts if part in pairs]
    rows = [
        (sentence, row) for part, row in single or [(title, whole), (text, whole)] for sentence in split_sentences(part)
    ]
    sentences = [sentence for sentence, _ in rows]
    chosen = {label: _carrier(label, rows, joint) for label in LABELS}
    return Carried(
        sentences,
        {label: index for label, (index, _) in chosen.items()},
        {label: score for label, (_, score) in chosen.items()},
    )


def _carrier(label: str, rows: Sequence[tuple[str, Row]], joint: Sequence[tuple[str, Row]]) -> tuple[int, float]:
    """Return index and probability of the strongest sentence; of equals the one whose words speak of it, then the first."""
    best = max((row.get(label, 0.0) for _, row in rows), default=0.0)
    pair, within = max(((row.get(label, 0.0), part) for part, row in joint), default=(0.0, ""))
    closer = pair > best + CLOSER
    found = [index for index, (sentence, _) in enumerate(rows) if not closer or sentence in within]
    strongest = max((rows[index][1].get(label, 0.0) for index in found), default=0.0)
    equal = [index for index in found if rows[index][1].get(label, 0.0) == strongest]
    telling = [index for index in equal if len(equal) > 1 and _speaks(label, rows[index][0])]
    return next(iter(telling or equal), 0), max(best, pair)


def _speaks(label: str, sentence: str) -> bool:
    return not SIGNS.get(label, frozenset()).isdisjoint(word.strip(".,;:!?'\"") for word in sentence.lower().split())
