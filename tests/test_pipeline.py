"""The stories: polls in, alerts and notifications out; a fake reader, a real database."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.adapters.storage_history import HistoryFilter
from monitor.core.alerts import Conditions, Level, Rule
from monitor.core.errors import FetchError
from monitor.core.messages import Channel
from monitor.core.model import Entry, Feed, FeedState, Fetched, ParsedFeed, Validators
from monitor.core.outlets import Outlets
from monitor.core.situations import Registry
from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.state import Settings
from tests.fakes import FakeUnderstanding, ManualClock

RULE = Rule(
    name="build-up",
    signal="troop_concentration",
    levels={
        Level.WATCH: Conditions(evidence=1.2, origins=2),
        Level.WARNING: Conditions(evidence=2.4, origins=3, surge=2.0),
        Level.CRITICAL: Conditions(evidence=4.0, origins=5, surge=3.0),
    },
    notify=("desk",),
)
SETTINGS = Settings(
    rules=[RULE], channels={"desk": Channel(name="desk")}, outlets=Outlets({}), registry=Registry(), hash="cfg"
)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage.open(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pipeline(storage: SqlStorage) -> Pipeline:
    return Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0))


TELLINGS = (
    "tanks rolled through the valley before sunrise",
    "villagers count ninety lorries on the northern road",
    "reservists told to report to barracks within hours",
    "satellite pictures reveal fuel depots beside a river",
    "admiral confirms carrier group heads for strait",
    "air defence batteries unloaded at regional airport",
    "paratroopers leave garrison after midnight briefing",
    "field hospital erected outside border town",
    "artillery trains photographed crossing old bridge",
)


def told(number: int) -> str:
    """Return words of its own for each outlet, so that no two are one story."""
    return f"{TELLINGS[number % len(TELLINGS)]} {'again ' * (number // len(TELLINGS))}"


def entry(title: str, at: datetime | None, **changes: object) -> Entry:
    values = {"guid": title, "link": f"https://news.example/{title.replace(' ', '-')}", "title": title, "summary": ""}
    return replace(Entry(**values, published=at), **changes)  # type: ignore[arg-type]  # a builder


def poll(outlet: str, *entries: Entry, first_ok_at: datetime | None = None, storage: SqlStorage | None = None) -> Poll:
    feed = Feed(id=outlet, url=f"https://{outlet}.example/feed", outlet=outlet, owner=outlet)
    state = FeedState(
        feed_id=outlet, next_poll_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"), first_ok_at=first_ok_at
    )
    if storage:
        with storage.reading() as unit:
            state = unit.feed_states().get(outlet, state)
    fetched = Fetched(status=200, body=b"x", content_type="", final_url="", validators=Validators(etag=f"{outlet}-1"))
    return Poll(
        feed=feed, state=state, fetched=fetched, parsed=ParsedFeed(title=outlet, language="en", entries=entries)
    )


def opened(storage: SqlStorage) -> list[tuple[str, str]]:
    with storage.reading() as unit:
        return [(alert.situation, alert.highest.value) for alert in unit.history(HistoryFilter(limit=None))]


def outcomes(storage: SqlStorage) -> list[str]:
    with storage.reading() as unit:
        return sorted(
            row.outcome.value for row in unit.near_misses(datetime.fromisoformat("2020-01-01T00:00:00+00:00"), 100)
        )


def queued(storage: SqlStorage) -> list[tuple[str, str]]:
    with storage.reading() as unit:
        return [(row.kind, row.event_kind) for row in unit.unfinished_notifications()]


def test_one_outlet_is_a_rumour_and_two_are_a_watch(
    pipeline: Pipeline, storage: SqlStorage, clock: ManualClock
) -> None:
    pipeline.take([poll("alpha", entry("troops RUS-UKR 0.9 seen at dawn", clock.now))], clock.now)
    assert opened(storage) == []
    assert outcomes(storage) == ["below_threshold"]

    pipeline.take([poll("beta", entry("troops RUS-UKR 0.8 counted by satellite", clock.now))], clock.now)
    assert opened(storage) == [("RUS-UKR", "watch")]
    assert queued(storage) == [("post", "opened")]


def test_a_fresh_install_alerts_on_its_first_poll_at_the_full_level(
    pipeline: Pipeline, storage: SqlStorage, clock: ManualClock
) -> None:
    outlets = ["alpha", "beta", "gamma", "delta", "epsilon"]
    polls = [poll(name, entry(f"troops RUS-UKR 0.95 {told(n)}", clock.now)) for n, name in enumerate(outlets)]
    taken = pipeline.take(polls, clock.now)
    assert [step.event for step in taken.steps] == ["opened"]
    assert opened(storage) == [("RUS-UKR", "critical")]


def test_copies_of_one_text_are_one_origin(pipeline: Pipeline, storage: SqlStorage, clock: ManualClock) -> None:
    polls = [poll(f"outlet{number}", entry("troops RUS-UKR 0.95 wire text", clock.now)) for number in range(40)]
    pipeline.take(polls, clock.now)
    assert opened(storage) == []


def test_the_same_page_again_stores_nothing_twice(pipeline: Pipeline, storage: SqlStorage, clock: ManualClock) -> None:
    page = [entry("troops RUS-UKR 0.9 one", clock.now), entry("everyday news", clock.now)]
    assert pipeline.take([poll("alpha", *page)], clock.now).new == 2
    pipeline.forget()
    assert pipeline.take([poll("alpha", *page, storage=storage)], clock.advance(minutes=10)).new == 0


def test_items_a_year_old_alert_nobody(pipeline: Pipeline, storage: SqlStorage, clock: ManualClock) -> None:
    old = clock.now - timedelta(days=365)
    pipeline.take(
        [poll(name, entry(f"troops RUS-UKR 0.95 {told(n)}", old)) for n, name in enumerate("abcd")], clock.now
    )
    assert opened(storage) == []
    assert outcomes(storage) == ["too_old"] * 4


def test_undated_items_count_only_on_a_feed_polled_before(
    pipeline: Pipeline, storage: SqlStorage, clock: ManualClock
) -> None:
    first = [poll(name, entry(f"troops RUS-UKR 0.95 {told(n)}", None)) for n, name in enumerate("ab")]
    pipeline.take(first, clock.now)
    assert outcomes(storage) == ["first_poll_undated"] * 2
    later = [
        poll(name, entry(f"troops RUS-UKR 0.95 {told(n + 4)}", None), storage=storage) for n, name in enumerate("ab")
    ]
    pipeline.take(later, clock.advance(minutes=10))
    assert opened(storage) == [("RUS-UKR", "watch")]


def test_an_alert_resolves_after_quiet_time_and_reopens_within_a_day(
    pipeline: Pipeline, storage: SqlStorage, clock: ManualClock
) -> None:
    seen = clock.now - timedelta(days=1)
    pipeline.take(
        [poll(n, entry(f"troops RUS-UKR 0.9 {told(k)}", clock.now), first_ok_at=seen) for k, n in enumerate("ab")],
        clock.now,
    )
    for _ in range(24 * 6):
        pipeline.pass_time(clock.advance(hours=1))
    with storage.reading() as unit:
        (alert,) = unit.history(HistoryFilter(limit=None))
        assert [event.kind for event in unit.events(alert.id)] == ["opened", "resolved"]
    again = [
        poll(n, entry(f"troops RUS-UKR 0.9 {told(k + 4)}", clock.now), first_ok_at=seen) for k, n in enumerate("ab")
    ]
    assert alert.resolved_at is not None
    pipeline.take(again, alert.resolved_at + timedelta(hours=20))
    with storage.reading() as unit:
        assert [e.kind for e in unit.events(alert.id)] == ["opened", "resolved", "reopened"]
        assert len(unit.history(HistoryFilter(limit=None))) == 1


def test_a_failing_feed_disturbs_no_other(pipeline: Pipeline, storage: SqlStorage, clock: ManualClock) -> None:
    good = [poll(name, entry(f"troops RUS-UKR 0.95 {told(n)}", clock.now)) for n, name in enumerate("ab")]
    bad = replace(poll("broken"), parsed=None, fetched=None, error=FetchError("HTTP 500", status=500))
    pipeline.take([good[0], bad, good[1]], clock.now)
    assert opened(storage) == [("RUS-UKR", "watch")]
    with storage.reading() as unit:
        assert unit.feed_states()["broken"].failures == 1
        assert unit.feed_states()["a"].validators.etag == "a-1"


def test_an_edit_lowers_what_an_article_gave_and_amends_the_alert(
    pipeline: Pipeline, storage: SqlStorage, clock: ManualClock
) -> None:
    polls = [
        poll(n, entry(f"troops RUS-UKR 0.9 {told(k)}", clock.now, link=f"https://{n}.example/1"))
        for k, n in enumerate("ab")
    ]
    pipeline.take(polls, clock.now)
    rewritten = entry("troops RUS-UKR 0.2 of a, corrected", clock.now, link="https://a.example/1")
    pipeline.take([poll("a", rewritten, storage=storage)], clock.advance(minutes=10))
    with storage.reading() as unit:
        (alert,) = unit.history(HistoryFilter(limit=None))
        events = unit.events(alert.id)
        assert [event.kind for event in events][:2] == ["opened", "updated"]
        assert "rewritten" in events[1].reason
        assert [row.withdrawn for row in unit.alert_articles(alert.id)] == [True, False]


def test_an_edit_never_raises_an_alert(pipeline: Pipeline, storage: SqlStorage, clock: ManualClock) -> None:
    polls = [poll(n, entry(f"everyday news of {n}", clock.now, link=f"https://{n}.example/1")) for n in ("a", "b", "c")]
    pipeline.take(polls, clock.now)
    edited = [
        poll(n, entry(f"troops RUS-UKR 0.9 of {n}", clock.now, link=f"https://{n}.example/1"), storage=storage)
        for n in ("a", "b", "c")
    ]
    pipeline.take(edited, clock.advance(minutes=10))
    assert opened(storage) == []


def test_a_surge_is_asked_once_there_is_a_baseline(pipeline: Pipeline, storage: SqlStorage, clock: ManualClock) -> None:
    seen = clock.now - timedelta(days=1)

    def day(count: int) -> None:
        names = [f"o{k}" for k in range(count)]
        at = clock.now
        polls = [
            poll(n, entry(f"troops RUS-UKR 0.9 {told(k)} {at:%d %B}", at), first_ok_at=seen)
            for k, n in enumerate(names)
        ]
        pipeline.take(polls, at)
        clock.advance(days=1)

    for _ in range(30):
        day(3)
    first = opened(storage)
    with storage.reading() as unit:
        (alert,) = unit.open_alerts()
        assert alert.level is Level.WARNING, first
    day(9)
    assert opened(storage) == [("RUS-UKR", "critical")]


def test_what_is_a_warning_on_the_first_poll_is_a_watch_after_a_month_of_the_same(
    pipeline: Pipeline, storage: SqlStorage, clock: ManualClock
) -> None:
    """Three outlets a day, every day: news to an empty database, the usual to one that has seen it for a month."""

    def day(count: int) -> list[Poll]:
        at, seen = clock.now, clock.now - timedelta(days=1)
        return [
            poll(f"o{k}", entry(f"troops RUS-UKR 0.9 {told(k)} {at:%d %B}", at), first_ok_at=seen) for k in range(count)
        ]

    fresh = [replace(each, state=replace(each.state, first_ok_at=None)) for each in day(3)]
    pipeline.take(fresh, clock.now)
    assert opened(storage) == [("RUS-UKR", "warning")]

    pipeline.settings = replace(SETTINGS, rules=[])
    pipeline.pass_time(clock.now)
    for _ in range(33):
        clock.advance(days=1)
        pipeline.take(day(3), clock.now)
    pipeline.settings = SETTINGS
    clock.advance(days=1)
    pipeline.take(day(3), clock.now)
    assert opened(storage)[0] == ("RUS-UKR", "watch")

    clock.advance(hours=23)
    pipeline.take(day(9), clock.now)
    assert opened(storage)[0] == ("RUS-UKR", "critical")


def test_order_of_feeds_within_a_tick_does_not_matter(clock: ManualClock, tmp_path: Path) -> None:
    polls = [poll(n, entry(f"troops RUS-UKR 0.9 {told(k)}", clock.now)) for k, n in enumerate("abcd")]
    results = []
    for number, order in enumerate((polls, polls[::-1])):
        other = SqlStorage.open(f"sqlite:///{tmp_path / f'{number}.db'}")
        migrate(other)
        Pipeline(storage=other, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0)).take(
            order, clock.now
        )
        with other.reading() as unit:
            (alert,) = unit.history(HistoryFilter(limit=None))
            results.append((alert, unit.events(alert.id), unit.alert_articles(alert.id)))
        other.close()
    assert results[0] == results[1]
