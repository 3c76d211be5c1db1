"""Faults of the monitor itself, told in the ops channel: once when one begins, once when it is over, never where alerts go.

What has been told is remembered with it, in the same transaction, so that a restart repeats nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core import briefs, outbox
from monitor.core.alerts import Level
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.identity import digest
from monitor.core.messages import DeliveryState, Notification
from monitor.core.ports import Unit
from monitor.pipeline.gate import publish
from monitor.pipeline.state import Settings

REMEMBERED = timedelta(days=2)
ALIVE = "alive"
_DELIVERIES = "ops deliveries"


def report(unit: Unit, settings: Settings, topic: str, faults: tuple[str, ...], now: datetime) -> None:
    """Tell what is wrong with `topic` now (nothing: it is well), if it differs from what was told last."""
    if settings.ops_channel not in settings.channels:
        return
    key = f"ops {topic}"
    if list(faults) == (unit.fact(key) or []):
        return
    unit.save_fact(key, list(faults))
    title = f"{topic}: {'not in order' if faults else 'in order again'}"
    _publish(unit, settings, topic, title, faults or ("What was told before is over.",), now)


def watch_deliveries(unit: Unit, settings: Settings, now: datetime) -> None:
    """Tell of channels in which deliveries are given up, once until one arrives there again."""
    ops = settings.ops_channel
    if ops not in settings.channels:
        return
    before = unit.fact(_DELIVERIES) or {"told": [], "failing": {}}
    failing: dict[str, str] = dict(before["failing"])
    dead = [row for row in unit.dead_notifications(now - REMEMBERED) if row.channel != ops]
    lines = []
    for row in dead:
        if row.id not in before["told"] and row.channel not in failing:
            failing[row.channel] = _moment(row).isoformat()
            where = settings.channels.get(row.channel)
            fallback = where.fallback if where and where.fallback else "nobody: set `fallback`"
            lines.append(f"A delivery to {row.channel} was given up: {row.error}. Told instead: {fallback}.")
    for name, since in list(failing.items()):
        last = unit.last_sent(name)
        if last and last > datetime.fromisoformat(since):
            del failing[name]
            lines.append(f"{name} takes messages again since {last:%d %B %H:%M} UTC.")
    after = {"told": [row.id for row in dead], "failing": failing}
    if after != before:
        unit.save_fact(_DELIVERIES, after)
    if lines:
        _publish(unit, settings, "deliveries", "Deliveries", tuple(lines), now)


def _moment(row: Notification) -> datetime:
    return row.attempted_at or row.created_at


def _publish(unit: Unit, settings: Settings, topic: str, title: str, lines: tuple[str, ...], now: datetime) -> None:
    occasion = f"{topic} {now.isoformat()}"
    section = Section(heading="", lines=lines)
    publish(unit, briefs.notice(NoticeKind.OPS, settings.ops_channel, occasion, now, title, section))


def show_alive(unit: Unit, settings: Settings, every: timedelta, now: datetime) -> None:
    """Let the one living notice of the ops channel say that the monitor is alive, through the same outbox as all else."""
    name = settings.ops_channel
    if name not in settings.channels:
        return
    notice = _alive(name, every, now)
    if unit.notice(notice.id) is None:
        publish(unit, notice)
        return
    unit.save_notice(notice)
    edit = replace(
        outbox.of_notice(notice),
        kind="update",
        key=digest(notice.id, "update", now.date().isoformat()),
        created_at=now,
        level=Level.WATCH,  # what is worth telling goes before it
    )
    known = next((row for row in unit.notifications_of(notice.id) if row.key == edit.key), None)
    if known is None:
        unit.add_notification(edit)
    elif known.state in (DeliveryState.SENT, DeliveryState.COVERED, DeliveryState.DEAD):
        unit.save_notification(replace(edit, id=known.id))


def _alive(channel: str, every: timedelta, now: datetime) -> Notice:
    words = (
        f"Feeds are polled, rules weighed and messages delivered. The next sign of life is due by {now + every:%H:%M} UTC; "
        "where it stays away, look after the monitor."
    )
    title = f"crisis-monitor is alive at {now:%Y-%m-%d %H:%M} UTC"
    return briefs.notice(NoticeKind.OPS, channel, ALIVE, now, title, Section(heading="", lines=(words,)))
