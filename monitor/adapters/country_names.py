"""Names of countries and languages for people, from the Unicode locale data."""

from __future__ import annotations

from functools import cache

import pycountry
from babel import Locale


@cache
def country_name(code: str) -> str:
    """Return the English name of an alpha-3 code; the code itself where none is known."""
    if code == "XKX":
        return "Kosovo"
    found = pycountry.countries.get(alpha_3=code)
    return str(Locale("en").territories.get(found.alpha_2, found.name)) if found else code


@cache
def language_name(code: str) -> str:
    """Return the English name of an ISO 639-1 code; the code itself where none is known."""
    return str(Locale("en").languages.get(code, code))


def subject_name(code: str) -> str:
    """Return the name of what can go blind: a country by its alpha-3 code, a language by its code in small letters."""
    return language_name(code) if code.islower() else country_name(code)
