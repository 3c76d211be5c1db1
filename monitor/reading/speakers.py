"""Who speaks in a sentence, as a short phrase in the text's own words."""

from __future__ import annotations

import re

from monitor.reading.lexicon import ACTS, Act
from monitor.reading.tables import words
from monitor.reading.tokens import plain_marks

_VERB = (
    r"(?:says?|said|saying|warns?|warned|claims?|claimed|vows?|vowed|threatens?|threatened|tells?|told(?! to)|denies|denied|accuses?|accused(?! of)|"
    r"announces?|announced|insists?|insisted|declares?|declared|adds?|added|pledges?|pledged|confirms?|confirmed|dismisses|dismissed|"
    r"rejects?|rejected|alleges?|alleged|states|stated|reports?|reported|fears?|feared|urges?|urged|promises|promised|admits?|admitted|"
    r"condemns?|denounces?|criticises|criticizes|(?:condemned|denounced|criticised|criticized)(?! (?:as|at|by|for|in|over)\b)(?= \S)|demands|demanded|rules out|ruled out|"
    r"refuses|refused|blames|blamed(?! (?:on|for)\b)|tweets|tweeted|brushes (?:off|aside)|brushed (?:off|aside)|promise (?!of|to be)|hints?|hinted)"
)
_NAME = r"[^,.;:\"]"
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<who>[^,.;:]+)")
_COLON = re.compile(rf"^(?P<who>[^,.;:'\"]{_NAME}{{1,44}}): ")
_SAID_WHO = re.compile(rf"[\"',]\s*(?:as )?{_VERB} (?P<who>(?:the |a |an |[A-Z]){_NAME}+)")
_APPOSED = re.compile(rf"[,\"]\s*(?P<who>{_NAME}{{2,50}}, [A-Z]{_NAME}{{2,40}}), {_VERB}\b[^,]*$")
_OFFICES = "admiral|ambassador|army|chief|commander|envoy|general|leader|military|minister|ministry|official|police|president|source|spokes(?:wo)?man"
_PARENTHETIC = re.compile(rf"[,\"]\s*(?P<who>(?:[A-Z]|the |an? )[^,.;:\"]{{1,40}}?) {_VERB},")
_AGAIN = re.compile(
    rf"^(?P<who>[^,;:\"]{{2,90}}?), (?:and |but )?(?:\w+ly )?{_VERB}\b(?! (?:says?|said|(?:an? |the )?(?:{_OFFICES}|governor|mayor|report|expert|analyst)s?)\b)"
)
_TRAILING = re.compile(rf"[,\"]\s*(?:but )?(?P<who>{_NAME}{{2,70}}?) {_VERB}(?: [\w'-]+){{0,8}}[.,]?$")
_COLON_LAST = re.compile(
    r"^(?:\S+ ){3,}\S+: (?P<who>(?:[A-Z][\w'.-]* ?){1,4}(?:(?:army|defen[cs]e|foreign|interior|military|prime|rebel|security|senior) )?"
    rf"(?:{_OFFICES})?s?)$"
)
_DASH = re.compile(
    rf"\s-\s?(?P<who>[A-Z][^,.;:\"]{{1,40}}|(?:(?:army|defen[cs]e|foreign|government|military|rebel|security|state) )?(?:{_OFFICES}|medic|witnesse)s?)$"
)
_OUTLET = re.compile(
    r"\b(?:\w*News\w*|Times|Post|Journal|Herald|Telegraph|Guardian|Independent|Mirror|Mail|Express|Tribune|Gazette|Chronicle|Magazine|Today|Online|"
    r"BBC|CNN|NBC|CBS|ABC|NPR|PBS|DW|RTE|CNA|NDTV|Reuters|Bloomberg|Politico|POLITICO|Axios|Al Jazeera|France 24|Euronews|Yahoo|MSN)\b"
)
_LEADING = re.compile(
    rf"^\"?(?:But |And |Meanwhile,? |Earlier,? |On \w+,? )?(?P<who>[^,;:\"]{{2,90}}?(?:, [^,;:\"]{{2,60}},)?)(?<! -) (?:\w+ly )?{_VERB}\b"
)
_PATTERNS = (_ACCORDING, _SAID_WHO, _APPOSED, _PARENTHETIC, _TRAILING, _COLON_LAST, _COLON, _DASH, _LEADING, _AGAIN)
_HEADING = re.compile(r"^[^;:\"]{2,60}[;:] (?=[A-Z])")
_HEADLINE = (_COLON_LAST, _COLON)
_LONGEST_HEAD = 3
_BEFORE_COLON = re.compile(rf"^(?P<who>.+?) (?:\w+ly )?(?:{_VERB}|to)\b")
_TAIL = re.compile(
    r"\s(?:on|in|at|during|after|late|early|earlier|as|while|when|that|which|who|via|from|told|has|had|have|was|were|is|are|also|again|reporters)\b.*$"
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
_ARMED = re.compile(rf"{_OFFICE.pattern}|\b(?:forces|soldiers|troops|militants|insurgents)\b")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)$|s'$")
_OBJECT = re.compile(r"\s(?:of|over|to|against|with|on|for)\s|\d")
_SAYS = re.compile(r" (?:says?|said|denies|denied)\b")
_NOBODY = words("says little")
_LATER_WORD = re.compile(r"(?<=\s)\S+")
_WORDS, _HEADINGS = 9, 4
_CLAUSES = re.compile(r"\s(?:(?<!known )(?<!such )(?<!well )as|but|while)\s|\s(?:after|before)\s(?=[A-Z])")


