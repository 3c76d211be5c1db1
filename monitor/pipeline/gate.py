"""The last look before a message may disturb people: it is sent, held for the next list, put off, or covered; never dropped.

Also the storm: where more first posts wait than may come one by one, one summary lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.core import briefs, gate, local_time, outbox
from monitor.core.alerts import Alert
from monitor.core.briefs import Listed
from monitor.core.desk import Notice
from monitor.core.gate import Way
from monitor.core.identity import digest
from monitor.core.messages import Channel, DeliveryState, Notification
from monitor.core.ports import Unit
from monitor.pipeline.state import Settings
from monitor.pipeline.telling import covering, mute, silence_on
from monitor.pipeline.views import brief_view


def admit(unit: Unit, row: Notification, settings: Settings, now: datetime) -> bool:
    """Say whether a due `row` may be sent; what may not is stored with the reason. Call it in the transaction that decides."""
    alert, channel = unit.alert(row.subject), settings.channels.get(row.channel)
    if alert is None or channel is None or not gate.asks(row):
        return True
    silence = silence_on(unit, alert, max(alert.level, row.level, key=lambda level: level.rank), now)
    if silence:
        unit.save_notification(outbox.covered(row, now, covering(silence)))
        mute(unit, alert, silence, now)
        return False
    midnight = local_time.day_start(now, channel.attention.time_zone)
    ruling = gate.rule(row, alert, channel, unit.sent_since(channel.name, midnight), now)
    if ruling.way is Way.SEND:
        _cover_held(unit, row, now)
    elif ruling.way is Way.COVER:
        unit.save_notification(outbox.covered(row, now, ruling.why))
    elif ruling.way is Way.PUT_OFF and ruling.until:
        turn = max([ruling.until, *_turns(unit, channel)]) + gate.STORM_PACE
        unit.save_notification(replace(row, not_before=turn))
    else:
        unit.save_notification(outbox.held(row, ruling.why, ruling.until))
        if ruling.why.startswith(gate.BUDGET):
            publish(unit, briefs.budget(channel, now, drill=settings.drill))
    return ruling.way is Way.SEND


def _cover_held(unit: Unit, row: Notification, now: datetime) -> None:
    """Take what was held of the same alert off the next list: its own message tells it now."""
    if row.kind == "reminder":
        return
    for other in unit.notifications_of(row.subject):
        if other.channel == row.channel and other.state is DeliveryState.HELD:
            unit.save_notification(outbox.covered(other, now, "told by its own message"))


def publish(unit: Unit, notice: Notice) -> bool:
    """Store and queue a notice, unless its occasion has had one; say whether it is new."""
    fresh = unit.add_notice(notice)
    if fresh:
        unit.add_notification(outbox.of_notice(notice))
    return fresh


def listed(unit: Unit, settings: Settings, alerts: Iterable[Alert]) -> list[Listed]:
    """Return alerts as lines of a list, the gravest first."""
    return briefs.ranked(briefs.listed(brief_view(unit, alert, settings)) for alert in alerts)


def subjects(unit: Unit, rows: Iterable[Notification]) -> list[Alert]:
    """Return the alerts that rows tell of, each once."""
    found = (unit.alert(alert_id) for alert_id in dict.fromkeys(row.subject for row in rows))
    return [alert for alert in found if alert]


def stormy(unit: Unit, names: Sequence[str], settings: Settings, now: datetime) -> list[Channel]:
    """Return the channels among `names` in which a storm has to be summed up."""
    channels = [settings.channels[name] for name in names if name in settings.channels]
    if not channels:
        return []
    waiting = unit.waiting_posts([channel.name for channel in channels], now)
    return [channel for channel in channels if gate.is_stormy(waiting, channel, now)]


def sum_up(unit: Unit, channel: Channel, settings: Settings, now: datetime) -> None:
    """List all posts that wait in a stormy channel in one notice, and let each follow at a slow pace, the gravest first."""
    rows: dict[str, list[Notification]] = {}
    for row in unit.waiting_posts([channel.name], now):
        alert = unit.alert(row.subject)
        if alert and not gate.is_listed(row) and not gate.is_critical(row, alert):
            rows.setdefault(row.subject, []).append(row)
    every = [row for its in rows.values() for row in its]
    if len(every) <= channel.attention.storm:
        return
    items = listed(unit, settings, subjects(unit, every))
    occasion = digest(*sorted(row.key for row in every))
    notice = briefs.storm(channel, items, occasion, now, drill=settings.drill)
    publish(unit, notice)
    turn = max([now, *_turns(unit, channel)])
    for item in items:
        turn += gate.STORM_PACE
        for row in rows[item.alert.id]:
            unit.save_notification(gate.listed(row, notice.id, turn))


def _turns(unit: Unit, channel: Channel) -> list[datetime]:
    """Return when the messages that a storm has put off will follow."""
    unfinished = unit.unfinished_notifications()
    return [row.not_before for row in unfinished if row.channel == channel.name and gate.is_listed(row)]
