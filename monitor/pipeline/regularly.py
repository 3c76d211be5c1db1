"""Digests, briefs between shifts, and the week's grading: once for each occasion, from what the database holds at that moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from monitor.core import grading, local_time, outbox, regular
from monitor.core.alerts import Alert, EventKind
from monitor.core.briefs import Listed, notice_id
from monitor.core.coverage import Cause
from monitor.core.desk import Notice, NoticeKind
from monitor.core.grading import WEEK, Graded
from monitor.core.history import HistoryFilter
from monitor.core.messages import Channel
from monitor.core.ports import Unit
from monitor.core.regular import Picture
from monitor.pipeline.gate import listed, publish, subjects
from monitor.pipeline.state import Settings

DAY = timedelta(days=1)
Build = Callable[[Unit, Settings, Channel, datetime, datetime], Notice]


def post_regularly(unit: Unit, settings: Settings, now: datetime) -> None:
    """Publish the regular notices that are due; nothing for times before their schedule was first seen."""
    if settings.drill:
        return
    for channel in settings.channels.values():
        for kind, words in regular.schedule(channel.attention).items():
            since = _scheduled_since(unit, channel, kind, words, now)
            at = regular.occasion(kind, channel.attention, now)
            if at and at >= since and not _was_told(unit, channel, kind, at):
                publish(unit, _BUILD[kind](unit, settings, channel, at, now))


def _scheduled_since(unit: Unit, channel: Channel, kind: NoticeKind, words: str, now: datetime) -> datetime:
    key = f"regular {channel.name} {kind.value}"
    known = unit.fact(key)
    if isinstance(known, dict) and known.get("times") == words:
        return datetime.fromisoformat(known["since"])
    unit.save_fact(key, {"times": words, "since": now.isoformat()})
    return now


def _was_told(unit: Unit, channel: Channel, kind: NoticeKind, at: datetime) -> bool:
    return unit.notice(notice_id(kind, channel.name, at.isoformat())) is not None


def digest_now(unit: Unit, settings: Settings, channel: Channel, now: datetime) -> Notice:
    """Return what a digest would say now, without posting it or taking anything off the next one."""
    return regular.digest(channel, now, picture(unit, settings, channel, NoticeKind.DIGEST, now))


def _digest(unit: Unit, settings: Settings, channel: Channel, at: datetime, now: datetime) -> Notice:
    """Return the daily digest; what was held is told by it."""
    made = regular.digest(channel, at, picture(unit, settings, channel, NoticeKind.DIGEST, now))
    for row in unit.held_notifications(channel.name):
        unit.save_notification(outbox.covered(row, now, f"{outbox.LISTED}{made.id}"))
    return made


def _handover(unit: Unit, settings: Settings, channel: Channel, at: datetime, now: datetime) -> Notice:
    return regular.handover(channel, at, picture(unit, settings, channel, NoticeKind.HANDOVER, now))


def _weekly(unit: Unit, settings: Settings, channel: Channel, at: datetime, now: datetime) -> Notice:
    verdicts = unit.verdicts()
    said = grading.latest_verdicts(verdicts)
    week = HistoryFilter(since=at - WEEK, until=at, limit=None)
    graded = [_graded(unit, alert, said) for alert in unit.history(week) if _follows(settings, channel, alert)]
    misses = [each for each in verdicts if each.verdict == "missed" and at - WEEK <= each.at < at]
    return grading.weekly(channel, at, now, graded, misses)


_BUILD: dict[NoticeKind, Build] = {
    NoticeKind.DIGEST: _digest,
    NoticeKind.HANDOVER: _handover,
    NoticeKind.WEEKLY: _weekly,
}


def _graded(unit: Unit, alert: Alert, said: dict[str, str]) -> Graded:
    first = min((row.at for row in unit.alert_articles(alert.id)), default=None)
    return Graded(alert=alert, verdict=said.get(alert.id, ""), first_report=first, events=unit.events(alert.id))


def picture(unit: Unit, settings: Settings, channel: Channel, kind: NoticeKind, now: datetime) -> Picture:
    """Gather what there is to tell in a channel."""
    since = _last_told(unit, channel, kind, now)
    return Picture(
        now=now,
        since=since,
        held=listed(unit, settings, subjects(unit, unit.held_notifications(channel.name))),
        open=listed(unit, settings, [each for each in unit.open_alerts() if _follows(settings, channel, each)]),
        moved=_moved(unit, settings, channel, since),
        silences=unit.silences(running_at=now),
        blind=_blind(unit, settings, now),
        until=local_time.following(channel.attention.handover, channel.attention.time_zone, now),
        drill=settings.drill,
    )


def _follows(settings: Settings, channel: Channel, alert: Alert) -> bool:
    rule = settings.rule(alert.rule)
    return rule is not None and channel in settings.channels_for(rule, alert.highest)


def _last_told(unit: Unit, channel: Channel, kind: NoticeKind, now: datetime) -> datetime:
    told = [each.at for each in unit.notices_since(now - WEEK) if each.channel == channel.name and each.kind is kind]
    return max(told, default=now - DAY)


def _moved(unit: Unit, settings: Settings, channel: Channel, since: datetime) -> dict[EventKind, Sequence[Listed]]:
    ids: dict[EventKind, dict[str, None]] = {}
    for event in unit.events_since(since):
        ids.setdefault(event.kind, {})[event.alert_id] = None
    found = {kind: [alert for each in its if (alert := unit.alert(each))] for kind, its in ids.items()}
    return {
        kind: listed(unit, settings, [alert for alert in its if _follows(settings, channel, alert)])
        for kind, its in found.items()
    }


def _blind(unit: Unit, settings: Settings, now: datetime) -> list[str]:
    if settings.lookout is None:
        return ["It is not known what can be seen: no feeds are polled here."]
    found = settings.lookout.survey(unit, now)
    unread = [settings.lookout.name_of(each.country) for each in found.blind(Cause.UNREAD)]
    words = f"{', '.join(unread)}: their own feeds are in languages the model does not read"
    return [*(f"Blind: {line}" for line in settings.lookout.lost(found)), *([words] if unread else [])]
