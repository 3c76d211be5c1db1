"""What rules would have done with given reports: the same as the pipeline did with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.adapters.storage import SqlStorage
from monitor.core.alerts import Level
from monitor.core.records import event_record
from monitor.core.simulate import Simulation
from tests.replay.test_run import START, TITLES, alerts, archive, config, run


def test_a_simulation_over_stored_reports_gives_the_alerts_of_the_replay(tmp_path: Path) -> None:
    run(tmp_path / "out", archive(tmp_path / "news.jsonl", TITLES * 3))
    storage = SqlStorage.open(f"sqlite:///{tmp_path}/out/replay.db")
    with storage.reading() as unit:
        reports = unit.reports_since(START - timedelta(days=1))
    storage.close()

    episodes = Simulation(config().rules, config().registry, START).run(reports)

    last = START + 7 * timedelta(hours=len(TITLES) * 3 - 1)
    told = {record["id"]: record for record in alerts(tmp_path / "out")}
    assert {episode.alert.id for episode in episodes} == set(told)
    for episode in episodes:
        events = [event_record(event) for event in episode.events if event.at <= last]
        assert events == told[episode.alert.id]["events"][: len(events)]
        assert {row["id"] for row in told[episode.alert.id]["articles"]} == set(episode.articles)


def test_a_higher_level_never_raises_more_alerts(tmp_path: Path) -> None:
    run(tmp_path / "out", archive(tmp_path / "news.jsonl", TITLES * 3))
    storage = SqlStorage.open(f"sqlite:///{tmp_path}/out/replay.db")
    with storage.reading() as unit:
        reports = unit.reports_since(START - timedelta(days=1))
    storage.close()

    counts = []
    for level in (0.6, 0.95, 1.5, 3.0):
        rules = [
            replace(rule, levels={**rule.levels, Level.WARNING: replace(rule.levels[Level.WARNING], evidence=level)})
            for rule in config().rules
        ]
        episodes = Simulation(rules, config().registry, START).run(reports)
        counts.append(sum(episode.alert.highest is not Level.WATCH for episode in episodes))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
