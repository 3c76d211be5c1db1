"""Whether a name that has several meanings is meant as the country: people, brands and the American state apart."""

from __future__ import annotations

from monitor.reading.tables import words
from monitor.reading.tokens import Tokens, is_titled

FIRST_NAMES = words("first name")
GIVEN = words("given name")
"""Countries and cities that are also given names: before another capitalised word, outside a headline in capitals, a person."""
AFTER_COUNTRY = words("after country")
"""What follows a country rather than a given name."""
US_GEORGIA = words("american georgia")
CAUCASUS = words("caucasus")
FOOD = words("food")


def is_meant(tokens: Tokens, start: int, end: int, *, person: bool) -> bool:
    """Say whether the name at these tokens stands for what it is listed under, and not for somebody who bears it."""
    if end - start > 1:
        return True
    name = tokens.lower[start]
    if name in GIVEN and _given(tokens, end):
        return False
    if name == "turkey" and not FOOD.isdisjoint(tokens.lower):
        return False
    return person or not tokens.cased or not _surname(tokens, start)


def is_american_georgia(tokens: Tokens, start: int) -> bool:
    """Say whether `Georgia` here is the American state: by the company it keeps."""
    words = set(tokens.lower)
    return tokens.lower[start] == "georgia" and bool(words & US_GEORGIA) and not words & CAUCASUS


def _surname(tokens: Tokens, start: int) -> bool:
    return start > 0 and tokens.lower[start - 1] in FIRST_NAMES and tokens.words[start - 1][0].isupper()


def _given(tokens: Tokens, end: int) -> bool:
    if not tokens.cased or end >= len(tokens.words) or is_titled(tokens.words):
        return False
    after = tokens.words[end]
    return after[0].isupper() and len(after) > 1 and not after.isupper() and after.lower() not in AFTER_COUNTRY
