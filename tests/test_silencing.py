"""Silences: they always end, say who and why, mute what they name and nothing else, and lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.core.alerts import Alert, AlertState, EventKind, Level
from monitor.core.desk import Silence
from monitor.core.errors import InputError
from monitor.core.messages import DeliveryState
from monitor.pipeline.silencing import end_silence, list_silences, make_silence
from tests.builders import AT, DAY, HOUR, MINUTE, a_notification, an_alert, an_event
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(storage)
    yield storage
    storage.close()


def make(storage: SqlStorage, **changes: Any) -> Silence:
    """Let ann silence Mali for six hours."""
    base = {
        "situation": "MLI",
        "signal": "",
        "alert_id": "",
        "up_to": Level.WARNING,
        "author": "ann",
        "reason": "known exercise",
        "span": 6 * HOUR,
        "now": AT,
    }
    with storage.transaction() as unit:
        return make_silence(unit, **{**base, **changes})


def test_a_silence_is_kept_with_author_reason_and_end(any_storage: SqlStorage) -> None:
    made = make(any_storage)

    with any_storage.reading() as unit:
        assert unit.silence(made.id) == made
        assert (made.author, made.reason, made.until) == ("ann", "known exercise", AT + 6 * HOUR)
        assert list(list_silences(unit, AT + 5 * HOUR)) == [made]
        assert list(list_silences(unit, AT + 6 * HOUR)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"span": 31 * DAY}, "within 30 days"),
        ({"span": timedelta(days=400_000)}, "within 30 days"),
        ({"span": timedelta(seconds=5)}, "at least a minute"),
        ({"span": -HOUR}, "at least a minute"),
        ({"author": " "}, "author"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 501}, "500"),
        ({"situation": ""}, "names what it mutes"),
        ({"situation": "<!channel>"}, "no situation"),
        ({"signal": "war"}, "no signal"),
    ],
)
def test_what_never_ends_or_names_nobody_is_refused(storage: SqlStorage, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        make(storage, **changes)
    with storage.reading() as unit:
        assert unit.silences() == []


def test_the_same_request_twice_makes_one_silence(storage: SqlStorage) -> None:
    assert make(storage) == make(storage)
    with storage.reading() as unit:
        assert len(unit.silences()) == 1


def test_open_alerts_that_it_mutes_say_so_once_and_their_messages_are_edited(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        for number, situation in ((1, "MLI"), (2, "NER")):
            unit.save_alert(an_alert(id=f"al-{number}", situation=situation))
            unit.add_event(an_event(alert_id=f"al-{number}"))
            unit.add_notification(a_notification(number, subject=f"al-{number}", state=DeliveryState.SENT))
    made = make(storage, now=AT + MINUTE)
    make(storage, now=AT + MINUTE)

    with storage.reading() as unit:
        muted = [event for event in unit.events("al-1") if event.kind is EventKind.SILENCED]
        assert [event.by for event in muted] == ["ann"]
        assert made.id in muted[0].reason
        assert "known exercise" in muted[0].reason
        assert [row.kind for row in unit.notifications_of("al-1")] == ["post", "update"]
        assert len(unit.events("al-2")) == 1
        assert [row.kind for row in unit.notifications_of("al-2")] == ["post"]


def test_a_silence_ends_by_hand_once_and_the_first_to_end_it_is_kept(storage: SqlStorage) -> None:
    made = make(storage)
    with storage.transaction() as unit:
        ended = end_silence(unit, made.id, "bob", AT + HOUR)
        assert ended == replace(made, ended_at=AT + HOUR, ended_by="bob")
        assert end_silence(unit, made.id, "eve", AT + 2 * HOUR) == ended
        assert end_silence(unit, "si-none", "bob", AT) is None
        assert list(list_silences(unit, AT + 2 * HOUR)) == []


def test_a_silence_that_time_has_ended_cannot_be_ended_again(storage: SqlStorage) -> None:
    made = make(storage)
    with storage.transaction() as unit:
        assert end_silence(unit, made.id, "bob", AT + 7 * HOUR) == made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


def silence(desk: Desk, situation: str, hours: int = 2, **changes: Any) -> Silence:
    """Let ann silence a situation of the desk from now on."""
    return make(desk.storage, situation=situation, span=hours * HOUR, now=desk.clock(), **changes)


def muted(desk: Desk, of: Silence) -> int:
    with desk.storage.reading() as unit:
        found = unit.silence(of.id)
    assert found is not None
    return found.muted


def silenced(desk: Desk, alert: Alert) -> int:
    with desk.storage.reading() as unit:
        return sum(event.kind is EventKind.SILENCED for event in unit.events(alert.id))


def test_a_silenced_alert_is_told_once_when_the_silence_ends_and_says_so(desk: Desk) -> None:
    made = silence(desk, "S0001")
    alert, other = desk.open(), desk.open()
    desk.live(5)
    desk.tell(alert, EventKind.UPDATED, reason="more reports")
    desk.live(5)
    assert desk.posted() == [other.id]
    assert muted(desk, made) == 2
    assert silenced(desk, alert) == 1

    desk.live(2 * 3_600, step=60)
    desk.restart()
    desk.live(60, step=10)
    assert desk.posted() == [other.id, alert.id]
    assert "ended 01 March 14:00 UTC; it was ann's: known exercise; it kept back 2 notifications" in _text(desk, 1)
    assert "Silence" not in _text(desk, 0)


def _text(desk: Desk, number: int) -> str:
    message = desk.slack.messages("desk")[number]
    blocks = [block["text"]["text"] for block in message["blocks"] if "text" in block]
    fields = [field["text"] for block in message["blocks"] for field in block.get("fields", [])]
    return "\n".join([message["text"], *blocks, *fields])


def test_what_resolved_in_the_silence_is_not_told_at_its_end(desk: Desk) -> None:
    silence(desk, "S0001")
    alert = desk.open()
    desk.tell(replace(alert, state=AlertState.RESOLVED, resolved_at=desk.clock()), EventKind.RESOLVED)
    desk.live(3 * 3_600, step=60)
    assert desk.posted() == []


def test_a_living_message_stays_true_in_a_silence_and_its_escalation_is_told_at_the_end(desk: Desk) -> None:
    alert = desk.open()
    desk.live(3)
    made = silence(desk, "S0001")
    desk.live(3)
    assert "until 01 March 14:00 UTC by ann: known exercise" in _text(desk, 0)

    desk.clock.advance(seconds=5)
    desk.tell(
        replace(alert, level=Level.WARNING, highest=Level.WARNING), EventKind.ESCALATED, reason="watch to warning"
    )
    desk.live(5)
    (message,) = desk.slack.messages("desk")
    assert message["text"].startswith("🟠 WARNING")
    assert message["replies"] == []
    assert muted(desk, made) == 1

    desk.live(2 * 3_600 + 180, step=60)
    (message,) = desk.slack.messages("desk")
    assert [(reply["broadcast"], "watch to warning" in reply["text"]) for reply in message["replies"]] == [(True, True)]
    assert "ended 01 March 14:00 UTC" in _text(desk, 0)


def test_critical_breaks_a_silence_unless_its_author_has_said_so(desk: Desk) -> None:
    silence(desk, "S0001")
    silence(desk, "S0002", up_to=Level.CRITICAL)
    first, second = desk.open(Level.CRITICAL), desk.open(Level.CRITICAL)
    desk.live(5)
    assert desk.posted() == [first.id]
    assert silenced(desk, second) == 1


def test_an_alert_under_two_silences_is_told_when_the_second_ends(desk: Desk) -> None:
    silence(desk, "S0001", hours=1)
    silence(desk, "S00*", hours=3)
    alert = desk.open()
    desk.live(2 * 3_600, step=120)
    assert desk.posted() == []
    desk.live(2 * 3_600, step=120)
    assert desk.posted() == [alert.id]


def test_a_silence_ended_by_hand_tells_at_once_what_it_muted(desk: Desk) -> None:
    made = silence(desk, "S0001")
    alert = desk.open()
    desk.live(5)
    with desk.storage.transaction() as unit:
        end_silence(unit, made.id, "bob", desk.clock())
    desk.live(5)
    assert desk.posted() == [alert.id]
    assert "by bob" in _text(desk, 0)


def test_a_post_that_waits_when_a_silence_begins_is_kept_back_and_told_at_its_end(desk: Desk) -> None:
    desk.slack.refuse()
    alert = desk.open()
    desk.live(30, step=10)
    made = silence(desk, "S0001")
    desk.slack.accept()
    desk.live(120, step=10)
    assert desk.posted() == []
    assert muted(desk, made) == 1
    desk.live(2 * 3_600, step=120)
    assert desk.posted() == [alert.id]
