"""Days and times of day in zones that put their clocks forward and back, north and south, even over midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import local_time
from monitor.core.hours import QuietHours, Weekly

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Beirut",
    "America/Havana",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
zones = st.sampled_from(ZONES)
moments = st.integers(0, 20 * 366 * 24 * 60).map(lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + minutes * MINUTE)
clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))


def wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@given(moments, clock_times, zones)
def test_a_time_of_day_is_the_first_instant_at_which_clocks_show_it_or_later(
    now: datetime, at: time, zone: str
) -> None:
    day = local_time.day_of(now, zone)
    found, wanted = local_time.instant(day, at, zone), datetime.combine(day, at)

    assert wall(found, zone) >= wanted
    assert all(wall(found - back * MINUTE, zone) < wanted for back in (1, 2, 29, 31, 59, 61, 90, 119))
    if wall(found, zone) != wanted:
        assert wall(found - timedelta(seconds=1), zone) < wanted


@given(moments, zones)
def test_every_moment_lies_in_the_day_between_two_midnights(now: datetime, zone: str) -> None:
    start, end = local_time.day_start(now, zone), local_time.next_midnight(now, zone)

    assert start <= now < end
    assert local_time.day_of(start, zone) == local_time.day_of(now, zone)


@given(moments, clock_times, clock_times, zones)
def test_quiet_hours_agree_with_the_clock_on_the_wall_on_days_that_clocks_are_left_alone(
    now: datetime, start: time, end: time, zone: str
) -> None:
    steady = len(
        {(now + hours * timedelta(hours=1)).astimezone(ZoneInfo(zone)).utcoffset() for hours in range(-49, 50)}
    )
    shown = wall(now, zone).time()
    inside = start <= shown < end if start < end else shown >= start or shown < end
    found = local_time.quiet_span(QuietHours(start=start, end=end), zone, now)
    if steady == 1 and start != end:
        assert (found is not None) is inside
    if found:
        assert found.start <= now < found.end
        assert found.end - found.start <= timedelta(hours=26) + (DAY if zone == "Pacific/Apia" else timedelta(0))


@given(moments, clock_times, clock_times, zones)
def test_a_quiet_span_has_one_beginning_and_one_end_whatever_clocks_do(
    now: datetime, start: time, end: time, zone: str
) -> None:
    quiet = QuietHours(start=start, end=end)
    found = local_time.quiet_span(quiet, zone, now)
    if found and start != end:
        last = found.end - timedelta(seconds=1)
        assert local_time.quiet_span(quiet, zone, found.start) == found
        assert local_time.quiet_span(quiet, zone, last) == found
        assert local_time.quiet_span(quiet, zone, found.end) != found


@pytest.mark.parametrize(
    ("zone", "start", "end", "now", "until"),
    [
        ("Europe/Berlin", "22:00", "07:00", "2026-03-28T23:00", "2026-03-29T05:00"),  # a short night
        ("Europe/Berlin", "22:00", "07:00", "2026-10-24T23:00", "2026-10-25T06:00"),  # a long night
        ("Europe/Berlin", "02:15", "02:45", "2026-03-29T01:00", ""),  # hours that clocks skip are not quiet
        ("Europe/Berlin", "02:30", "03:30", "2026-03-29T01:00", "2026-03-29T01:30"),
        ("Europe/Berlin", "01:00", "02:30", "2026-10-25T00:10", "2026-10-25T00:30"),  # ends once
        ("Europe/Berlin", "01:00", "02:30", "2026-10-25T01:10", ""),
        ("Australia/Sydney", "22:00", "07:00", "2026-10-03T15:30", "2026-10-03T20:00"),
        ("Australia/Sydney", "22:00", "07:00", "2026-04-04T15:30", "2026-04-04T21:00"),
        ("UTC", "18:00", "00:00", "2026-05-01T23:59", "2026-05-02T00:00"),
        ("UTC", "18:00", "00:00", "2026-05-02T00:00", ""),
        ("UTC", "00:00", "06:00", "2026-05-02T00:00", "2026-05-02T06:00"),
        ("America/Santiago", "23:00", "00:00", "2026-09-06T03:30", "2026-09-06T04:00"),  # no midnight that day
    ],
)
def test_quiet_hours_end_when_people_expect_it(zone: str, start: str, end: str, now: str, until: str) -> None:
    quiet = QuietHours(start=time.fromisoformat(start), end=time.fromisoformat(end))
    found = local_time.quiet_span(quiet, zone, datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert (f"{found.end:%Y-%m-%dT%H:%M}" if found else "") == until


@given(moments, st.lists(clock_times, min_size=1, max_size=3), zones)
def test_the_latest_and_the_following_time_enclose_the_moment(now: datetime, times: list[time], zone: str) -> None:
    before, after = local_time.latest(times, zone, now), local_time.following(times, zone, now)

    assert before is not None
    assert after is not None
    assert before <= now < after
    assert after - before <= timedelta(days=2, hours=2)
    assert local_time.latest(times, zone, after) == after


def test_without_times_there_is_no_occasion() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert local_time.latest((), "UTC", now) is None
    assert local_time.following((), "UTC", now) is None
    assert local_time.latest_weekly(None, "UTC", now) is None


@given(moments, st.integers(0, 6), clock_times, zones)
def test_a_week_has_one_moment_of_its_grading(now: datetime, day: int, at: time, zone: str) -> None:
    found = local_time.latest_weekly(Weekly(day=day, at=at), zone, now)

    assert found is not None
    assert timedelta(0) <= now - found <= timedelta(days=8, hours=2)
    assert local_time.latest_weekly(Weekly(day=day, at=at), zone, found) == found


def test_a_week_is_graded_on_its_day() -> None:
    monday = Weekly(day=0, at=time(8))
    now = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)

    assert local_time.latest_weekly(monday, "Europe/Berlin", now) == datetime(2026, 11, 30, 7, tzinfo=UTC)
    assert local_time.latest_weekly(monday, "UTC", now) == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert local_time.day_of(now, "UTC") == date(2026, 11, 30)
