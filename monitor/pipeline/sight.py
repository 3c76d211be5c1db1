"""Telling the operators what cannot be seen any more, and what can be seen again: once for each change, through the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.core import blindness, briefs
from monitor.core.blindness import Change, Told
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.ports import Unit
from monitor.pipeline.gate import publish
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.state import Settings

FACT = "sight told"


def watch_sight(unit: Unit, settings: Settings, now: datetime) -> None:
    """Compare what is seen with what was told, and tell the ops channel of each change; what was told is kept in the same transaction."""
    if settings.lookout is None or settings.drill or settings.ops_channel not in settings.channels:
        return
    told = Told.from_json(unit.fact(FACT))
    news, after = blindness.changes(told, settings.lookout.survey(unit, now))
    if after != told:
        unit.save_fact(FACT, after.to_json())
    if news:
        publish(unit, _notice(news, settings.ops_channel, settings.lookout, now))


def _notice(news: Sequence[Change], channel: str, lookout: Lookout, now: datetime) -> Notice:
    lost = sum(change.until is None for change in news)
    title = _title(lost, len(news) - lost)
    lines = tuple(blindness.lines(news, lookout.name_of))
    return briefs.notice(
        NoticeKind.OPS, channel, f"sight {now.isoformat()}", now, title, Section(heading="", lines=lines)
    )


def _title(lost: int, found: int) -> str:
    parts = [f"{lost} lost from sight" if lost else "", f"{found} seen again" if found else ""]
    return f"Coverage: {', '.join(part for part in parts if part)}"
