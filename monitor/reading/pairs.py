"""Which two sides a threat or a massing of forces is between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.core.situations import Registry
from monitor.reading.gazetteer import rows
from monitor.reading.lexicon import Act
from monitor.reading.roles import Part, Slot

ACTING = frozenset({Slot.SUBJECT, Slot.AGENT, Slot.ACCUSED})
FACING = (Slot.TARGET, Slot.NEAR, Slot.FOE)
BEHIND = frozenset({Slot.OVER, Slot.PARTNER, Slot.TARGET, Slot.NEAR, Slot.FOE, Slot.AGENT, Slot.PARTY, Slot.SUBJECT})


@dataclass(frozen=True, slots=True)
class Sides:
    """Actor and target by code; "" where the words leave it open."""

    actor: str = ""
    target: str = ""

    def codes(self) -> list[str]:
        return [code for code in (self.actor, self.target) if code]


@dataclass(frozen=True, slots=True)
class Relations:
    """Who stands against whom, and who speaks for whom."""

    rivals: frozenset[frozenset[str]]
    partners: Mapping[str, frozenset[str]]

    def opposed(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self.rivals

    def speaks_for(self, patron: str, partner: str) -> bool:
        return partner in self.partners.get(patron, ())


def read_relations(registry: Registry) -> Relations:
    """Return the tables of rivals and patrons, with the members of the alliances of situations.yaml."""
    partners = {code: set(names.split()) for code, names in rows("patrons.tsv")}
    for actor in registry.actors.values():
        if actor.members:
            partners.setdefault(actor.code, set()).update(actor.members)
    rivals = frozenset(frozenset((one, other)) for one, others in rows("rivals.tsv") for other in others.split())
    return Relations(rivals=rivals, partners={code: frozenset(names) for code, names in partners.items()})


def sides_of(parts: Sequence[Part], relations: Relations) -> Sides:
    """Return actor and target of one title or sentence."""
    named = [part for part in parts if part.code]
    actor = _actor(named)
    if actor is None:
        return _open_sides(named, relations)
    target = _target(named, actor, relations)
    return _for_partners(named, Sides(actor.code, target), relations)


def _actor(parts: Sequence[Part]) -> Part | None:
    """Who acts: a threatening or moving subject, then any agent, then who speaks."""
    deniers = [part for part in parts if part.act is Act.DENY]
    acting = [part for part in parts if part.slot in ACTING and part not in deniers]
    strong = [part for part in acting if part.act in {Act.WARN, Act.MOVE, Act.HIT} and part.slot is not Slot.AGENT]
    bare = [part for part in acting if part.slot is not Slot.AGENT]
    speakers = [part for part in parts if part.slot is Slot.SPEAKER]
    agents = [part for part in acting if part.slot is Slot.AGENT]
    forces = [part for part in parts if part.force and part.slot is Slot.OTHER]
    facing = any(part.slot in FACING for part in parts)
    for group in (strong, agents if facing else [], bare, agents, deniers, speakers, forces):
        if group:
            return group[0]
    return None


def _target(parts: Sequence[Part], actor: Part, relations: Relations) -> str:
    others = [part for part in parts if part.code != actor.code and not _own(part, actor)]
    for slot in FACING:
        if found := [part for part in others if part.slot is slot]:
            return found[0].code
    for slots in ((Slot.PARTY,), (Slot.SUBJECT, Slot.ACCUSED, Slot.AGENT), (Slot.OVER,)):
        if found := [part for part in others if part.slot in slots]:
            opposed = [part for part in found if relations.opposed(part.code, actor.code)]
            return (opposed or found)[0].code
    rest = [part for part in others if relations.opposed(part.code, actor.code)]
    return rest[0].code if rest else ""


def _own(part: Part, actor: Part) -> bool:
    return part.slot is Slot.PARTNER and actor.slot is not Slot.SPEAKER and False


def _open_sides(parts: Sequence[Part], relations: Relations) -> Sides:
    """Without an actor: the two parties named, else whom the words leave."""
    codes = list(dict.fromkeys(part.code for part in parts if part.slot is not Slot.SPEAKER))
    parties = list(dict.fromkeys(part.code for part in parts if part.slot is Slot.PARTY))
    if len(parties) > 1:
        return Sides(parties[0], parties[1])
    for one in codes:
        for other in codes:
            if relations.opposed(one, other):
                return Sides(one, other)
    return Sides(codes[0]) if codes else Sides()


def _for_partners(parts: Sequence[Part], sides: Sides, relations: Relations) -> Sides:
    """Put the member or partner that is spoken for in the place of an alliance or patron."""
    others = [part.code for part in parts if part.slot in BEHIND and part.code not in sides.codes()]
    actor, target = sides.actor, sides.target
    if target and relations.speaks_for(actor, target):
        foe = next(
            (code for code in others if not relations.speaks_for(actor, code) and relations.opposed(code, target)), ""
        )
        return Sides(target, foe) if foe else sides
    if not target:
        return sides
    located = [part.code for part in parts if part.slot is Slot.LOCATION and part.code not in sides.codes()]
    if partner := _spoken_for(actor, target, others, located, relations):
        return Sides(partner, target)
    if partner := _spoken_for(target, actor, others, located, relations):
        if relations.opposed(actor, partner):
            return Sides(actor, partner)
    return sides


def _spoken_for(patron: str, against: str, others: Iterable[str], located: Iterable[str], relations: Relations) -> str:
    for code in others:
        if relations.speaks_for(patron, code) and not relations.speaks_for(against, code):
            return code
    for code in located:
        if relations.speaks_for(patron, code) and relations.opposed(code, against):
            return code
    return ""
