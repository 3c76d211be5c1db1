"""The language an item is in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from monitor.reading.tables import words

ENOUGH, DOUBT, READ = 60, 0.02, 600
"""Characters for a judgement on the words alone; what is left for a feed's own declaration when it is overruled; characters read."""
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
    if _foreign_script(whole):
        return _detected(whole)
    if len(whole) < ENOUGH:
        return declared or _by_words(whole)
    if declared == "en" and (_by_words(whole) or _mostly_names(whole)):
        return "en"
    return _detected(whole, declared)


def _detected(whole: str, declared: str = "") -> str:
    """Return what py3langid takes it for, or the declared language while that keeps some probability.

    py3langid unpacks its model on disk; where there is no room for that, what is declared holds, for reading must go on.
    """
    try:
        ranked = _identifier().rank(whole[:READ])
    except OSError:
        return declared
    if dict(ranked).get(declared, 0.0) >= DOUBT:
        return declared
    return str(ranked[0][0])


def _by_words(text: str) -> str:
    """English has `the`, or two of the small words that are rarely all shared with another language."""
    found = _ENGLISH.intersection(text.lower().split())
    return "en" if "the" in found or len(found) > 1 else ""


def _mostly_names(text: str) -> bool:
    """Say whether more than three in five words are capitalised: names tell no language."""
    parts = text.split()
    return sum(part[:1].isupper() for part in parts) * 5 > len(parts) * 3


def _foreign_script(text: str) -> bool:
    """More than a third of the letters are not Latin."""
    letters = [mark for mark in text if mark.isalpha()]
    return sum(mark > "\u024f" for mark in letters) * 3 > len(letters)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Load the model on first use, for the languages news is written in: it takes some 60 MB."""
    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(sorted(words("languages")))
    return LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
