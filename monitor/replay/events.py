"""What a replay caught of dated events, and how long before.

Only coups are judged. An event is covered when three or more headlines, from a week before to a day after it, name the country and
a word for a coup; caught when a coup warning for that country stood at warning or above at some moment from 30 days before to
a day after, with an article from inside that time. The lead is the number of days from the first such moment to the event.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import ModelUnderstanding
from monitor.core.alerts import Level
from monitor.core.errors import InputError
from monitor.replay.event_names import NAMES

BEFORE = timedelta(days=30)
WEEK = timedelta(days=7)
AFTER = timedelta(days=1)
COVERED_BY = 3
_COUP_WORDS = re.compile(
    r"\b(coup|mutin\w+|junta|overthr\w+|seize[sd]? power|topple\w*|oust\w*|putsch)\b", re.IGNORECASE
)
_COLUMNS = ["date", "countries", "kind", "detail"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedEvent:
    """One line of the CSV: what happened, where (alpha-3 codes joined by `-`), when."""

    date: date
    countries: str
    kind: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether one covered event was caught. alert and first: the alert and its first moment; lead: days before the event."""

    date: str
    countries: str
    detail: str
    caught: bool
    alert: str = ""
    first: str = ""
    lead: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdicts:
    """All covered events, judged; `uncovered` counts those the archive does not report."""

    judged: Sequence[Verdict]
    uncovered: int

    def summary(self) -> dict[str, Any]:
        """Return counts and the list, for summary.json."""
        caught = [verdict for verdict in self.judged if verdict.caught]
        return {
            "covered": len(self.judged),
            "caught": len(caught),
            "before_the_day": sum((verdict.lead or 0) > 0 for verdict in caught),
            "uncovered": self.uncovered,
            "list": [asdict(verdict) for verdict in self.judged],
        }


def read_events(path: Path) -> list[DatedEvent]:
    """Read the CSV. Raises InputError naming file and line."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != _COLUMNS:
                raise InputError(f"{path}:1: the first line must be {','.join(_COLUMNS)}")
            return [_event(row, f"{path}:{number}") for number, row in enumerate(reader, 2)]
    except OSError as exc:
        raise InputError(f"{path}: cannot be read ({exc.strerror or exc})") from exc


def _event(row: Mapping[str, str], where: str) -> DatedEvent:
    try:
        return DatedEvent(
            date=date.fromisoformat(row["date"]), countries=row["countries"], kind=row["kind"], detail=row["detail"]
        )
    except (TypeError, ValueError) as exc:
        raise InputError(f"{where}: {row.get('date')!r} is no date; write 2012-03-22") from exc


def judge(
    events: Iterable[DatedEvent],
    items: Sequence[ArchiveItem],
    records: Sequence[Mapping[str, Any]],
    understanding: ModelUnderstanding,
) -> Verdicts:
    """Judge the coups among `events` that lie within the archive."""
    low, high = _day(items[0]), _day(items[-1])
    coups = [event for event in events if event.kind == "coup" and low <= event.date <= high]
    reported = _coup_reports(items, understanding, {event.countries for event in coups})
    covered = [event for event in coups if _is_covered(event, reported)]
    warnings = [
        (record, spans)
        for record in records
        if record["signal"] == "coup_warning" and (spans := held(record, Level.WARNING))
    ]
    return Verdicts(judged=[_verdict(event, warnings) for event in covered], uncovered=len(coups) - len(covered))


def _day(item: ArchiveItem) -> date:
    if item.date is None:
        raise InputError(f"item {item.id} has no date")
    return item.date.date()


def _coup_reports(
    items: Sequence[ArchiveItem], understanding: ModelUnderstanding, wanted: set[str]
) -> list[tuple[date, set[str]]]:
    """Return the days of headlines with a coup word, and which of the `wanted` countries each names."""
    plain = {code: NAMES[code] for code in wanted if code in NAMES}
    rest = wanted - plain.keys()
    found = []
    for item in (item for item in items if _COUP_WORDS.search(item.title)):
        codes = {code for code, pattern in plain.items() if pattern.search(item.title)}
        if rest:
            codes |= {place.code for place in understanding.places(item.title, "")} & rest
        if codes:
            found.append((_day(item), codes))
    return found


def _is_covered(event: DatedEvent, reported: Sequence[tuple[date, set[str]]]) -> bool:
    near = (codes for day, codes in reported if event.date - WEEK <= day <= event.date + AFTER)
    return sum(event.countries in codes for codes in near) >= COVERED_BY


def held(record: Mapping[str, Any], least: Level) -> list[tuple[str, str]]:
    """Return the times (from, until) at which an alert stood at `least` or above."""
    spans: list[tuple[str, str]] = []
    since: str | None = None
    for event in record["events"]:
        high = Level(event["level"]).rank >= least.rank and event["kind"] != "resolved"
        if high and since is None:
            since = event["at"]
        elif not high and since is not None:
            spans.append((since, event["at"]))
            since = None
    return spans if since is None else [*spans, (since, record["resolved_at"] or "9999")]


def _verdict(event: DatedEvent, warnings: Sequence[tuple[Mapping[str, Any], list[tuple[str, str]]]]) -> Verdict:
    start, end = (event.date - BEFORE).isoformat(), (event.date + AFTER).isoformat()
    moments = [
        (max(since, start), record["id"])
        for record, spans in warnings
        if event.countries in record["situation"]["countries"]
        if any(start <= article["at"][:10] <= end for article in record["articles"])
        for since, until in spans
        if since[:10] <= end and until >= start
    ]
    if not moments:
        return Verdict(date=event.date.isoformat(), countries=event.countries, detail=event.detail, caught=False)
    first, alert = min(moments)
    lead = (event.date - date.fromisoformat(first[:10])).days
    return Verdict(
        date=event.date.isoformat(),
        countries=event.countries,
        detail=event.detail,
        caught=True,
        alert=alert,
        first=first,
        lead=lead,
    )
