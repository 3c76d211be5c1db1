"""Which alerts a silence mutes, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import silences
from monitor.core.alerts import EventKind, Level
from monitor.core.desk import Silence
from tests.builders import AT, DAY, HOUR, MINUTE, a_silence, an_alert, an_event


@pytest.mark.parametrize(
    ("matchers", "level", "muted"),
    [
        ({"situation": "RUS-UKR"}, Level.WATCH, True),
        ({"situation": "UKR-*"}, Level.WATCH, True),
        ({"situation": "RUS-*"}, Level.WATCH, True),
        ({"situation": "MLI"}, Level.WATCH, False),
        ({"situation": "*"}, Level.WARNING, True),
        ({"situation": "RUS-UKR"}, Level.CRITICAL, False),
        ({"situation": "RUS-UKR", "up_to": Level.CRITICAL}, Level.CRITICAL, True),
        ({"situation": "RUS-UKR", "signal": "coup_warning"}, Level.WATCH, False),
        ({"situation": "RUS-UKR", "signal": "troop_concentration"}, Level.WATCH, True),
        ({"situation": "", "alert_id": "al-1"}, Level.WATCH, True),
        ({"situation": "", "alert_id": "al-2"}, Level.WATCH, False),
        ({"situation": "MLI", "alert_id": "al-1"}, Level.WATCH, False),
        ({"situation": "", "signal": "troop_concentration"}, Level.WATCH, True),
    ],
)
def test_a_silence_mutes_what_all_its_matchers_match(matchers: dict[str, Any], level: Level, muted: bool) -> None:
    assert silences.mutes(a_silence(**matchers), an_alert(), level) is muted


SILENCES = st.builds(
    lambda begin, length, up_to, ended: a_silence(
        id=f"si-{begin}-{length}",
        situation="RUS-UKR",
        up_to=up_to,
        created_at=AT + begin * HOUR,
        until=AT + (begin + length) * HOUR,
        ended_at=AT + (begin + ended) * HOUR if ended is not None else None,
    ),
    st.integers(-5, 5),
    st.integers(1, 9),
    st.sampled_from(Level),
    st.none() | st.integers(0, 9),
)


@given(st.lists(SILENCES, max_size=5), st.sampled_from(Level), st.integers(-10, 20))
def test_only_a_silence_in_force_mutes_and_of_several_the_last_to_end(
    made: list[Silence], level: Level, hours: int
) -> None:
    now = AT + hours * HOUR
    found = silences.muting(made, an_alert(), level, now)
    running = [
        each
        for each in made
        if each.created_at <= now < each.until and not each.ended_at and each.up_to.rank >= level.rank
    ]

    assert (found is None) == (not running)
    if found:
        assert found in running
        assert found.until == max(each.until for each in running)


def test_a_message_speaks_of_a_silence_while_it_runs_and_for_a_day_after_it_muted_the_alert() -> None:
    silence = a_silence(situation="RUS-UKR", until=AT + 2 * HOUR, muted=3)
    told = [an_event(), an_event(kind=EventKind.SILENCED, reason=silences.reason_of(silence))]
    alert = an_alert()

    assert silences.about([silence], alert, [], AT + HOUR) == [silence]
    assert silences.about([silence], alert, told, AT + 3 * HOUR) == [silence]
    assert silences.about([silence], alert, [an_event()], AT + 3 * HOUR) == []
    assert silences.about([silence], alert, told, AT + 2 * HOUR + DAY) == []
    assert silences.about([a_silence(situation="MLI")], alert, [], AT) == []


def test_the_words_say_until_when_by_whom_why_and_how_much() -> None:
    silence = a_silence(muted=2)
    ended = replace(silence, ended_at=AT + MINUTE, ended_by="bob", muted=1)

    assert silences.line(silence, AT) == (
        "until 26 November 14:00 UTC by ann: known exercise; 2 notifications kept back so far"
    )
    assert silences.line(ended, AT + HOUR) == (
        "ended 26 November 12:01 UTC by bob; it was ann's: known exercise; it kept back 1 notification"
    )
    assert silences.list_line(silence, AT).startswith("si-1: situation MLI, up to warning, until 26 November")
