"""Publishers' dates, in all their forms, to aware UTC."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone

import feedparser.datetimes

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 100
# Beginnings of month names, English first, then those that differ in languages whose feeds spell dates their own way.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen янв січ sty oca",
            "feb fév fev févr лют lut şub",
            "mar mär mrt мар бер mars",  # noqa: RUF001  # Cyrillic is meant
            "apr abr avr кві kwi nis апр",
            "may mai mag mei maj май мая тра",
            "jun juin giu чер cze haz июн",
            "jul juil lug лип lip tem июл",
            "aug ago aoû août авг сер sie ağu agu",  # noqa: RUF001  # Cyrillic is meant
            "sep set сен вер wrz eyl sept",
            "oct out ott okt окт жов paź eki",
            "nov ноя лис lis kas noy",
            "dec dez dic déc des дек гру gru ara",  # noqa: RUF001  # Cyrillic is meant
        ),
        1,
    )
    for name in names.split()
}
_HOURS_OF_ZONE = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
    "ist": 5.5, "pkt": 5, "hkt": 8, "sgt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "hst": -10,
    "ast": -4, "adt": -3, "brt": -3, "art": -3, "sast": 2, "eat": 3, "cat": 2, "wat": 1, "trt": 3, "gst": 4, "wib": 7, "ict": 7,
}  # fmt: skip
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_TIME = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{1,2})(?:\.\d+)?)?\s{0,3}(?:([ap])\.?m\b)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:gmt|utc|\s|\d)([+-])(\d{1,2}):?(\d{2})?\s*(?:\([^)]*\))?$", re.IGNORECASE)
_ZONE = re.compile(r"\b([a-z]{1,4})$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?[\s.,-]{1,3}(?:de\s)?([^\W\d_]{3,12})[\s.,-]{1,3}(?:de\s)?(\d{4}|\d{2})\b",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})\b", re.IGNORECASE)
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|[+-]\d{2}:?\d{2}$")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_COMPACT = 7  # digits of 20031231 and of 2003335
_ORDINAL = 3  # digits of a day of the year, as in 2003-335
_NOON = 12
_MIDNIGHT = 24


def read_date(text: str) -> datetime | None:
    """Return the moment that `text` names, None where it names none or one before 1990. No zone means UTC."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None
    for reader in (_epoch, _iso, _timed, _by_feedparser, _repaired):
        try:
            moment = reader(text)
        except (ValueError, OverflowError):
            continue
        if moment is not None:
            return moment if moment >= EARLIEST else None
    return None


def _epoch(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text[:10]), tz=UTC) if _EPOCH.fullmatch(text) else None


def _iso(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _timed(text: str) -> datetime | None:
    """Read a day with a time of day in plain order; feedparser drops the time, the half of the day or the zone of some."""
    return _repaired(text) if _TIME.search(text) else None


def _by_feedparser(text: str) -> datetime | None:
    """Let feedparser read rarer forms. What names no whole day it would complete from the clock: such a text names no moment."""
    if not _names_a_day(text):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parts = feedparser.datetimes._parse_date(text)  # noqa: SLF001  # its only door to one date
        except Exception:  # noqa: BLE001  # its handlers raise whatever the text provokes
            return None
    return datetime(*parts[:6]).replace(tzinfo=UTC) if parts else None  # noqa: DTZ001  # its six numbers are UTC


def _names_a_day(text: str) -> bool:
    """Say whether year, month and day all stand in `text`, beside any time of day and offset."""
    rest = _CLOCK.sub(" ", text)
    numbers = re.findall(r"\d+", rest)
    if any(len(number) >= _COMPACT for number in numbers):
        return True
    if not any(_YEAR.fullmatch(number) for number in numbers):
        return False
    words = re.search(r"[^\W\d_]{3,}", rest) is not None
    return len(numbers) >= (2 if words else 3) or any(len(number) == _ORDINAL for number in numbers)


def _repaired(text: str) -> datetime | None:
    day = _day(text)
    if day is None:
        return None
    hour, minute, second = _time_of_day(text)
    if hour > _MIDNIGHT or minute >= 60:  # noqa: PLR2004  # minutes of an hour
        return None
    moment = datetime(*day, tzinfo=_zone(text)) + timedelta(hours=hour, minutes=minute, seconds=second)
    return moment.astimezone(UTC)


def _time_of_day(text: str) -> tuple[int, int, int]:
    found = _TIME.search(text)
    if not found:
        return 0, 0, 0
    hour, half = int(found[1]), (found[4] or "").lower()
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    return hour, int(found[2]), int(found[3] or 0)


def _day(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day; where both orders are possible, `11/24/2025` is read the American way."""
    if found := _YEAR_FIRST.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_FIRST.search(text):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_FIRST.search(text):
        return _named(found[3], found[1], found[2])
    if found := _DOTTED.search(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _SLASHED.search(text):
        first, second = int(found[1]), int(found[2])
        return int(found[3]), *((second, first) if first > _NOON else (first, second))
    return None


def _named(year: str, month: str, day: str) -> tuple[int, int, int] | None:
    name = month.lower()
    number = _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
    full = int(year) if len(year) > 2 else 2000 + int(year)  # noqa: PLR2004  # two digits
    return (full, number, int(day)) if number else None


def _zone(text: str) -> timezone:
    if found := _OFFSET.search(text):
        size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(size if found[1] == "+" else -size)
    found = _ZONE.search(text)
    return timezone(timedelta(hours=_HOURS_OF_ZONE.get(found[1].lower(), 0))) if found else UTC
