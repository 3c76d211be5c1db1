"""Who speaks in a sentence, as a short phrase in the text's own words."""

from __future__ import annotations

import re

from monitor.reading.tables import words
from monitor.reading.tokens import plain_marks

_VERB = (
    r"(?:says?|said|saying|warns?|warned|claims?|claimed|vows?|vowed|threatens?|threatened|tells?|told|denies|denied|accuses?|accused|"
    r"announces?|announced|insists?|insisted|declares?|declared|adds?|added|pledges?|pledged|confirms?|confirmed|dismisses|dismissed|"
    r"rejects?|rejected|alleges?|alleged|states?|stated|reports?|reported|fears?|feared|urges?|urged|promises|promised)"
)
_NAME = r"[^,.;:\"]"
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<who>[^,.;:]+)")
_COLON = re.compile(rf"^(?P<who>[^,.;:'\"]{_NAME}{{1,44}}): ")
_SAID_WHO = re.compile(rf"[\"',]\s*(?:as )?{_VERB} (?P<who>(?:the |a |an |[A-Z]){_NAME}+)")
_APPOSED = re.compile(rf"[,\"]\s*(?P<who>{_NAME}{{2,50}}, [A-Z]{_NAME}{{2,40}}), {_VERB}\b[^,]*$")
_TRAILING = re.compile(rf"[,\"]\s*(?:but )?(?P<who>{_NAME}{{2,70}}?) {_VERB}(?: [\w'-]+){{0,5}}[.,]?$")
_COLON_LAST = re.compile(
    r"^(?:\S+ ){3,}\S+: (?P<who>(?:[A-Z][\w'.-]* ?){1,4}(?:chief|official|source|minister|president|army|envoy)?s?)$"
)
_DASH = re.compile(r"\s-\s?(?P<who>[A-Z][^,.;:\"]{1,40})$")
_LEADING = re.compile(
    rf"^\"?(?:But |And |Meanwhile,? |Earlier,? |On \w+,? )?(?P<who>[^,;:\"]{{2,90}}?(?:, [^,;:\"]{{2,60}},)?) (?:\w+ly )?{_VERB}\b"
)
_PATTERNS = (_ACCORDING, _SAID_WHO, _APPOSED, _TRAILING, _COLON_LAST, _COLON, _DASH, _LEADING)
_HEADLINE = (_COLON_LAST, _COLON)
_LONGEST_HEAD = 3
_BEFORE_COLON = re.compile(rf"^(?P<who>.+?) (?:\w+ly )?(?:{_VERB}|to)\b")
_TAIL = re.compile(
    r"\s(?:on|in|at|during|after|late|early|earlier|as|while|when|that|who|via|from|told|has|had|have|was|were|is|are|also|again|reporters)\b.*$"
)
_NOT_WHO = re.compile(r"\b(?:troops|tanks|attack|invasion|strike|coup|missiles?)\b", re.IGNORECASE)
_TOPIC = re.compile(
    r"\b(?:war|live|coup|conflict|crisis|clash\w*|fighting|protests?|riots?|strikes?|crash|cables|updates?|latest|news|briefing|breaking|exclusive|"
    r"insight|scenarios?|analysis|explainer|explained|factbox|timeline|profile|newsmaker|corrected|correction|highlights|views?|report|special|"
    r"witness|watch|opinion|editorial|interview|video|photos|pictures|podcast|verify|happened|q\+a|q&a|how|why|what|when|where|cup|league|"
    r"premiership|championship|weather|plot|box office|official function|ready)\b",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"\b(?:officials?|officers?|spokes\w+|minist\w+|president|army|military|general|sources?|government|rebels?|commanders?|leaders?|"
    r"aides?|envoys?|analysts?|police|department|agency|media|television|witness\w*|diplomats?|residents|experts?)\b"
)
_NOBODY = words("says little")
_WORDS = 9


def speaker_of(sentence: str) -> str:
    """Return who says what the sentence says, "" where it names nobody."""
    text = plain_marks(sentence)
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            named = _head(match["who"]) if pattern is _COLON else match["who"]
            if pattern in _HEADLINE and _is_heading(match["who"], named):
                continue
            if _is_speaker(who := _tidy(named, leading=pattern is _LEADING), leading=pattern is _LEADING):
                start = text.index(who, match.start("who"))
                return sentence[start : start + len(who)]
    return ""


def _head(who: str) -> str:
    """Return who speaks in a headline's `NATO members warn Russia: …`."""
    found = _BEFORE_COLON.match(who)
    return found["who"] if found else who


def _is_heading(words_: str, named: str) -> bool:
    """Say whether what stands beside a colon is a heading (`Ukraine war live`) or a whole statement, and nobody."""
    long = len(named.split()) > _LONGEST_HEAD and not _OFFICE.search(named)
    return long or bool(_TOPIC.search(words_) or _NOT_WHO.search(named))


def _tidy(who: str, *, leading: bool) -> str:
    who = who.split(",", maxsplit=1)[0] if leading else who
    return _TAIL.sub("", who).strip(" \"'-")


def _is_speaker(who: str, *, leading: bool) -> bool:
    parts = who.split()
    if not parts or len(parts) > _WORDS or parts[0].lower() in _NOBODY:
        return False
    if leading and _NOT_WHO.search(who):
        return False
    return any(word[0].isupper() for word in parts) or bool(_OFFICE.search(who))
