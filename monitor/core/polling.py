"""When a feed is polled next, and whether it is well.

The rules in one place: never more often than the feed and its server ask, never slower than news rolls off its page, for ever.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.errors import FeedError, FetchError
from monitor.core.model import Feed, FeedState, Validators

SHORTEST = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(hours=6)
LONGEST_ASKED = timedelta(
    hours=1
)  # of ttl and max-age: publishers set them by default, and news does not wait for them
LONGEST_REFUSED = timedelta(days=1)  # of Retry-After: a mistake there must not silence a feed for ever
AFTER_GONE = timedelta(days=1)
JITTER = 0.1
FAILING_AFTER = 3
STALE_AFTER = 6  # times its own pace
STALE_AT_LEAST = timedelta(hours=12)  # a newsroom's night
STALE_WITHOUT_PACE = timedelta(days=7)
_GAP_NEEDS = 3  # items; a page of one or two is all new whenever it changes
_PACE_MEMORY = 0.7
_THROTTLED = frozenset({403, 429, 503})
_THROTTLE_STEPS = 2
_MOST_STEPS = 16
_LONGEST_ERROR = 500


class FeedHealth(StrEnum):
    """How a feed does; `blind` is no state of a feed but of a region without a working one."""

    OK = "ok"
    NEW = "new"
    RETRYING = "retrying"
    FAILING = "failing"
    STALE = "stale"
    OFF = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Harvest:
    """What an answered poll brought.

    validators: of the answer. new: unseen items. total: items on the page, 0 when it had not changed. unchanged: 304 or the same
    bytes. ttl and max_age: how long document and server say it stays fresh. moved_to: where the server says the feed is now.
    """

    validators: Validators
    new: int = 0
    total: int = 0
    unchanged: bool = False
    ttl: timedelta | None = None
    max_age: timedelta | None = None
    moved_to: str = ""


def next_poll_at(
    feed: Feed, state: FeedState, now: datetime, rng: random.Random, *, server_asks: timedelta | None = None
) -> datetime:
    """Return when to poll again: after the longer of our interval and what the server asks; a state with failures backs off.

    Up to a tenth is added, so that feeds spread out.
    """
    wait = back_off(feed, state.failures) if state.failures else feed.interval
    if server_asks is not None:
        wait = max(wait, min(server_asks, LONGEST_ASKED))
    return now + _spread(wait, rng)


def back_off(feed: Feed, failures: int, *, steps: int = 0) -> timedelta:
    """Return the wait after `failures` failures in a row: the interval, doubled each time, at most six hours."""
    doublings = min(max(failures - 1, 0) + steps, _MOST_STEPS)
    return max(feed.interval, min(feed.interval * (1 << doublings), LONGEST_BACK_OFF))


def after_success(state: FeedState, feed: Feed, now: datetime, rng: random.Random, harvest: Harvest) -> FeedState:
    """Return the state after an answered poll, its next poll set."""
    calm = replace(
        state,
        validators=harvest.validators,
        failures=0,
        error="",
        first_ok_at=state.first_ok_at or now,
        last_ok_at=now,
        last_new_at=now if harvest.new else state.last_new_at,
        pace=_pace(state, now) if harvest.new else state.pace,
        gaps=state.gaps + all_new(state, harvest),
        permanent_url=harvest.moved_to,
        items=harvest.total or state.items,
    )
    asked = max((wait for wait in (harvest.ttl, harvest.max_age) if wait), default=None)
    usual = next_poll_at(feed, calm, now, rng, server_asks=asked)
    return replace(calm, next_poll_at=min(usual, _before_roll_off(state, now, harvest) or usual))


def after_failure(state: FeedState, feed: Feed, error: FeedError, now: datetime, rng: random.Random) -> FeedState:
    """Return the state after a failed poll: further off with each failure, never given up."""
    failures = state.failures + 1
    fetch_error = error if isinstance(error, FetchError) else None
    throttled = fetch_error is not None and fetch_error.status in _THROTTLED
    wait = back_off(feed, failures, steps=_THROTTLE_STEPS if throttled else 0)
    if fetch_error is not None and fetch_error.gone:
        wait = max(wait, AFTER_GONE)
    if fetch_error is not None and fetch_error.retry_after is not None:
        wait = max(wait, min(fetch_error.retry_after, LONGEST_REFUSED))
    return replace(
        state,
        failures=failures,
        error=str(error)[:_LONGEST_ERROR],
        last_failed_at=now,
        next_poll_at=now + _spread(wait, rng),
    )


def all_new(state: FeedState, harvest: Harvest) -> bool:
    """Say whether a page shares no item with what was seen before, so that others may have rolled off unseen."""
    return state.first_ok_at is not None and harvest.new == harvest.total >= _GAP_NEEDS


def emptied(state: FeedState, total: int) -> bool:
    """Say whether a feed that had items now answers without any: an error of its server, not 'no news'."""
    return total == 0 and state.items > 0


def is_stale(state: FeedState, now: datetime) -> bool:
    """Say whether a feed that answers has been silent for much longer than is its way."""
    since = state.last_new_at or state.first_ok_at
    if since is None:
        return False
    limit = max(STALE_AFTER * state.pace, STALE_AT_LEAST) if state.pace else STALE_WITHOUT_PACE
    return now - since > limit


def health(state: FeedState | None, feed: Feed, now: datetime) -> FeedHealth:
    """Return how a feed does, the worst word that applies."""
    if not feed.enabled:
        return FeedHealth.OFF
    if state is None or (state.first_ok_at is None and not state.failures):
        return FeedHealth.NEW
    if state.failures >= FAILING_AFTER:
        return FeedHealth.FAILING
    if is_stale(state, now):
        return FeedHealth.STALE
    return FeedHealth.RETRYING if state.failures else FeedHealth.OK


def _before_roll_off(state: FeedState, now: datetime, harvest: Harvest) -> datetime | None:
    """Return when half a page will have come anew at the rate of this poll; None where nothing tells the rate.

    With a page that was all new this halves the time between polls until pages overlap again.
    """
    if state.first_ok_at is None or state.last_ok_at is None or not harvest.new:
        return None
    elapsed = max(now - state.last_ok_at, SHORTEST)
    return now + max(elapsed * harvest.total / harvest.new / 2, SHORTEST)


def _pace(state: FeedState, now: datetime) -> timedelta | None:
    """Return the usual time between polls with new items, the latest counting 30 %."""
    if state.last_new_at is None:
        return None
    latest = max(now - state.last_new_at, timedelta(0))
    return latest if state.pace is None else state.pace * _PACE_MEMORY + latest * (1 - _PACE_MEMORY)


def _spread(wait: timedelta, rng: random.Random) -> timedelta:
    return wait * (1 + JITTER * rng.random())
