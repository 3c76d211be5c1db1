"""Names of countries for people, from the Unicode locale data."""

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
