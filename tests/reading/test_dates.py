"""Days that a text announces."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.dates import claimed_dates

FRIDAY = datetime(2021, 11, 26, 12, tzinfo=UTC)


def days(*wanted: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, wanted))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a coup is planned for December 1-2", days("2021-12-01", "2021-12-02")),
        ("on Dec. 1 and 2", days("2021-12-01", "2021-12-02")),
        ("planned for 1-2 December", days("2021-12-01", "2021-12-02")),
        ("the 1st of December", days("2021-12-01")),
        ("fixed for the first or second of December", days("2021-12-01", "2021-12-02")),
        ("the third of January", days("2022-01-03")),
        ("in the first two days of December", days("2021-12-01", "2021-12-02")),
        ("set for Wednesday or Thursday", days("2021-12-01", "2021-12-02")),
        ("by Monday", days("2021-11-29")),
        ("between November 30 and December 2", days("2021-11-30", "2021-12-01", "2021-12-02")),
        ("on December 1, 2021, it will begin", days("2021-12-01")),
        ("by 2021-12-03", days("2021-12-03")),
        ("tomorrow", days("2021-11-27")),
        ("the attack may come the day after tomorrow", days("2021-11-28")),
        ("tonight", days("2021-11-26")),
        ("in 48 hours", days("2021-11-28")),
        ("within 24 hours", days("2021-11-27")),
        ("within 24-36 hours", days("2021-11-28")),
        ("within two to three days", days("2021-11-29")),
        ("until noon Tuesday", days("2021-11-30")),
        ("a 72-hour ultimatum", days("2021-11-29")),
        ("gave the junta a week to restore him", days("2021-12-03")),
        ("in three days", days("2021-11-29")),
        ("within days", days("2021-11-27", "2021-11-28", "2021-11-29")),
        ("must leave by Monday", days("2021-11-29")),
        ("the assault is planned for Friday", days("2021-11-26")),
        ("the assault will begin next Friday", days("2021-12-03")),
        ("troops will march on Sunday", days("2021-11-28")),
        ("at the end of January", days("2022-01-31")),
        ("an offensive in January 10", days("2022-01-10")),
        (
            "next week",
            days(*(f"2021-{day}" for day in ("11-29", "11-30", "12-01", "12-02", "12-03", "12-04", "12-05"))),
        ),
        ("this weekend", days("2021-11-27", "2021-11-28")),
    ],
)
def test_announced_days_are_found(text: str, expected: tuple[date, ...]) -> None:
    assert claimed_dates(text, FRIDAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the minister said on Monday",
        "he told reporters on November 26 that all is well",
        "the coup of December 1, 1991",
        "since November 3 troops have gathered",
        "on November 3 troops moved",
        "last December 1",
        "three days ago",
        "the army may have 1,200 tanks",
        "Mayor March speaks",
        "February 31",
        "he was 24 hours late",
        "the first of many",
        "the second of November was quiet",
        "",
    ],
)
def test_past_days_and_days_of_speaking_are_not(text: str) -> None:
    assert claimed_dates(text, FRIDAY) == ()


@given(text=st.text(max_size=80), when=st.datetimes(datetime(1997, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis adds the zone
def test_any_text_gives_days_from_its_own_on(text: str, when: datetime) -> None:
    found = claimed_dates(text, when)

    assert all(day >= when.date() for day in found)
    assert list(found) == sorted(set(found))


@given(ahead=st.integers(0, 100))
def test_a_day_written_out_is_found(ahead: int) -> None:
    day = (FRIDAY + timedelta(days=ahead)).date()

    assert day in claimed_dates(f"the assault will begin on {day:%B} {day.day}", FRIDAY)
