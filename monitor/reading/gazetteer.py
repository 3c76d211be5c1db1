"""Names in texts: one automaton over all names of countries, people, forces, places, alliances and groups.

The tables under `lists/` are ours, but for cities.tsv (its header names its source); standard country names come from pycountry
and babel, alliances and armed groups from situations.yaml.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate

import ahocorasick
import pycountry
from babel import Locale

from monitor.core.situations import Registry
from monitor.reading.context import is_american_georgia, is_meant
from monitor.reading.tables import rows, words
from monitor.reading.tokens import Tokens, plain, tokenise


class Kind(StrEnum):
    """What sort of name was found; what follows a name is read by it."""

    NAME = "name"
    ADJECTIVE = "adjective"
    SEAT = "seat"
    FORCE = "force"
    AREA = "area"
    CITY = "city"
    STATE = "state"
    PERSON = "person"
    GROUP = "group"
    ALLIANCE = "alliance"
    THEATRE = "theatre"
    PHRASE = "phrase"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sense:
    """One thing a name can mean.

    code: ISO 3166 alpha-3, a code of situations.yaml, or "" for a phrase that only swallows a name. since, until: years in which
    a person held the office; they choose between two offices. exact: the spelling that must be met, "" where a capital is enough. formal: whether the name counts
    only after an office. theatre: the situation the name stands for, "" where none.
    """

    code: str
    kind: Kind
    since: int = 0
    until: int = 9999
    exact: str = ""
    formal: bool = False
    theatre: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found: `start` and `end` are token positions (end excluded)."""

    code: str
    kind: Kind
    start: int
    end: int
    theatre: str = ""


class Gazetteer:
    """All names, ready to be found in one pass."""

    def __init__(self, registry: Registry) -> None:
        table: dict[str, list[Sense]] = {}
        for name, sense in _all_names(registry):
            senses = table.setdefault(_key(name), [])
            if sense not in senses:
                senses.append(sense)
        self._automaton = ahocorasick.Automaton()
        for key, senses in table.items():
            self._automaton.add_word(key, (len(key), key.count("  ") + 1, tuple(_ranked(senses))))
        self._automaton.make_automaton()

    def find(self, tokens: Tokens, at: date | None = None) -> list[Mention]:
        """Return the names in order, the longest at each place.

        Of several bearers of one name the one in office `at` that time is meant, else the one whose country the text names too.
        """
        lower = tokens.lower
        if not lower:
            return []
        matches = list(self._automaton.iter_long(f" {'  '.join(lower)} "))
        if not matches:
            return []
        starts = dict(zip(accumulate((len(word) + 2 for word in lower), initial=0), range(len(lower)), strict=False))
        named = {senses[0].code for _, (_, _, senses) in matches if senses[0].kind in {Kind.NAME, Kind.ADJECTIVE}}
        found = []
        for end, (length, count, senses) in matches:
            start = starts[end - length + 1]
            mention = _meant(_likeliest(senses, named, at), tokens, start, start + count)
            if mention is not None:
                found.append(mention)
        return found


def _likeliest(senses: Sequence[Sense], named: Collection[str], at: date | None) -> Sequence[Sense]:
    if len(senses) == 1:
        return senses

    def unlikely(sense: Sense) -> tuple[bool, bool]:
        return (
            at is not None and not sense.since <= at.year <= sense.until,
            sense.kind is Kind.PERSON and sense.code not in named,
        )

    people = all(sense.kind is Kind.PERSON for sense in senses)
    return sorted(senses, key=unlikely if people else lambda sense: unlikely(sense)[0])


def _meant(senses: Sequence[Sense], tokens: Tokens, start: int, end: int) -> Mention | None:
    for sense in senses:
        if sense.kind is Kind.PHRASE and not sense.code:
            return None
        if sense.code == "GEO" and is_american_georgia(tokens, start):
            return Mention("USA", Kind.STATE, start, end)
        if _fits(sense, tokens, start, end):
            return Mention(sense.code, sense.kind, start, end, sense.theatre)
    return None


def _fits(sense: Sense, tokens: Tokens, start: int, end: int) -> bool:
    if tokens.cased and not _spelt(sense, tokens.words, start, end):
        return False
    if not tokens.cased and sense.exact and not tokens.words[start].isupper():
        return False
    if sense.formal and not (start and tokens.lower[start - 1] in OFFICES):
        return False
    return not sense.code or is_meant(tokens, start, end, person=sense.kind is Kind.PERSON)


