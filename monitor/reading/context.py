"""Whether a name that has several meanings is meant as the country: people, brands and the American state apart."""

from __future__ import annotations

from monitor.reading.tables import words
from monitor.reading.tokens import Tokens

FIRST_NAMES = words("first name")
GIVEN = words("given name")
"""Countries and cities that are also given names: before another capitalised word, outside a headline in capitals, a person."""
AFTER_COUNTRY = words("after country")
"""What follows a country rather than a given name."""
US_GEORGIA = words("american georgia")
CAUCASUS = words("caucasus")
FOOD = words("food")


def is_meant(code: str, tokens: Tokens, start: int, end: int, *, person: bool) -> bool:
    """Say whether the name at these tokens stands for the country (or office) it is listed under."""
    lower = tokens.lower
    name = lower[start]
    if not code:
        return True
    if end - start == 1:
        if name == "georgia" and _american_georgia(lower):
            return False
        if (
            start
            and tokens.cased
            and not person
            and lower[start - 1] in FIRST_NAMES
            and tokens.words[start - 1][0].isupper()
        ):
            return False
        if name in GIVEN and _given(tokens, end):
            return False
        if name == "turkey" and not FOOD.isdisjoint(lower):
            return False
    return True


def _american_georgia(lower: list[str]) -> bool:
    words = set(lower)
    return bool(words & US_GEORGIA) and not words & CAUCASUS


def _given(tokens: Tokens, end: int) -> bool:
    if tokens.titled or not tokens.cased or end >= len(tokens.words):
        return False
    after = tokens.words[end]
    return after[0].isupper() and len(after) > 1 and not after.isupper() and after.lower() not in AFTER_COUNTRY
