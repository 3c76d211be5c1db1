"""The gate before a channel: what is critical passes always, what may not pass is kept, and nothing is dropped."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import gate
from monitor.core.alerts import Alert, AlertState, Level
from monitor.core.gate import Way
from monitor.core.hours import Attention, QuietHours
from monitor.core.messages import Channel, DeliveryState
from tests.builders import AT, HOUR, MINUTE, a_channel, a_notification, an_alert

NOON_NAP = QuietHours(start=time(11), end=time(13))
LISTED = "listed in no-1"


def a_place(quiet: QuietHours | None = None, **changes: Any) -> Channel:
    return a_channel(budget_per_day=2, attention=Attention(quiet=quiet, **changes))


@pytest.mark.parametrize(
    ("row", "alert", "quiet", "sent", "way"),
    [
        ({}, {}, None, 0, Way.SEND),
        ({}, {}, None, 1, Way.SEND),
        ({}, {}, None, 2, Way.HOLD),
        ({}, {}, NOON_NAP, 0, Way.HOLD),
        ({"level": Level.CRITICAL}, {}, NOON_NAP, 9, Way.SEND),
        ({}, {"level": Level.CRITICAL}, NOON_NAP, 9, Way.SEND),
        ({}, {"level": Level.CRITICAL, "state": AlertState.RESOLVED}, NOON_NAP, 0, Way.HOLD),
        ({"error": LISTED}, {}, NOON_NAP, 0, Way.PUT_OFF),
        ({"error": LISTED}, {}, None, 2, Way.COVER),
        ({"error": LISTED}, {}, None, 1, Way.SEND),
        ({"error": LISTED}, {"state": AlertState.RESOLVED}, None, 0, Way.COVER),
        ({"error": f"{LISTED}; no route"}, {"state": AlertState.RESOLVED}, None, 0, Way.COVER),
        ({"error": LISTED, "level": Level.CRITICAL}, {}, NOON_NAP, 9, Way.SEND),
        ({}, {"state": AlertState.RESOLVED}, None, 0, Way.SEND),
        ({"kind": "reminder"}, {"level": Level.CRITICAL}, NOON_NAP, 9, Way.SEND),
        ({"kind": "reminder"}, {"level": Level.CRITICAL, "acknowledged_by": "ann"}, None, 0, Way.COVER),
        ({"kind": "reminder"}, {"level": Level.WARNING}, None, 0, Way.COVER),
    ],
)
def test_what_becomes_of_a_message(
    row: dict[str, Any], alert: dict[str, Any], quiet: QuietHours | None, sent: int, way: Way
) -> None:
    found = gate.rule(a_notification(**row), an_alert(**alert), a_place(quiet), sent, AT)
    assert found.way is way
    assert bool(found.why) == (way is not Way.SEND)


alerts = st.builds(
    lambda level, state, taken: an_alert(level=level, state=state, acknowledged_by=taken),
    st.sampled_from(Level),
    st.sampled_from(AlertState),
    st.sampled_from(["", "ann"]),
)


@given(alerts, st.sampled_from(Level), st.sampled_from([None, NOON_NAP]), st.integers(0, 5), st.booleans())
def test_critical_passes_always_and_only_what_was_listed_is_covered(
    alert: Alert, level: Level, quiet: QuietHours | None, sent: int, told: bool
) -> None:
    row = a_notification(level=level, error=LISTED if told else "")
    found = gate.rule(row, alert, a_place(quiet), sent, AT)

    if gate.is_critical(row, alert):
        assert found.way is Way.SEND
    if found.way is Way.COVER:
        assert told
    if found.way is Way.HOLD:
        assert not told
        assert found.until is not None
        assert found.until > AT
    if not quiet and sent < 2 and not told:
        assert found.way is Way.SEND


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, True),
        ({"attempts": 3}, True),
        ({"doubt_since": AT}, False),
        ({"state": DeliveryState.UNKNOWN}, False),
        ({"kind": "update"}, False),
        ({"kind": "chart"}, False),
        ({"kind": "thread", "event_kind": "updated"}, False),
        ({"kind": "thread", "event_kind": "escalated"}, True),
        ({"kind": "thread", "event_kind": "reopened"}, True),
        ({"kind": "reminder"}, True),
        ({"subject": "no-1"}, False),
    ],
)
def test_only_what_shows_in_the_channel_and_has_not_arrived_asks(changes: dict[str, Any], asked: bool) -> None:
    assert gate.asks(a_notification(**changes)) is asked


def test_what_the_budget_holds_is_listed_by_the_next_digest_or_at_midnight() -> None:
    assert gate.next_list(a_place(), AT) == AT + 12 * HOUR
    assert gate.next_list(a_place(digest=time(8)), AT) == AT + 20 * HOUR
    assert gate.next_list(a_place(digest=time(14), time_zone="Europe/Berlin"), AT) == AT + HOUR


def test_held_rows_are_released_when_their_time_has_come_or_the_quiet_is_over() -> None:
    quiet = a_notification(1, state=DeliveryState.HELD, error=gate.QUIET, not_before=AT + HOUR)
    budget = a_notification(2, state=DeliveryState.HELD, error=gate.BUDGET, not_before=AT + HOUR)

    assert gate.released([quiet, budget], a_place(NOON_NAP), AT) == []
    assert gate.released([quiet, budget], a_place(), AT) == [quiet]
    assert gate.released([quiet, budget], a_place(NOON_NAP), AT + HOUR) == [quiet, budget]


def test_a_storm_is_more_fresh_posts_below_critical_than_the_channel_takes_at_once() -> None:
    rows = [a_notification(number) for number in range(3)]
    grave, told = a_notification(8, level=Level.CRITICAL), a_notification(9, error=LISTED)

    assert gate.is_stormy(rows, a_place(storm=2), AT)
    assert not gate.is_stormy(rows, a_place(storm=3), AT)
    assert not gate.is_stormy([*rows, grave, told], a_place(storm=3), AT)
    assert not gate.is_stormy(rows, a_place(NOON_NAP, storm=2), AT)
    assert gate.is_stormy(rows, a_place(NOON_NAP, storm=2), AT + HOUR + MINUTE)
