"""Who does what to whom, by light syntax that holds in headlines: one walk over the words, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.reading.gazetteer import Kind, Mention
from monitor.reading.lexicon import ACTS, CONDITION, FILLERS, LINKS, MODALS, NOUNS, PREPOSITIONS, SUBORDINATE, Act, Noun
from monitor.reading.tokens import Tokens


STOPS = frozenset({";", ".", "!", "?", "that", "but", "(", ")"})
DESCRIBING = frozenset(
    "backed supported sponsored allied aligned made trained armed funded held occupied controlled linked administered born based era".split()
)
TOPIC, TAIL = 6, 3
SPOKESMEN = frozenset({Noun.OFFICE, Noun.FORCE})


class Slot(StrEnum):
    """The place of a name in its clause.

    agent: who attacks or moves in a noun phrase ("Russian invasion"). foe: who is answered, or acts in a condition. over: what a
    threat is about. party: one side of a hyphenated pair. near: where forces stand.
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


def parts_of(tokens: Tokens, mentions: Sequence[Mention]) -> list[Part]:
    """Return the names of one title or sentence, in order, with the slots they fill."""
    return _Walk(tokens=tokens, mentions={mention.start: mention for mention in mentions}).run() if mentions else []


@dataclass(slots=True)
class _Walk:
    tokens: Tokens
    mentions: dict[int, Mention]
    parts: list[Part] = field(default_factory=list)
    subjects: list[Part] = field(default_factory=list)
    act: Act | None = None
    verb: str = ""
    prep: str = ""
    noun: Noun | None = None
    object_due: bool = False
    passive: bool = False
    condition: bool = False
    subordinate: bool = False
    supposed: bool = False
    _before_last: tuple[str, bool] = ("", False)

    def run(self) -> list[Part]:
        position, lower, mentions = 0, self.tokens.lower, self.mentions
        while position < len(lower):
            mention = mentions.get(position)
            if mention is not None:
                position = self._name(mention)
            else:
                self._word(position, lower[position])
                position += 1
        return self.parts

    def _word(self, position: int, word: str) -> None:
        if word in PREPOSITIONS:
            self.prep, self.object_due = word, False
        elif word == ",":
            self.prep = ""
        elif word == "any":
            self.supposed = True
        elif word in SUBORDINATE:
            self._clause()
            self.subordinate, self.condition = True, word in CONDITION
        elif word == ":":
            self._colon(position)
        elif word in STOPS or (word == "," and self.subordinate and self.act is not None):
            self._clause()
        elif word in ACTS or word in NOUNS:
            self._verb_or_noun(position, word)

    def _clause(self) -> None:
        self.subjects, self.act, self.verb, self.prep, self.noun = [], None, "", "", None
        self.object_due = self.passive = self.condition = self.subordinate = self.supposed = False

    def _colon(self, position: int) -> None:
        """What stands before an early colon is who speaks."""
        if position <= TOPIC and self.act is None:
            for part in self.subjects:
                if all(NOUNS.get(word) in SPOKESMEN or word == "'s" for word in self.tokens.lower[part.end : position]):
                    part.slot, part.act = Slot.SPEAKER, Act.SAY
        self._clause()

    def _verb_or_noun(self, position: int, word: str) -> None:
        noun, act = NOUNS.get(word), ACTS.get(word)
        if act is not None and not (noun is not None and self._reads_as_noun(position)):
            self._verb(position, word, act)
        if noun is not None:
            self.noun = noun

    def _reads_as_noun(self, position: int) -> bool:
        """After an article, a preposition, an adjective of origin or another noun's possessive, a word such as `attack` is a noun."""
        if not position:
            return False
        before = self.tokens.lower[position - 1]
        last = self.parts[-1] if self.parts else None
        if last is not None and last.end == position:
            return last.kind is Kind.ADJECTIVE or self._followed_by_preposition(position)
        return (
            before in FILLERS
            or before in PREPOSITIONS - {"to"}
            or before in {"military", "nuclear", "joint", "air", "missile"}
        )

    def _followed_by_preposition(self, position: int) -> bool:
        after = self.tokens.lower[position + 1 : position + 2]
        return (
            bool(after)
            and after[0] in {"on", "against", "in", "near"}
            and not self.tokens.lower[position].endswith("ed")
        )

    def _verb(self, position: int, word: str, act: Act) -> None:
        if act is Act.BE:
            self.passive = self.passive or word in {"is", "are", "was", "were", "be", "been", "being"}
            return
        passive = self.passive and word.endswith(("ed", "en", "ruck", "hot"))
        if passive and act in {Act.WARN, Act.HIT, Act.TELL, Act.ACCUSE, Act.PLOT}:
            for part in self.subjects:
                part.slot = Slot.ACCUSED if act is Act.ACCUSE else Slot.TARGET
        self._give_subjects(act)
        self.act, self.verb, self.prep, self.passive = act, word, "", False
        self.object_due = True
        if act is Act.SAY:
            self.subjects, self.object_due, self.noun = [], False, None

    def _give_subjects(self, act: Act) -> None:
        for part in self.subjects:
            if part.act in {None, Act.BE}:
                part.act = act
                if act in {Act.SAY, Act.ACCUSE} and part.slot in {Slot.SUBJECT, Slot.FOE} and not part.force:
                    part.slot = Slot.SPEAKER
            elif part.act in {Act.WARN, Act.MOVE, Act.OTHER, Act.TELL} and act in {Act.HIT, Act.PLOT} and not self.prep:
                part.act = Act.WARN if part.act is Act.WARN else act

    def _name(self, mention: Mention) -> int:
        """Place a name; return where to read on."""
        part = Part(mention.code, mention.kind, mention.start, mention.end, Slot.OTHER, theatre=mention.theatre)
        follows = self._noun_after(mention.end)
        part.force = follows is Noun.FORCE or mention.kind in {Kind.FORCE, Kind.GROUP}
        self._yield_to(part)
        described = self._only_describes(part)
        part.slot = Slot.OTHER if described else self._slot(part, follows)
        if follows is not None and not described:
            self.noun = follows
        self.parts.append(part)
        self._before_last = (self.prep, self.object_due)
        if described:
            return part.end + 2 if self.tokens.lower[part.end : part.end + 1] == ["-"] else part.end
        self.prep, self.object_due = "", False
        return part.end

    def _yield_to(self, part: Part) -> None:
        """`Somalia's al-Shabaab`: the country before an armed group only says where it is."""
        last = self.parts[-1] if self.parts else None
        if last is None or part.kind is not Kind.GROUP or last.code == part.code:
            return
        if all(word == "'s" for word in self.tokens.lower[last.end : part.start]) and last.kind is not Kind.GROUP:
            self.subjects = [subject for subject in self.subjects if subject is not last]
            self.prep, self.object_due = self._before_last
            last.slot = Slot.LOCATION

    def _only_describes(self, part: Part) -> bool:
        """`Iran-backed`, `pro-Russian`, `anti-American`."""
        lower = self.tokens.lower
        if lower[part.start - 2 : part.start] in (["pro", "-"], ["anti", "-"]):
            return True
        after = lower[part.end : part.end + 2]
        return len(after) > 1 and after[0] == "-" and after[1] in DESCRIBING

    def _noun_after(self, position: int) -> Noun | None:
        """Return what the noun directly after a name (one adjective may stand between) is about."""
        for word in self.tokens.lower[position : position + 3]:
            if word in {"'s", "'"}:
                continue
            if word in NOUNS and not (word in ACTS and ACTS[word] is not Act.BE and self._acts_as_verb(position)):
                return NOUNS[word]
            if word in PREPOSITIONS or word in ACTS or word in LINKS or word in SUBORDINATE or not word[0].isalpha():
                return None
        return None

    def _acts_as_verb(self, position: int) -> bool:
        """`Israel strikes Iran` has a verb; `Israeli strikes on Iran` and `Israel's strike` have a noun."""
        last = self.mentions_end_at(position)
        if last is not None and last.kind is Kind.ADJECTIVE:
            return False
        return not (self.tokens.lower[position] in {"'s", "'"} or self._followed_by_preposition(position))

    def mentions_end_at(self, position: int) -> Mention | None:
        return next((each for each in self.mentions.values() if each.end == position), None)

    def _slot(self, part: Part, follows: Noun | None) -> Slot:
        if self._is_attributed(part):
            part.act = Act.SAY
            return Slot.SPEAKER
        if (paired := self._joined(part)) is not None:
            return paired
        if self.prep:
            return self._after_preposition(part, follows)
        if follows is Noun.BORDER and not self.object_due and self.act is not None:
            return Slot.NEAR
        if follows in {Noun.ATTACK, Noun.THREAT}:
            return self._attacker(part)
        if self.object_due and self.act is not None:
            return self._object(part, self.act)
        return self._subject(part)

    def _attacker(self, part: Part) -> Slot:
        if self.act in {Act.WARN, Act.HIT, Act.DENY, Act.ACCUSE} and self.subjects:
            return Slot.FOE if self.subjects[-1].code != part.code else Slot.AGENT
        self.subjects = [part]
        return Slot.AGENT

    def _subject(self, part: Part) -> Slot:
        if self.act is not None:
            self.subjects = []
        self.subjects.append(part)
        self.act = None
        return Slot.FOE if self.subordinate else Slot.SUBJECT

    def _object(self, part: Part, act: Act) -> Slot:
        if act in {Act.WARN, Act.DENY} and self._acts_next(part):
            for subject in self.subjects:
                subject.slot, subject.act = Slot.SPEAKER, Act.SAY
            self.subjects, self.act = [part], None
            return Slot.SUBJECT
        if act in {Act.TELL, Act.ASK} and self._told_to_act(part):
            self.subjects, self.act = [part], None
            return Slot.SUBJECT
        if act is Act.MOVE:
            return self._moved(part)
        if (
            self.subordinate
            and act in {Act.HIT, Act.WARN}
            and any(subject.slot is Slot.FOE for subject in self.subjects)
        ):
            return Slot.OVER
        table = {Act.ASK: Slot.PARTNER, Act.HELP: Slot.PARTNER, Act.ACCUSE: Slot.ACCUSED, Act.DENY: Slot.OTHER}
        if act is Act.ACCUSE:
            self.subjects = [part]
        return table.get(act, Slot.TARGET)

    def _moved(self, part: Part) -> Slot:
        """The object of a verb of movement: forces, or the ground they stand on."""
        if part.force:
            return Slot.AGENT
        return Slot.LOCATION

    def _acts_next(self, part: Part) -> bool:
        """Say whether a finite verb follows the name: `warns Russia could invade`, not `warns Russia against invading`."""
        for word in self.tokens.lower[part.end : part.end + (4 if part.force else 2)]:
            if word == "not":
                return False
            if word in MODALS and word != "to":
                return True
            if word in ACTS:
                return ACTS[word] in {Act.MOVE, Act.HIT, Act.PLOT}
            if word in PREPOSITIONS or not word[0].isalpha():
                return False
        return False

    def _told_to_act(self, part: Part) -> bool:
        """`allows Ukraine to strike`, `urges Israel not to attack`."""
        after = [word for word in self.tokens.lower[part.end : part.end + 3] if word != "not"]
        return after[:1] == ["to"] and ACTS.get(after[1] if len(after) > 1 else "") in {Act.HIT, Act.MOVE}

    def _joined(self, part: Part) -> Slot | None:
        """Return the slot of the name before, where only `and` or a comma stands between; a hyphen joins two parties."""
        last = self.parts[-1] if self.parts else None
        if last is None or part.start - last.end > 3:
            return None
        between = self.tokens.lower[last.end : part.start]
        if between in (["-"], ["/"]):
            last.slot = (
                Slot.PARTY
                if last.slot in {Slot.SUBJECT, Slot.OTHER, Slot.AGENT, Slot.LOCATION, Slot.FOE}
                else last.slot
            )
            return Slot.PARTY if last.slot is Slot.PARTY else last.slot
        if (
            not LINKS.isdisjoint(between)
            and all(word in LINKS or word in {"the", "'s"} for word in between)
            and last.kind is not Kind.ADJECTIVE
        ):
            if last in self.subjects:
                self.subjects.append(part)
            elif between == [","]:
                return None
            return last.slot
        return None

    def _is_attributed(self, part: Part) -> bool:
        """`..., Kyiv says`; `... - Pentagon`; `according to Kyiv`."""
        lower, end, start = self.tokens.lower, part.end, part.start
        while start and (NOUNS.get(lower[start - 1]) is Noun.OFFICE or lower[start - 1] in {"pm", "gen", "mr"}):
            start -= 1
        before = lower[start - 1 : start]
        if before == ["to"] and lower[start - 2 : start - 1] == ["according"]:
            return True
        if (
            before in (["-"], [":"])
            and len(lower) - end <= TAIL
            and part.start > TAIL
            and not self._pairs_with_last(part)
        ):
            return True
        if before not in ([","], ["-"]) and not self.subjects:
            return False
        for offset, word in enumerate(lower[end : end + 7]):
            if ACTS.get(word) is Act.SAY:
                return before in ([","], ["-"]) and len(lower) - end - offset <= 4
            if ACTS.get(word) is Act.WARN:
                return before == [","] and len(lower) - end - offset <= 1
            if word in PREPOSITIONS or word in LINKS:
                return False
        return False

    def _pairs_with_last(self, part: Part) -> bool:
        """`Armenia-Azerbaijan` is a pair; `...in Afghanistan-Pentagon` names who says so."""
        last = self.parts[-1] if self.parts else None
        if last is None or last.end != part.start - 1 or self.tokens.lower[last.end] == ":":
            return False
        return part.kind in {Kind.NAME, Kind.ADJECTIVE, Kind.GROUP} or self.act is None

    def _after_preposition(self, part: Part, follows: Noun | None) -> Slot:
        prep = self.prep
        if follows is Noun.BORDER and prep not in {"from", "over", "of"}:
            return Slot.NEAR
        if prep == "by":
            return self._by(part)
        if prep in {"in", "inside", "within", "across"} and follows is Noun.FORCE:
            return Slot.LOCATION
        if prep == "for" and self._told_to_act(part):
            self.subjects = [part]
            return Slot.SUBJECT
        if prep == "with" and part.force and self.noun not in {Noun.STRIFE, Noun.BORDER}:
            return Slot.PARTNER
        if follows is Noun.ATTACK and prep in {"of", "for", "against", "over", "amid", "from", "to", "about", "on"}:
            return Slot.FOE
        if self.noun is Noun.ATTACK and prep in {"on", "against", "in", "of"}:
            if self.supposed:
                return Slot.OVER
            if self.subordinate and not self.condition and not self.subjects:
                return Slot.LOCATION
        return _prepositional(prep, self.noun, self.act, part)

    def _by(self, part: Part) -> Slot:
        if self.act in {Act.WARN, Act.HIT, Act.TELL, Act.ACCUSE}:
            for subject in self.subjects:
                if subject.slot is Slot.SUBJECT:
                    subject.slot = Slot.TARGET
        return Slot.AGENT if self.act is not Act.HELP else Slot.OTHER


