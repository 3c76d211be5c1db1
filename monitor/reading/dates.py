"""Days that a text announces or claims, relative to the day it was published."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_MONTH = {form.lower(): number for name, number in _MONTHS.items() for form in (name, name[:3])} | {"sept": 9}
_DAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_NUMBERS = {word: number for number, word in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"])} | {"a": 1, "an": 1, "couple of": 2, "a couple of": 2}  # fmt: skip
SPAN, DEADLINE, AHEAD, BEHIND, NEAR = 7, 60, 120, 150, 200
"""Days: longest span named day by day, farthest deadline, farthest day taken on trust, farthest past day of this year; and how
many characters around a far day must look ahead."""
_M = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_D = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_TO = r"(?:\s*(?:-|\u2013|\u2014|to|and|or|/|through|until)\s*(?:the\s+)?(?P<last>[0-3]?\d)(?:st|nd|rd|th)?)?"
_Y = r"(?:,?\s+(?P<year>(?:19|20)\d\d))?"
_N = r"(?:(?:\d{1,2}|one|two|three|four|five|six)\s?(?:-|\u2013|to|or)\s?)?(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|(?:a )?couple of)"
_WEEKDAY = r"(?P<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_THE_SAME = frozenset({"on", "this", "for"})  # said of the day that it is, these mean today
_OR_DAY = rf"(?:\s*(?:-|\u2013|or|and|to|through)\s*{_WEEKDAY.replace('<weekday>', '<other>')})?"
_UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    "tenth",
    "eleventh",
    "twelfth",
    *(f"{word}teenth" for word in ("thir", "four", "fif", "six", "seven", "eigh", "nine")),
)
_TENS = ("twentieth", *(f"twenty-{word}" for word in _UNITS), "thirtieth", "thirty-first")
_ORDINALS = {word: number for number, word in enumerate((*_UNITS, *_TEENS, *_TENS), start=1)}
_O = rf"(?P<day>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"

_SAID = re.compile(
    r"\b(?:said|says|told|reported|announced|stated|wrote|published|dated|tweeted|speaking)\b(?:\s+\w+){0,3}\s*$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:since|last|after|ended|began|started|happened|killed|arrested|from)(?:\s+(?:on|the|of|late|early|mid))*\s*$",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|would|shall|could|may|might|must|plan\w*|schedul\w+|expect\w*|deadline|ultimatum|due|set to|to begin|to take place|going to|"
    r"prepar\w+|intend\w*|threat\w*|vow\w*|warn\w*|by|until|before|order\w*|demand\w*|possible|imminent|alleged\w*|plot\w*)\b",
    re.IGNORECASE,
)

Found = Iterator[date]


def claimed_dates(text: str, published: datetime) -> tuple[date, ...]:
    """Return the days from the day of publication on that the text speaks of, in order.

    Past days and days on which something was merely said are left out. A span of up to a week gives each of its days; a deadline
    ("within 48 hours", "by Friday") gives its last day; "within days" gives the three days that follow.
    """
    today = published.date()
    found: set[date] = set()
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            found.update(day for day in read(match, text, today) if day >= today)
    return tuple(sorted(found))


def _calendar(match: re.Match[str], text: str, today: date) -> Found:
    before = text[max(0, match.start() - 40) : match.start()]
    if _SAID.search(before.removesuffix("on ").rstrip()) or _PAST.search(before):
        return
    first = _dated(match["month"], match["day"], match["year"], today)
    if first is None or (
        not match["year"]
        and (first - today).days > AHEAD
        and not _FUTURE.search(text, max(0, match.start() - NEAR), match.end() + NEAR)
    ):
        return
    last = match["last"]
    end = _safe(first.year, first.month, int(last)) if last else first
    yield from _span(first, end or first)


def _in_words(match: re.Match[str], _text: str, today: date) -> Found:
    """Read a day written out: `the first or second of December`."""
    first, last = (_ORDINALS.get((match[name] or "").lower()) for name in ("day", "last"))
    yield from _month_days(match["month"], first or 0, last or first or 0, today)


def _opening_days(match: re.Match[str], _text: str, today: date) -> Found:
    """Read `the first two days of December`."""
    word = (match["count"] or "").lower()
    yield from _month_days(match["month"], 1, int(word) if word.isdigit() else _NUMBERS.get(word, 3), today)


def _month_days(month: str, first: int, last: int, today: date) -> Found:
    begin = _dated(month, str(first), None, today)
    end = begin and _safe(begin.year, begin.month, last)
    if begin and end:
        yield from _span(begin, end)


def _across(match: re.Match[str], _text: str, today: date) -> Found:
    first = _dated(match["month"], match["day"], match["year"], today)
    last = _dated(match["month2"], match["day2"], match["year"], today)
    if first and last:
        yield from _span(first, last)


def _span(first: date, last: date) -> Found:
    if last < first or (last - first).days > SPAN:
        yield first
        if last > first:
            yield last
        return
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _dated(month: str, day: str, year: str | None, today: date) -> date | None:
    number = _MONTH[month.lower().rstrip(".")[:3]]
    if year:
        return _safe(int(year), number, int(day))
    here = _safe(today.year, number, int(day))
    if here and (today - here).days > BEHIND:
        return _safe(today.year + 1, number, int(day))
    return here


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(match: re.Match[str], _text: str, _today: date) -> Found:
    if day := _safe(int(match["y"]), int(match["m"]), int(match["d"])):
        yield day


def _weekday(match: re.Match[str], text: str, today: date) -> Found:
    """Read a weekday after `by`, `until`, `next` or the like, or after `on` where the sentence looks ahead."""
    lead = match["lead"].lower()
    before = text[max(0, match.start() - 40) : match.start()]
    if lead == "on" and (_SAID.search(before) or not _FUTURE.search(before)):
        return
    same = 0 if lead in _THE_SAME else 7
    ahead = (_DAYS[match["weekday"].lower()] - today.weekday()) % 7 or same
    further = (_DAYS[(match["other"] or match["weekday"]).lower()] - today.weekday() - ahead) % 7
    yield from _span(today + timedelta(days=ahead), today + timedelta(days=ahead + further))


def _next_week(_match: re.Match[str], _text: str, today: date) -> Found:
    monday = today + timedelta(days=7 - today.weekday())
    yield from _span(monday, monday + timedelta(days=6))


def _weekend(match: re.Match[str], _text: str, today: date) -> Found:
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    if match["lead"].lower() == "next":
        saturday += timedelta(days=7)
    yield from _span(saturday, saturday + timedelta(days=1))


def _in_some(match: re.Match[str], _text: str, today: date) -> Found:
    word = match["count"].lower()
    count = int(word) if word.isdigit() else _NUMBERS[word]
    unit = match["unit"].lower()
    days = {"h": -(-count // 24), "d": count, "w": 7 * count}[unit[0]]
    if days <= DEADLINE:
        yield today + timedelta(days=days)


def _soon(_match: re.Match[str], _text: str, today: date) -> Found:
    yield from _span(today + timedelta(days=1), today + timedelta(days=3))


def _today(_match: re.Match[str], _text: str, today: date) -> Found:
    yield today


def _tomorrow(match: re.Match[str], _text: str, today: date) -> Found:
    yield today + timedelta(days=2 if match.group().lower().startswith("day") else 1)


def _month_end(match: re.Match[str], _text: str, today: date) -> Found:
    named = (match["month"] or "").lower()
    month = _MONTH[named[:3]] if named else today.month
    year = today.year + (month < today.month)
    yield date(year, month, calendar.monthrange(year, month)[1])


def _year_end(_match: re.Match[str], _text: str, today: date) -> Found:
    yield date(today.year, 12, 31)


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


_M2, _D2 = _M.replace("<month>", "<month2>"), _D.replace("<day>", "<day2>")
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str, date], Found]], ...] = (
    (_pattern(rf"\b{_M}\s+{_D}\b{_TO}\b(?!\s*(?:%|percent|\.\d|:\d)){_Y}"), _calendar),
    (_pattern(rf"\b{_D}{_TO}\s+(?:of\s+)?{_M}\b{_Y}"), _calendar),
    (_pattern(rf"\b{_M}\s+{_D}\s*(?:-|\u2013|\u2014|to|and|or|through|until)\s*{_M2}\s+{_D2}\b{_Y}"), _across),
    (
        _pattern(rf"\b(?:the\s+)?{_O}(?:\s+(?:and|or|to)\s+(?:the\s+)?{_O.replace('<day>', '<last>')})?\s+of\s+{_M}\b"),
        _in_words,
    ),
    (_pattern(rf"\b(?:first|opening)\s+(?:{_N}\s+|few\s+)?days\s+of\s+{_M}\b"), _opening_days),
    (_pattern(r"\b(?P<y>(?:19|20)\d\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d)\b"), _iso),
    (
        _pattern(
            rf"\b(?P<lead>by|before|until|till|next|this|coming|from|starting|on|for)\s+(?:(?:late|early|noon|midnight|dawn)(?: on)? )?{_WEEKDAY}{_OR_DAY}\b"
        ),
        _weekday,
    ),
    (_pattern(r"\b(?:next week|coming week(?!s|end)|in the week ahead)\b"), _next_week),
    (_pattern(r"\b(?P<lead>this|coming|next|over the|at the|by the)\s+weekend\b"), _weekend),
    (
        _pattern(
            rf"\b(?:within|in|in the (?:next|coming)|over the (?:next|coming)|the next|next|after)\s+(?:the (?:next|coming) )?{_N}\s+(?P<unit>hours?|days?|weeks?)\b(?! ago)"
        ),
        _in_some,
    ),
    (
        _pattern(
            rf"\b{_N}[-\s](?P<unit>hour|day|week)s?['\u2019]?s?\s+(?:ultimatum|deadline|notice|warning|to (?:leave|withdraw|pull|comply|surrender|disarm|release|return|hand|step|quit|evacuate|restore|reinstate))"
        ),
        _in_some,
    ),
    (_pattern(rf"\b(?:gives?|gave|given)\b[^.]{{0,40}}?\b{_N}\s+(?P<unit>hours?|days?|weeks?)\b"), _in_some),
    (
        _pattern(
            r"\b(?:within days|in (?:the )?coming days|in the next few days|in a few days|in days|within the next few days|over the coming days|in the days ahead|days away)\b"
        ),
        _soon,
    ),
    (_pattern(r"\b(?:tomorrow|day after tomorrow)\b"), _tomorrow),
    (
        _pattern(
            r"\b(?:tonight|within hours|in (?:the )?(?:coming|next few) hours|by midnight|at midnight|hours away)\b"
        ),
        _today,
    ),
    (_pattern(rf"\b(?:end of|late)\s+(?:the month|this month|{_M})\b"), _month_end),
    (_pattern(r"\b(?:end of the year|year's end|year-end|end of this year)\b"), _year_end),
)
