"""Which two sides a threat or a massing of forces is between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.core.situations import Registry
from monitor.reading.lexicon import Act
from monitor.reading.slots import Part, Slot
from monitor.reading.tables import rows

ACTING = frozenset({Slot.SUBJECT, Slot.AGENT, Slot.ACCUSED})
OBSERVERS = frozenset({"USA", "GBR", "FRA", "DEU", "NATO", "EU", "UN"})
FORCEFUL = frozenset({Act.WARN, Act.MOVE, Act.HIT})
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
    """Who stands against whom, who lives beside whom, and who speaks for whom."""

    rivals: frozenset[frozenset[str]]
    neighbours: frozenset[frozenset[str]]
    partners: Mapping[str, frozenset[str]]

    def opposed(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self.rivals

    def adjoining(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self.neighbours

    def speaks_for(self, patron: str, partner: str) -> bool:
        return partner in self.partners.get(patron, ())

    def rival_in(self, theatre: str, one: str) -> str:
        """Return the side of a named situation that stands against `one`, "" where it has a part or a partner in it."""
        sides = theatre.split("-") if theatre else []
        return (
            ""
            if one in sides or any(self.speaks_for(one, side) for side in sides)
            else next((side for side in sides if self.opposed(one, side)), "")
        )


def read_relations(registry: Registry) -> Relations:
    """Return the tables of rivals and patrons, with the members of the alliances of situations.yaml."""
    partners = {code: set(names.split()) for code, names in rows("patrons.tsv")}
    for actor in registry.actors.values():
        if actor.members:
            partners.setdefault(actor.code, set()).update(actor.members)
    neighbours = _paired("neighbours.tsv")
    at_home = {actor.code: actor.of for actor in registry.actors.values() if actor.of}
    beside = {pair - {home} | {code} for code, home in at_home.items() for pair in neighbours if home in pair}
    return Relations(
        rivals=_paired("rivals.tsv"),
        neighbours=neighbours | beside | {frozenset(pair) for pair in at_home.items()},
        partners={code: frozenset(names) for code, names in partners.items()},
    )


def _paired(table: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset((one, other)) for one, others in rows(table) for other in others.split())


def sides_of(parts: Sequence[Part], relations: Relations, *, moving: bool = False) -> Sides:
    """Return actor and target of one title or sentence; `moving` asks whose forces move rather than who threatens."""
    named = meant([part for part in parts if part.code])
    actor = _actor(named, relations, moving=moving)
    if actor is None:
        return _open_sides(named, relations)
    if pair := _facing_each_other(named, relations):
        return pair
    target = _target(named, actor, relations, moving=moving)
    return _for_partners(named, Sides(actor.code, target), relations)


def meant(parts: Sequence[Part]) -> Sequence[Part]:
    """Return the names without the places where people merely meet or speak, unless there are no others."""
    return [part for part in parts if part.slot is not Slot.VENUE] or parts


def _actor(parts: Sequence[Part], relations: Relations, *, moving: bool) -> Part | None:
    """Who acts: a threatening or moving subject, then any agent, then who speaks."""
    acting = [part for part in parts if part.slot in ACTING and part.act is not Act.DENY]
    movers = [part for part in parts if part.slot in {*ACTING, Slot.FOE} and part.act is Act.MOVE] if moving else []
    if movers and any(part.act in FORCEFUL for part in acting[:1]):
        movers = []
    warners = [] if moving else _warners(parts, acting)
    strong = [part for part in acting if part.act in FORCEFUL and part.slot is not Slot.AGENT]
    bare = [part for part in acting if part.slot is not Slot.AGENT]
    agents = [part for part in acting if part.slot is Slot.AGENT]
    speakers = [part for part in parts if part.slot is Slot.SPEAKER]
    deniers = [part for part in parts if part.act is Act.DENY]
    forces = [part for part in parts if part.slot is Slot.OTHER]
    faced = [part.code for part in parts if part.slot in FACING]
    stood = (
        [part for part in speakers if any(relations.opposed(part.code, code) for code in faced)] if not moving else []
    )
    groups = (movers, warners, strong, agents if faced else [], stood, bare, agents, deniers, speakers, forces)
    return next((group[0] for group in groups if group), None)


def _warners(parts: Sequence[Part], acting: Sequence[Part]) -> list[Part]:
    """Who threatens: the subject of the sentence before that of a clause that hangs on it."""
    main = [part for part in acting if part.act is Act.WARN and part.slot is not Slot.AGENT]
    return main or [part for part in parts if part.slot is Slot.FOE and part.act is Act.WARN]


def _facing_each_other(parts: Sequence[Part], relations: Relations) -> Sides | None:
    """Two sides that somebody watches or speaks of: both subjects of the same clause, or a hyphenated pair."""
    parties = list(dict.fromkeys(part.code for part in parts if part.slot is Slot.PARTY))
    foes = list(dict.fromkeys(part.code for part in parts if part.slot is Slot.FOE))
    acting = {part.code for part in parts if part.slot in ACTING}
    for pair in (parties, foes if not acting else []):
        if len(pair) > 1 and relations.opposed(pair[0], pair[1]) and not acting & set(pair):
            return Sides(pair[0], pair[1])
    return None


def _target(parts: Sequence[Part], actor: Part, relations: Relations, *, moving: bool) -> str:
    """Whom it is against: by the words, else whoever stands against the actor."""
    allies = {part.code for part in parts if part.slot is Slot.PARTNER}
    joint = _joint(parts, actor, relations)
    others = [part for part in parts if part.code not in joint and not (part.slot is Slot.FOE and part.code in allies)]
    if actor.slot is Slot.FOE:
        later = [part for part in others if part.start > actor.start]
        others = later or [part for part in others if relations.opposed(part.code, actor.code)] or others
    opposed = [part for part in others if relations.opposed(part.code, actor.code) and not _merely_says(part)]
    for slot in (*FACING, Slot.PARTY):
        if found := [part for part in others if part.slot is slot]:
            return next((part for part in found if part in opposed), found[0]).code
    apart = [part for part in others if not _allied(part, actor)]
    for slots in ({Slot.SUBJECT, Slot.ACCUSED, Slot.AGENT}, {Slot.OVER}):
        found = [part for part in apart if part.slot in slots]
        if against := [part for part in found if part in opposed]:
            return against[0].code
        if found and not (moving and found[0].slot is Slot.AGENT):
            return found[0].code
    beside = [part for part in apart if part.slot is Slot.SPEAKER and relations.adjoining(part.code, actor.code)]
    return next((part.code for part in (*opposed, *beside) if not _merely_says(part)), "")


def _joint(parts: Sequence[Part], actor: Part, relations: Relations) -> set[str]:
    """Return who acts, and who acts with it where somebody stands against it: `Finland and Sweden hold drills as Russian jets ...`."""
    foes = {part.code for part in parts if relations.opposed(part.code, actor.code)}
    if not foes or actor.act not in FORCEFUL:
        return {actor.code}
    return {actor.code} | {part.code for part in parts if _allied(part, actor)} - foes


def _merely_says(part: Part) -> bool:
    """Great powers and alliances report on others; being the speaker does not make them the target."""
    return part.slot is Slot.SPEAKER and part.code in OBSERVERS


def _allied(part: Part, actor: Part) -> bool:
    """Two subjects of one verb act together."""
    return part.slot is actor.slot and part.act is actor.act


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
        apart = (part.code for part in parts if not relations.speaks_for(actor, part.code))
        foe = next((code for code in apart if relations.opposed(code, target)), "")
        return Sides(target, foe) if foe and foe != actor else sides
    if not target:
        return sides
    located = [part.code for part in parts if part.slot is Slot.LOCATION and part.code not in sides.codes()]
    if partner := _spoken_for(actor, target, others, located, relations):
        return Sides(partner, target)
    direct = [part.code for part in parts if part.slot in BEHIND - {Slot.NEAR} and part.code not in sides.codes()]
    partner = _spoken_for(target, actor, direct, located, relations)
    return Sides(actor, partner) if partner and relations.opposed(actor, partner) else sides


def _spoken_for(patron: str, against: str, others: Iterable[str], located: Iterable[str], relations: Relations) -> str:
    for code in others:
        if relations.speaks_for(patron, code) and not relations.speaks_for(against, code):
            return code
    for code in located if patron in OBSERVERS else ():
        if relations.speaks_for(patron, code) and relations.opposed(code, against):
            return code
    return ""
