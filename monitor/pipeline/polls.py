"""Which feeds are due, and what one poll of one feed brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.core.errors import FeedError
from monitor.core.model import Feed, FeedState
from monitor.core.ports import Fetcher, Parser, Storage
from monitor.pipeline.intake import Poll

PARKED = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A feed to be polled, with what is remembered of it."""

    feed: Feed
    state: FeedState


def sync_schedule(storage: Storage, feeds: Sequence[Feed], now: datetime) -> None:
    """Schedule feeds that are new or back at `now`, and park those no longer configured or not enabled."""
    wanted = {feed.id for feed in feeds if feed.enabled}
    with storage.transaction() as unit:
        states = unit.feed_states()
        for feed_id in sorted(wanted - states.keys()):
            unit.save_feed_state(FeedState(feed_id=feed_id, next_poll_at=now))
        for feed_id, state in states.items():
            if feed_id in wanted and state.next_poll_at >= PARKED:
                unit.move_poll(feed_id, now)
            if feed_id not in wanted and state.next_poll_at < PARKED:
                unit.move_poll(feed_id, PARKED)


def set_back(storage: Storage, by: timedelta) -> None:
    """Move every poll to come back with a wall clock that was: the waits stay what they were."""
    with storage.transaction() as unit:
        for state in unit.feed_states().values():
            if state.next_poll_at < PARKED:
                unit.move_poll(state.feed_id, state.next_poll_at - by)


def claim_due(storage: Storage, feeds: Mapping[str, Feed], now: datetime, limit: int) -> list[Due]:
    """Return due feeds, each already moved on to its next poll: a feed that kills the program is not polled again at once."""
    with storage.reading() as unit:
        if not unit.due_feeds(now, 1):
            return []
    with storage.transaction() as unit:
        states = [state for state in unit.due_feeds(now, limit) if state.feed_id in feeds]
        for state in states:
            unit.move_poll(state.feed_id, now + feeds[state.feed_id].interval)
    return [Due(feed=feeds[state.feed_id], state=state) for state in states]


def claim_all(storage: Storage, feeds: Mapping[str, Feed], now: datetime) -> list[Due]:
    """Return every enabled feed, due or not."""
    with storage.transaction() as unit:
        for feed_id in feeds:
            unit.move_poll(feed_id, now)
    return claim_due(storage, feeds, now, len(feeds) + 1)


async def poll(due: Due, fetcher: Fetcher, parser: Parser, now: datetime) -> Poll:
    """Fetch and parse one feed; whatever goes wrong with it stays with it."""
    try:
        fetched = await fetcher.fetch(due.feed, due.state.validators, now)
        if fetched.unchanged:
            return Poll(feed=due.feed, state=due.state, fetched=fetched)
        parsed = await parser.parse(fetched.body, fetched.content_type, fetched.final_url)
    except FeedError as error:
        return Poll(feed=due.feed, state=due.state, error=error)
    return Poll(feed=due.feed, state=due.state, fetched=fetched, parsed=parsed)
