"""Notices, silences and acts in the database, on both back ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import pytest
import sqlalchemy as sa
from alembic import command

from monitor.adapters.migrations import migrate, script_config
from monitor.adapters.storage import SqlStorage, SqlUnit
from monitor.core import outbox
from monitor.core.alerts import Level, Verdict
from monitor.core.desk import Act, Notice, NoticeKind, Section
from monitor.core.messages import DeliveryState
from tests.builders import AT, HOUR, MINUTE, SITUATION, a_notification, a_posted_message, a_silence, an_alert, an_event


def a_notice(**changes: object) -> Notice:
    """Return a digest of two lines."""
    base = {
        "id": "no-1",
        "kind": NoticeKind.DIGEST,
        "channel": "desk",
        "at": AT,
        "title": "Daily digest",
        "sections": (Section(heading="Open", lines=("one", "two")),),
    }
    return Notice(**{**base, **changes})  # type: ignore[arg-type]  # a builder


def test_one_occasion_makes_one_notice(any_storage: SqlStorage) -> None:
    with any_storage.transaction() as unit:
        assert unit.add_notice(a_notice())
        assert not unit.add_notice(a_notice(title="again"))
    with any_storage.reading() as unit:
        assert unit.notice("no-1") == a_notice()
        assert unit.notice("no-2") is None
        assert unit.notices_since(AT) == [a_notice()]
        assert unit.notices_since(AT + MINUTE) == []


def test_a_notice_and_an_alert_are_delivered_from_one_outbox(any_storage: SqlStorage) -> None:
    with any_storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.add_notification(a_notification())
        unit.add_notification(outbox.of_notice(a_notice()))
        unit.save_message(a_posted_message(subject="no-1"))
    with any_storage.reading() as unit:
        assert [row.subject for row in unit.due_notifications(AT, 9)] == ["no-1", "al-1"]
        assert [row.subject for row in unit.waiting_posts(["desk"], AT)] == ["al-1"]
        assert unit.message("no-1", "desk") == a_posted_message(subject="no-1")


def test_what_is_held_is_neither_due_nor_counted_as_sent(any_storage: SqlStorage) -> None:
    with any_storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.add_notification(a_notification())
        (row,) = unit.notifications_of("al-1")
        unit.save_notification(outbox.held(row, "quiet hours"))
    with any_storage.reading() as unit:
        assert unit.due_notifications(AT + HOUR, 9) == []
        assert [row.error for row in unit.held_notifications("desk")] == ["quiet hours"]
        assert unit.held_notifications("other") == []
    with any_storage.transaction() as unit:
        unit.save_notification(outbox.covered(row, AT, "listed in digest no-1"))
        assert unit.held_notifications("desk") == []
        assert unit.sent_since("desk", AT) == 0
        (row,) = unit.notifications_of("al-1")
        assert row.state is DeliveryState.COVERED


def test_silences_come_back_by_when_they_run(any_storage: SqlStorage) -> None:
    ended = a_silence(id="si-2", until=AT + HOUR, ended_at=AT + MINUTE, ended_by="bob")
    with any_storage.transaction() as unit:
        unit.save_silence(a_silence())
        unit.save_silence(ended)
        unit.count_muted("si-1", 3)
        unit.count_muted("si-1")
    with any_storage.reading() as unit:
        assert unit.silence("si-1") == replace(a_silence(), muted=4)
        assert [silence.id for silence in unit.silences(running_at=AT + 30 * MINUTE)] == ["si-1"]
        assert unit.silences(running_at=AT + 2 * HOUR) == []
        assert [silence.id for silence in unit.silences(since=AT + HOUR)] == ["si-1"]
        assert unit.silences()[0] == ended


def test_the_same_click_is_kept_once(any_storage: SqlStorage) -> None:
    act = Act(key="k1", at=AT, kind="acknowledge", alert_id="al-1", person="ann", result="acknowledged")
    with any_storage.transaction() as unit:
        assert unit.add_act(act)
        assert not unit.add_act(replace(act, person="bob"))
    with any_storage.reading() as unit:
        assert unit.acts(alert_id="al-1") == [act]
        assert unit.acts(alert_id="al-2") == []
        assert unit.acts(since=AT) == [act]
        assert unit.count_open() == {}


def test_an_alert_is_acknowledged_by_the_first_alone(any_storage: SqlStorage) -> None:
    with any_storage.transaction() as unit:
        unit.save_alert(an_alert())
        assert unit.claim("al-1", "ada", AT)
    with any_storage.transaction() as unit:
        assert not unit.claim("al-1", "bo", AT + HOUR)
        assert not unit.claim("al-none", "bo", AT)
    with any_storage.reading() as unit:
        alert = unit.alert("al-1")
    assert alert
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("ada", AT)


@pytest.mark.parametrize("first", ["the weighing", "the click"])
def test_an_acknowledgement_made_while_its_alert_is_weighed_is_kept(any_storage: SqlStorage, first: str) -> None:
    with any_storage.transaction() as unit:
        unit.save_alert(an_alert())

    def weigh(unit: SqlUnit) -> None:
        held = unit.last_alert("build-up", SITUATION)
        assert held
        unit.save_alert(replace(held, level=Level.WARNING))

    def click(unit: SqlUnit) -> None:
        assert unit.claim("al-1", "ada", AT)

    def beside(work: Callable[[SqlUnit], None]) -> None:
        with any_storage.transaction() as unit:
            work(unit)

    one, other = (weigh, click) if first == "the weighing" else (click, weigh)
    with ThreadPoolExecutor(max_workers=1) as pool:
        with any_storage.transaction() as unit:
            unit.alert("al-1")
            waiting = pool.submit(beside, other)
            assert not wait([waiting], timeout=0.3).done
            one(unit)
        waiting.result(30)
    with any_storage.reading() as unit:
        alert = unit.alert("al-1")
    assert alert
    assert (alert.acknowledged_by, alert.level) == ("ada", Level.WARNING)


def test_verdicts_on_one_alert_come_back_in_order(any_storage: SqlStorage) -> None:
    said = [Verdict(at=AT, verdict=word, alert_id=alert) for word, alert in (("true", "al-1"), ("false", "al-2"))]
    with any_storage.transaction() as unit:
        for verdict in (*said, said[0]):
            unit.add_verdict(verdict)
    with any_storage.reading() as unit:
        assert unit.verdicts_of("al-1") == [said[0], said[0]]


def test_an_older_database_keeps_its_deliveries_through_the_migration_and_back(database_url: str) -> None:
    storage = SqlStorage.open(database_url)
    migrate(storage)
    with storage.transaction() as unit:
        unit.save_alert(an_alert(repeats=2))
        unit.add_notification(a_notification())
        unit.add_notification(outbox.of_notice(a_notice()))
        unit.save_message(a_posted_message())
    with storage.transaction() as unit:
        command.downgrade(script_config(unit.connection), "0001")
        kept = unit.connection.execute(sa.text("SELECT alert_id FROM notifications")).scalars().all()
        assert list(kept) == ["al-1"]

    assert migrate(storage)

    with storage.transaction() as unit:
        alert = unit.alert("al-1")
        assert alert is not None
        assert alert.repeats == 2
        assert [row.subject for row in unit.notifications_of("al-1")] == ["al-1"]
        assert unit.message("al-1", "desk") == a_posted_message()
        unit.add_notification(a_notification(key="another"))
        assert len({row.id for row in unit.notifications_of("al-1")}) == 2
    storage.close()


def test_what_duties_ask_comes_back_on_each_back_end(any_storage: SqlStorage) -> None:
    with any_storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.add_event(an_event())
        unit.add_event(an_event(at=AT + HOUR))
        unit.add_notice(a_notice())
        unit.save_notice(a_notice(title="Daily digest, again", at=AT + MINUTE))
        for number, channel in enumerate(("desk", "desk", "other"), start=1):
            sent = AT + number * MINUTE
            unit.add_notification(
                a_notification(number, channel=channel, state=DeliveryState.SENT, sent_at=sent, level=Level.WATCH)
            )
        unit.add_notification(a_notification(4, state=DeliveryState.SENT, sent_at=AT + HOUR, level=Level.CRITICAL))
        unit.add_notification(a_notification(5, channel="spare", state=DeliveryState.HELD))

    with any_storage.reading() as unit:
        assert [event.at for event in unit.events_since(AT + MINUTE)] == [AT + HOUR]
        assert unit.notice("no-1") == a_notice(title="Daily digest, again", at=AT + MINUTE)
        assert unit.last_sent("desk") == AT + HOUR
        assert unit.last_sent("nowhere") is None
        assert unit.sent_since("desk", AT) == 2
        assert unit.sent_since("desk", AT + 2 * MINUTE) == 1
        assert unit.held_channels() == ["spare"]
