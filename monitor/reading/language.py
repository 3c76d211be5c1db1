"""The language an item is in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from monitor.reading.tables import words

ENOUGH, SURE = 60, 0.95
"""Characters for a judgement on the words alone, and the probability that overrules a feed's own declaration."""
_ENGLISH = words("english")


def detect_language(title: str, text: str, declared: str) -> str:
    """Return the ISO 639-1 code of an item, "" where nothing tells.

    A short text is trusted to be in the language its feed declares, unless its script says otherwise. py3langid decides on enough
    text, and a declared English is only given up where common English words are missing too.
    """
    declared = declared.lower().replace("_", "-").split("-")[0]
    whole = f"{title} {text}".strip()
    if not whole:
        return declared
    foreign = _foreign_script(whole)
    if len(whole) < ENOUGH and not (foreign and declared == "en"):
        return declared or ("" if foreign else _by_words(whole))
    if declared == "en" and not foreign and _by_words(whole):
        return "en"
    return _detected(whole, declared, foreign=foreign)


def _detected(whole: str, declared: str, *, foreign: bool) -> str:
    code, confidence = _identifier().classify(whole[:600])
    if declared and not foreign and confidence < SURE:
        return declared
    return str(code)


def _by_words(text: str) -> str:
    return "en" if not _ENGLISH.isdisjoint(text.lower().split()) else ""


def _foreign_script(text: str) -> bool:
    """More than a third of the letters are not Latin."""
    letters = [mark for mark in text if mark.isalpha()]
    return sum(mark > "\u024f" for mark in letters) * 3 > len(letters)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Load the model on first use: it takes some 30 MB."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
