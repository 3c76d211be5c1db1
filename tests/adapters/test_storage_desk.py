"""Notices, silences and acts in the database, on both back ends."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from alembic import command

from monitor.adapters.migrations import migrate, script_config
from monitor.adapters.storage import SqlStorage
from monitor.core import outbox
from monitor.core.desk import Act, Notice, NoticeKind, Section
from monitor.core.model import DeliveryState
from tests.builders import AT, HOUR, MINUTE, a_notification, a_posted_message, a_silence, an_alert


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
