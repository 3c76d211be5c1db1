"""Where a name stands in its clause, and what a preposition makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.reading.gazetteer import Kind
from monitor.reading.lexicon import Act, Noun


class Slot(StrEnum):
    """The place of a name in its clause.

    agent: who attacks or moves in a noun phrase ("Russian invasion"). foe: who is answered, or acts in a condition. over: what a
    threat is about. party: one side of a hyphenated pair. near: where forces stand. venue: where people merely meet, speak or write from.
    """

    SUBJECT = "subject"
    SPEAKER = "speaker"
    ACCUSED = "accused"
    AGENT = "agent"
    TARGET = "target"
    NEAR = "near"
    FOE = "foe"
    OVER = "over"
    PARTNER = "partner"
    PARTY = "party"
    LOCATION = "location"
    VENUE = "venue"
    OTHER = "other"


@dataclass(slots=True)
class Part:
    """A name with its place in the sentence; `act` is what its verb says it does, `force` whether its armed forces are meant."""

    code: str
    kind: Kind
    start: int
    end: int
    slot: Slot
    act: Act | None = None
    force: bool = False
    theatre: str = ""


def prepositional(prep: str, noun: Noun | None, act: Act | None, *, force: bool) -> Slot:
    """Return the slot of a name after a preposition, by the noun or else the verb the preposition belongs to."""
    if (simple := _SIMPLE.get(prep)) is not None:
        return simple
    if noun is not None and (slot := _BY_NOUN.get((prep, noun))) is not None:
        return slot
    if act is not None and (slot := _BY_ACT.get((prep, act))) is not None:
        return slot
    return Slot.AGENT if prep == "of" and force else Slot.LOCATION


_SIMPLE = {
    "against": Slot.TARGET,
    "near": Slot.NEAR,
    "nearby": Slot.NEAR,
    "toward": Slot.NEAR,
    "towards": Slot.NEAR,
    "off": Slot.NEAR,
    "opposite": Slot.NEAR,
    "facing": Slot.NEAR,
    "around": Slot.NEAR,
    "into": Slot.NEAR,
    "across": Slot.NEAR,
    "over": Slot.OVER,
    "about": Slot.OVER,
    "alongside": Slot.PARTNER,
    "between": Slot.PARTY,
    "amid": Slot.FOE,
}
_BY_NOUN = {
    ("on", Noun.ATTACK): Slot.TARGET,
    ("on", Noun.BORDER): Slot.NEAR,
    ("on", Noun.STRIFE): Slot.OVER,
    ("at", Noun.ATTACK): Slot.TARGET,
    ("at", Noun.THREAT): Slot.TARGET,
    ("with", Noun.BORDER): Slot.NEAR,
    ("with", Noun.STRIFE): Slot.TARGET,
    ("with", Noun.ATTACK): Slot.TARGET,
    ("with", Noun.TIES): Slot.PARTNER,
    ("in", Noun.ATTACK): Slot.TARGET,
    ("to", Noun.THREAT): Slot.TARGET,
    ("to", Noun.ATTACK): Slot.TARGET,
    ("to", Noun.BORDER): Slot.NEAR,
    ("to", Noun.SUPPORT): Slot.PARTNER,
    ("for", Noun.SUPPORT): Slot.PARTNER,
    ("for", Noun.ATTACK): Slot.PARTNER,
    ("from", Noun.THREAT): Slot.FOE,
    ("from", Noun.ATTACK): Slot.FOE,
    ("of", Noun.ATTACK): Slot.TARGET,
    ("of", Noun.BORDER): Slot.NEAR,
    ("of", Noun.FORCE): Slot.AGENT,
    ("of", Noun.SUPPORT): Slot.PARTNER,
}
_BY_ACT = {
    ("in", Act.HIT): Slot.TARGET,
    ("inside", Act.HIT): Slot.TARGET,
    ("to", Act.HIT): Slot.TARGET,
    ("at", Act.HIT): Slot.TARGET,
    ("on", Act.HIT): Slot.TARGET,
    ("on", Act.WARN): Slot.OVER,
    ("to", Act.HELP): Slot.PARTNER,
    ("outside", Act.MOVE): Slot.NEAR,
}
