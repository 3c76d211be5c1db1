"""What is due because time has passed: lists of what was held, and changes of what can be seen. Each duty is one transaction, and doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from monitor.core import briefs, gate, outbox
from monitor.core.identity import digest
from monitor.core.messages import Channel, DeliveryState
from monitor.core.ports import Storage, Unit
from monitor.pipeline.gate import listed, publish, subjects
from monitor.pipeline.ops import watch_deliveries
from monitor.pipeline.regularly import post_regularly
from monitor.pipeline.reminding import remind
from monitor.pipeline.sight import watch_sight
from monitor.pipeline.state import Settings
from monitor.pipeline.telling import end_silences, tell_given_up

Duty = Callable[[Unit, Settings, datetime], None]


def attend(storage: Storage, settings: Settings, now: datetime) -> None:
    """Do all that is due at `now`. Raises StorageError; what was done before it stays done."""
    for duty in DUTIES:
        with storage.transaction() as unit:
            duty(unit, settings, now)


def release(unit: Unit, settings: Settings, now: datetime) -> None:
    """List what was held once quiet hours, or the day of the budget, are over."""
    for name in unit.held_channels():
        channel = settings.channels.get(name)
        if channel:
            _release(unit, channel, settings, now)
        else:
            _let_go(unit, name, now)


def _release(unit: Unit, channel: Channel, settings: Settings, now: datetime) -> None:
    rows = gate.released(unit.held_notifications(channel.name), channel, now)
    if not rows:
        return
    items = listed(unit, settings, subjects(unit, rows))
    quiet = any(row.error.startswith(gate.QUIET) for row in rows)
    occasion = digest(*sorted(row.key for row in rows))
    notice = briefs.release(channel, items, occasion, now, quiet=quiet, drill=settings.drill)
    publish(unit, notice)
    for row in rows:
        unit.save_notification(outbox.covered(row, now, f"{outbox.LISTED}{notice.id}"))


def _let_go(unit: Unit, name: str, now: datetime) -> None:
    """Let delivery say loudly that a channel with held messages is no longer configured."""
    for row in unit.held_notifications(name):
        unit.save_notification(replace(row, state=DeliveryState.PENDING, not_before=now))


DUTIES: tuple[Duty, ...] = (end_silences, post_regularly, release, remind, watch_sight, watch_deliveries, tell_given_up)
