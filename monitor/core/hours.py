"""When a channel may be disturbed: time zone, quiet hours, and the times of what is posted regularly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """A daily span in which nothing below critical is posted; it passes midnight where `end` is not after `start`."""

    start: time
    end: time


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekly:
    """A moment of the week. day: 0 for Monday to 6 for Sunday."""

    day: int
    at: time


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """How a channel spends people's attention.

    time_zone: IANA name, in which days, quiet hours and times are meant. digest: when the daily digest is posted, None for never; what
    is held for the budget is then listed at midnight.
    handover: when a shift ends. weekly: when the week is graded. remind_after: how long a critical alert may stay unacknowledged
    between reminders; remind_times: reminders (0 for none) before it goes to `escalate_to`, the name of another channel, "" for none.
    storm: more posts than this waiting at once become one summary.
    """

    time_zone: str = "UTC"
    quiet: QuietHours | None = None
    digest: time | None = None
    handover: tuple[time, ...] = ()
    weekly: Weekly | None = None
    remind_after: timedelta = timedelta(minutes=15)
    remind_times: int = 3
    escalate_to: str = ""
    storm: int = 10
