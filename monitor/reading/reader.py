"""What the words of an item say: places and roles, a situation per signal, quotes, speakers, denials, claimed dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitor.core.model import SIGNALS, Place, Quote, Reading, Role
from monitor.core.situations import Registry, situation_key
from monitor.reading.carriers import Carried, carried
from monitor.reading.coups import stake_of
from monitor.reading.dates import claimed_dates
from monitor.reading.denials import deniers_of
from monitor.reading.gazetteer import Gazetteer, Kind, Mention
from monitor.reading.lexicon import ACTS, Act
from monitor.reading.pairs import FORCEFUL, Relations, Sides, read_relations, sides_of
from monitor.reading.roles import parts_of
from monitor.reading.sentences import split_sentences
from monitor.reading.slots import Part, Slot
from monitor.reading.speakers import speaker_of
from monitor.reading.tables import words
from monitor.reading.tokens import Tokens, is_titled, tokenise

COUP, TROOPS, THREAT = "coup_warning", "troop_concentration", "military_response_threat"
QUOTED = 0.1
PLACED = 0.02
LONGEST, LONGEST_SENTENCE = 20_000, 2_000
"""Characters of a text, and of one sentence, that are looked at: more is no news item but an attack on the reader."""
KIM = words("kim")
_BACK = frozenset({"he", "she", "they", "it", "his", "her", "their", "its", "this"})
_HOME = re.compile(
    r"\b(?:the|our) (?:government|president|army|military|armed forces|prime minister|junta|cabinet|parliament|country|nation)\b"
)
_ROLES = {
    Slot.SUBJECT: Role.ACTOR,
    Slot.AGENT: Role.ACTOR,
    Slot.ACCUSED: Role.ACTOR,
    Slot.PARTY: Role.ACTOR,
    Slot.TARGET: Role.TARGET,
    Slot.NEAR: Role.TARGET,
    Slot.FOE: Role.TARGET,
    Slot.SPEAKER: Role.SPEAKER,
    Slot.PARTNER: Role.PARTNER,
    Slot.OVER: Role.PARTNER,
}
_RANK = (Role.ACTOR, Role.TARGET, Role.PARTNER, Role.SPEAKER, Role.LOCATION)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextScores:
    """Probabilities per label: of the whole text, and of its parts where known: title, sentences, pairs of neighbouring sentences."""

    whole: Mapping[str, float]
    parts: Sequence[tuple[str, Mapping[str, float]]] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The title or one sentence, read."""

    text: str
    tokens: Tokens
    parts: Sequence[Part]
    sides: Sides


LADDER_LABELS = ("armed_conflict", "deescalation")  # labels that say where a situation stands without alerting


