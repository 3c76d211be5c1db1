"""What the words right before and after a name tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.reading.gazetteer import Kind, Mention
from monitor.reading.lexicon import ACTS, FILLERS, LINKS, MODALS, NOUNS, PREPOSITIONS, SUBORDINATE, Act, Noun
from monitor.reading.slots import Part
from monitor.reading.tables import words

DESCRIBING = words("describing")
MEETING = words("meeting")
DATELINE = words("dateline")
SHUNNING = frozenset({"back", "stay", "hands", "lay", "keep"})
DEATHS = words("death")
HARMS = {"pay": words("price"), "face": words("reckoning")}
ATTRIBUTION = 4
_ENDS = PREPOSITIONS | LINKS | SUBORDINATE
_OF_NOUN = frozenset({"on", "against", "in", "near"})
_BEFORE_NOUN = FILLERS | (PREPOSITIONS - {"to"}) | {"military", "nuclear", "joint", "air", "missile"}
PRONOUNS = frozenset({"it", "he", "she", "they", "we"})
_ACRONYMS = frozenset({"u.s.", "u.s", "us", "u.k.", "uk", "eu", "u.n.", "un", "uae", "nato"})
_POSSESSIVE = frozenset({"'s", "'"})


def noun_after(lower: Sequence[str], part: Part) -> Noun | None:
    """Return what the noun directly after a name (one adjective may stand between) is about."""
    for word in lower[part.end : part.end + 3]:
        if word in _POSSESSIVE:
            continue
        if word == "that" or word in PRONOUNS:
            return None
        if word in NOUNS and not (ACTS.get(word) not in {None, Act.BE} and _acts_as_verb(lower, part)):
            return NOUNS[word]
        if word in _ENDS or word in ACTS or not word[0].isalpha():
            return None
    return None


def shared_noun(lower: Sequence[str], part: Part, other: Mention | None) -> Noun | None:
    """Return what the noun that two adjectives of origin share is about: `U.S. and British strikes`, `Russian, Belarusian troops`."""
    adjective = part.kind is Kind.ADJECTIVE or lower[part.start] in _ACRONYMS
    if not adjective or other is None or other.kind is not Kind.ADJECTIVE:
        return None
    return NOUNS.get(next(iter(lower[other.end : other.end + 1]), ""))


def meant_by(lower: Sequence[str], position: int) -> str:
    """Return a preposition, `over` for that of `back off Taiwan`: it names what is at stake, unlike `ships off Taiwan`."""
    return "over" if lower[position] == "off" and lower[max(0, position - 1)] in SHUNNING else lower[position]


def listed_on(lower: Sequence[str], part: Part, mentions: Mapping[int, Mention]) -> bool:
    """Say whether a name after a comma is amid a list that no verb follows: `attacks Estonia, Latvia or Lithuania`."""
    end, joined = part.end, False
    while (word := lower[end] if end < len(lower) else "") in LINKS and (other := mentions.get(end + 1)):
        joined, end = joined or word != ",", other.end
    return joined and (end == len(lower) or (lower[end] not in ACTS and lower[end] not in MODALS))


def comes_to_harm(lower: Sequence[str], position: int) -> bool:
    """`will pay a heavy price`, `would face consequences`, `will regret`: what a threat says of whom it threatens."""
    if lower[position - 1 : position] not in (["will"], ["would"], ["'ll"], ["must"]):
        return False
    after = lower[position + 1 : position + 6]
    return lower[position] in {"regret", "suffer"} or not HARMS.get(lower[position], frozenset()).isdisjoint(after)


def is_mourned(lower: Sequence[str], part: Part) -> bool:
    """`for Haniyeh's killing`, `over the Soleimani assassination`: the dead is the occasion, not a side."""
    after = [word for word in lower[part.end : part.end + 3] if word not in _POSSESSIVE]
    before = lower[max(0, part.start - 2) : part.start]
    for_killing = before[:1] in (["for"], ["over"], ["after"]) and before[1:] == ["killing"]
    return part.kind is Kind.PERSON and (for_killing or not DEATHS.isdisjoint(after[:1]))


def _acts_as_verb(lower: Sequence[str], part: Part) -> bool:
    """`Israel strikes Iran` has a verb; `Israeli strikes on Iran` and `Israel's strike` have a noun."""
    if part.kind is Kind.ADJECTIVE:
        return False
    return lower[part.end] not in _POSSESSIVE and not followed_by_preposition(lower, part.end)


def reads_as_noun(lower: Sequence[str], position: int, last: Part | None) -> bool:
    """After an article, a preposition, an adjective of origin or a possessive, a word such as `attack` is a noun."""
    if last is not None and last.end == position:
        return last.kind is Kind.ADJECTIVE or followed_by_preposition(lower, position)
    return position > 0 and lower[position - 1] in _BEFORE_NOUN


def followed_by_preposition(lower: Sequence[str], position: int) -> bool:
    """`strikes on`, but not `attacked on`."""
    return position + 1 < len(lower) and lower[position + 1] in _OF_NOUN and not lower[position].endswith("ed")


def only_describes(lower: Sequence[str], part: Part) -> bool:
    """`Iran-backed`, `pro-Russian`, `anti-American`."""
    if lower[part.start - 2 : part.start] in (["pro", "-"], ["anti", "-"]):
        return True
    after = lower[part.end : part.end + 2]
    return len(after) > 1 and after[0] == "-" and after[1] in DESCRIBING


def acts_next(lower: Sequence[str], part: Part) -> bool:
    """Say whether a finite verb follows: `warns Russia could invade`; not `warns Russia against invading`, `warns Russia it will`."""
    for word in lower[part.end : part.end + (4 if part.force else 2)]:
        if word == "not" or word in PRONOUNS or (word in NOUNS and word == lower[-1]):
            return False
        if word in MODALS and word != "to":
            return True
        if word in ACTS:
            return ACTS[word] in {Act.MOVE, Act.HIT, Act.PLOT}
        if word in PREPOSITIONS or not word[0].isalpha():
            return False
    return False


def opens_clause(lower: Sequence[str], part: Part) -> bool:
    """Say whether a verb in the present follows a name after a comma: `Australia sends ships, Canberra denies it`."""
    word = next(iter(lower[part.end : part.end + 1]), "")
    return lower[part.start - 1 : part.start] == [","] and word.endswith("s") and word in ACTS and word not in NOUNS


def told_to_act(lower: Sequence[str], part: Part) -> bool:
    """Say whether the name is told to use force: `allows Ukraine to strike`, `urges Israel not to attack`."""
    after = [word for word in lower[part.end : part.end + 3] if word != "not"]
    return after[:1] == ["to"] and len(after) > 1 and ACTS.get(after[1]) in {Act.HIT, Act.MOVE}


def says_after(lower: Sequence[str], part: Part, before: str) -> bool:
    """`..., Kyiv says` and `..., Ukraine's foreign minister has warned`, at the end of a sentence."""
    for offset, word in enumerate(lower[part.end : part.end + 7]):
        left = len(lower) - part.end - offset
        if ACTS.get(word) is Act.SAY or word in {"tell", "tells", "told"}:
            return before in {",", "-"} and left <= ATTRIBUTION
        if ACTS.get(word) is Act.WARN:
            return before == "," and left <= 1
        if word in PREPOSITIONS or word in LINKS:
            return False
    return False


def before_title(lower: Sequence[str], part: Part) -> int:
    """Return where the phrase of a name begins, offices included: `PM Morawiecki`."""
    start = part.start
    while start and (NOUNS.get(lower[start - 1]) is Noun.OFFICE or lower[start - 1] in {"pm", "gen", "mr"}):
        start -= 1
    return start


def is_venue(lower: Sequence[str], part: Part) -> bool:
    """`BRUSSELS, Nov 26 -`, `talks in Geneva`, `told reporters in Riga`: nobody acts there or is meant."""
    if part.kind not in {Kind.SEAT, Kind.CITY, Kind.NAME}:
        return False
    if part.start == 0:
        after = lower[part.end : part.end + 2]
        return after[:1] == ["("] or (after[:1] == [","] and len(after) > 1 and after[1] in DATELINE)
    before = lower[max(0, part.start - 2) : part.start]
    return len(before) > 1 and before[1] in {"in", "at"} and before[0] in MEETING