def speaker_of(sentence: str) -> str:
    """Return who says what the sentence says, "" where it names nobody; also behind `Ukraine war live:` and after a semicolon."""
    for _ in range(_HEADINGS):
        if who := _named_in(sentence):
            return who
        found = _HEADING.match(plain_marks(sentence))
        if found is None:
            return ""
        sentence = sentence[found.end() :].strip()
    return ""


def _named_in(sentence: str) -> str:
    text = plain_marks(sentence)
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            named = _head(match["who"]) if pattern is _COLON else match["who"]
            named = _before_verb(named) if pattern is _AGAIN else named
            if pattern in _HEADLINE and _is_heading(match["who"], named):
                continue
            if pattern is _SAID_WHO and not _is_inverted(match, text):
                continue
            if _is_outlet(match) or _PASSIVE.search(match["who"]):
                continue
            if pattern is _COLON and (told := _office_says(text[match.end() :])):
                named = told
            if _is_speaker(who := _tidy(named, leading=pattern is _LEADING), leading=pattern is _LEADING):
                start = text.index(who, match.start("who"))
                return sentence[start : start + len(who)]
    return ""


def _is_inverted(match: re.Match[str], text: str) -> bool:
    """`..., says Kyiv` names who speaks; of `Russia moves tanks, warns Georgia of force` and `..., says NATO tanks near` the subject does."""
    if not match.group().startswith(","):
        return True
    who = match["who"].split()
    last = len(who) <= _LONGEST_HEAD and not text[match.end() :].strip(".\" '")
    said = match.group().lstrip(", ").startswith(("say", "said", "as "))
    return not _NOT_WHO.search(match["who"]) if said else last and not _OBJECT.search(match["who"])


def _is_outlet(match: re.Match[str]) -> bool:
    """`... - BBC News` names the outlet of a copied headline; `...-BBC` and `... -BBC`, as wires write it, who says so."""
    return match.group()[1:3] == "- " and bool(_OUTLET.search(match["who"]))


def _office_says(rest: str) -> str:
    """Return who speaks behind a country's name: `Guinea: special forces claim ...`."""
    found = _LEADING.match(rest)
    if found is None:
        return ""
    office = rest[:1].islower() and _ARMED.search(found["who"])
    name = rest[:1].isupper() and len(found["who"].split()) <= _LONGEST_HEAD and _SAYS.match(rest[found.end("who") :])
    return found["who"] if office or name else ""


def _head(who: str) -> str:
    """Return who speaks in a headline's `NATO members warn Russia: …`."""
    found = _BEFORE_COLON.match(who)
    return found["who"] if found else who


def _before_verb(clause: str) -> str:
    """Return `Lukashenko` of `Lukashenko moves paratroopers to Grodno`, "" where no verb of the lexicon is found."""
    for word in _LATER_WORD.finditer(clause):
        if word.group().endswith("s") and ACTS.get(word.group(), Act.BE) is not Act.BE:
            return _last_clause(clause[: word.start()].rstrip())
    return ""


def _is_heading(words_: str, named: str) -> bool:
    """Say whether what stands beside a colon is a heading (`Ukraine war live`) or a whole statement, and nobody."""
    long = len(named.split()) > _LONGEST_HEAD and not _OFFICE.search(named)
    return long or bool(_TOPIC.search(words_) or _NOT_WHO.search(named))


def _tidy(who: str, *, leading: bool) -> str:
    who = _last_clause(who.split(",", maxsplit=1)[0]) if leading else who
    return _TAIL.sub("", who).strip(" \"'-")


def _last_clause(who: str) -> str:
    """Return `Gallant` of `Israel moves tanks as Gallant`: what stands before tells what is done, not who speaks."""
    return _CLAUSES.split(who)[-1]


def _is_speaker(who: str, *, leading: bool) -> bool:
    parts = who.split()
    if not parts or len(parts) > _WORDS or parts[0].lower() in _NOBODY or parts[-1].endswith(("'s", "s'")):
        return False
    if leading and _NOT_WHO.search(who):
        return False
    return any(word[0].isupper() for word in parts) or bool(_ARMED.search(who))
