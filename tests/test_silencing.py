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
from monitor.core.desk import Silence
from monitor.core.errors import InputError
from monitor.core.model import DeliveryState, EventKind, Level
from monitor.pipeline.silencing import end_silence, list_silences, make_silence
from tests.builders import AT, DAY, HOUR, MINUTE, a_notification, an_alert, an_event


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
