"""Which alerts a silence mutes, and how it is put into words. A silence always ends, names its author and says why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from monitor.core.alerts import Alert, Event, EventKind, Level
from monitor.core.desk import Silence
from monitor.core.identity import digest
from monitor.core.model import SIGNALS
from monitor.core.situations import matches

LONGEST = timedelta(days=30)
SHORTEST = timedelta(minutes=1)
SHOWN_AFTER = timedelta(days=1)
_PATTERN = re.compile(r"[A-Za-z0-9_*?\[\]!-]{1,80}")
_LONGEST_WORDS = 500


def problem(silence: Silence) -> str:
    """Return what is wrong with a silence that somebody asks for, and what to do; "" where nothing is."""
    span, situation, signal = silence.until - silence.created_at, silence.situation, silence.signal
    long_words = max(len(silence.author), len(silence.reason)) > _LONGEST_WORDS
    faults = (
        (not silence.author.strip(), "a silence has an author: say who asks for it"),
        (not silence.reason.strip(), "a silence has a reason: say why, so that others can judge it"),
        (long_words, f"author and reason are at most {_LONGEST_WORDS} characters long"),
        (
            not (situation or signal or silence.alert_id),
            "a silence names what it mutes: a situation such as MLI or 'CHN-*', a signal or an alert",
        ),
        (
            bool(situation) and not _PATTERN.fullmatch(situation),
            f"{situation!r} is no situation: write a key such as RUS-UKR or a glob such as 'CHN-*'",
        ),
        (signal not in ("", *SIGNALS), f"{signal!r} is no signal: write one of {', '.join(SIGNALS)}"),
        (span < SHORTEST, "a silence lasts at least a minute"),
        (span > LONGEST, f"a silence ends within {LONGEST.days} days; make a new one then"),
    )
    return next((words for wrong, words in faults if wrong), "")


def silence_id(situation: str, signal: str, alert_id: str, author: str, now: datetime) -> str:
    """Return the id of a silence that `author` asks for at `now`."""
    return f"si-{digest('silence', situation, signal, alert_id, author, now.isoformat())[:12]}"


def reach_line(silence: Silence, alerts: Sequence[Alert]) -> str:
    """Say how many open `alerts` a silence mutes now: a mistyped key shows."""
    muted = sum(mutes(silence, each, each.level) for each in alerts)
    return f"It mutes {muted or 'no'} open alert{'s' if muted > 1 else ''} now."


def mutes(silence: Silence, alert: Alert, level: Level) -> bool:
    """Say whether a silence in force keeps back what is to be told of `alert` at `level`: all its matchers must match."""
    return (
        level.rank <= silence.up_to.rank
        and silence.alert_id in ("", alert.id)
        and silence.signal in ("", alert.signal)
        and (not silence.situation or matches(silence.situation, alert.situation))
    )


def muting(silences: Iterable[Silence], alert: Alert, level: Level, now: datetime) -> Silence | None:
    """Return the silence that keeps back what is to be told at `now`: of several the one that ends last."""
    found = [each for each in silences if each.runs(now) and mutes(each, alert, level)]
    return max(found, key=lambda each: (each.until, each.id), default=None)


def reason_of(silence: Silence) -> str:
    """Return the reason of the event that says that a silence mutes an alert."""
    return f"silence {silence.id} by {silence.author} until {silence.until:%Y-%m-%dT%H:%M:%SZ}: {silence.reason}"


def tells_of(events: Iterable[Event], silence: Silence) -> bool:
    """Say whether `events` hold the one that says that `silence` mutes the alert."""
    begin = f"silence {silence.id} by "
    return any(event.kind is EventKind.SILENCED and event.reason.startswith(begin) for event in events)


def end_of(silence: Silence) -> datetime:
    """Return when a silence ended or will end."""
    return min(silence.ended_at or silence.until, silence.until)


def has_ended(silence: Silence, now: datetime) -> bool:
    """Say whether a silence is over at `now`."""
    return silence.ended_at is not None or now >= silence.until


def about(silences: Iterable[Silence], alert: Alert, events: Sequence[Event], now: datetime) -> list[Silence]:
    """Return the silences that a message on `alert` speaks of: in force, or over for less than a day after muting it."""
    return [
        each
        for each in silences
        if (each.runs(now) and mutes(each, alert, alert.level))
        or (has_ended(each, now) and now - end_of(each) < SHOWN_AFTER and tells_of(events, each))
    ]


def matchers(silence: Silence) -> str:
    """Return in words what a silence matches."""
    named = (("alert", silence.alert_id), ("situation", silence.situation), ("signal", silence.signal))
    return ", ".join(f"{name} {value}" for name, value in named if value)


def line(silence: Silence, now: datetime) -> str:
    """Return until when a silence runs or ran, by whom, why, and how much it has muted."""
    count = f"{silence.muted} notification{'s' if silence.muted != 1 else ''}"
    if has_ended(silence, now):
        ended = f"ended {end_of(silence):%d %B %H:%M} UTC"
        early = f" by {silence.ended_by}" if silence.ended_by else ""
        return f"{ended}{early}; it was {silence.author}'s: {silence.reason}; it kept back {count}"
    return f"until {silence.until:%d %B %H:%M} UTC by {silence.author}: {silence.reason}; {count} kept back so far"


def list_line(silence: Silence, now: datetime) -> str:
    """Return a silence as one line of a list."""
    return f"{silence.id}: {matchers(silence)}, up to {silence.up_to.value}, {line(silence, now)}"
