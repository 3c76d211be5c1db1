"""Publishers' dates, in the forms they come in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.parse_dates import EARLIEST, read_date

MORNING = "2021-11-26T10:00:00+00:00"
DATES = {
    "RFC 822": ("Fri, 26 Nov 2021 10:00:00 GMT", MORNING),
    "RFC 822 with offset": ("Fri, 26 Nov 2021 12:00:00 +0200", MORNING),
    "RFC 822 with a colon in the offset": ("Fri, 26 Nov 2021 12:00:00 +02:00", MORNING),
    "no weekday, two-digit year": ("26 Nov 21 10:00 GMT", MORNING),
    "American zone": ("Fri, 26 Nov 2021 05:00:00 EST", MORNING),
    "European zone": ("Fri, 26 Nov 2021 12:00:00 EET", MORNING),
    "Moscow": ("Fri, 26 Nov 2021 13:00:00 MSK", MORNING),
    "GMT and hours": ("Fri, 26 Nov 2021 13:00:00 GMT+3", MORNING),
    "unknown zone is UTC": ("Fri, 26 Nov 2021 10:00:00 XYZ", MORNING),
    "ISO": ("2021-11-26T10:00:00Z", MORNING),
    "ISO with offset": ("2021-11-26T05:00:00-05:00", MORNING),
    "ISO, offset without colon": ("2021-11-26T05:00:00-0500", MORNING),
    "ISO, offset after a space": ("2021-11-26T05:00:00 -0500", MORNING),
    "ISO with a space": ("2021-11-26 10:00:00", MORNING),
    "ISO with a zone name": ("2021-11-26 10:00:00 UTC", MORNING),
    "ISO without separators": ("20211126T100000Z", MORNING),
    "ISO with one-digit seconds": ("2021-11-26T10:00:0Z", MORNING),
    "ISO day": ("2021-11-26", "2021-11-26T00:00:00+00:00"),
    "end of day": ("2021-11-26T24:00:00Z", "2021-11-27T00:00:00+00:00"),
    "leap second": ("Fri, 26 Nov 2021 09:59:60 GMT", MORNING),
    "afternoon": ("Friday, November 26, 2021 04:42 PM", "2021-11-26T16:42:00+00:00"),
    "afternoon with dots": ("Nov 26, 2021 4:42 p.m. EST", "2021-11-26T21:42:00+00:00"),
    "noon": ("26 Nov 2021 12:00 PM", "2021-11-26T12:00:00+00:00"),
    "midnight": ("26 Nov 2021 12:00 AM", "2021-11-26T00:00:00+00:00"),
    "Pacific time is no afternoon": ("Fri, 26 Nov 2021 02:00:00 PST", MORNING),
    "abbreviation with a dot": ("26 Nov. 2021 10:00:00 GMT", MORNING),
    "ordinal": ("26th November 2021 10:00", MORNING),
    "C time": ("Fri Nov 26 10:00:00 2021", MORNING),
    "seconds since 1970": ("1637920800", MORNING),
    "milliseconds since 1970": ("1637920800000", MORNING),
    "dotted": ("26.11.2021 10:00", MORNING),
    "slashed, day first": ("26/11/2021 10:00", MORNING),
    "slashed, month first": ("11/26/2021 10:00", MORNING),
    "Portuguese": ("Sex, 26 Set 2021 10:00:00 +0000", "2021-09-26T10:00:00+00:00"),
    "Spanish": ("26 de noviembre de 2021 10:00", MORNING),
    "German": ("26. Dezember 2021 10:00", "2021-12-26T10:00:00+00:00"),
    "French": ("ven., 26 juil. 2021 10:00:00 +0000", "2021-07-26T10:00:00+00:00"),
    "Russian": ("26 ноября 2021, 10:00", MORNING),
    "far future": ("Fri, 31 Dec 9999 23:59:00 +0900", "9999-12-31T14:59:00+00:00"),
}
NOT_DATES = {
    "a time alone is not today's": "00:00",
    "a time with its zone is not today's": "14:05 GMT",
    "a month without its year is not this year's": "--03-12",
    "a year alone is not this month's": "2026",
    "a year and a month are no day": "2026-02",
    "a year and a month in words are no day": "February 2026",
    "words": "not a date",
    "no such day": "Mon, 30 Feb 2026 10:00:00 GMT",
    "no such hour": "Mon, 23 Nov 2026 25:61:61 +2500",
    "negative": "-1",
    "huge": "1e400",
    "zeros": "0000-00-00 00:00:00",
    "year one": "Mon, 01 Jan 0001 00:00:00 +0000",
    "the epoch": "Thu, 01 Jan 1970 00:00:00 GMT",
    "before feeds": "Fri, 06 May 1983 09:00:00 CST",
    "beyond the calendar": "9999-12-31T23:59:59-12:00",
    "too long": "Fri, 26 Nov 2021 10:00:00 GMT" + " x" * 100,
    "empty": "",
}


@pytest.mark.parametrize(("text", "moment"), DATES.values(), ids=DATES.keys())
def test_a_date_is_read(text: str, moment: str) -> None:
    assert read_date(text) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", NOT_DATES.values(), ids=NOT_DATES.keys())
def test_what_is_no_usable_date_is_none(text: str) -> None:
    assert read_date(text) is None


@given(st.text(st.sampled_from("0123456789-:/. TZapmGMTNovFri+,\u0661\u00b2"), max_size=40))
def test_anything_that_looks_like_a_date_is_one_in_utc_or_none(text: str) -> None:
    moment = read_date(text)

    assert moment is None or (moment.tzinfo is UTC and moment >= EARLIEST)


@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # zone added below
def test_every_moment_survives_the_common_forms(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)

    for form in ("%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%d %B %Y %I:%M:%S %p"):
        assert read_date(moment.strftime(form)) == moment