def _prepositional(prep: str, noun: Noun | None, act: Act | None, part: Part) -> Slot:
    simple = _SIMPLE.get(prep)
    if simple is not None:
        return simple
    if (prep, noun) in _BY_NOUN:
        return _BY_NOUN[prep, noun]
    if (prep, act) in _BY_ACT:
        return _BY_ACT[prep, act]
    if prep == "of" and part.force:
        return Slot.AGENT
    return Slot.LOCATION


_SIMPLE = {
    "against": Slot.TARGET, "near": Slot.NEAR, "nearby": Slot.NEAR, "toward": Slot.NEAR, "towards": Slot.NEAR, "off": Slot.NEAR,
    "opposite": Slot.NEAR, "facing": Slot.NEAR, "around": Slot.NEAR, "over": Slot.OVER, "about": Slot.OVER, "alongside": Slot.PARTNER,
    "between": Slot.PARTY, "amid": Slot.FOE, "into": Slot.NEAR, "across": Slot.NEAR,
}  # fmt: skip
_BY_NOUN: dict[tuple[str, Noun | None], Slot] = {
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
_BY_ACT: dict[tuple[str, Act | None], Slot] = {
    ("in", Act.HIT): Slot.TARGET,
    ("inside", Act.HIT): Slot.TARGET,
    ("to", Act.HIT): Slot.TARGET,
    ("at", Act.HIT): Slot.TARGET,
    ("on", Act.HIT): Slot.TARGET,
    ("on", Act.WARN): Slot.OVER,
    ("to", Act.HELP): Slot.PARTNER,
}
