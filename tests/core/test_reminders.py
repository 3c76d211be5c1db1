"""When a reminder is due, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import reminders
from monitor.core.alerts import EventKind
from monitor.core.hours import Attention
from tests.builders import AT, HOUR, MINUTE, an_event


@given(st.integers(0, 5), st.integers(1, 90), st.integers(0, 3_000))
def test_reminders_come_one_by_one_and_end(times: int, after: int, minutes: int) -> None:
    attention = Attention(remind_after=after * MINUTE, remind_times=times)
    number = reminders.due(AT, attention, AT + minutes * MINUTE)

    assert 0 <= number <= times + 1
    assert number * attention.remind_after <= minutes * MINUTE
    if number <= times:
        assert minutes * MINUTE < (number + 1) * attention.remind_after
    assert reminders.due(AT, attention, AT + (minutes + after) * MINUTE) in (number + 1, times + 1)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=20), "20 seconds"),
        (MINUTE, "1 minute"),
        (15 * MINUTE, "15 minutes"),
        (119 * MINUTE, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (47 * HOUR, "47 hours"),
        (timedelta(days=3, hours=5), "3 days"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_unit(span: timedelta, said: str) -> None:
    assert reminders.lasting(span) == said


def test_what_counts_is_the_last_rise_of_the_level() -> None:
    kinds = (EventKind.OPENED, EventKind.ESCALATED, EventKind.UPDATED, EventKind.EASED)
    events = [an_event(kind=kind, at=AT + number * HOUR) for number, kind in enumerate(kinds)]

    assert reminders.risen_at(events) == AT + HOUR
    assert reminders.risen_at([]) is None
