"""Words by what they do in a sentence about force: who acts, against whom, who merely speaks."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum


class Act(StrEnum):
    """What a verb says its subject does."""

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
    OTHER = "other"


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


def _forms(stems: str) -> Iterator[str]:
    """Yield each verb with its regular endings."""
    for stem in stems.split():
        base = stem.removesuffix("e")
        yield stem
        yield from (f"{stem}s", f"{base}ed", f"{base}ing")
        if stem.endswith("y") and stem[-2] not in "aeiou":
            yield from (f"{stem[:-1]}ies", f"{stem[:-1]}ied")
        if stem.endswith(("s", "sh", "ch", "x", "z")):
            yield f"{stem}es"
        if stem[-1] in "bgmnpt" and stem[-2] in "aeiou":
            yield from (f"{stem}{stem[-1]}ed", f"{stem}{stem[-1]}ing")


_ACTS = {
    Act.SAY: "say said claim claimed state reveal confirm insist hint believe think report reports fear suggest declare announce "
    "estimate note conclude complain admit acknowledge predict explain add mull see saw spot watch observe detect",
    Act.TELL: "tell told give gave order demand summon caution advise blast lambast lambaste berate rebuke",
    Act.ASK: "ask urge call press invite implore brief inform allow let permit authorise authorize enable request beg appeal",
    Act.ACCUSE: "accuse blame suspect allege denounce condemn slam criticise criticize charge",
    Act.DENY: "deny dismiss reject refute rebuff disavow deride",
    Act.WARN: "warn threaten vow pledge promise swear swore sworn hint menace taunt challenge dare",
    Act.MOVE: "mass deploy send sent move mobilise mobilize amass build built reinforce position concentrate gather dispatch rush "
    "station shift prepare march advance pour bolster strengthen boost beef raise assemble muster line transfer redeploy activate "
    "place ready ready increase sail fly flew scramble conduct hold held stage begin began launch start sends patrol drill "
    "rehearse ring surround encircle fortify arm expand put puts keep kept",
    Act.HIT: "strike struck attack invade bomb hit retaliate respond destroy annihilate shoot shot raid storm punish deter counter "
    "confront face fight fought seize occupy annex cross enter intervene assault target shell crush obliterate wipe block blockade "
    "repel eliminate flatten pound kill avenge answer overrun threatened ambush provoke sink sank encroach enter crush nuke "
    "expel evict disarm dismantle liberate retake recapture capture conquer reclaim stop halt take took drive drove "
    "bombard besiege pummel engage resist violate harass test fire fires fired launch react quit",
    Act.HELP: "defend protect support help back aid assist shield reassure guard rescue save safeguard join visit meet met thank",
    Act.PLOT: "plot plan overthrow overthrew overthrown topple oust depose unseat foil thwart engineer orchestrate mastermind "
    "conspire attempt instigate foment destabilise destabilize scheme remove",
    Act.BE: "is are was were be been being has have had will would may might could can should must to not does do did won't "
    "can't cannot isn't doesn't",
}
ACTS: dict[str, Act] = {form: act for act, stems in reversed(list(_ACTS.items())) for form in _forms(stems)}
ACTS.update(dict.fromkeys(_ACTS[Act.BE].split(), Act.BE))
ACTS.pop("lined", None)
for _noun in (
    "back",
    "face",
    "place",
    "state",
    "states",
    "building",
    "fires",
    "ring",
    "line",
    "lines",
    "drill",
    "drills",
    "test",
    "tests",
    "claims",
    "charges",
    "order",
    "orders",
    "call",
    "calls",
    "plan",
    "plans",
    "stage",
    "note",
    "notes",
    "force",
):
    if _noun in {
        "building",
        "ring",
        "line",
        "lines",
        "state",
        "states",
        "note",
        "notes",
        "place",
        "face",
        "test",
        "tests",
    }:
        ACTS.pop(_noun, None)
ACTS["faces"] = Act.HIT
MODALS = frozenset(
    [
        "will",
        "would",
        "may",
        "might",
        "could",
        "can",
        "should",
        "must",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "to",
        "not",
        "plans",
        "plan",
        "planning",
        "planned",
        "set",
        "ready",
        "preparing",
        "prepares",
        "likely",
        "about",
        "poised",
        "intends",
        "wants",
        "behind",
        "going",
        "seeks",
        "aims",
        "keeps",
        "begins",
    ]
)


def _with_plurals(words: str) -> Iterator[str]:
    for word in words.split():
        yield word
        yield f"{word}s"


_NOUNS = {
    Noun.ATTACK: "attack attacks strike strikes airstrike airstrikes invasion assault assaults offensive incursion raid raids "
    "operation operations action aggression war intervention blow bombing missile missiles response retaliation intrusion offensives "
    "ambush provocation provocations sanctions blockade siege crackdown pressure violation violations sabotage campaign march moves "
    "advance expansion encroachment",
    Noun.STRIFE: "tension tensions conflict standoff stand-off dispute row clash clashes confrontation crisis feud rift showdown spat "
    "fighting hostilities stand face-off brinkmanship quarrel battle tie-up rivalry faceoff",
    Noun.TIES: "drill drills exercise exercises ties talks alliance treaty pact deal agreement cooperation relations manoeuvres maneuvers "
    "wargames games links coordination summit meeting partnership",
    Noun.BORDER: "border borders frontier coast coastline shores shore boundary airspace waters territory crossing doorstep flank line "
    "enclave exclave north south east west northern southern eastern western periphery islands side",
    Noun.FORCE: "troops troop army forces force soldiers military tanks warships warship navy jets warplanes planes bombers fighters "
    "artillery carrier fleet submarines submarine ships vessels battalions brigades divisions division brigade reservists reserves "
    "marines paratroopers gunboats coastguard militia rebels fighters convoy armor armour aircraft drones troopers units guards "
    "commandos mercenaries armoured destroyers destroyer frigate helicopters missiles bomber battlegroup infantry regiment general "
    "generals commander commanders militias militants guerrillas insurgents gunmen separatists airborne air naval nuclear",
    Noun.THREAT: "threat threats warning warnings ultimatum message signal reply ultimatums answer rebuke retort",
    Noun.OFFICE: "president premier minister leader king chief government parliament ruler spokesman spokeswoman ambassador envoy "
    "regime junta cabinet chancellor prime capital people foreign defense defence opposition official officials",
    Noun.COUP: "coup coups putsch mutiny plot takeover overthrow rebellion revolt uprising junta insurrection ouster coup-plot regime",
    Noun.SUPPORT: "support help backing defence defense protection aid guarantee guarantees assistance commitment",
}
NOUNS: dict[str, Noun] = {word: noun for noun, words in reversed(list(_NOUNS.items())) for word in _with_plurals(words)}

PREPOSITIONS = frozenset(
    [
        "against",
        "on",
        "onto",
        "near",
        "nearby",
        "toward",
        "towards",
        "off",
        "along",
        "at",
        "with",
        "over",
        "in",
        "inside",
        "into",
        "to",
        "from",
        "by",
        "of",
        "for",
        "between",
        "around",
        "amid",
        "across",
        "outside",
        "opposite",
        "facing",
        "within",
        "through",
        "via",
        "about",
        "upon",
        "besides",
        "alongside",
        "without",
        "under",
        "beyond",
    ]
)
LINKS = frozenset(["and", "&", ",", "or"])
FILLERS = frozenset(
    [
        "the",
        "a",
        "an",
        "its",
        "his",
        "her",
        "their",
        "new",
        "more",
        "additional",
        "any",
        "some",
        "all",
        "possible",
        "potential",
        "planned",
        "'s",
    ]
)
SUBORDINATE = frozenset(
    [
        "after",
        "as",
        "while",
        "if",
        "unless",
        "when",
        "because",
        "despite",
        "although",
        "though",
        "since",
        "once",
        "until",
        "before",
        "whether",
        "should",
        "lest",
    ]
)
CONDITION = frozenset(["if", "unless", "should", "lest", "once", "until", "whether"])
BY_SOURCE = frozenset({"according"})