def _spelt(sense: Sense, words: Sequence[str], start: int, end: int) -> bool:
    if sense.exact:
        spelt = " ".join(words[start:end])
        return sense.exact in {spelt, spelt[0].lower() + spelt[1:]}
    first = words[start][0]
    return first.isupper() or first.isdigit() or sense.kind is Kind.PHRASE


OFFICES = words("office")


def _ranked(senses: list[Sense]) -> list[Sense]:
    """Phrases first, then whoever came to office last."""
    return sorted(senses, key=lambda sense: (sense.kind is not Kind.PHRASE, -sense.until, -sense.since))


def _key(name: str) -> str:
    return f" {'  '.join(tokenise(name).lower)} "


def _all_names(registry: Registry) -> Iterator[tuple[str, Sense]]:
    theatres = _theatres(registry)
    codes: dict[str, str] = {}
    for name, sense in _plain_names(registry):
        if sense.kind in {Kind.NAME, Kind.ADJECTIVE}:
            codes.setdefault(name, sense.code)
        yield name, _placed(sense, theatres.pop(plain(name), ""))
    for name, key in theatres.items():
        code = next((codes[word] for word in name.split() if word in codes), "")
        yield name, Sense(code=code, kind=Kind.THEATRE, theatre=key, exact=_exact(name))


def _placed(sense: Sense, theatre: str) -> Sense:
    if not theatre:
        return sense
    return Sense(code=sense.code, kind=sense.kind, exact=sense.exact, theatre=theatre)


def _theatres(registry: Registry) -> dict[str, str]:
    return {plain(alias): named.key for named in registry.situations.values() for alias in named.aliases}


def _plain_names(registry: Registry) -> Iterator[tuple[str, Sense]]:
    yield from _phrases()
    yield from _actors(registry)
    own = set()
    for name, sense in _countries():
        own.add(name.lower())
        yield name, sense
    yield from ((name, sense) for name, sense in _standard_names() if name.lower() not in own)
    yield from ((name, sense) for name, sense in _cities() if name.lower() not in own)
    yield from _leaders()


def _phrases() -> Iterator[tuple[str, Sense]]:
    for phrase, *code in rows("phrases.tsv"):
        yield phrase, Sense(code=code[0] if code else "", kind=Kind.PHRASE)


def _countries() -> Iterator[tuple[str, Sense]]:
    kinds = (Kind.NAME, Kind.ADJECTIVE, Kind.SEAT, Kind.FORCE, Kind.AREA)
    for code, *columns in rows("countries.tsv"):
        for kind, column in zip(kinds, columns, strict=False):
            for name in filter(None, column.split("|")):
                yield name, Sense(code=code, kind=kind, exact=_exact(name))
    for code, names in rows("states.tsv"):
        for name in names.split("|"):
            yield name, Sense(code=code, kind=Kind.STATE)


def _standard_names() -> Iterator[tuple[str, Sense]]:
    """Names of ISO 3166 countries by pycountry and babel that are one plain name."""
    english = Locale("en").territories
    for country in pycountry.countries:
        names = {
            country.name,
            getattr(country, "common_name", country.name),
            english.get(country.alpha_2, country.name),
        }
        for name in sorted(names):
            if not any(sign in name for sign in ",()&"):
                yield name, Sense(code=country.alpha_3, kind=Kind.NAME)


def _cities() -> Iterator[tuple[str, Sense]]:
    for code, names in rows("cities.tsv"):
        for name in names.split("|"):
            yield name, Sense(code=code, kind=Kind.CITY)


def _leaders() -> Iterator[tuple[str, Sense]]:
    for code, since, until, names in rows("leaders.tsv"):
        for name in names.split("|"):
            last = 9999 if until == "-" else int(until)
            yield (
                name.lstrip("!"),
                Sense(code=code, kind=Kind.PERSON, since=int(since), until=last + 1, formal=name.startswith("!")),
            )


def _actors(registry: Registry) -> Iterator[tuple[str, Sense]]:
    for actor in registry.actors.values():
        kind = {"alliance": Kind.ALLIANCE, "organisation": Kind.ALLIANCE, "territory": Kind.NAME}.get(
            actor.kind, Kind.GROUP
        )
        for name in actor.names:
            yield name, Sense(code=actor.code, kind=kind, exact=_exact(name))


def _exact(name: str) -> str:
    """Return the spelling of an acronym or of a name that begins with a small letter; a capital is enough for others."""
    spelt = " ".join(tokenise(name).words)
    return spelt if name.isupper() or name[0].islower() else ""
