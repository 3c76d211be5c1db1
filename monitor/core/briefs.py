"""What lists of alerts say: releases after quiet hours, storms, the day's budget. One line for each alert, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core import local_time
from monitor.core.alerts import Alert, AlertState, EventKind
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.gate import STORM_PACE, next_list
from monitor.core.identity import digest
from monitor.core.messages import Channel
from monitor.core.ports import AlertView
from monitor.core.reasons import why_of
from monitor.core.wording import SIGNAL_NAMES

TELLING = frozenset({EventKind.OPENED, EventKind.ESCALATED, EventKind.UPDATED, EventKind.REOPENED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """An alert as a line of a list. name: of its situation. why: reason of the latest event that told of it."""

    alert: Alert
    name: str
    why: str
    evidence: float

    def order(self) -> tuple[int, float, datetime, str]:
        """Return what ranks it: level, then evidence, then age."""
        return (-self.alert.level.rank, -self.evidence, self.alert.opened_at, self.alert.id)


def listed(view: AlertView) -> Listed:
    """Return an alert as a line, from its events and evidence."""
    telling = [event for event in view.events if event.kind in TELLING]
    why = why_of(view, telling[-1]) if telling else "no event is stored"
    evidence = view.events[-1].standing.evidence if view.events else 0.0
    return Listed(alert=view.alert, name=view.name, why=why, evidence=evidence)


def ranked(items: Iterable[Listed]) -> list[Listed]:
    """Return the alerts, the gravest first."""
    return sorted(items, key=Listed.order)


def line(item: Listed, *, drill: bool = False) -> str:
    """Return level, signal, situation, state now, id and why, in this order: what is cut for its length is the reason."""
    alert = item.alert
    signal = SIGNAL_NAMES.get(alert.signal, alert.signal)
    mark = "DRILL · " if drill else ""
    where = f"{item.name} ({alert.situation})"
    return f"{mark}{alert.highest.value.upper()} · {signal} · {where} · {state(alert)} · {alert.id}: {item.why}"


def state(alert: Alert) -> str:
    """Say how an alert stands now."""
    if alert.state is AlertState.RESOLVED and alert.resolved_at:
        return f"resolved {alert.resolved_at:%d %B %H:%M} UTC"
    words = "open" if alert.level is alert.highest else f"open, eased to {alert.level.value}"
    return f"{words}, acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else words


def notice(kind: NoticeKind, channel: str, occasion: str, now: datetime, title: str, *sections: Section) -> Notice:
    """Return a notice. occasion: what makes it the only one of its kind."""
    return Notice(
        id=notice_id(kind, channel, occasion),
        kind=kind,
        channel=channel,
        at=now,
        title=title,
        sections=sections,
    )


def notice_id(kind: NoticeKind, channel: str, occasion: str) -> str:
    """Return the id of the one notice of a kind, channel and occasion."""
    return f"no-{digest(kind.value, channel, occasion)[:16]}"


def release(
    channel: Channel, items: Sequence[Listed], occasion: str, now: datetime, *, quiet: bool, drill: bool = False
) -> Notice:
    """Return the list of what was held. quiet: quiet hours held at least some of it, else the budget held all."""
    why = "during quiet hours" if quiet else f"over the budget of {channel.budget_per_day} a day"
    title = f"{'DRILL · ' if drill else ''}{alerts(len(items))} held back {why}"
    lines = tuple(line(item, drill=drill) for item in ranked(items))
    return notice(NoticeKind.RELEASE, channel.name, occasion, now, title, Section(heading="", lines=lines))


def storm(channel: Channel, items: Sequence[Listed], occasion: str, now: datetime, *, drill: bool = False) -> Notice:
    """Return the summary of more alerts than may be posted one by one."""
    title = f"{'DRILL · ' if drill else ''}Storm: {alerts(len(items))} at once"
    pace = (
        f"Each one's own message follows, the gravest first, one every {STORM_PACE.seconds} seconds and "
        f"{channel.budget_per_day} a day at most; an alert that resolves before gets none. Critical alerts do not wait."
    )
    lines = tuple(line(item, drill=drill) for item in ranked(items))
    sections = (Section(heading="", lines=(pace,)), Section(heading="Alerts", lines=lines))
    return notice(NoticeKind.STORM, channel.name, occasion, now, title, *sections)


def budget(channel: Channel, now: datetime, *, drill: bool = False) -> Notice:
    """Return the word that the day's budget is used up."""
    zone = channel.attention.time_zone
    day, when = local_time.day_of(now, zone), local_time.local(next_list(channel, now), zone)
    words = (
        f"{channel.budget_per_day} alerts below critical were posted here today. Further ones are ranked and listed "
        f"on {when:%d %B at %H:%M} ({zone}); `/crisis digest` shows them now. Critical alerts are posted as ever."
    )
    title = f"{'DRILL · ' if drill else ''}The day's budget of {channel.budget_per_day} is used up"
    return notice(NoticeKind.BUDGET, channel.name, day.isoformat(), now, title, Section(heading="", lines=(words,)))


def alerts(number: int) -> str:
    """Return a number of alerts in words."""
    return f"{number} alert" if number == 1 else f"{number} alerts"
