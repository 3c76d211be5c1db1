"""Who is told of an event, and how: a first post, or an edit of the living message and a line in its thread; or nobody, for a silence.

A silence keeps back what would draw attention. Edits go on, so that no message lies meanwhile. What a silence has muted is told when
it ends, if it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core import silences
from monitor.core.alerts import Alert, AlertState, Event, EventKind, Level
from monitor.core.briefs import TELLING
from monitor.core.desk import Silence
from monitor.core.identity import digest
from monitor.core.messages import Channel, DeliveryState, Notification
from monitor.core.outbox import UNFINISHED
from monitor.core.ports import Unit
from monitor.pipeline.silencing import note_silenced, show_anew
from monitor.pipeline.state import Settings
from monitor.pipeline.told import tell_where_it_stands

_LIVING = frozenset(UNFINISHED | {DeliveryState.SENT})
_ENDING = frozenset({EventKind.EASED, EventKind.RESOLVED})
_BROADCAST = frozenset({EventKind.ESCALATED, EventKind.REOPENED})
_ASIDE = frozenset({EventKind.ACKNOWLEDGED, EventKind.SILENCED})
_GIVEN_UP = timedelta(days=7)
_EARLIEST_END = silences.LONGEST * 2


def tell(unit: Unit, settings: Settings, alert: Alert, event: Event) -> None:
    """Queue what channels shall be told of an event."""
    if event.kind is EventKind.ACKNOWLEDGED:
        tell_where_it_stands(unit, alert, event.kind.value, event.at.isoformat(), event.at)
    if event.kind in _ASIDE:
        return
    rows = unit.notifications_of(alert.id)
    silence = silences.muting(unit.silences(running_at=event.at), alert, alert.level, event.at)
    kept = 0
    for channel in channels_of(settings, alert, rows):
        for kind in _kinds(rows, channel, event):
            if silence and kind != "update":
                kept += 1
            else:
                unit.add_notification(delivery(alert, event, channel, kind))
    if silence and kept:
        mute(unit, alert, silence, event.at, kept)


def channels_of(settings: Settings, alert: Alert, rows: Sequence[Notification]) -> list[Channel]:
    """Return the channels that follow an alert: its rule's, and those it was passed on to because nobody acknowledged it."""
    rule = settings.rule(alert.rule)
    if rule is None:
        return []
    named = settings.channels_for(rule, alert.highest)
    beyond = (settings.channels.get(channel.attention.escalate_to) for channel in named)
    passed_on = [each for each in beyond if each and posted_in(rows, each) and each not in named]
    return [*named, *dict.fromkeys(passed_on)]


def posted_in(rows: Iterable[Notification], channel: Channel) -> bool:
    """Say whether an alert has, or will have, a message of its own in a channel."""
    return any(row.channel == channel.name and row.kind == "post" and row.state in _LIVING for row in rows)


def _kinds(rows: Sequence[Notification], channel: Channel, event: Event) -> tuple[str, ...]:
    posts = [row.state for row in rows if row.channel == channel.name and row.kind == "post"]
    elsewhere = (
        bool(channel.fallback) and DeliveryState.DEAD in posts
    )  # without a fallback nobody has seen what was given up
    if elsewhere or any(state in _LIVING for state in posts):
        return ("update", "thread")
    if posts and event.kind in _ENDING:
        return ()  # a list has told of it, or will; that it ebbs away is the next digest's to say
    return ("post",)


def mute(unit: Unit, alert: Alert, silence: Silence, now: datetime, kept: int = 1) -> None:
    """Count what a silence keeps back, and say in the alert's history that it is silenced."""
    unit.count_muted(silence.id, kept)
    note_silenced(unit, alert, silence, now)


def silence_on(unit: Unit, alert: Alert, level: Level, now: datetime) -> Silence | None:
    """Return the silence that mutes an alert at a level now."""
    return silences.muting(unit.silences(running_at=now), alert, level, now)


def end_silences(unit: Unit, settings: Settings, now: datetime) -> None:
    """Tell, once, what silences that have ended kept back and what still holds."""
    for silence in unit.silences(since=now - _EARLIEST_END):
        if silence.announced or not silences.has_ended(silence, now):
            continue
        for alert in unit.open_alerts():
            if silences.tells_of(unit.events(alert.id), silence):
                _unmute(unit, settings, alert, silence, now)
        unit.save_silence(replace(silence, announced=True))


def _unmute(unit: Unit, settings: Settings, alert: Alert, silence: Silence, now: datetime) -> None:
    other = silence_on(unit, alert, alert.level, now)
    if other:
        note_silenced(unit, alert, other, now)
        return
    rows = unit.notifications_of(alert.id)
    events = [event for event in unit.events(alert.id) if event.kind in TELLING]
    for channel in channels_of(settings, alert, rows):
        muted = [event for event in events if event.at >= silence.created_at]
        muted += [event for event in events if _covered_by(rows, channel, silence)]
        wanted = muted if not posted_in(rows, channel) else [event for event in muted if event.kind in _BROADCAST]
        if wanted:
            last = max(wanted, key=lambda event: event.at)
            kind = "thread" if posted_in(rows, channel) else "post"
            key = digest(alert.id, channel.name, kind, "after", silence.id)
            unit.add_notification(replace(delivery(alert, last, channel, kind), key=key, not_before=now))
    show_anew(unit, alert, digest(silence.id, "ended"), now)


def tell_given_up(unit: Unit, settings: Settings, now: datetime) -> None:
    """Post, once, open alerts whose first post was given up, in channels that take messages again and have no fallback."""
    for row in unit.dead_notifications(now - _GIVEN_UP):
        channel, alert = settings.channels.get(row.channel), unit.alert(row.subject)
        if (
            row.kind != "post"
            or channel is None
            or channel.fallback
            or alert is None
            or alert.state is not AlertState.OPEN
        ):
            continue
        sent = unit.last_sent(channel.name)
        if sent is None or sent <= (row.attempted_at or row.created_at):
            continue
        told = [event for event in unit.events(alert.id) if event.kind in TELLING]
        if (
            told
            and not posted_in(unit.notifications_of(alert.id), channel)
            and not silence_on(unit, alert, alert.level, now)
        ):
            again = delivery(alert, told[-1], channel, "post")
            key = digest(alert.id, channel.name, "post", "given up")
            unit.add_notification(replace(again, key=key, created_at=now, not_before=now))


def _covered_by(rows: Iterable[Notification], channel: Channel, silence: Silence) -> bool:
    return any(row.channel == channel.name and row.error == covering(silence) for row in rows)


def covering(silence: Silence) -> str:
    """Return the reason of a row that a silence keeps back."""
    return f"muted by silence {silence.id}"


def delivery(alert: Alert, event: Event, channel: Channel, kind: str) -> Notification:
    """Return the delivery of an event to a channel; the same event makes the same one."""
    return Notification(
        id=0,
        key=digest(alert.id, channel.name, kind, event.kind.value, event.at.isoformat()),
        subject=alert.id,
        channel=channel.name,
        kind=kind,
        event_kind=event.kind.value,
        level=alert.level,
        state=DeliveryState.PENDING,
        created_at=event.at,
        not_before=event.at,
    )
