"""One replay from archives to files: scores, alerts, summary, report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.adapters.archive import ArchiveItem, read_items
from monitor.adapters.classifier import ModelUnderstanding, Stack
from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage, SqlUnit
from monitor.adapters.storage_history import HistoryFilter
from monitor.core.alerts import Alert, Level
from monitor.core.errors import InputError
from monitor.core.records import alert_record, iso
from monitor.pipeline.intake import RELEVANT
from monitor.pipeline.state import Settings
from monitor.replay.engine import Replay, arrivals
from monitor.replay.events import Verdicts, judge, read_events
from monitor.replay.report import write_report
from monitor.replay.scoring import ScoreStore, score_archive

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayJob:
    """What to replay. start and end: half-open span of dates. events: CSV of dated events to judge by. output: directory."""

    archives: Sequence[Path]
    output: Path
    start: datetime | None = None
    end: datetime | None = None
    events: Path | None = None
    stack: Stack = "auto"
    workers: int | None = None


def replay(job: ReplayJob, settings: Settings, understanding: ModelUnderstanding, progress: Progress) -> dict[str, Any]:
    """Run the job and write `alerts.jsonl`, `summary.json` and `report.html`; return the summary. Raises InputError."""
    items = load_items(job)
    job.output.mkdir(parents=True, exist_ok=True)
    done = _Counter("scoring", len(items), progress)
    store = ScoreStore(directory=job.output / "scores", version=understanding.version)
    scores = score_archive(items, store, understanding.model, job.stack, done.advance, job.workers)
    coming = arrivals(items, scores, RELEVANT)
    storage = scratch_database(job.output / "replay.db")
    try:
        run = Replay(storage=storage, settings=settings, understanding=understanding, coming=coming)
        run.run(_Counter("weighing", len(coming), progress).advance, until=_end(items))
        with storage.reading() as unit:
            return _write(job, unit, settings, items, understanding)
    finally:
        storage.close()


def load_items(job: ReplayJob) -> list[ArchiveItem]:
    """Read all archives within the span, in order of date and id. Raises InputError."""
    items = [item for path in job.archives for item in read_items(path, dated=True) if _inside(item, job)]
    if not items:
        raise InputError("no item of the archives lies within the span; widen --start and --end")
    return sorted(items, key=lambda item: (item.date or datetime.max.replace(tzinfo=UTC), item.id))


def _inside(item: ArchiveItem, job: ReplayJob) -> bool:
    return item.date is not None and (not job.start or item.date >= job.start) and (not job.end or item.date < job.end)


def _end(items: Sequence[ArchiveItem]) -> datetime | None:
    return items[-1].date


class _Counter:
    """Adds up how far a phase has come."""

    def __init__(self, phase: str, total: int, progress: Progress) -> None:
        self._phase, self._total, self._done, self._progress = phase, total, 0, progress
        progress(phase, 0, total)

    def advance(self, more: int) -> None:
        """Count `more` items as done."""
        self._done += more
        self._progress(self._phase, self._done, self._total)


def scratch_database(path: Path) -> SqlStorage:
    """Open an empty database for one replay; a crash may lose it, so it need not be safe."""
    for old in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        old.unlink(missing_ok=True)
    storage = SqlStorage.open(f"sqlite:///{path}")
    sa.event.listen(
        storage.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close()
    )
    migrate(storage)
    return storage


def _write(
    job: ReplayJob, unit: SqlUnit, settings: Settings, items: Sequence[ArchiveItem], understanding: ModelUnderstanding
) -> dict[str, Any]:
    alerts = list(reversed(unit.history(HistoryFilter(limit=None))))
    records = [alert_record(alert, unit.events(alert.id), unit.alert_articles(alert.id)) for alert in alerts]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (job.output / "alerts.jsonl").write_text(lines, encoding="utf-8")
    verdicts = judge(read_events(job.events), items, records, understanding) if job.events else None
    summary = _summary(job, alerts, items, settings, understanding, verdicts)
    (job.output / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_report(job.output / "report.html", unit, alerts, settings, summary)
    return summary


def _summary(
    job: ReplayJob,
    alerts: Sequence[Alert],
    items: Sequence[ArchiveItem],
    settings: Settings,
    understanding: ModelUnderstanding,
    verdicts: Verdicts | None,
) -> dict[str, Any]:
    first, last = items[0].date, items[-1].date
    if first is None or last is None:
        raise InputError("an item has no date")
    weeks = max((last - first) / timedelta(weeks=1), 1.0)
    summary: dict[str, Any] = {
        "archives": [path.name for path in job.archives],
        "items": len(items),
        "first": iso(first),
        "last": iso(last),
        "weeks": round(weeks, 1),
        "config": settings.hash,
        "model": understanding.version,
        "alerts": {level.value: _reached(alerts, level) for level in Level},
        "alerts_per_week": {level.value: round(_reached(alerts, level) / weeks, 2) for level in Level},
        "by_signal": _by_signal(alerts),
    }
    return summary | ({"events": verdicts.summary()} if verdicts else {})


def _reached(alerts: Sequence[Alert], level: Level) -> int:
    return sum(alert.highest.rank >= level.rank for alert in alerts)


def _by_signal(alerts: Sequence[Alert]) -> Mapping[str, Mapping[str, int]]:
    counts: Counter[tuple[str, str]] = Counter((alert.signal, alert.highest.value) for alert in alerts)
    return {
        signal: {level.value: counts[signal, level.value] for level in Level}
        for signal in sorted({s for s, _ in counts})
    }
