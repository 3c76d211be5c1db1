"""When a feed is polled next, and whether it is well; all on a virtual clock."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import polling
from monitor.core.errors import FeedError, FetchError, ParseError
from monitor.core.model import Feed, FeedState, Validators
from monitor.core.polling import FeedHealth, Harvest
from tests.builders import AT, DAY, HOUR, MINUTE, a_feed, a_feed_state

FEED = a_feed(interval=10 * MINUTE)
ETAG = Validators(etag='"2"')


def a_harvest(new: int = 0, total: int = 20, **changes: object) -> Harvest:
    return Harvest(validators=ETAG, new=new, total=total, **changes)  # type: ignore[arg-type]  # passed on by name


def rng() -> random.Random:
    return random.Random(0)


def succeed(state: FeedState, now: datetime = AT, harvest: Harvest | None = None, feed: Feed = FEED) -> FeedState:
    return polling.after_success(state, feed, now, rng(), harvest or a_harvest())


def fail(state: FeedState, now: datetime = AT, error: FeedError | None = None, feed: Feed = FEED) -> FeedState:
    return polling.after_failure(state, feed, error or FetchError("no route"), now, rng())


def wait_after(state: FeedState, now: datetime = AT) -> timedelta:
    return state.next_poll_at - now


def about(wait: timedelta, expected: timedelta) -> bool:
    return expected <= wait <= expected * (1 + polling.JITTER)


@given(st.integers(0, 2**32))
def test_the_next_poll_comes_after_the_interval_and_at_most_a_tenth_more(seed: int) -> None:
    moment = polling.next_poll_at(FEED, a_feed_state(), AT, random.Random(seed))

    assert about(moment - AT, FEED.interval)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, 10 * MINUTE),
        (5 * MINUTE, 10 * MINUTE),
        (30 * MINUTE, 30 * MINUTE),
        (12 * HOUR, HOUR),
    ],
    ids=["nothing asked", "less than our interval", "more than our interval", "more than news can wait"],
)
def test_the_longer_of_interval_and_what_the_server_asks_counts_up_to_an_hour(
    asked: timedelta | None, expected: timedelta
) -> None:
    by_ttl = succeed(a_feed_state(), harvest=a_harvest(ttl=asked))
    by_age = succeed(a_feed_state(), harvest=a_harvest(max_age=asked))

    assert about(wait_after(by_ttl), expected)
    assert about(wait_after(by_age), expected)


def test_an_interval_longer_than_an_hour_is_kept() -> None:
    assert about(
        wait_after(succeed(a_feed_state(), feed=a_feed(interval=3 * HOUR), harvest=a_harvest(ttl=MINUTE))), 3 * HOUR
    )


def test_an_answer_clears_the_failures_and_keeps_the_validators_it_came_with() -> None:
    state = succeed(a_feed_state(failures=5, error="no route", validators=Validators(etag='"1"')))

    assert (state.failures, state.error, state.validators) == (0, "", ETAG)
    assert state.last_ok_at == AT


def test_the_first_answer_is_remembered_and_is_no_gap() -> None:
    state = succeed(a_feed_state(first_ok_at=None, last_ok_at=None), harvest=a_harvest(new=20))

    assert (state.first_ok_at, state.gaps, state.last_new_at) == (AT, 0, AT)


def test_where_the_feed_moved_to_is_reported_and_forgotten_when_it_moves_back() -> None:
    moved = succeed(a_feed_state(), harvest=a_harvest(moved_to="https://new.example/feed"))

    assert moved.permanent_url == "https://new.example/feed"
    assert succeed(moved).permanent_url == ""


def test_failures_double_the_wait_up_to_six_hours() -> None:
    state, waits = a_feed_state(), []
    for _ in range(9):
        state = fail(state)
        waits.append(wait_after(state))

    expected = [10, 20, 40, 80, 160, 320, 360, 360, 360]
    assert all(about(wait, minutes * MINUTE) for wait, minutes in zip(waits, expected, strict=True))


def test_a_failing_feed_is_retried_for_ever_and_recovers() -> None:
    state, now = a_feed_state(), AT
    for _ in range(200):
        state = fail(state, now)
        assert timedelta(0) < state.next_poll_at - now <= 1.1 * polling.LONGEST_BACK_OFF
        now = state.next_poll_at

    assert state.failures == 200
    recovered = succeed(state, now, a_harvest(new=1))
    assert (recovered.failures, polling.health(recovered, FEED, now)) == (0, FeedHealth.OK)


def test_an_interval_longer_than_the_longest_back_off_is_not_shortened() -> None:
    assert about(wait_after(fail(a_feed_state(), feed=a_feed(interval=DAY))), DAY)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (FetchError("busy", status=429, retry_after=2 * HOUR), 2 * HOUR),
        (FetchError("busy", status=503, retry_after=MINUTE), 40 * MINUTE),
        (FetchError("busy", status=429), 40 * MINUTE),
        (FetchError("forbidden", status=403), 40 * MINUTE),
        (FetchError("busy", status=429, retry_after=365 * DAY), DAY),
        (FetchError("gone", status=410, gone=True), DAY),
        (FetchError("not found", status=404), 10 * MINUTE),
        (ParseError("an HTML page"), 10 * MINUTE),
    ],
    ids=[
        "its wish",
        "at least a throttled back-off",
        "429",
        "403 as throttle",
        "a year is a mistake",
        "410 daily",
        "404",
        "parse",
    ],
)
def test_what_the_server_says_decides_how_long_we_stay_away(error: FeedError, expected: timedelta) -> None:
    assert about(wait_after(fail(a_feed_state(), error=error)), expected)


def test_a_failure_keeps_validators_and_names_itself_briefly() -> None:
    state = fail(a_feed_state(validators=ETAG), error=ParseError("x" * 2000))

    assert state.validators == ETAG
    assert len(state.error) == 500
    assert state.last_failed_at == AT


def test_health_names_a_feed_within_three_failures() -> None:
    state, words = a_feed_state(last_new_at=AT), []
    for _ in range(4):
        words.append(polling.health(state, FEED, AT))
        state = fail(state)

    assert words == [FeedHealth.OK, FeedHealth.RETRYING, FeedHealth.RETRYING, FeedHealth.FAILING]


def test_a_feed_never_polled_is_new_and_one_switched_off_is_off() -> None:
    assert polling.health(None, FEED, AT) is FeedHealth.NEW
    assert polling.health(a_feed_state(first_ok_at=None), FEED, AT) is FeedHealth.NEW
    assert polling.health(fail(a_feed_state(first_ok_at=None)), FEED, AT) is FeedHealth.RETRYING
    assert polling.health(a_feed_state(), a_feed(enabled=False), AT) is FeedHealth.OFF


def hourly_feed(days: int) -> tuple[FeedState, datetime]:
    """Return a feed that brought one new item each hour for `days`, and when."""
    state, now = a_feed_state(first_ok_at=None, last_ok_at=None), AT
    for _ in range(24 * days):
        now += HOUR
        state = succeed(state, now, a_harvest(new=1))
    return state, now


def test_a_frozen_feed_is_stale_although_it_answers() -> None:
    state, now = hourly_feed(days=2)
    frozen_at = now
    while now < frozen_at + 2 * DAY:
        now += HOUR
        state = succeed(state, now, a_harvest(unchanged=True, total=0))
        assert polling.is_stale(state, now) == (now - frozen_at > 12 * HOUR)

    assert polling.health(state, FEED, now) is FeedHealth.STALE
    assert polling.health(succeed(state, now, a_harvest(new=1)), FEED, now) is FeedHealth.OK


def test_a_weekly_feed_is_not_stale_after_a_fortnight_but_after_two_months() -> None:
    state = a_feed_state(pace=7 * DAY, last_new_at=AT)

    assert not polling.is_stale(state, AT + 14 * DAY)
    assert polling.is_stale(state, AT + 60 * DAY)


def test_a_feed_that_never_brought_anything_is_stale_after_a_week() -> None:
    state = a_feed_state(first_ok_at=AT, last_new_at=None)

    assert not polling.is_stale(state, AT + 6 * DAY)
    assert polling.is_stale(state, AT + 8 * DAY)
    assert not polling.is_stale(a_feed_state(first_ok_at=None), AT + 99 * DAY)


def test_the_pace_follows_the_feed() -> None:
    state, now = hourly_feed(days=1)
    assert state.pace == HOUR

    slower = succeed(state, now + 3 * HOUR, a_harvest(new=1))

    assert slower.pace is not None
    assert HOUR < slower.pace < 3 * HOUR


def test_a_page_that_is_all_new_is_a_gap_and_is_polled_sooner() -> None:
    state = succeed(a_feed_state(last_ok_at=AT - 10 * MINUTE), harvest=a_harvest(new=50, total=50))

    assert state.gaps == 1
    assert wait_after(state) == 5 * MINUTE


def test_a_page_half_new_keeps_the_pace_that_just_sufficed() -> None:
    state = succeed(a_feed_state(last_ok_at=AT - 4 * MINUTE), harvest=a_harvest(new=25, total=50))

    assert (state.gaps, wait_after(state)) == (0, 4 * MINUTE)


def test_a_page_of_two_that_changed_whole_is_no_gap() -> None:
    assert succeed(a_feed_state(), harvest=a_harvest(new=2, total=2)).gaps == 0


def test_a_flood_is_met_with_faster_polls_down_to_a_minute_and_back_when_it_ends() -> None:
    """500 items a minute against a page of 50: every poll misses some, is counted, and comes as soon as politeness allows."""
    state, now, waits = a_feed_state(last_ok_at=AT - 10 * MINUTE), AT, []
    for _ in range(6):
        state = succeed(state, now, a_harvest(new=50, total=50))
        waits.append(wait_after(state, now))
        now = state.next_poll_at

    assert waits == sorted(waits, reverse=True)
    assert (waits[-1], state.gaps) == (polling.SHORTEST, 6)
    assert about(wait_after(succeed(state, now, a_harvest(new=0)), now), FEED.interval)


def test_a_feed_that_had_items_and_has_none_now_is_in_error() -> None:
    assert polling.emptied(a_feed_state(items=20), 0)
    assert not polling.emptied(a_feed_state(items=0), 0)
    assert not polling.emptied(a_feed_state(items=20), 1)


def test_an_unchanged_answer_keeps_how_many_items_the_page_had() -> None:
    assert succeed(a_feed_state(items=20), harvest=a_harvest(total=0, unchanged=True)).items == 20


@given(
    failures=st.integers(0, 10_000),
    interval=st.integers(1, 100_000),
    status=st.sampled_from([None, 403, 404, 410, 429, 503]),
    retry=st.none() | st.integers(0, 10**9),
)
def test_every_failure_leads_to_a_next_poll_within_sight(
    failures: int, interval: int, status: int | None, retry: int | None
) -> None:
    feed = a_feed(interval=timedelta(seconds=interval))
    error = FetchError(
        "x", status=status, retry_after=None if retry is None else timedelta(seconds=retry), gone=status == 410
    )

    state = fail(a_feed_state(failures=failures), error=error, feed=feed)

    longest = max(feed.interval, polling.LONGEST_BACK_OFF, polling.LONGEST_REFUSED)
    assert feed.interval <= wait_after(state) <= longest * (1 + polling.JITTER)


def test_the_same_state_moment_and_chance_give_the_same_next_poll() -> None:
    state = replace(a_feed_state(), failures=3)

    assert fail(state) == fail(state)
