# ruff: noqa: INP001  # a script of the documentation, no package
"""Show what other warning levels would have done on a replayed archive, beside the shipped ones.

    crisis-monitor replay ARCHIVE... --config config/profiles/single-outlet --events EVENTS.csv -o OUT
    .venv/bin/python docs/choose_thresholds.py OUT ARCHIVE... --config config/profiles/single-outlet --events EVENTS.csv

OUT holds the reports that the replay weighed; the rules are run over them again, once for each level tried, on the same steps as
live. For each signal: new alerts a week that reach warning, and for coups how many of the dated ones were caught.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.adapters.archive import ArchiveItem
from monitor.adapters.classifier import ModelUnderstanding
from monitor.adapters.storage import SqlStorage
from monitor.app import build_understanding
from monitor.config import Config, load
from monitor.core.alerts import Level, Rule
from monitor.core.evidence import DAY
from monitor.core.model import Report
from monitor.core.ports import AlertArticle
from monitor.core.records import alert_record
from monitor.core.simulate import Episode, Simulation
from monitor.replay.events import DatedEvent, judge, read_events
from monitor.replay.run import ReplayJob, load_items

LEVELS = (0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 1.0, 1.1, 1.2, 1.5, 2.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("archives", type=Path, nargs="+")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--events", type=Path, required=True)
    options = parser.parse_args()
    config = load(options.config, os.environ)
    items = load_items(ReplayJob(archives=options.archives, output=options.out))
    reports = reports_of(options.out / "replay.db")
    events, understanding = read_events(options.events), build_understanding(config, "linear")
    together = 0.0
    for rule in config.rules:
        own = [report for report in reports if report.signal == rule.signal]
        rows = [_row(config, rule, level, own, items, events, understanding) for level in levels_of(rule)]
        together += _print(rule, rows)
    sys.stdout.write(f"all rules together at the shipped levels: {together:.2f} a week\n")


def reports_of(database: Path) -> list[Report]:
    """Return the reports that a replay weighed, in order of time."""
    storage = SqlStorage.open(f"sqlite:///{database}")
    try:
        with storage.reading() as unit:
            since = unit.history_since()
            return unit.reports_since(since - DAY) if since else []
    finally:
        storage.close()


def levels_of(rule: Rule) -> list[float]:
    """Return the levels tried that lie between the rule's watch and critical, its own among them."""
    watch, critical = rule.levels[Level.WATCH].evidence or 0.0, rule.levels[Level.CRITICAL].evidence or 1e9
    own = rule.levels[Level.WARNING].evidence or watch
    return sorted({level for level in (*LEVELS, own) if watch <= level <= critical})


def _row(
    config: Config,
    rule: Rule,
    level: float,
    reports: Sequence[Report],
    items: Sequence[ArchiveItem],
    events: Sequence[DatedEvent],
    understanding: ModelUnderstanding,
) -> tuple[float, float, int, int]:
    tried = replace(rule, levels={**rule.levels, Level.WARNING: replace(rule.levels[Level.WARNING], evidence=level)})
    first, last = items[0].date, items[-1].date
    if first is None or last is None:
        raise ValueError("an item has no date")
    episodes = Simulation([tried], config.registry, first).run(reports)
    high = [episode for episode in episodes if episode.alert.highest.rank >= Level.WARNING.rank]
    found = judge(events, items, list(_records(high)), understanding).summary()
    return level, len(high) / ((last - first) / DAY / 7), found["caught"], found["covered"]


def _records(episodes: Iterable[Episode]) -> Iterable[dict[str, Any]]:
    for episode in episodes:
        rows = [
            AlertArticle(article_id=name, title="", at=at, source="", url="", score=score)
            for name, (at, score) in episode.articles.items()
        ]
        yield alert_record(episode.alert, episode.events, rows)


def _print(rule: Rule, rows: Sequence[tuple[float, float, int, int]]) -> float:
    """Print a rule's table; return the alerts a week at its shipped level."""
    shipped = rule.levels[Level.WARNING].evidence
    sys.stdout.write(f"{rule.name}: new alerts a week at warning or above\n")
    for level, weekly, caught, covered in rows:
        told = f", {caught} of {covered} coups" if rule.signal == "coup_warning" else ""
        sys.stdout.write(f"  warning at {level:g}: {weekly:.2f}{told}{'  <- shipped' if level == shipped else ''}\n")
    return next((weekly for level, weekly, _, _ in rows if level == shipped), 0.0)


if __name__ == "__main__":
    main()
