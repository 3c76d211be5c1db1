"""What is posted at set times: which occasion is due, and what digests and briefs say. Nothing here ever says that all is clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core import local_time, silences
from monitor.core.alerts import EventKind, Level
from monitor.core.briefs import Listed, alerts, line, notice
from monitor.core.desk import Notice, NoticeKind, Section, Silence
from monitor.core.hours import Attention
from monitor.core.messages import Channel
from monitor.core.reminders import lasting

LATEST = timedelta(hours=12)
NO_ALL_CLEAR = (
    "Nothing that is told here is open. That is no all-clear: what no feed reports, and what feeds in other languages say, "
    "is not seen."
)
_MOVES = {
    EventKind.OPENED: "Opened",
    EventKind.ESCALATED: "Escalated",
    EventKind.REOPENED: "Reopened",
    EventKind.RESOLVED: "Resolved",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """What there is to tell at one moment in one channel.

    since: when it was last told. held: what waits for this list. open: open alerts. moved: alerts by what happened to them since.
    silences: in force. blind: lines on what cannot be seen. until: when the next brief comes, None where none does.
    """

    now: datetime
    since: datetime
    held: Sequence[Listed] = ()
    open: Sequence[Listed] = ()
    moved: Mapping[EventKind, Sequence[Listed]] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    blind: Sequence[str] = ()
    until: datetime | None = None
    drill: bool = False


def schedule(attention: Attention) -> dict[NoticeKind, str]:
    """Return in words when each regular notice is meant; another schedule begins anew."""
    times = {
        NoticeKind.DIGEST: f"{attention.digest:%H:%M}" if attention.digest else "",
        NoticeKind.HANDOVER: " ".join(f"{at:%H:%M}" for at in attention.handover),
        NoticeKind.WEEKLY: f"{attention.weekly.day} {attention.weekly.at:%H:%M}" if attention.weekly else "",
    }
    return {kind: f"{words} {attention.time_zone}" for kind, words in times.items() if words}


def occasion(kind: NoticeKind, attention: Attention, now: datetime) -> datetime | None:
    """Return the latest occasion of a regular notice, None where it is never meant or too long ago to be made up for."""
    zone = attention.time_zone
    if kind is NoticeKind.WEEKLY:
        found = local_time.latest_weekly(attention.weekly, zone, now)
    elif kind is NoticeKind.HANDOVER:
        found = local_time.latest(attention.handover, zone, now)
    else:
        found = local_time.latest((attention.digest,) if attention.digest else (), zone, now)
    return found if found and now - found < LATEST else None


def digest(channel: Channel, at: datetime, picture: Picture) -> Notice:
    """Return the daily digest."""
    zone = channel.attention.time_zone
    title = f"{_mark(picture)}Daily digest, {local_time.local(at, zone):%A %d %B}: {_standing(picture, channel)}"
    return notice(
        NoticeKind.DIGEST,
        channel.name,
        at.isoformat(),
        picture.now,
        title,
        *_section("Held back, not told before", [line(each, drill=picture.drill) for each in picture.held]),
        *_moves(picture),
        *_open(picture),
        *_section("Not acknowledged", _unanswered(picture, Level.WARNING)),
        *_section("Silences in force", [silences.list_line(each, picture.now) for each in picture.silences]),
        *_blind(picture),
    )


def handover(channel: Channel, at: datetime, picture: Picture) -> Notice:
    """Return the brief between two shifts."""
    zone = channel.attention.time_zone
    taken = [each for each in picture.open if each.alert.acknowledged_by]
    ending = [each for each in picture.silences if picture.until and each.until <= picture.until]
    title = f"{_mark(picture)}Handover, {local_time.local(at, zone):%A %d %B %H:%M}: {_standing(picture, channel)}"
    return notice(
        NoticeKind.HANDOVER,
        channel.name,
        at.isoformat(),
        picture.now,
        title,
        *_section("Critical and acknowledged by nobody", _unanswered(picture, Level.CRITICAL)),
        *_open(picture),
        *_section(
            "Acknowledged and not closed", [f"{_short(each)}, by {each.alert.acknowledged_by}" for each in taken]
        ),
        *_section("Held back, not told yet", [line(each, drill=picture.drill) for each in picture.held]),
        *_section("Silences that end in this shift", [silences.list_line(each, picture.now) for each in ending]),
        *_moves(picture),
        *_blind(picture),
    )


def _mark(picture: Picture) -> str:
    return "DRILL · " if picture.drill else ""


def _standing(picture: Picture, channel: Channel) -> str:
    """Say how many alerts are open, of those that the channel is told of: it must not seem that there are no others."""
    held = f", {len(picture.held)} held back" if picture.held else ""
    least = "" if channel.min_level is Level.WATCH else f" that reached {channel.min_level.value}"
    return f"{alerts(len(picture.open))} open{least}{held}"


def _open(picture: Picture) -> list[Section]:
    if not picture.open:
        return [Section(heading="Open", lines=(NO_ALL_CLEAR,))]
    return _section("Open", [line(each, drill=picture.drill) for each in picture.open])


def _moves(picture: Picture) -> list[Section]:
    since = f"since {picture.since:%d %B %H:%M} UTC"
    parts = [
        f"{name}: {', '.join(_short(each) for each in picture.moved[kind])}"
        for kind, name in _MOVES.items()
        if picture.moved.get(kind)
    ]
    return [
        Section(
            heading=f"Moved {since}", lines=tuple(parts) or ("Nothing that is told here opened, rose or was resolved.",)
        )
    ]


def _blind(picture: Picture) -> list[Section]:
    lines = tuple(picture.blind) or ("No country's feeds are known to be lost. What they do not report is not seen.",)
    return [Section(heading="Not seen", lines=lines)]


def _unanswered(picture: Picture, least: Level) -> list[str]:
    return [
        f"{_short(each)}, open for {lasting(picture.now - each.alert.opened_at)}"
        for each in picture.open
        if not each.alert.acknowledged_by and each.alert.level.rank >= least.rank
    ]


def _short(item: Listed) -> str:
    return f"{item.name} ({item.alert.level.value}, {item.alert.id})"


def _section(heading: str, lines: Sequence[str]) -> list[Section]:
    return [Section(heading=f"{heading} ({len(lines)})", lines=tuple(lines))] if lines else []
