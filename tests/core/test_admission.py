"""Which dates let an item count, and from when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.admission import CLOCK_SKEW, EARLIEST, Admission, admit
from monitor.core.alerts import Outcome
from monitor.core.model import DateNote
from tests.builders import AT, DAY, HOUR, MINUTE, an_entry

MAX_AGE, WINDOW = 48 * HOUR, 72 * HOUR


def judge(
    published: datetime | None, *, first_poll: bool = False, bad_date: bool = False, window: timedelta = WINDOW
) -> Admission:
    entry = an_entry(published=published, bad_date=bad_date)
    return admit(entry, AT, first_poll=first_poll, max_age=MAX_AGE, window=window)


def test_an_item_counts_from_its_publishers_date() -> None:
    assert judge(AT - HOUR) == Admission(at=AT - HOUR, published_at=AT - HOUR, note=DateNote.NONE)


@pytest.mark.parametrize(
    ("age", "first_poll", "barred"),
    [
        (WINDOW, False, None),
        (WINDOW + MINUTE, False, Outcome.TOO_OLD),
        (MAX_AGE, True, None),
        (MAX_AGE + MINUTE, True, Outcome.TOO_OLD),
        (MAX_AGE + MINUTE, False, None),
    ],
)
def test_how_old_an_item_may_be(age: timedelta, first_poll: bool, barred: Outcome | None) -> None:
    assert judge(AT - age, first_poll=first_poll).unweighed is barred


def test_a_first_poll_is_never_more_patient_than_the_window() -> None:
    assert judge(AT - 30 * HOUR, first_poll=True, window=DAY).unweighed is Outcome.TOO_OLD


@pytest.mark.parametrize(
    ("published", "bad_date", "note"),
    [
        (None, False, DateNote.UNDATED),
        (None, True, DateNote.UNPARSABLE),
        (EARLIEST - MINUTE, False, DateNote.UNPARSABLE),
        (datetime(1970, 1, 1, tzinfo=UTC), False, DateNote.UNPARSABLE),
    ],
)
def test_without_a_usable_date_an_item_counts_as_seen_now_but_not_on_a_first_poll(
    published: datetime | None, bad_date: bool, note: DateNote
) -> None:
    assert judge(published, bad_date=bad_date) == Admission(at=AT, published_at=None, note=note)
    assert judge(published, bad_date=bad_date, first_poll=True).unweighed is Outcome.FIRST_POLL_UNDATED


@pytest.mark.parametrize("first_poll", [True, False])
def test_a_date_in_the_future_counts_as_now_and_is_marked(first_poll: bool) -> None:
    found = judge(datetime(9999, 12, 31, tzinfo=UTC), first_poll=first_poll)

    assert (found.at, found.note, found.unweighed) == (AT, DateNote.FUTURE, None)


def test_a_clock_a_little_ahead_is_not_worth_a_mark() -> None:
    assert judge(AT + CLOCK_SKEW).note is DateNote.NONE
    assert judge(AT + CLOCK_SKEW).at == AT
    assert judge(AT + CLOCK_SKEW + MINUTE).note is DateNote.FUTURE


@given(st.integers(-200 * 365, 100 * 365).map(lambda days: AT + days * DAY + days * MINUTE), st.booleans())
def test_a_date_only_ever_makes_an_item_older(published: datetime, first_poll: bool) -> None:
    found = judge(published, first_poll=first_poll)

    assert found.at <= AT
    assert found.at in (AT, published)
