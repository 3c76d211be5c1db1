"""Dated events against a replay's alerts: what is covered, what was caught, and how long before."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core.alerts import Level
from monitor.core.errors import InputError
from monitor.replay.events import held, judge, read_events
from monitor.replay.run import ReplayJob, load_items
from tests.replay.test_run import alerts, archive, run, understanding

START = datetime(2031, 3, 1, 6, tzinfo=UTC)
TOOL = Path(__file__).parents[3] / "shared/tools/evaluate_replay.py"
HEADER = "date,countries,kind,detail\n"
CHAD = (
    "Chad's government says officers are plotting a coup",
    "Village choir wins prize at spring fair",
    "Chad arrests three colonels over alleged coup plot",
    "Soldiers seize power in coup in Chad",
    "Coup leaders in Chad dissolve parliament",
    "Bakers warn of dearer bread",
    "Old coup remembered in Togo",
)


def events(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def judged(tmp_path: Path, *lines: str) -> dict[str, Any]:
    news = archive(tmp_path / "news.jsonl", CHAD, START)
    summary = run(tmp_path / "out", news, events=events(tmp_path, *lines))
    found: dict[str, Any] = summary["events"]
    return found


def test_a_coup_warned_of_before_its_day_is_caught_with_its_lead(tmp_path: Path) -> None:
    found = judged(tmp_path, "2031-03-03,TCD,coup,coup")

    assert (found["covered"], found["caught"], found["before_the_day"], found["uncovered"]) == (1, 1, 1, 0)
    (verdict,) = found["list"]
    assert (verdict["caught"], verdict["lead"]) == (True, 2)
    assert verdict["first"].startswith("2031-03-01")
    assert verdict["alert"] in {alert["id"] for alert in alerts(tmp_path / "out")}


def test_what_fewer_than_three_headlines_tell_of_is_not_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, "2031-03-03,TGO,coup,one headline", "2031-03-03,MLI,coup,no headline")
    assert (found["covered"], found["caught"], found["uncovered"]) == (0, 0, 2)


def test_only_coups_within_the_archive_are_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, "2031-03-03,TCD,dispute,no coup", "2031-06-03,TCD,coup,after the archive")
    assert (found["covered"], found["uncovered"]) == (0, 0)


def test_an_event_after_which_alone_the_archive_speaks_is_missed(tmp_path: Path) -> None:
    """Headlines up to a day after an event cover it; a warning must stand by then with a report from inside that time."""
    records = [_record([("2031-03-01T06:00:00Z", "opened", "watch"), ("2031-03-09T06:00:00Z", "escalated", "warning")])]
    news = archive(tmp_path / "news.jsonl", CHAD, START)
    items = load_items(ReplayJob(archives=[news], output=tmp_path))
    (verdict,) = judge(
        read_events(events(tmp_path, "2031-03-02,TCD,coup,coup")), items, records, understanding()
    ).judged
    assert not verdict.caught


def _record(steps: list[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "id": "al-1",
        "signal": "coup_warning",
        "situation": {"key": "TCD", "countries": ["TCD"]},
        "resolved_at": None,
        "events": [{"at": at, "kind": kind, "level": level} for at, kind, level in steps],
        "articles": [{"at": "2031-03-01T06:00:00Z"}],
    }


def test_the_times_at_a_level_run_from_rise_to_fall() -> None:
    record = _record(
        [
            ("1", "opened", "warning"),
            ("2", "eased", "watch"),
            ("3", "escalated", "critical"),
            ("4", "resolved", "critical"),
        ]
    )
    assert held(record, Level.WARNING) == [("1", "2"), ("3", "4")]
    assert held(_record([("1", "opened", "critical")]), Level.CRITICAL) == [("1", "9999")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("day,where\n", "the first line must be date,countries,kind,detail", id="header"),
        pytest.param(HEADER + "yesterday,TCD,coup,x\n", ":2: 'yesterday' is no date", id="date"),
        pytest.param(HEADER + ",TCD,coup,x\n", ":2:", id="no date"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"events\.csv") as refused:
        read_events(path)
    assert words in str(refused.value)


@pytest.mark.shared
def test_the_figures_are_those_of_the_tool_that_sets_the_rules(tmp_path: Path) -> None:
    if not TOOL.exists():
        pytest.skip("the evaluation tools are not beside the project")
    days = [(START + timedelta(days=number)).date().isoformat() for number in (0, 1, 2)]
    lines = [f"{day},{code},coup,x" for day in days for code in ("TCD", "MLI", "NER")]
    found = judged(tmp_path, *lines)
    tool = subprocess.run(
        [
            sys.executable,
            TOOL,
            tmp_path / "out/alerts.jsonl",
            tmp_path / "events.csv",
            tmp_path / "news.jsonl",
            "--json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    theirs = json.loads(tool.stdout)

    assert theirs["covered"] > 0
    assert [found[name] for name in ("covered", "caught", "before_the_day")] == [
        theirs[name] for name in ("covered", "caught", "before_the_day")
    ]
