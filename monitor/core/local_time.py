"""Days and times of day as people live them, in instants of UTC.

A time of day stands for the first instant at which the clocks of the zone show it or a later one: where clocks are put forward past
it, the moment they are; where they are put back over it, the first of the two. So every day has one beginning and one of each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from monitor.core.hours import QuietHours, Weekly

_ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
MIDNIGHT = time(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time, its end not part of it."""

    start: datetime
    end: datetime


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(at: datetime, zone: str) -> datetime:
    """Return an instant as the clocks of `zone` show it."""
    return at.astimezone(_zone(zone))


def instant(day: date, at: time, zone: str) -> datetime:
    """Return the first instant, in UTC, at which the clocks of `zone` show `at` on `day` or later."""
    wall = datetime.combine(day, at)
    first, second = (wall.replace(tzinfo=_zone(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if _wall(first, zone) == wall:
        return first
    return _turn(min(first, second), max(first, second), wall, zone)


def _turn(before: datetime, after: datetime, wall: datetime, zone: str) -> datetime:
    """Return the instant in (before, after] at which clocks are put forward past `wall`."""
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0) if middle.replace(microsecond=0) > before else middle
        before, after = (before, middle) if _wall(middle, zone) >= wall else (middle, after)
    return after


def _wall(at: datetime, zone: str) -> datetime:
    return local(at, zone).replace(tzinfo=None, fold=0)


def day_of(now: datetime, zone: str) -> date:
    """Return the day on the calendar of `zone`."""
    return local(now, zone).date()


def day_start(now: datetime, zone: str) -> datetime:
    """Return the instant at which the present day of `zone` began."""
    return instant(day_of(now, zone), MIDNIGHT, zone)


def next_midnight(now: datetime, zone: str) -> datetime:
    """Return the instant at which the present day of `zone` ends."""
    return instant(day_of(now, zone) + _ONE_DAY, MIDNIGHT, zone)


def quiet_span(quiet: QuietHours | None, zone: str, now: datetime) -> Span | None:
    """Return the quiet span that `now` lies in, None outside of quiet hours."""
    if quiet is None:
        return None
    today, over = day_of(now, zone), _ONE_DAY if quiet.end <= quiet.start else timedelta(0)
    for day in (today, today - _ONE_DAY):
        span = Span(start=instant(day, quiet.start, zone), end=instant(day + over, quiet.end, zone))
        if span.start <= now < span.end:
            return span
    return None


def latest(times: Iterable[time], zone: str, now: datetime) -> datetime | None:
    """Return the last instant not after `now` at which a day showed one of `times`, None where there are no times."""
    today = day_of(now, zone)
    found = (instant(today - back * _ONE_DAY, at, zone) for at in times for back in range(3))
    return max((at for at in found if at <= now), default=None)


def following(times: Iterable[time], zone: str, now: datetime) -> datetime | None:
    """Return the first instant after `now` at which a day shows one of `times`, None where there are no times."""
    today = day_of(now, zone)
    found = (instant(today + ahead * _ONE_DAY, at, zone) for at in times for ahead in range(3))
    return min((at for at in found if at > now), default=None)


def latest_weekly(weekly: Weekly | None, zone: str, now: datetime) -> datetime | None:
    """Return the last instant not after `now` at which the week showed `weekly`."""
    if weekly is None:
        return None
    days = (day_of(now, zone) - back * _ONE_DAY for back in range(9))
    found = (instant(day, weekly.at, zone) for day in days if day.weekday() == weekly.day)
    return max((at for at in found if at <= now), default=None)
