"""Whether an item may count as evidence, and from when.

Our clock rules: an item counts from the moment we saw it, and its publisher's date can only make it older. A date in the
future counts as seen now and is marked; one before 1990, or none at all, says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.core.alerts import Outcome
from monitor.core.model import DateNote, Entry

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """at: when the item counts from. published_at: usable date of its publisher. unweighed: why it may not count, None if it may."""

    at: datetime
    published_at: datetime | None
    note: DateNote
    unweighed: Outcome | None = None


def admit(entry: Entry, now: datetime, *, first_poll: bool, max_age: timedelta, window: timedelta) -> Admission:
    """Judge the date of `entry`, seen at `now`.

    On a feed's first poll items up to `max_age` old count and undated ones do not; later, items up to `window` old count, and an
    undated one counts as seen now.
    """
    published = entry.published
    if published is None or published < EARLIEST:
        note = DateNote.UNPARSABLE if entry.bad_date or published else DateNote.UNDATED
        barred = Outcome.FIRST_POLL_UNDATED if first_poll else None
        return Admission(at=now, published_at=None, note=note, unweighed=barred)
    if published > now:
        note = DateNote.FUTURE if published > now + CLOCK_SKEW else DateNote.NONE
        return Admission(at=now, published_at=published, note=note)
    too_old = now - published > (min(max_age, window) if first_poll else window)
    return Admission(
        at=published, published_at=published, note=DateNote.NONE, unweighed=Outcome.TOO_OLD if too_old else None
    )
