"""The contract of storage, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import ast
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.drift import EDGES
from monitor.adapters import schema
from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage, file_system_of, make_engine
from monitor.adapters.storage_history import HistoryFilter
from monitor.core.alerts import Alert, AlertState, Level, Outcome, Verdict
from monitor.core.errors import LeaseLost, StorageBroken, StorageError
from monitor.core.messages import DeliveryState
from monitor.core.model import DateNote, Validators
from tests.builders import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    SIGNAL,
    SITUATION,
    a_decision,
    a_feed_state,
    a_notification,
    a_posted_message,
    a_reading,
    a_report,
    a_standing,
    an_alert,
    an_alert_article,
    an_article,
    an_event,
    an_identity,
)


@pytest.fixture
def storage(any_storage: SqlStorage) -> SqlStorage:
    return any_storage


def test_a_feeds_state_comes_back_as_it_was_stored(storage: SqlStorage) -> None:
    full = a_feed_state(
        validators=Validators(etag='"1"', last_modified="yesterday", body_hash="ab", checked_at=AT),
        failures=3,
        error="timed out",
        last_new_at=AT,
        last_failed_at=AT,
        pace=timedelta(minutes=7, microseconds=5),
        gaps=2,
        permanent_url="https://new.example/",
        items=12,
    )
    with storage.transaction() as unit:
        unit.save_feed_state(replace(full, failures=0))
        unit.save_feed_state(full)
        unit.save_feed_state(a_feed_state(feed_id="other", first_ok_at=None, last_ok_at=None))

    with storage.reading() as unit:
        states = unit.feed_states()

    assert states["example"] == full
    assert states["other"].pace is None


def test_due_feeds_come_longest_waiting_first_and_no_more_than_asked(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        for number in range(4):
            unit.save_feed_state(a_feed_state(feed_id=f"f{number}", next_poll_at=AT - number * MINUTE))
        unit.save_feed_state(a_feed_state(feed_id="later", next_poll_at=AT + MINUTE))
        unit.move_poll("f3", AT + HOUR)

    with storage.reading() as unit:
        assert [state.feed_id for state in unit.due_feeds(AT, 2)] == ["f2", "f1"]
        assert len(unit.due_feeds(AT, 10)) == 3


def test_an_article_comes_back_as_it_was_stored(storage: SqlStorage) -> None:
    reading = a_reading(
        scores={SIGNAL: 0.875, "denial": 0.5}, claimed_dates=(date(2021, 12, 1),), denied_by=("RUS",), unread=False
    )
    article = an_article(
        title="Панцери \U0001f6a8 عربي", reading=reading, date_note=DateNote.FUTURE, weighed=False, unweighed="too_old"
    )
    bare = an_article(2, published_at=None, story_id="", guid="", url="", summary="")
    with storage.transaction() as unit:
        unit.add_articles([(article, an_identity()), (bare, an_identity(2, guid_key=""))])
        unit.add_articles([])

    with storage.reading() as unit:
        found = unit.articles(["art-1", "art-2", "art-3"])
        assert found == {"art-1": article, "art-2": bare}
        assert unit.by_guid(["guid-1", ""]) == {"guid-1": [article]}
        assert unit.known(["url-1", "text-2", "nowhere"]) == {"url-1": "art-1", "text-2": "art-2"}
        assert unit.count_articles() == 2


def test_the_unique_key_decides_whose_a_key_is(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.add_articles([(an_article(1), an_identity(1))])
        unit.add_articles([(an_article(2), an_identity(2, keys=("url-1", "text-2")))])
        unit.add_keys({"url-1": "art-2", "new": "art-1"})
        unit.add_keys({})

    with storage.reading() as unit:
        assert unit.known(["url-1", "new"]) == {"url-1": "art-1", "new": "art-1"}


def test_the_same_article_cannot_be_stored_twice(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.add_articles([(an_article(), an_identity())])

    with pytest.raises(StorageError, match="refused"), storage.transaction() as unit:
        unit.add_articles([(an_article(), an_identity(keys=()))])


def test_thousands_of_keys_are_asked_in_pieces(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.add_articles([(an_article(n), an_identity(n)) for n in range(1_200)])

    with storage.reading() as unit:
        assert len(unit.known([f"url-{n}" for n in range(3_000)])) == 1_200
        assert len(unit.articles([f"art-{n}" for n in range(3_000)])) == 1_200


def test_a_transaction_that_fails_leaves_nothing(storage: SqlStorage) -> None:
    def half_way() -> None:
        with storage.transaction() as unit:
            unit.add_articles([(an_article(), an_identity())])
            unit.save_feed_state(a_feed_state())
            raise KeyError("half way")

    with pytest.raises(KeyError):
        half_way()

    with storage.reading() as unit:
        assert unit.count_articles() == 0
        assert unit.feed_states() == {}
        assert unit.history_since() is None


def test_a_revision_keeps_the_former_wording(storage: SqlStorage) -> None:
    article = an_article()
    with storage.transaction() as unit:
        unit.add_articles([(article, an_identity())])
    after = replace(article, title="New title", summary="", reading=a_reading(0.25), content_hash="h2", weighed=False)

    with storage.transaction() as unit:
        unit.revise(after, "rewritten", AT + HOUR)

    with storage.reading() as unit:
        assert unit.articles(["art-1"])["art-1"] == after
        assert [(r["kind"], r["title"], r["at"]) for r in unit.revisions("art-1")] == [
            ("rewritten", article.title, AT + HOUR)
        ]
        assert unit.by_guid(["guid-1"])["guid-1"] == [after]


def test_reports_come_back_in_order_of_time_and_can_be_taken_back(storage: SqlStorage) -> None:
    reports = [a_report(n, at=AT - n * HOUR) for n in range(3)]
    with storage.transaction() as unit:
        unit.add_articles([(an_article(n), an_identity(n)) for n in range(3)])
        unit.add_reports(reports)
        unit.add_reports([])

    with storage.transaction() as unit:
        assert unit.reports_since(AT - HOUR) == [reports[1], reports[0]]
        unit.remove_reports(["art-1"])
        assert unit.reports_since(AT - DAY) == [reports[2], reports[0]]


def test_story_members_come_in_order_of_arrival(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.add_articles(
            [
                (an_article(3, seen_at=AT), an_identity(3)),
                (an_article(1, seen_at=AT), an_identity(1)),
                (an_article(2, seen_at=AT - HOUR), an_identity(2)),
                (an_article(4, seen_at=AT, story_id=""), an_identity(4)),
                (an_article(5, seen_at=AT - DAY), an_identity(5)),
            ]
        )

    with storage.reading() as unit:
        assert [a.id for a in unit.story_members_since(AT - HOUR)] == ["art-2", "art-1", "art-3"]
        assert unit.history_since() == AT - DAY


def test_a_denial_is_of_this_signal_in_this_situation(storage: SqlStorage) -> None:
    def denial(number: int, denies: float = 0.8, **changes: object) -> tuple[object, object]:
        reading = a_reading(
            scores={SIGNAL: 0.3, "denial": denies}, situations=changes.pop("situations", {SIGNAL: SITUATION})
        )
        return an_article(number, reading=reading, **changes), an_identity(number)

    rows = [
        denial(1),
        denial(2, 0.4),
        denial(3, situations={SIGNAL: "MLI"}),
        denial(4, seen_at=AT - DAY),
        denial(5, seen_at=AT - HOUR),
    ]
    with storage.transaction() as unit:
        unit.add_articles(rows)  # type: ignore[arg-type]  # pairs built above

    with storage.reading() as unit:
        assert [a.id for a in unit.denials(SIGNAL, SITUATION, AT - DAY, AT)] == ["art-1", "art-5"]
        assert unit.denials("coup_warning", SITUATION, AT - DAY, AT) == []


def test_pruning_spares_what_an_alert_shows_and_takes_all_else_with_it(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.add_articles([(an_article(n, seen_at=AT - n * DAY), an_identity(n)) for n in (1, 5, 6)])
        unit.add_reports([a_report(n, at=AT - n * DAY) for n in (1, 5, 6)])
        unit.save_alert(an_alert())
        unit.add_alert_articles("al-1", [an_alert_article(5)])
        unit.add_decisions(
            [a_decision(at=AT - 6 * DAY), a_decision(at=AT - 6 * DAY, alert_id="al-1"), a_decision(at=AT)]
        )

    with storage.transaction() as unit:
        assert unit.prune(AT - 2 * DAY) == 1

    with storage.reading() as unit:
        assert set(unit.articles(["art-1", "art-5", "art-6"])) == {"art-1", "art-5"}
        assert unit.known(["url-6"]) == {}
        assert [r.article_id for r in unit.reports_since(AT - 9 * DAY)] == ["art-5", "art-1"]
        assert len(unit.decisions_of_article("art-1")) == 2
        assert len(unit.decisions_of_alert("al-1")) == 1


def test_an_alert_with_all_that_belongs_to_it_comes_back(storage: SqlStorage) -> None:
    alert = an_alert(quiet_since=AT, acknowledged_by="ann", acknowledged_at=AT, repeats=4)
    event = an_event(standing=a_standing(surge=2.5, fragile=True, mean=0.1, sd=0.5), by="ann")
    decision = a_decision(alert_id="al-1", outcome=Outcome.OPENED, standing=None)
    rows = [an_alert_article(2, at=AT), an_alert_article(1, at=AT - HOUR, withdrawn=True)]
    with storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.save_alert(alert)
        unit.add_event(event)
        unit.add_event(replace(event, at=AT + HOUR))
        unit.add_alert_articles("al-1", [replace(rows[0], score=0.1), *rows])
        unit.add_alert_articles("al-1", [rows[0]])
        unit.add_decisions([decision])
        unit.add_decisions([])

    with storage.reading() as unit:
        assert unit.alert("al-1") == alert
        assert unit.alert("al-2") is None
        assert unit.events("al-1") == [event, replace(event, at=AT + HOUR)]
        assert unit.alert_articles("al-1") == [rows[1], rows[0]]
        assert unit.alerts_of_article("art-2") == ["al-1"]
        assert unit.decisions_of_article("art-1") == [decision]
        assert unit.count_alerts() == {("watch", "open"): 1}


def test_one_situation_of_a_rule_has_one_open_alert_at_most(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.save_alert(an_alert(id="al-0", state=AlertState.RESOLVED, resolved_at=AT))
        unit.save_alert(an_alert())

    with pytest.raises(StorageError), storage.transaction() as unit:
        unit.save_alert(an_alert(id="al-2"))


def test_the_last_alert_and_the_earlier_ones_are_found(storage: SqlStorage) -> None:
    old = an_alert(id="al-0", state=AlertState.RESOLVED, opened_at=AT - 30 * DAY, resolved_at=AT - 29 * DAY)
    other = an_alert(id="al-x", rule="other", opened_at=AT - 3 * DAY, state=AlertState.RESOLVED)
    with storage.transaction() as unit:
        for alert in (old, other, an_alert(), an_alert(id="al-m", situation="MLI", opened_at=AT - HOUR)):
            unit.save_alert(alert)

    with storage.reading() as unit:
        assert unit.last_alert("build-up", SITUATION) == an_alert()
        assert unit.last_alert("build-up", "XXX") is None
        assert unit.earlier_alerts(an_alert(), 5) == [other, old]
        assert unit.earlier_alerts(an_alert(), 1) == [other]
        assert [a.id for a in unit.open_alerts()] == ["al-m", "al-1"]


def test_deliveries_are_due_by_severity_and_age_pictures_last(storage: SqlStorage) -> None:
    rows = [
        a_notification(1),
        a_notification(2, level=Level.CRITICAL),
        a_notification(3, level=Level.CRITICAL, kind="chart"),
        a_notification(4, not_before=AT + HOUR),
        a_notification(5, state=DeliveryState.SENDING, lease_until=AT + MINUTE),
        a_notification(6, state=DeliveryState.SENDING, lease_until=AT - MINUTE, channel="ops"),
        a_notification(7, state=DeliveryState.SENT, sent_at=AT),
        a_notification(8, state=DeliveryState.DEAD, attempted_at=AT),
    ]
    with storage.transaction() as unit:
        unit.save_alert(an_alert())
        for row in rows:
            unit.add_notification(row)
        unit.add_notification(a_notification(9, key="key-1"))

    with storage.reading() as unit:
        assert [n.key for n in unit.due_notifications(AT, 10)] == ["key-2", "key-1", "key-6", "key-3"]
        assert [n.key for n in unit.due_notifications(AT, 1)] == ["key-2"]
        assert [n.key for n in unit.due_notifications(AT, 10, ["ops"])] == ["key-6"]
        assert unit.due_channels(AT) == ["desk", "ops"]
        assert len(unit.unfinished_notifications()) == 6
        assert len(unit.notifications_of("al-1")) == 8
        assert unit.sent_since("desk", AT) == 1
        assert unit.sent_since("desk", AT + MINUTE) == 0
        assert [n.key for n in unit.dead_notifications(AT)] == ["key-8"]
        assert unit.count_notifications()["desk", "sent"] == 1


def test_what_became_of_a_delivery_is_kept(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.add_notification(a_notification())
        held = unit.notifications_of("al-1")[0]
        after = replace(held, state=DeliveryState.UNKNOWN, attempts=2, attempt_id="x", attempted_at=AT, looks=1)
        unit.save_notification(after)
        unit.save_message(a_posted_message())
        unit.save_message(a_posted_message(ts="2.0"))

    with storage.reading() as unit:
        assert unit.notifications_of("al-1") == [after]
        assert unit.message("al-1", "desk") == a_posted_message(ts="2.0")
        assert unit.message("al-1", "ops") is None


def test_a_lease_changes_hands_only_when_it_ran_out_or_its_holder_is_dead(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        assert unit.lease("daemon") is None
        assert unit.take_lease("daemon", "a", AT, MINUTE) == 1
        assert unit.take_lease("daemon", "a", AT, HOUR) == 1
        assert unit.take_lease("daemon", "b", AT + MINUTE, HOUR) is None
        assert unit.take_lease("daemon", "b", AT + MINUTE, HOUR, dead="a") == 2
        assert unit.take_lease("daemon", "c", AT + 2 * HOUR, HOUR) == 3
        unit.end_lease("daemon", "c", AT + 2 * HOUR)
        assert unit.lease("daemon") == ("c", 3, AT + 2 * HOUR)
        assert unit.take_lease("daemon", "a", AT + 2 * HOUR, HOUR) == 4


def test_who_lost_the_lease_writes_no_more(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        token = unit.take_lease("daemon", "a", AT, MINUTE) or 0
    storage.fence("daemon", "a", token)
    with storage.transaction() as unit:
        unit.save_fact("mine", 1)
        unit.take_lease("daemon", "b", AT + HOUR, HOUR)

    with pytest.raises(LeaseLost, match="taken over"), storage.transaction() as unit:
        unit.save_fact("mine", 2)
    with storage.reading() as unit:
        assert unit.fact("mine") == 1


def test_without_any_lease_a_fenced_storage_writes_nothing(storage: SqlStorage) -> None:
    storage.fence("daemon", "a", 1)

    with pytest.raises(LeaseLost, match="unknown"), storage.transaction() as unit:
        unit.save_fact("mine", 2)


def test_facts_are_json_and_replaced(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.save_fact("blind", {"MLI": ["2021-11-26"], "n": None})
        unit.save_fact("blind", [1, 2.5, "ü"])

    with storage.reading() as unit:
        assert unit.fact("blind") == [1, 2.5, "ü"]
        assert unit.fact("none") is None


def history(storage: SqlStorage, **wanted: object) -> list[str]:
    with storage.reading() as unit:
        return [alert.id for alert in unit.history(HistoryFilter(**wanted))]  # type: ignore[arg-type]  # a test's shorthand


@pytest.fixture
def filled(storage: SqlStorage) -> SqlStorage:
    alerts: list[Alert] = [
        an_alert(id="al-1"),
        an_alert(id="al-2", situation="NATO-RUS", opened_at=AT - HOUR, highest=Level.CRITICAL),
        an_alert(id="al-3", situation="MLI", signal="coup_warning", rule="coup_100%", opened_at=AT - DAY),
        an_alert(id="al-4", situation="CHN-TWN", state=AlertState.RESOLVED, opened_at=AT - DAY),
    ]
    with storage.transaction() as unit:
        for alert in alerts:
            unit.save_alert(alert)
        unit.add_alert_articles("al-3", [an_alert_article(title="Barracks Mutiny in Kati")])
    return storage


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["al-1", "al-2", "al-4", "al-3"]),
        ({"since": AT - HOUR}, ["al-1", "al-2"]),
        ({"until": AT}, ["al-2", "al-4", "al-3"]),
        ({"signal": "coup_warning"}, ["al-3"]),
        ({"rule": "build-up", "state": "open"}, ["al-1", "al-2"]),
        ({"situation": "RUS-UKR"}, ["al-1"]),
        ({"situation": "RUS-*"}, ["al-1", "al-2"]),
        ({"situation": "*-TW?"}, ["al-4"]),
        ({"level": Level.WARNING}, ["al-2"]),
        ({"text": "mutiny"}, ["al-3"]),
        ({"text": "100%"}, ["al-3"]),
        ({"text": "nato"}, ["al-2"]),
        ({"before": (AT - DAY, "al-4")}, ["al-3"]),
        ({"before": (AT, "al-1"), "limit": 1}, ["al-2"]),
        ({"limit": None}, ["al-1", "al-2", "al-4", "al-3"]),
    ],
    ids=str,
)
def test_history_filters_and_pages(filled: SqlStorage, wanted: dict[str, object], found: list[str]) -> None:
    assert history(filled, **wanted) == found


@pytest.mark.parametrize(
    "asked",
    [
        "art-1",
        "http://www.example.example/news/a%20b-ünï?utm_source=x#top",
        "https://example.example/news/a%20b-%C3%BCn%C3%AF/",
    ],
)
def test_an_article_is_found_by_id_or_by_any_form_of_its_address(storage: SqlStorage, asked: str) -> None:
    article = an_article(url="https://example.example/news/a%20b-%C3%BCn%C3%AF")
    with storage.transaction() as unit:
        unit.add_articles([(article, an_identity()), (an_article(2), an_identity(2))])

    with storage.reading() as unit:
        assert unit.find_articles(asked) == [article]
        assert unit.find_articles("no address") == []
        assert unit.find_articles("https://example.example/news/9") == []


def test_near_misses_come_strongest_first(storage: SqlStorage) -> None:
    with storage.transaction() as unit:
        unit.add_decisions(
            [
                a_decision(score=0.4),
                a_decision(score=0.9, outcome=Outcome.OPENED),
                a_decision(score=0.6, outcome=Outcome.NO_SITUATION),
                a_decision(score=0.8, article_id=""),
                a_decision(score=0.7, at=AT - DAY),
            ]
        )

    with storage.reading() as unit:
        assert [d.score for d in unit.near_misses(AT - HOUR, 10)] == [0.6, 0.4]
        assert [d.score for d in unit.near_misses(AT - 2 * DAY, 1)] == [0.7]


def test_verdicts_are_kept_in_order(storage: SqlStorage) -> None:
    said = [Verdict(at=AT, verdict="false", article_id="art-1", by="ann"), Verdict(at=AT - DAY, verdict="missed")]
    with storage.transaction() as unit:
        for verdict in said:
            unit.add_verdict(verdict)

    with storage.reading() as unit:
        assert unit.verdicts() == said


def test_counts_tell_what_cannot_be_read_and_how_scores_lie(storage: SqlStorage) -> None:
    unread = a_reading(scores={}, unread=True, language="am")
    with storage.transaction() as unit:
        unit.add_articles([(an_article(n, feed_id="amharic", reading=unread), an_identity(n)) for n in range(3)])
        unit.add_articles([(an_article(n, reading=a_reading(n / 10)), an_identity(n)) for n in range(4, 8)])

    with storage.reading() as unit:
        assert unit.unread_feeds(AT - HOUR) == {"amharic"}
        assert unit.unread_feeds(AT + HOUR) == frozenset()
        assert dict(unit.score_histogram(AT - HOUR)["en"])[0.5] == 2
        spreads = unit.score_spreads(AT - HOUR, AT + HOUR)
        assert unit.score_spreads(AT - 2 * HOUR, AT - HOUR) == {}

    (((language, _), spread),) = spreads.items()
    assert (language, spread.items, spread.counts[EDGES.index(0.5)]) == ("en", 4, 2)
    assert spread.mean == pytest.approx(0.55)


def test_moments_come_back_in_utc_and_naive_ones_are_refused(storage: SqlStorage) -> None:
    east = datetime(2021, 11, 26, 15, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    with storage.transaction() as unit:
        unit.save_feed_state(a_feed_state(next_poll_at=east))

    with storage.reading() as unit:
        kept = unit.feed_states()["example"].next_poll_at
    assert kept == east
    assert kept.tzinfo is UTC
    with pytest.raises(StorageError, match="time zone"), storage.transaction() as unit:
        unit.save_feed_state(a_feed_state(next_poll_at=datetime(2021, 1, 1)))  # noqa: DTZ001  # naive on purpose


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=300),
    score=st.floats(0, 1),
)
def test_any_valid_text_and_score_survive_storage(storage: SqlStorage, title: str, score: float) -> None:
    article = an_article(title=title, summary=title, reading=a_reading(round(score, 6)))
    with storage.transaction() as unit:
        unit.connection.execute(schema.articles.delete())
        unit.add_articles([(article, an_identity())])
        assert unit.articles(["art-1"])["art-1"] == article


def test_two_writers_add_one_each_and_none_is_lost(database_url: str) -> None:
    storage = SqlStorage.open(database_url)
    migrate(storage)
    with storage.transaction() as unit:
        unit.save_fact("count", 0)

    def add_ten() -> None:
        for _ in range(10):
            with storage.transaction() as unit:
                lock = "LOCK TABLE meta" if storage.engine.dialect.name == "postgresql" else "SELECT 1"
                unit.connection.exec_driver_sql(lock)
                unit.save_fact("count", unit.fact("count") + 1)

    workers = [threading.Thread(target=add_ten) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    with storage.reading() as unit:
        assert unit.fact("count") == 30
    storage.close()


def test_sqlite_runs_with_a_write_ahead_log_synced_in_full(tmp_path: Path) -> None:
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'x.db'}")
    with storage.transaction() as unit:
        found = {
            name: unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    storage.close()

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_database_url_that_is_none_says_what_to_write() -> None:
    with pytest.raises(StorageError, match=r"sqlite:///file\.db"):
        make_engine("nonsense")


def test_the_file_system_of_a_place_is_that_of_its_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"a / ext4 rw\nb {tmp_path} nfs4 rw\nbad\n", encoding="utf-8")

    assert file_system_of(tmp_path / "data", mounts) == "nfs4"
    assert file_system_of(Path("/elsewhere"), mounts) == "ext4"
    assert file_system_of(tmp_path, tmp_path / "none") == ""


def test_a_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'none' / 'x.db'}")

    with pytest.raises(StorageError), storage.transaction():
        pass


def write_something(storage: SqlStorage, times: int = 1) -> None:
    with storage.transaction() as unit:
        for number in range(times):
            unit.save_fact(f"fact {number}", "x" * 1000)


def test_a_full_disk_is_no_passing_refusal(tmp_path: Path) -> None:
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'full.db'}")
    migrate(storage)
    sa.event.listen(
        storage.engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count=1")
    )  # the least it can
    storage.close()
    with pytest.raises(StorageBroken, match="full; make room on the disk"):
        write_something(storage, times=100)


def test_a_database_nobody_may_write_to_is_no_passing_refusal(storage: SqlStorage) -> None:
    lite = storage.engine.dialect.name == "sqlite"

    def write_in_vain() -> None:
        with storage.transaction() as unit:
            unit.connection.execute(sa.text("PRAGMA query_only=ON" if lite else "SET TRANSACTION READ ONLY"))
            unit.save_fact("fact", "x")

    with pytest.raises(StorageBroken, match="let this user write to it"):
        write_in_vain()


def test_a_refusal_that_concerns_one_row_is_not_called_broken(storage: SqlStorage) -> None:
    with pytest.raises(StorageError) as caught, storage.transaction() as unit:
        unit.connection.execute(sa.text("INSERT INTO meta (key) VALUES (NULL)"))
    assert not isinstance(caught.value, StorageBroken)


def test_a_damaged_file_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    storage = SqlStorage.open(f"sqlite:///{path}")
    migrate(storage)
    write_something(storage, times=200)
    storage.check()
    storage.close()
    body = bytearray(path.read_bytes())
    for page in range(2, len(body) // 4096):
        body[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(body)

    with pytest.raises(StorageBroken, match="restore a backup"):
        storage.check()


def test_tables_hold_nothing_that_only_one_back_end_knows(storage: SqlStorage) -> None:
    with storage.reading() as unit:
        assert set(sa.inspect(unit.connection).get_table_names()) >= set(schema.metadata.tables)


def test_no_transaction_spans_an_await() -> None:
    """A transaction held over a network call would keep the database locked for as long as the other side likes."""
    found, root = [], Path(schema.__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        for block in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(block, ast.With) or not any(_opens_transaction(item) for item in block.items):
                continue
            waits = (node for inner in block.body for node in ast.walk(inner))
            if any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in waits):
                found.append(f"{path.relative_to(root)}:{block.lineno}")
    assert found == []


def _opens_transaction(item: ast.withitem) -> bool:
    called = item.context_expr
    return (
        isinstance(called, ast.Call)
        and isinstance(called.func, ast.Attribute)
        and called.func.attr in {"transaction", "reading", "begin"}
    )
