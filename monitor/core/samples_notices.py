"""Made-up notices for previews, each put into words by what writes the real ones. They are shown, never sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from monitor.core import briefs, grading, regular
from monitor.core.alerts import EventKind, Level
from monitor.core.desk import Notice, NoticeKind, Section, Silence
from monitor.core.grading import Graded
from monitor.core.messages import Channel
from monitor.core.regular import Picture
from monitor.core.samples_story import START, story_view

_DAY = timedelta(days=1)
_NOW = START + _DAY + timedelta(hours=3)
_CHANNEL = Channel(name="desk", kind="slack", target="#escalation")
_GRAVE = briefs.listed(story_view(Level.CRITICAL))
_COUP = replace(
    _GRAVE,
    alert=replace(
        story_view(Level.WARNING).alert,
        id="al-sample-coup",
        rule="coup-warning",
        signal="coup_warning",
        situation="UKR",
    ),
    name="Ukraine",
    why="rose from watch to warning: 3 independent origins (was 2), evidence 2.9 (was 2.0); new: Harbour Wire",
    evidence=2.9,
)
_SMALL = replace(
    _COUP,
    alert=replace(_COUP.alert, id="al-sample-mali", situation="MLI", level=Level.WATCH, highest=Level.WATCH),
    name="Mali",
    why="a second independent source within 2 hours: Canal Seven",
    evidence=1.4,
)
_ALL = (_GRAVE, _COUP, _SMALL)
_SILENCE = Silence(
    id="si-sample",
    situation="MLI",
    signal="",
    alert_id="",
    up_to=Level.WARNING,
    author="Ben",
    reason="announced exercise",
    created_at=START,
    until=START + 2 * _DAY,
    muted=4,
)
_PICTURE = Picture(
    now=_NOW,
    since=_NOW - _DAY,
    held=(_SMALL,),
    open=(_GRAVE, _COUP),
    moved={EventKind.OPENED: (_GRAVE, _COUP), EventKind.ESCALATED: (_GRAVE,)},
    silences=(_SILENCE,),
    blind=("Belarus since 27 November 03:00 UTC",),
    until=_NOW + timedelta(hours=12),
)


def _weekly() -> Notice:
    view, said = story_view(Level.CRITICAL), ["true"] * 9 + ["false"] * 2
    graded = [Graded(alert=view.alert, verdict=verdict, first_report=START, events=view.events) for verdict in said]
    return grading.weekly(_CHANNEL, _NOW, _NOW, graded, [])


def _plain(kind: NoticeKind, title: str, line: str) -> Notice:
    return briefs.notice(kind, _CHANNEL.name, "sample", _NOW, title, Section(heading="", lines=(line,)))


_MADE: Mapping[NoticeKind, Callable[[], Notice]] = MappingProxyType(
    {
        NoticeKind.DIGEST: lambda: regular.digest(_CHANNEL, _NOW, _PICTURE),
        NoticeKind.HANDOVER: lambda: regular.handover(_CHANNEL, _NOW, _PICTURE),
        NoticeKind.STORM: lambda: briefs.storm(_CHANNEL, _ALL, "sample", _NOW),
        NoticeKind.RELEASE: lambda: briefs.release(_CHANNEL, _ALL[1:], "sample", _NOW, quiet=True),
        NoticeKind.BUDGET: lambda: briefs.budget(_CHANNEL, _NOW),
        NoticeKind.WEEKLY: _weekly,
        NoticeKind.OPS: lambda: _plain(
            NoticeKind.OPS, "Coverage: 1 lost from sight", "Belarus since 27 November 03:00 UTC"
        ),
        NoticeKind.DRILL: lambda: _plain(
            NoticeKind.DRILL, "DRILL · A recorded day begins", "Nothing in this channel is real until the drill ends."
        ),
    }
)


def sample_notice(kind: NoticeKind) -> Notice:
    """Return an invented notice of a kind."""
    return replace(_MADE[kind](), id="no-sample")
