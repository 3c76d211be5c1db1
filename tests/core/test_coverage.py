"""Coverage: what is seen of a country, and since when it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.coverage import Cause, Sight, Survey, survey
from monitor.core.model import Feed, FeedState
from tests.builders import AT, DAY, HOUR, MINUTE, a_feed, a_feed_state

READABLE = frozenset({"en"})


def feeds_of(country: str, number: int, **changes: object) -> list[Feed]:
    return [a_feed(id=f"{country or 'world'}-{index}", country=country, **changes) for index in range(number)]


def up(feed: Feed) -> FeedState:
    return a_feed_state(feed_id=feed.id, next_poll_at=AT + MINUTE, last_new_at=AT - HOUR)


def failing(feed: Feed, since: datetime) -> FeedState:
    return a_feed_state(feed_id=feed.id, next_poll_at=AT + MINUTE, failures=3, last_ok_at=since, last_failed_at=AT)


def look(feeds: list[Feed], states: Mapping[str, FeedState], **options: object) -> Survey:
    return survey(feeds, states, AT, readable=READABLE, **options)  # type: ignore[arg-type]  # options are named in each test


def with_lost(number: int, lost: int) -> Survey:
    feeds = feeds_of("NER", number)
    states = {
        feed.id: failing(feed, AT - index * HOUR) if index < lost else up(feed) for index, feed in enumerate(feeds)
    }
    return look(feeds, states)


@pytest.mark.parametrize(
    ("number", "lost", "sight"),
    [
        pytest.param(1, 0, Sight.SEEN, id="one feed works"),
        pytest.param(1, 1, Sight.BLIND, id="the only feed fails"),
        pytest.param(2, 1, Sight.THIN, id="half of them fail"),
        pytest.param(3, 1, Sight.SEEN, id="most still work"),
        pytest.param(3, 2, Sight.BLIND, id="one of three is left"),
        pytest.param(4, 2, Sight.THIN, id="two of four are left"),
        pytest.param(4, 3, Sight.BLIND, id="three of four fail"),
        pytest.param(6, 4, Sight.BLIND, id="a third is left"),
    ],
)
def test_a_country_is_blind_when_at_most_a_third_of_its_feeds_work(number: int, lost: int, sight: Sight) -> None:
    found = with_lost(number, lost).of("NER")
    assert found.sight is sight
    assert (found.since is not None) == (sight is Sight.BLIND)


def test_blind_since_is_when_the_decisive_feed_went_down() -> None:
    # Down at AT, AT-1h, AT-2h: the third of four made it blind, at AT.
    assert with_lost(4, 3).blind_since("NER") == AT


def test_the_reason_counts_the_feeds() -> None:
    assert with_lost(4, 3).of("NER").why() == "3 of 4 of its feeds failing or silent"


def test_a_silent_feed_is_not_a_calm_country() -> None:
    feed = a_feed(country="NER")
    state = a_feed_state(next_poll_at=AT + MINUTE, last_new_at=AT - 2 * DAY, pace=HOUR)
    assert look([feed], {feed.id: state}).blind_since("NER") == AT - 2 * DAY


def test_a_feed_nobody_polls_any_more_is_not_a_calm_country() -> None:
    feed = a_feed(country="NER")
    state = a_feed_state(next_poll_at=AT - 2 * HOUR, last_ok_at=AT - 3 * HOUR, last_new_at=AT - 3 * HOUR)
    assert look([feed], {feed.id: state}).blind_since("NER") == AT - 3 * HOUR


def test_a_feed_not_polled_yet_makes_nothing_blind() -> None:
    feed = a_feed(country="NER")
    assert look([feed], {}).of("NER").sight is Sight.SEEN


def test_a_country_read_in_no_language_we_know_is_blind_since_reading_began() -> None:
    feeds = feeds_of("NER", 2, language="ha") + feeds_of("GBR", 1)
    found = look(feeds, {feed.id: up(feed) for feed in feeds}).of("NER")
    assert (found.sight, found.cause, found.since) == (Sight.BLIND, Cause.UNREAD, AT - DAY)
    assert found.why() == "none of its 2 feeds is in a language the model reads"


def test_a_feed_whose_items_turn_out_unread_does_not_count() -> None:
    feeds = feeds_of("NER", 2)
    found = look(feeds, {feed.id: up(feed) for feed in feeds}, unread={"NER-0", "NER-1"}).of("NER")
    assert found.cause is Cause.UNREAD


def test_a_country_without_feeds_of_its_own_is_seen_thinly_from_abroad() -> None:
    feeds = feeds_of("", 2) + feeds_of("GBR", 1)
    found = look(feeds, {feed.id: up(feed) for feed in feeds}).of("NER")
    assert (found.sight, found.since) == (Sight.THIN, None)
    assert found.why() == "seen only from abroad, by 3 working feeds"


def test_when_the_feeds_abroad_fail_every_other_country_is_blind() -> None:
    feeds = feeds_of("", 3)
    found = look(feeds, {feed.id: failing(feed, AT - HOUR) for feed in feeds})
    assert found.blind_since("NER") == AT - HOUR


def test_disabled_feeds_cover_nothing() -> None:
    feeds = [*feeds_of("NER", 1), a_feed(id="off", country="NER", enabled=False)]
    assert look(feeds, {feed.id: failing(feed, AT - HOUR) for feed in feeds}).of("NER").feeds == 1


def test_without_any_feed_nothing_is_seen() -> None:
    assert look([], {}, began=AT - DAY).blind_since("NER") == AT - DAY


def test_blind_countries_are_listed_longest_blind_first_and_by_cause() -> None:
    feeds = feeds_of("NER", 1) + feeds_of("MLI", 1) + feeds_of("CUB", 1, language="es") + feeds_of("GBR", 1)
    states = {"NER-0": failing(feeds[0], AT - HOUR), "MLI-0": failing(feeds[1], AT - 2 * HOUR)}
    states |= {feed.id: up(feed) for feed in feeds[2:]}
    found = look(feeds, states)
    assert [each.country for each in found.blind(Cause.FAILING)] == ["MLI", "NER"]
    assert [each.country for each in found.blind()] == ["CUB", "MLI", "NER"]


@given(st.integers(1, 12), st.data())
def test_losing_one_more_feed_never_improves_the_sight(number: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, number - 1))
    order = list(Sight)
    before, after = with_lost(number, lost).of("NER"), with_lost(number, lost + 1).of("NER")
    assert order.index(after.sight) >= order.index(before.sight)


@given(st.integers(1, 12), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_country_all_of_whose_feeds_fail_is_always_blind(number: int, ago: timedelta) -> None:
    feeds = feeds_of("NER", number)
    found = look(feeds, {feed.id: failing(feed, AT - ago) for feed in feeds})
    assert found.blind_since("NER") == AT - ago
