"""Who speaks in a sentence, as a short phrase in the text's own words."""

from __future__ import annotations

import re

_VERB = (
    r"(?:says?|said|saying|warns?|warned|claims?|claimed|vows?|vowed|threatens?|threatened|tells?|told|denies|denied|accuses?|accused|announces?|"
    r"announced|insists?|insisted|declares?|declared|adds?|added|pledges?|pledged|confirms?|confirmed|dismisses|dismissed|rejects?|"
    r"rejected|alleges?|alleged|states?|stated|reports?|reported|calls?|called|fears?|feared|urges?|urged|promises|promised)"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<who>[^,.;:]+)")
_COLON = re.compile(r"^(?P<who>[^,.;:\"“”]{2,45}): ")
_SAID_WHO = re.compile(rf"[\"”’',]\s*(?:as )?{_VERB} (?P<who>(?:the |a |an |[A-Z])[^,.;:\"“”]+)")
_TRAILING = re.compile(
    rf"[,\"”’]\s*(?:but )?(?P<who>[^,.;:\"“”]{{2,70}}?) {_VERB}(?: (?:on|in|at|to|late|earlier)\b[^,]*)?[.,]?$"
)
_DASH = re.compile(r"\s[-–—]\s?(?P<who>[A-Z][^,.;:\"“”]{1,40})$")
_LEADING = re.compile(
    rf"^[\"“]?(?:But |And |Meanwhile,? |Earlier,? |On \w+,? )?(?P<who>[^,;:\"“”]{{2,90}}?(?:, [^,;:\"“”]{{2,60}},)?) (?:\w+ly )?{_VERB}\b"
)
_TAIL = re.compile(
    r"\s(?:(?:on|in|at|during|after|late|early|earlier|as|while|when|that|who|via|from|told|has|had|have|was|were|is|are|also|again|again,|"
    r"reporters|in a)\b.*)$"
)
_ANYTHING = re.compile(r"\b(?:troops|tanks|attack|invasion|strike|coup|missiles?)\b", re.IGNORECASE)
_PRONOUN = frozenset(
    {"he", "she", "it", "they", "who", "and", "but", "also", "there", "we", "i", "that", "this", "which"}
)
WORDS = 9


def speaker_of(sentence: str) -> str:
    """Return who says what the sentence says, "" where it names nobody."""
    for pattern in (_ACCORDING, _SAID_WHO, _TRAILING, _COLON, _DASH, _LEADING):
        for match in pattern.finditer(sentence):
            if who := _tidy(match["who"], leading=pattern is _LEADING):
                return who
    return ""


def _tidy(who: str, *, leading: bool) -> str:
    who = who.split(",", maxsplit=1)[0] if leading and who.count(",") else who
    who = _TAIL.sub("", who.strip(" \"“”'’-–—")).strip()
    words = who.split()
    if not words or len(words) > WORDS or words[0].lower() in _PRONOUN:
        return ""
    if not any(word[0].isupper() for word in words) and not re.search(
        r"\b(?:official|spokes|minister|president|army|military|general|sources?|government|rebels?|commander|leader)",
        who,
    ):
        return ""
    if leading and _ANYTHING.search(who):
        return ""
    return who
