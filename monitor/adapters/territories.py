"""Countries named in languages other than English, by the names that the Unicode locale data give them.

Only names of countries are known: no capitals, people or forces. A name of five letters or more may take an ending of up to three; in
scripts that join words or articles to names (Arabic, Persian, Chinese) it is found anywhere.
"""

from __future__ import annotations

import re
from functools import cache

import pycountry
from babel import Locale, UnknownLocaleError

_JOINED = frozenset({"ar", "fa", "zh", "ja", "th"})
_INFLECTED = frozenset({"ru", "uk", "pl"})  # the last letter of a name gives way to an ending
_LONG = 5


def countries_named(text: str, language: str) -> tuple[str, ...]:
    """Return the alpha-3 codes of the countries that `text` names in `language`, in order of their first mention."""
    found = {_codes(language)[_number(match)]: None for match in _pattern(language).finditer(text)}
    return tuple(found)


def _number(match: re.Match[str]) -> int:
    return int((match.lastgroup or "n0")[1:])


@cache
def _names(language: str) -> tuple[tuple[str, str], ...]:
    """Return (name, alpha-3) of the countries, longest name first, so that a longer name hides a shorter within it."""
    try:
        territories = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return ()
    pairs = [(territories.get(country.alpha_2, ""), country.alpha_3) for country in pycountry.countries]
    return tuple(sorted(((name, code) for name, code in pairs if name), key=lambda pair: (-len(pair[0]), pair)))


def _codes(language: str) -> list[str]:
    return [code for _, code in _names(language)]


@cache
def _pattern(language: str) -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?P<n{i}>{_form(name, language)})" for i, (name, _) in enumerate(_names(language))) or r"(?!)"
    )


def _form(name: str, language: str) -> str:
    if language in _JOINED:
        return re.escape(name)
    if len(name) < _LONG:
        return rf"\b{re.escape(name)}\w{{0,2}}\b" if language in _INFLECTED else rf"\b{re.escape(name)}\b"
    stem = name[:-1] if language in _INFLECTED else name
    return rf"\b{re.escape(stem)}\w{{0,3}}\b"
