"""Publishers' dates, in all their forms, to aware UTC."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone

import feedparser.datetimes

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 100
_MONTHS = {name: number for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)}
_HOURS_OF_ZONE = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
    "ist": 5.5, "pkt": 5, "hkt": 8, "sgt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "hst": -10,
    "ast": -4, "adt": -3, "brt": -3, "art": -3, "sast": 2, "eat": 3, "cat": 2, "wat": 1, "trt": 3, "gst": 4, "wib": 7, "ict": 7,
}  # fmt: skip
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?(?:m\b\.?)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:gmt|utc|\s|\d)([+-])(\d{1,2}):?(\d{2})?\s*(?:\([^)]*\))?$", re.IGNORECASE)
_ZONE = re.compile(r"\b([a-z]{1,4})$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?[\s.,-]+([a-z]{3})[a-z]*[\s.,-]+(\d{4}|\d{2})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"\b([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b", re.IGNORECASE)
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_NOON = 12


def read_date(text: str) -> datetime | None:
    """Return the moment that `text` names, None where it names none or one before 1990. No zone means UTC."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = _half_day(text) or _by_feedparser(text) or _repaired(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment and moment >= EARLIEST else None


def _by_feedparser(text: str) -> datetime | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parts = feedparser.datetimes._parse_date(text)  # noqa: SLF001  # its only door to one date
        except Exception:  # noqa: BLE001  # its handlers raise whatever the text provokes
            return None
    return datetime(*parts[:6]).replace(tzinfo=UTC) if parts else None  # noqa: DTZ001  # its six numbers are UTC


def _half_day(text: str) -> datetime | None:
    """Read dates with AM or PM, which feedparser takes for morning."""
    found = _TIME.search(text)
    return _repaired(text) if found and found[4] else None


def _repaired(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), tz=UTC)
    day = _day(text)
    if day is None:
        return None
    hour, minute, second = _time_of_day(text)
    return datetime(*day, hour, minute, min(second, 59), tzinfo=_zone(text)).astimezone(UTC)


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
    number = _MONTHS.get(month.lower())
    full = int(year) if len(year) > 2 else 2000 + int(year)  # noqa: PLR2004  # two digits
    return (full, number, int(day)) if number else None


def _zone(text: str) -> timezone:
    if found := _OFFSET.search(text):
        size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(size if found[1] == "+" else -size)
    found = _ZONE.search(text)
    return timezone(timedelta(hours=_HOURS_OF_ZONE.get(found[1].lower(), 0))) if found else UTC
