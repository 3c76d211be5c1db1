"""What can be seen of each country, and since when it cannot: stale is not calm, unread is not calm, and nothing ever says all clear.

The rule. A feed is *down* when it fails (three polls in a row), when it is stale (silent for far longer than is its way), or when
it has not been polled for an hour longer than it should. A country is *blind* when at most a third of its own readable feeds
still work, since the moment the feed went down that made it so; and when none of its own feeds is in a language the model reads.
A country without feeds of its own is seen from abroad, thinly, by all others; it is blind when at most a third of those work.
Languages are judged as countries are: by the feeds that are written in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from monitor.core.model import Feed, FeedState
from monitor.core.polling import FeedHealth, health

OVERDUE = timedelta(hours=1)  # how far behind its time a poll may be before the feed counts as not read
_SHARE_LEFT = 3  # a country is blind when at most one feed in three still works


class Sight(StrEnum):
    """How much of a country is seen."""

    SEEN = "seen"
    THIN = "thin"
    BLIND = "blind"


class Cause(StrEnum):
    """Why a country is not seen well."""

    NONE = ""
    FAILING = "failing"
    UNREAD = "unread"
    ABROAD = "abroad"


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How one country or language is covered.

    country: alpha-3, or a language's ISO 639-1 code. feeds: its own enabled feeds, or, where it has none, all others'. readable: those in a language the model
    reads; working: readable ones that work. since: since when it is blind, None while it is not.
    """

    country: str
    sight: Sight
    cause: Cause = Cause.NONE
    feeds: int = 0
    readable: int = 0
    working: int = 0
    since: datetime | None = None

    def why(self) -> str:
        """Return the reason in words."""
        if self.cause is Cause.UNREAD:
            return f"{_none_of(self.feeds)} in a language the model reads"
        if self.sight is Sight.THIN and self.cause is Cause.ABROAD:
            return f"seen only from abroad, by {self.working} working feeds"
        lost = self.readable - self.working
        whose = "all feeds" if self.cause is Cause.ABROAD else "its feeds"
        if self.readable == 1:
            return "its only readable feed is failing or silent" if lost else "its only readable feed works"
        return f"{lost} of {self.readable} of {whose} failing or silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """The coverage of every country that has feeds of its own, of all others together (`abroad`), and of every language."""

    at: datetime
    countries: Mapping[str, Coverage]
    languages: Mapping[str, Coverage] = field(default_factory=dict)
    abroad: Coverage = field(default_factory=lambda: Coverage(country="", sight=Sight.THIN, cause=Cause.ABROAD))

    def of(self, country: str) -> Coverage:
        """Return how `country` is covered."""
        return self.countries.get(country, self.abroad)

    def blind(self, cause: Cause | None = None) -> list[Coverage]:
        """Return the blind countries (for one cause, if given), longest blind first."""
        found = [each for each in self.countries.values() if each.sight is Sight.BLIND and cause in (None, each.cause)]
        return sorted(found, key=lambda each: (each.since or self.at, each.country))

    def blind_since(self, country: str) -> datetime | None:
        """Return since when `country` is blind, None while it is not."""
        return self.of(country).since


def survey(
    feeds: Iterable[Feed],
    states: Mapping[str, FeedState],
    now: datetime,
    *,
    readable: Collection[str],
    began: datetime | None = None,
    unread: Collection[str] = (),
) -> Survey:
    """Return what is covered at `now`.

    readable: languages the model reads. began: when the records begin, for feeds that never worked. unread: ids of feeds whose
    recent items turned out to be in other languages than readable ones, whatever the configuration says.
    """
    own: dict[str, list[Feed]] = {}
    for feed in feeds:
        if feed.enabled:
            own.setdefault(feed.country, []).append(feed)
    down = {feed.id: down_since(feed, states.get(feed.id), now, began) for feed in chain.from_iterable(own.values())}
    read = {
        feed.id for feed in chain.from_iterable(own.values()) if feed.language in readable and feed.id not in unread
    }
    first = min((state.first_ok_at for state in states.values() if state.first_ok_at), default=began or now)
    everything = [feed for its in own.values() for feed in its]
    spoken: dict[str, list[Feed]] = {}
    for feed in everything:
        spoken.setdefault(feed.language, []).append(feed)
    return Survey(
        at=now,
        countries=_each({country: its for country, its in own.items() if country}, read, down, first),
        languages=_each(spoken, read, down, first),
        abroad=_abroad(everything, read, down, first),
    )


def _each(
    groups: Mapping[str, Sequence[Feed]], read: Collection[str], down: Mapping[str, datetime | None], first: datetime
) -> dict[str, Coverage]:
    return {name: _cover(name, its, read, down) or _unread(name, its, first) for name, its in sorted(groups.items())}


def down_since(feed: Feed, state: FeedState | None, now: datetime, began: datetime | None) -> datetime | None:
    """Return since when a feed tells nothing, None while it works (a feed not polled yet counts as working)."""
    if state is None:
        return None
    how = health(state, feed, now)
    if how is FeedHealth.FAILING:
        return state.last_ok_at or began or state.last_failed_at or now
    if how is FeedHealth.STALE:
        return state.last_new_at or state.first_ok_at or now
    if now - state.next_poll_at > OVERDUE:
        return state.last_ok_at or state.next_poll_at
    return None


def _cover(
    country: str, feeds: Sequence[Feed], read: Collection[str], down: Mapping[str, datetime | None]
) -> Coverage | None:
    """Return the coverage by readable feeds, None where none is readable."""
    known = [feed.id for feed in feeds if feed.id in read]
    if not known:
        return None
    lost = sorted(since for feed_id in known if (since := down[feed_id]) is not None)
    needed = -(-len(known) * (_SHARE_LEFT - 1) // _SHARE_LEFT)  # so many down leave at most a third
    working = len(known) - len(lost)
    blind = len(lost) >= needed
    thin = working * 2 <= len(known)
    return Coverage(
        country=country,
        sight=Sight.BLIND if blind else Sight.THIN if thin else Sight.SEEN,
        cause=Cause.FAILING if lost else Cause.NONE,
        feeds=len(feeds),
        readable=len(known),
        working=working,
        since=lost[needed - 1] if blind else None,
    )


def _unread(country: str, feeds: Sequence[Feed], first: datetime) -> Coverage:
    return Coverage(country=country, sight=Sight.BLIND, cause=Cause.UNREAD, feeds=len(feeds), since=first)


def _abroad(
    feeds: Sequence[Feed], read: Collection[str], down: Mapping[str, datetime | None], first: datetime
) -> Coverage:
    """Return how countries without feeds of their own are covered: thinly, or not at all."""
    found = _cover("", feeds, read, down)
    if found is None:
        return Coverage(country="", sight=Sight.BLIND, cause=Cause.UNREAD, feeds=len(feeds), since=first)
    return Coverage(
        country="",
        sight=Sight.BLIND if found.since else Sight.THIN,
        cause=Cause.ABROAD,
        feeds=found.feeds,
        readable=found.readable,
        working=found.working,
        since=found.since,
    )


def _none_of(number: int) -> str:
    return "its only feed is not" if number == 1 else f"none of its {number} feeds is"
