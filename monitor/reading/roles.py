"""Who does what to whom, by light syntax that holds in headlines: one walk over the words, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.reading.ahead import (
    acts_next,
    before_title,
    comes_to_harm,
    is_mourned,
    is_venue,
    listed_on,
    meant_by,
    noun_after,
    only_describes,
    opens_clause,
    reads_as_noun,
    says_after,
    shared_noun,
    told_to_act,
)
from monitor.reading.gazetteer import Kind, Mention
from monitor.reading.lexicon import ACTS, CONDITION, LINKS, NOUNS, PREPOSITIONS, SUBORDINATE, Act, Noun
from monitor.reading.slots import Part, Slot, prepositional
from monitor.reading.tokens import Tokens

STOPS = frozenset({";", ".", "!", "?", "that", "but", "(", ")"})
PAST = frozenset({"after", "since", "before", "despite"})
PASSIVE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
SUFFERING = frozenset({Act.WARN, Act.HIT, Act.TELL, Act.ACCUSE, Act.PLOT})
PAIRABLE = frozenset({Slot.SUBJECT, Slot.OTHER, Slot.AGENT, Slot.LOCATION, Slot.FOE})
OBJECTS = {
    Act.TELL: Slot.FOE,
    Act.ASK: Slot.PARTNER,
    Act.HELP: Slot.PARTNER,
    Act.ACCUSE: Slot.ACCUSED,
    Act.DENY: Slot.OTHER,
}
SPOKESMEN = frozenset({Noun.OFFICE, Noun.FORCE})
ANSWERED = frozenset({"of", "for", "against", "over", "amid", "from", "to", "about", "on"})
TOPIC, TAIL, APART = 6, 3, 3


def parts_of(tokens: Tokens, mentions: Sequence[Mention]) -> list[Part]:
    """Return the names of one title or sentence, in order, with the slots they fill."""
    return (
        _Walk(lower=tokens.lower, mentions={mention.start: mention for mention in mentions}).run() if mentions else []
    )


@dataclass(slots=True)
class _Walk:
    """What the reader holds in mind at a word.

    act: what the clause's last verb says. prep, noun: an open preposition, and the last telling noun. object_due: a verb waits for
    its object. condition: within `if`, `unless`; subordinate: within any hanging clause; past: one that tells the occasion. supposed: after `any`. fresh: at a point where a subject may begin. hanging: subjects of past clauses.
    """

    lower: list[str]
    mentions: dict[int, Mention]
    parts: list[Part] = field(default_factory=list)
    subjects: list[Part] = field(default_factory=list)
    act: Act | None = None
    prep: str = ""
    noun: Noun | None = None
    object_due: bool = False
    passive: bool = False
    condition: bool = False
    subordinate: bool = False
    supposed: bool = False
    fresh: bool = True
    past: bool = False
    hanging: list[Part] = field(default_factory=list)
    before_last: tuple[str, bool] = ("", False)

    def run(self) -> list[Part]:
        position, lower, mentions = 0, self.lower, self.mentions
        while position < len(lower):
            mention = mentions.get(position)
            if mention is not None:
                position = self._name(mention)
            else:
                self._word(position, lower[position])
                position += 1
        for part in self.hanging:
            part.slot = Slot.LOCATION if part.act is None and part.slot is Slot.FOE else part.slot
        return self.parts

    def _word(self, position: int, word: str) -> None:
        if word in PREPOSITIONS:
            self.prep, self.object_due = meant_by(self.lower, position), False
        elif word == ",":
            self._comma()
        elif word == "any":
            self.supposed = True
        elif word in SUBORDINATE:
            self._clause()
            self.subordinate, self.condition, self.past = True, word in CONDITION, word in PAST
        elif word == ":":
            self._colon(position)
        elif word in STOPS:
            self._clause()
        elif comes_to_harm(self.lower, position):
            self._harm()
        elif word in ACTS or word in NOUNS:
            self._verb_or_noun(position, word)

    def _comma(self) -> None:
        self.prep, self.fresh = "", True
        if self.subordinate and self.act is not None:
            self._clause()

    def _clause(self) -> None:
        self.subjects, self.act, self.prep, self.noun = [], None, "", None
        self.object_due = self.passive = self.condition = self.subordinate = self.supposed = False
        self.fresh = True

    def _colon(self, position: int) -> None:
        """Take what stands before an early colon for who speaks."""
        if position <= TOPIC and self.act is None:
            for part in self.subjects:
                if all(NOUNS.get(word) in SPOKESMEN or word == "'s" for word in self.lower[part.end : position]):
                    part.slot, part.act = Slot.SPEAKER, Act.SAY
        self._clause()

    def _harm(self) -> None:
        for part in self.subjects:
            part.slot = Slot.TARGET
        self.act, self.subjects, self.prep = Act.SAY, [], ""

    def _verb_or_noun(self, position: int, word: str) -> None:
        noun, act = NOUNS.get(word), ACTS.get(word)
        last = self.parts[-1] if self.parts else None
        if act is not None and not (noun is not None and reads_as_noun(self.lower, position, last)):
            self._verb(word, act)
        if noun is not None:
            self.noun = noun

    def _verb(self, word: str, act: Act) -> None:
        if act is Act.BE:
            self.passive = self.passive or word in PASSIVE
            return
        if self.passive and act in SUFFERING and word.endswith(("ed", "en", "ruck", "hot")):
            for part in self.subjects:
                at_stake = self.condition and part.slot is Slot.FOE  # `if Gaza is overrun`
                part.slot = Slot.ACCUSED if act is Act.ACCUSE else Slot.OVER if at_stake else Slot.TARGET
        self._give_subjects(act)
        self.act, self.prep, self.passive, self.fresh = act, "", False, False
        self.object_due = True
        if act is Act.SAY:
            self.subjects, self.object_due, self.noun = [], False, None

    def _give_subjects(self, act: Act) -> None:
        for part in self.subjects:
            if part.act is None:
                part.act = act
                if act in {Act.SAY, Act.ACCUSE} and part.slot in {Slot.SUBJECT, Slot.FOE} and not part.force:
                    part.slot = Slot.SPEAKER
            elif part.act in {Act.MOVE, Act.TELL} and act in {Act.HIT, Act.PLOT} and not self.prep:
                part.act = act

    def _name(self, mention: Mention) -> int:
        """Place a name; return where to read on."""
        part = Part(mention.code, mention.kind, mention.start, mention.end, Slot.OTHER, theatre=mention.theatre)
        follows = noun_after(self.lower, part) or self._shared(part)
        part.force = follows is Noun.FORCE or mention.kind in {Kind.FORCE, Kind.GROUP}
        self._yield_to(part)
        self.before_last = (self.prep, self.object_due)
        if only_describes(self.lower, part):
            self.parts.append(part)
            return part.end + 2 if self.lower[part.end : part.end + 1] == ["-"] else part.end
        if is_venue(self.lower, part):
            part.slot, self.prep = Slot.VENUE, ""
            self.parts.append(part)
            return part.end
        part.slot = self._slot(part, follows)
        self.noun = follows or self.noun
        self.parts.append(part)
        self.prep, self.object_due, self.fresh = "", False, False
        return part.end

    def _shared(self, part: Part) -> Noun | None:
        linked = self.lower[part.end : part.end + 1] in (["and"], [","], ["or"])
        return shared_noun(self.lower, part, self.mentions.get(part.end + 1)) if linked else None

    def _yield_to(self, part: Part) -> None:
        """`Somalia's al-Shabaab`: the country before an armed group only says where it is."""
        last = self.parts[-1] if self.parts else None
        if last is None or part.kind is not Kind.GROUP or last.code == part.code or last.kind is Kind.GROUP:
            return
        if all(word == "'s" for word in self.lower[last.end : part.start]):
            self.subjects = [subject for subject in self.subjects if subject is not last]
            self.prep, self.object_due = self.before_last
            last.slot = Slot.LOCATION

    def _slot(self, part: Part, follows: Noun | None) -> Slot:  # noqa: PLR0911  # one return per construction, strongest first
        if self._is_attributed(part):
            part.act, self.subjects = Act.SAY, []
            return Slot.SPEAKER
        if is_mourned(self.lower, part):
            return Slot.LOCATION
        if (joined := self._joined(part)) is not None:
            return joined
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
        if self.act is Act.TELL:
            self._listened(part)
        if self.act is not None:
            self.subjects = []
        self.subjects.append(part)
        self.act = None
        if not self.subordinate:
            return Slot.SUBJECT
        if self.past:
            self.hanging.append(part)
        return Slot.FOE

    def _listened(self, part: Part) -> None:
        """`Netanyahu tells Obama Israel reserves ...`: of two names in a row the first listens, and whoever tells it speaks."""
        last = self.parts[-1] if self.parts else None
        if last is None or last.end != part.start or last.slot is not Slot.FOE:
            return
        last.slot = Slot.LOCATION
        for teller in self.parts:
            if teller.act is Act.TELL and teller.slot is Slot.SUBJECT:
                teller.slot, teller.act = Slot.SPEAKER, Act.SAY

    def _object(self, part: Part, act: Act) -> Slot:
        if act in {Act.WARN, Act.DENY} and acts_next(self.lower, part):
            for subject in self.subjects:
                subject.slot, subject.act = Slot.SPEAKER, Act.SAY
            return self._begins(part)
        if opens_clause(self.lower, part) or (act in {Act.TELL, Act.ASK} and told_to_act(self.lower, part)):
            return self._begins(part)
        if act is Act.TELL and not self.subjects:
            return Slot.LOCATION
        if act is Act.MOVE:
            return Slot.AGENT if part.force else Slot.LOCATION
        if act in {Act.HIT, Act.WARN} and any(subject.slot is Slot.FOE for subject in self.subjects):
            return Slot.OVER
        if act is Act.ACCUSE:
            self.subjects = [part]
        if act is Act.HELP:
            part.act = act
        return OBJECTS.get(act, Slot.TARGET)

    def _begins(self, part: Part) -> Slot:
        """Make the name the subject of a clause of its own."""
        self.subjects, self.act = [part], None
        return Slot.SUBJECT

    def _joined(self, part: Part) -> Slot | None:
        """Return the slot of the name before, where only `and` or a comma stands between; a hyphen joins two parties."""
        last = self.parts[-1] if self.parts else None
        if last is None or part.start - last.end > APART:
            return None
        between = self.lower[last.end : part.start]
        if between in (["-"], ["/"]):
            last.slot = Slot.PARTY if last.slot in PAIRABLE else last.slot
            return last.slot
        if LINKS.isdisjoint(between) or last.kind is Kind.ADJECTIVE:
            return None
        if not all(word in LINKS or word in {"the", "'s"} for word in between):
            return None
        if any(subject is last for subject in self.subjects):
            self.subjects.append(part)
        elif between == [","] and not listed_on(self.lower, part, self.mentions):
            return None
        return last.slot

    def _is_attributed(self, part: Part) -> bool:
        """`..., Kyiv says`; `... - Pentagon`; `according to Kyiv`."""
        lower, start = self.lower, before_title(self.lower, part)
        before = lower[start - 1] if start else ""
        if before == "to" and lower[start - 2] == "according":
            return True
        short = len(lower) - part.end <= TAIL < part.start
        if before in {"-", ":"} and short and not self._pairs_with_last(part):
            return True
        return before in {",", "-"} and says_after(lower, part, before)

    def _pairs_with_last(self, part: Part) -> bool:
        """`Armenia-Azerbaijan` is a pair; `...in Afghanistan-Pentagon` names who says so."""
        last = self.parts[-1] if self.parts else None
        if last is None or last.end != part.start - 1 or self.lower[last.end] == ":":
            return False
        return part.kind in {Kind.NAME, Kind.ADJECTIVE, Kind.GROUP} or self.act is None

    def _after_preposition(self, part: Part, follows: Noun | None) -> Slot:  # noqa: PLR0911  # one return per construction
        prep = self.prep
        if follows is Noun.BORDER and prep not in {"from", "over", "of"}:
            return Slot.NEAR
        if prep == "by":
            return self._by()
        if prep == "of" and self.noun is Noun.OFFICE:
            return self._of_office(part)
        if prep in {"in", "inside", "within", "across"} and follows is Noun.FORCE:
            return Slot.LOCATION
        if prep == "for" and told_to_act(self.lower, part):
            return self._begins(part)
        if prep == "with" and part.force and self.noun not in {Noun.STRIFE, Noun.BORDER}:
            return Slot.PARTNER
        if follows is Noun.ATTACK and prep in ANSWERED:
            return Slot.FOE
        return self._victim() or prepositional(prep, self.noun, self.act, force=part.force)

    def _of_office(self, part: Part) -> Slot:
        """`ministers of NATO warned`, `the government of Mali was`: the name stands where the office stands."""
        if self.fresh or self.act is None:
            return self._subject(part)
        return OBJECTS.get(self.act, Slot.TARGET) if self.act in SUFFERING | {Act.HELP, Act.ASK} else Slot.LOCATION

    def _victim(self) -> Slot | None:
        """`any attack on X` is about X; `after the attack on X` only tells the occasion."""
        answered = (
            self.parts and self.parts[-1].slot is Slot.FOE and self.parts[-1].act is None and not self.subordinate
        )
        if self.prep in {"on", "against"} and (self.supposed or (answered and self.noun is Noun.ATTACK)):
            return Slot.OVER
        if self.noun is not Noun.ATTACK or self.prep not in {"on", "against", "in", "of"}:
            return None
        if self.supposed:
            return Slot.OVER
        return Slot.LOCATION if self.subordinate and not self.condition and not self.subjects else None

    def _by(self) -> Slot:
        if self.act in SUFFERING - {Act.PLOT}:
            for subject in self.subjects:
                if subject.slot is Slot.SUBJECT:
                    subject.slot = Slot.TARGET
        return Slot.AGENT if self.act is not Act.HELP else Slot.OTHER
