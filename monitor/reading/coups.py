"""Whose government is at stake when a text speaks of a coup."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.situations import Registry
from monitor.reading.gazetteer import Kind
from monitor.reading.lexicon import ACTS, FILLERS, NOUNS, PREPOSITIONS, Act, Noun
from monitor.reading.pairs import OBSERVERS, meant
from monitor.reading.slots import Part, Slot
from monitor.reading.tables import words
from monitor.reading.tokens import Tokens

COUPS = words("coup")
OVERTHROW = words("overthrow")
BACKING = words("backing")
STAGING = words("staging")
MARCHING = words("march")
INTO = frozenset({"in", "against", "inside", "throughout", "across", "targeting"})
HELPED = frozenset({"with", "by", "from"})
FALLEN = frozenset({"ousted", "overthrown", "deposed", "toppled", "detained", "arrested"})

Places = Sequence[tuple[Part, str]]


def stake_of(tokens: Tokens, parts: Sequence[Part], registry: Registry) -> str:
    """Return the alpha-3 code of the country at stake in one title or sentence, "" where it names none."""
    places = [(part, _country(part.code, registry)) for part in meant(parts)]
    places = [(part, country) for part, country in places if country]
    for rule in (_coup_in, _overthrown, _coup_of, _staged, _feared, _at_home):
        if found := rule(tokens, places):
            return found
    return ""


def _country(code: str, registry: Registry) -> str:
    actor = registry.actors.get(code)
    if actor is None:
        return code
    return actor.of


def _coup_in(tokens: Tokens, places: Places) -> str:
    """`coup in Mali`, `plot against Kabila`, `seize power in Niger`, `overthrow of Bongo`."""
    lower = tokens.lower
    for part, country in places:
        position = part.start - 1
        while position >= 0 and (lower[position] in FILLERS or NOUNS.get(lower[position]) is Noun.OFFICE):
            position -= 1
        if position < 1:
            continue
        before = lower[max(0, position - 5) : position]
        if lower[position] == "on" and before[-1] in MARCHING:
            return country
        if lower[position] in INTO and _speaks_of_coup(before):
            return country
        if lower[position] == "of" and before[-1] in COUPS | OVERTHROW:
            return country
    return ""


def _speaks_of_coup(words: Sequence[str]) -> bool:
    return not COUPS.isdisjoint(words) or "power" in words or "control" in words


def _overthrown(tokens: Tokens, places: Places) -> str:
    """`to overthrow Maduro`, `topple the Turkish government`, `Mali president ousted`."""
    lower = tokens.lower
    for part, country in places:
        before = lower[max(0, part.start - 3) : part.start]
        if before[-1:] == ["down"] or (not OVERTHROW.isdisjoint(before) and HELPED.isdisjoint(before)):
            return country
    for part, country in places:
        after = lower[part.end : part.end + 4]
        office = any(NOUNS.get(word) is Noun.OFFICE for word in after[:2]) or part.kind is Kind.PERSON
        if office and not FALLEN.isdisjoint(after):
            return country
    return ""


def _coup_of(tokens: Tokens, places: Places) -> str:
    """`Niger coup`, `Turkish coup attempt`, `Burkina's junta`; not `Russian-backed coup`."""
    lower = tokens.lower
    for part, country in places:
        for word in lower[part.end : part.end + 5]:
            if word in COUPS:
                return country
            if (
                word in BACKING
                or word in PREPOSITIONS
                or word in {",", ":", ";"}
                or ACTS.get(word) not in {None, Act.BE, Act.PLOT}
            ):
                break
    return ""


def _staged(tokens: Tokens, places: Places) -> str:
    """`Honduran army stages coup`: soldiers rise at home."""
    for part, country in places:
        after = tokens.lower[part.end : part.end + 6]
        if part.force and part.kind is not Kind.GROUP and not COUPS.isdisjoint(after) and not STAGING.isdisjoint(after):
            return country
    return ""


def _feared(tokens: Tokens, places: Places) -> str:
    """`Kyiv speaks of a planned overthrow`, `Baku claims coup plot`: whoever says so fears for itself, great powers apart."""
    for part, country in places:
        until = min((other.start for other, _ in places if other.start >= part.end), default=len(tokens.lower))
        stretch = tokens.lower[part.end : until]
        feared = next((i for i, word in enumerate(stretch) if word in COUPS or word in OVERTHROW), None)
        if feared is None or country in OBSERVERS or part.slot in {Slot.LOCATION, Slot.VENUE, Slot.NEAR}:
            continue
        verb = next((i for i, word in enumerate(stretch[:feared]) if ACTS.get(word, Act.BE) is not Act.BE), None)
        if verb is None or stretch[verb + 1 : verb + 2] == ["to"]:  # `said to plot`
            continue
        if ACTS[stretch[verb]] in {Act.SAY, Act.WARN, Act.ACCUSE}:
            return country
    return ""


def _at_home(_tokens: Tokens, places: Places) -> str:
    """Who acts, fears or foils at home; one who plots or marches abroad points at somebody else."""
    near = [(part, country) for part, country in places if country not in OBSERVERS] or list(places)
    accused = [country for part, country in near if part.slot is Slot.ACCUSED or _plots(part)]
    speakers = [country for part, country in near if part.slot is Slot.SPEAKER]
    subjects = [(part, country) for part, country in near if part.slot is Slot.SUBJECT]
    entered = [country for part, country in near if part.slot in {Slot.TARGET, Slot.NEAR}]
    if accused and speakers:
        return speakers[0]
    if subjects and entered and subjects[0][0].force and subjects[0][0].act in {Act.HIT, Act.MOVE}:
        return entered[0]
    located = [country for part, country in near if part.slot in {Slot.LOCATION, Slot.NEAR}]
    ranked = ([country for _, country in subjects], speakers, located, entered, [country for _, country in near])
    return next((group[0] for group in ranked if group), "")


def _plots(part: Part) -> bool:
    return part.act is Act.PLOT and part.slot in {Slot.SUBJECT, Slot.AGENT}
