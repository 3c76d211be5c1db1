"""Words by what they do in a sentence about force: who acts, against whom, who merely speaks."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from monitor.reading.tables import listed, words


class Act(StrEnum):
    """What a verb says its subject does; where a verb is in two groups of words.tsv, the earlier here holds."""

    SAY = "say"
    TELL = "tell"
    ASK = "ask"
    ACCUSE = "accuse"
    DENY = "deny"
    WARN = "warn"
    MOVE = "move"
    HIT = "hit"
    HELP = "help"
    PLOT = "plot"
    BE = "be"


class Noun(StrEnum):
    """What a noun before a preposition is about."""

    ATTACK = "attack"
    STRIFE = "strife"
    TIES = "ties"
    BORDER = "border"
    FORCE = "force"
    THREAT = "threat"
    OFFICE = "office"
    COUP = "coup"
    SUPPORT = "support"


DOUBLED = frozenset("bgmnpt")
VOWELS = frozenset("aeiou")


def _inflected(stem: str) -> Iterator[str]:
    """Yield a verb with its regular endings."""
    base = stem.removesuffix("e")
    yield from (stem, f"{stem}s", f"{base}ed", f"{base}ing")
    if stem.endswith("y"):
        yield from (f"{stem[:-1]}ies", f"{stem[:-1]}ied")
    if stem.endswith(("s", "sh", "ch", "x", "z")):
        yield f"{stem}es"
    if stem[-1] in DOUBLED and stem[-2] in VOWELS:
        yield from (f"{stem}{stem[-1]}ed", f"{stem}{stem[-1]}ing")


def _acts() -> dict[str, Act]:
    acts = {form: act for act in reversed(Act) for stem in listed(f"verb {act.value}") for form in _inflected(stem)}
    acts |= dict.fromkeys(words("verb be"), Act.BE)
    return {form: act for form, act in acts.items() if form not in words("never a verb")}


def _nouns() -> dict[str, Noun]:
    return {
        form: noun for noun in reversed(Noun) for word in listed(f"noun {noun.value}") for form in (word, f"{word}s")
    }


ACTS = _acts()
NOUNS = _nouns()
MODALS = words("modal")
PREPOSITIONS = words("preposition")
FILLERS = words("filler")
SUBORDINATE = words("subordinate")
CONDITION = words("condition")
LINKS = frozenset({"and", "&", ",", "or"})