class Reader:
    """Reads items; holds the automaton over all names."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._gazetteer = Gazetteer(registry)
        self._relations: Relations = read_relations(registry)

    def places(self, title: str, text: str) -> tuple[Place, ...]:
        """Return the countries and actors an item names, actors first, then targets."""
        return _places(self._passages([title, *split_sentences(text[:LONGEST])], None))

    def read(
        self,
        title: str,
        text: str,
        scores: TextScores,
        *,
        published: datetime,
        language: str,
        outlet_country: str = "",
    ) -> Reading:
        """Return what an item says. `outlet_country` is for outlets that write for one country: it stands for "the government"."""
        found = carried(title, text[:LONGEST], scores.whole, scores.parts)
        passages = self._passages(found.sentences, published.date())
        return Reading(
            scores=scores.whole,
            places=_places(self._strongest_first(passages, found.carriers, scores.whole)),
            situations=dict(self._situations(passages, found.carriers, scores.whole, outlet_country)),
            quotes=_quotes(found, scores.whole),
            claimed_dates=_dates(found, scores.whole, published),
            denied_by=deniers_of(passages, found.carriers["denial"], scores.whole.get("denial", 0.0)),
            language=language,
        )

    def _passages(self, sentences: Iterable[str], at: date | None) -> list[Passage]:
        named: set[str] = set()
        return [self._passage(sentence, at, named) for sentence in sentences]

    def _passage(self, sentence: str, at: date | None, named: set[str]) -> Passage:
        tokens = tokenise(sentence[:LONGEST_SENTENCE])
        mentions = _without_shadows(self._gazetteer.find(tokens, at), tokens, named)
        if _means_kim(tokens):
            named.add("PRK")
        if halves := _halves(named):
            mentions = _with_halves(mentions, tokens, halves)
        parts = parts_of(tokens, mentions)
        return Passage(sentence, tokens, parts, sides_of(parts, self._relations))

    def _situations(
        self, passages: Sequence[Passage], carriers: Mapping[str, int], whole: Mapping[str, float], outlet_country: str
    ) -> Iterator[tuple[str, str]]:
        for signal in (*SIGNALS, *LADDER_LABELS):
            if whole.get(signal, 0.0) < PLACED or not passages:
                continue
            order = _in_order(passages, carriers[signal])
            key = self._stake(order) if signal == COUP else self._pair(order, moving=signal == TROOPS)
            key = key or _home(passages, outlet_country)
            if key:
                yield signal, key

    def _strongest_first(
        self, passages: Sequence[Passage], carriers: Mapping[str, int], whole: Mapping[str, float]
    ) -> list[Passage]:
        """Put the passage that carries the strongest signal first; where forces move, the sides are whose and against whom."""
        strongest = max(SIGNALS, key=lambda signal: whole.get(signal, 0.0))
        order = _in_order(passages, carriers[strongest]) if passages else []
        if strongest != TROOPS:
            return order
        return [replace(passage, sides=self._sides(passage, moving=True)) for passage in order]

    def _stake(self, order: Sequence[Passage]) -> str:
        for passage in order:
            told = passage.parts if passage is order[0] else _without_armies(passage.parts)
            told = _without_threatened(told)
            if country := stake_of(passage.tokens, told, self._registry):
                return country
        return next(filter(None, (stake_of(one.tokens, one.parts, self._registry) for one in order)), "")

    def _pair(self, order: Sequence[Passage], *, moving: bool) -> str:
        sides = self._sides(order[0], moving=moving)
        for passage in order[1:]:
            if not sides.actor:
                sides = self._sides(passage, moving=moving)
            elif not sides.target:
                sides = self._completed(sides, self._sides(passage, moving=moving))
        sides = sides if moving else self._over_theatre(sides, order)
        if not moving and sides.actor and not sides.target:
            sides = self._intervening(sides, order[0])
            sides = self._protecting(sides, order[0])
        if not sides.target and (theatre := self._theatre(order, sides.actor)):
            return theatre
        return situation_key(sides.codes(), self._registry) if sides.codes() else ""

    def _over_theatre(self, sides: Sides, order: Sequence[Passage]) -> Sides:
        """Set whoever threatens over a place such as Gaza against the side of its situation that it stands against."""
        if not sides.target or self._relations.opposed(sides.actor, sides.target):
            return sides
        over = (part.theatre for passage in order for part in passage.parts if part.code == sides.target)
        rival = next(filter(None, (self._relations.rival_in(theatre, sides.actor) for theatre in over)), "")
        return Sides(sides.actor, rival) if rival else sides

    def _completed(self, sides: Sides, other: Sides) -> Sides:
        """Take the other side from a passage that is about the same actor and somebody else."""
        if other.actor == sides.actor:
            return other if other.target else sides
        if other.actor and (other.target == sides.actor or self._relations.opposed(other.actor, sides.actor)):
            return Sides(sides.actor, other.actor)
        return sides

    def _sides(self, passage: Passage, *, moving: bool) -> Sides:
        return sides_of(passage.parts, self._relations, moving=True) if moving else passage.sides

    def _intervening(self, sides: Sides, passage: Passage) -> Sides:
        """Set an alliance that threatens force in a country against it."""
        if sides.actor not in self._registry.actors or not self._registry.actors[sides.actor].members:
            return sides
        located = [part.code for part in passage.parts if part.slot is Slot.LOCATION and part.code != sides.actor]
        return Sides(sides.actor, located[0]) if located else sides

    def _protecting(self, sides: Sides, passage: Passage) -> Sides:
        """Put the ally a patron pledges to defend in its place, unless the two name a theatre of their own."""
        defended = [part.code for part in passage.parts if part.slot is Slot.PARTNER and part.act is Act.HELP]
        ally = next((code for code in defended if self._relations.speaks_for(sides.actor, code)), "")
        if sides.target or not ally:
            return sides
        pair = sorted((sides.actor, ally))
        return Sides(sides.actor, ally) if situation_key(pair, self._registry) != "-".join(pair) else Sides(ally)

    def _theatre(self, order: Sequence[Passage], actor: str) -> str:
        """Return the named situation a place stands for, where the actor has a part in it."""
        for passage in order:
            for part in passage.parts:
                if part.theatre and (not actor or self._has_part(actor, part.theatre)):
                    return part.theatre
        return ""

    def _has_part(self, actor: str, theatre: str) -> bool:
        return any(side == actor or self._relations.speaks_for(actor, side) for side in theatre.split("-"))


def _in_order(passages: Sequence[Passage], carrier: int) -> list[Passage]:
    """Put the carrier first, before all others what its pronoun points back to, then the title and the rest."""
    first = min(carrier, len(passages) - 1)
    points_back = not _BACK.isdisjoint(passages[first].tokens.lower[:1])
    back = [first - 1] if points_back and first else []
    order = dict.fromkeys([first, *back, 0, *range(max(0, first - 1), -1, -1), *range(len(passages))])
    return [passages[index] for index in order]


def _without_armies(parts: Sequence[Part]) -> list[Part]:
    """Leave out whose armed forces are named: beside the sentence that tells of a coup they are rarely the ones that rise."""
    armed = {part.code for part in parts if part.force}
    return [part for part in parts if part.code not in armed]


def _without_threatened(parts: Sequence[Part]) -> list[Part]:
    """Leave out who is warned: `threatens Moscow if it helps to bring the government down` is about another government."""
    warned = any(part.act is Act.WARN for part in parts)
    return [part for part in parts if not (warned and part.slot is Slot.TARGET)]


def _home(passages: Sequence[Passage], outlet_country: str) -> str:
    if outlet_country and any(_HOME.search(passage.text.lower()) for passage in passages):
        return outlet_country
    return ""


def _quotes(found: Carried, whole: Mapping[str, float]) -> dict[str, Quote]:
    quotes = {}
    for label, index in found.carriers.items():
        score = found.scores[label]
        if max(score, whole.get(label, 0.0)) >= QUOTED and found.sentences:
            sentence = found.sentences[index]
            quotes[label] = Quote(text=sentence, speaker=speaker_of(sentence[:LONGEST_SENTENCE]), score=score)
    return quotes


def _dates(found: Carried, whole: Mapping[str, float], published: datetime) -> tuple[date, ...]:
    """Days named in the sentences that carry a signal, in the sentence after each, and in the title."""
    near = {found.carriers[signal] for signal in SIGNALS if whole.get(signal, 0.0) >= QUOTED}
    days = {
        day
        for index, sentence in enumerate(found.sentences)
        if index in near or index - 1 in near or (near and not index)
        for day in claimed_dates(sentence[:LONGEST_SENTENCE], published)
    }
    return tuple(sorted(days))


def _without_shadows(mentions: Sequence[Mention], tokens: Tokens, named: set[str]) -> list[Mention]:
    """Drop what stands for another name: `Moscow, Idaho`, and `the alliance` in a text that names none."""
    kept: list[Mention] = []
    for mention in mentions:
        if mention.kind is Kind.ALLIANCE and tokens.lower[mention.start] == "the" and mention.code not in named:
            continue
        if mention.kind is Kind.STATE and kept and tokens.lower[kept[-1].end : mention.start] == [","]:
            kept.pop()
        kept.append(mention)
        named.add(mention.code)
    return kept


def _halves(named: set[str]) -> Mapping[str, str]:
    """Return what `North` and `South` stand for beside the names of a text."""
    if named & {"KOR", "PRK"}:
        return {"South": "KOR", "North": "PRK", "Kim": "PRK"}
    return {"South": "SSD", "North": "SDN"} if named & {"SDN", "SSD"} else {}


def _means_kim(tokens: Tokens) -> bool:
    """Say whether a text that names no Korea speaks of its ruler by his family name alone: `Kim vows to crush South`."""
    if "kim" not in tokens.lower or not tokens.cased or is_titled(tokens.words) or KIM.isdisjoint(tokens.lower):
        return False
    at = tokens.lower.index("kim")
    named = at > 0 and tokens.words[at - 1][0].isupper() and tokens.lower[at - 1] not in {"leader", "as"}
    return not named and not _leads_name(tokens, at)


def _with_halves(mentions: Sequence[Mention], tokens: Tokens, halves: Mapping[str, str]) -> list[Mention]:
    """Read `the South` and `the North` as the halves of a divided country that the text names."""
    taken = {position for mention in mentions for position in range(mention.start, mention.end)}
    found = [
        Mention(half, Kind.NAME, position, position + 1)
        for position, word in enumerate(tokens.words)
        if (half := halves.get(word if tokens.cased else word.title(), ""))
        and position not in taken
        and not (tokens.cased and _leads_name(tokens, position))
    ]
    return sorted([*mentions, *found], key=lambda mention: mention.start) if found else list(mentions)


def _leads_name(tokens: Tokens, position: int) -> bool:
    """`South Africa`, `North Atlantic`: a capitalised word follows in a text that writes names so."""
    after = tokens.words[position + 1 : position + 2]
    return bool(after) and after[0][0].isupper() and after[0].lower() not in ACTS


def _places(passages: Sequence[Passage]) -> tuple[Place, ...]:
    """Return each code once, actors first; the first passage that gives it a role other than location decides."""
    roles: dict[str, Role] = {}
    for passage in passages:
        own: dict[str, Role] = {}
        for part in passage.parts:
            if part.code:
                _raise(own, part.code, _role(part, passage.sides))
        roles |= {code: role for code, role in own.items() if roles.get(code, Role.LOCATION) is Role.LOCATION}
    ordered = sorted(roles.items(), key=lambda item: _RANK.index(item[1]))
    return tuple(Place(code=code, role=role) for code, role in ordered)


def _role(part: Part, sides: Sides) -> Role:
    """Return the role of the slot; the two sides of a passage are actor and target, also who speaks where nobody else acts."""
    role = _ROLES.get(part.slot, Role.LOCATION)
    if part.code == sides.target and part.slot is Slot.SUBJECT and part.act not in FORCEFUL and not part.force:
        return Role.TARGET
    if role is Role.ACTOR:
        return role
    if part.code == sides.actor and part.slot in {Slot.FOE, Slot.SPEAKER}:
        return Role.ACTOR
    return Role.TARGET if part.code == sides.target else role


def _raise(roles: dict[str, Role], code: str, role: Role) -> None:
    if code not in roles or _RANK.index(role) < _RANK.index(roles[code]):
        roles[code] = role
