"""A replay from archives to files: the same bytes every time, whatever killed it in between."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.classifier import ModelUnderstanding
from monitor.app import build_understanding, settings_of
from monitor.config import Config, load
from monitor.core.errors import InputError
from monitor.replay import scoring
from monitor.replay.run import ReplayJob, load_items, replay
from monitor.replay.scoring import ScoreStore

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "config" / "profiles" / "single-outlet"
START = datetime(2031, 3, 1, 6, tzinfo=UTC)
TITLES = (
    "Azerbaijan masses armour along the Armenian border, Yerevan says",
    "Village choir wins prize at spring fair",
    "Armenia moves artillery towards the Azerbaijani frontier",
    "Soldiers plot to overthrow Togo's government, minister says",
    "Bakers warn of dearer bread",
    "Togo's president says a coup is planned for the weekend",
    "Museum opens new wing",
    "Baku threatens a military response should Armenia cross the line",
    "Striker signs for rivals",
    "Thousands of Azerbaijani troops gather near Armenia",
)
FILES = ("alerts.jsonl", "summary.json", "report.html")
# A replay that kills itself without a word once `phase` has come as far as `after`.
KILLED = """
import os, signal, sys, multiprocessing
from pathlib import Path
from monitor.app import build_understanding, settings_of
from monitor.config import load
from monitor.replay import scoring
from monitor.replay import scoring
from monitor.replay.run import ReplayJob, replay
scoring.CHUNK = 3
def progress(phase, done, total):
    if phase == PHASE and done >= 6:
        Path(PIDS).write_text(" ".join(str(each.pid) for each in multiprocessing.active_children()))
        os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    config = load(Path(CONFIG), os.environ)
    job = ReplayJob(archives=[Path(ARCHIVE)], output=Path(OUT), stack="linear", workers=WORKERS)
    replay(job, settings_of(config), build_understanding(config, "linear"), progress)
"""


@cache
def config() -> Config:
    return load(PROFILE, os.environ)


@cache
def understanding() -> ModelUnderstanding:
    return build_understanding(config(), "linear")


def archive(path: Path, titles: Sequence[str] = TITLES, start: datetime = START, source: str = "Courier") -> Path:
    lines = [
        json.dumps(
            {
                "id": str(number),
                "date": (start + number * timedelta(hours=7)).isoformat(),
                "source": source,
                "title": title,
            }
        )
        for number, title in enumerate(titles)
    ]
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def run(
    out: Path, *archives: Path, progress: Callable[[str, int, int], None] | None = None, **options: Any
) -> dict[str, Any]:
    job = ReplayJob(archives=archives, output=out, **{"stack": "linear", "workers": 1, **options})
    return replay(job, settings_of(config()), understanding(), progress or (lambda *_: None))


def alerts(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "alerts.jsonl").read_text("utf-8").splitlines()]


def written(out: Path) -> Mapping[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES}


def kill(tmp_path: Path, phase: str, workers: int) -> list[int]:
    """Start a replay that is killed in the middle of `phase`; return the ids of the workers it had."""
    names = {
        "PHASE": phase,
        "PIDS": str(tmp_path / "pids"),
        "CONFIG": str(PROFILE),
        "ARCHIVE": str(tmp_path / "news.jsonl"),
        "OUT": str(tmp_path / "killed"),
        "WORKERS": workers,
    }
    script = tmp_path / "killed.py"
    script.write_text("".join(f"{name} = {value!r}\n" for name, value in names.items()) + KILLED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    return [int(pid) for pid in (tmp_path / "pids").read_text().split()]


def test_the_same_archive_gives_the_same_bytes_in_plain_and_gzipped_form(tmp_path: Path) -> None:
    run(tmp_path / "one", archive(tmp_path / "news.jsonl"))
    run(tmp_path / "two", archive(tmp_path / "news.jsonl"))
    run(tmp_path / "three", archive(tmp_path / "news.jsonl.gz"))

    assert len(alerts(tmp_path / "one")) >= 2
    assert written(tmp_path / "one") == written(tmp_path / "two")
    assert (tmp_path / "one/alerts.jsonl").read_bytes() == (tmp_path / "three/alerts.jsonl").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["scoring", "weighing"])
def test_a_replay_killed_in_the_middle_and_started_again_writes_the_same_bytes(tmp_path: Path, phase: str) -> None:
    news = archive(tmp_path / "news.jsonl")
    run(tmp_path / "whole", news)
    kill(tmp_path, phase, workers=1)
    assert list((tmp_path / "killed/scores").glob("*.npy"))
    assert not (tmp_path / "killed/alerts.jsonl").exists()

    run(tmp_path / "killed", news)

    assert written(tmp_path / "killed") == written(tmp_path / "whole")


@pytest.mark.slow
def test_helpers_end_with_a_killed_replay(tmp_path: Path) -> None:
    archive(tmp_path / "news.jsonl", TITLES * 3)
    pids = kill(tmp_path, "scoring", workers=3)

    assert len(pids) == 2
    waiting = threading.Event()
    for _ in range(200):
        if not any(map(runs, pids)):
            return
        waiting.wait(0.1)
    raise AssertionError(f"still running: {[pid for pid in pids if runs(pid)]}")


def runs(pid: int) -> bool:
    """Say whether a process still does anything (one that nobody collects does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_helpers_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "CHUNK", 4)
    news = archive(tmp_path / "news.jsonl", TITLES * 2)
    run(tmp_path / "alone", news)
    run(tmp_path / "helped", news, workers=2)

    assert len(list((tmp_path / "helped/scores").glob("*.npy"))) == 5
    assert written(tmp_path / "helped") == written(tmp_path / "alone")


def test_scores_are_kept_and_used_again(tmp_path: Path) -> None:
    news, seen = archive(tmp_path / "news.jsonl"), []
    run(tmp_path / "out", news)
    (kept,) = (tmp_path / "out/scores").glob("*.npy")
    before = kept.stat().st_mtime_ns

    run(tmp_path / "out", news, progress=lambda *step: seen.append(step))

    assert kept.stat().st_mtime_ns == before
    assert ("scoring", len(TITLES), len(TITLES)) in seen
    assert seen[-1][0] == "weighing"
    assert seen[-1][1] == seen[-1][2]


def test_damaged_scores_are_made_again(tmp_path: Path) -> None:
    news = archive(tmp_path / "news.jsonl")
    run(tmp_path / "out", news)
    first = written(tmp_path / "out")
    (kept,) = (tmp_path / "out/scores").glob("*.npy")
    kept.write_bytes(kept.read_bytes()[:40])

    run(tmp_path / "out", news)

    assert written(tmp_path / "out") == first


def test_another_model_has_other_scores(tmp_path: Path) -> None:
    texts = [("a title", "")]
    assert ScoreStore(directory=tmp_path, version="1").path(texts) != ScoreStore(directory=tmp_path, version="2").path(
        texts
    )


def test_two_archives_may_use_the_same_ids(tmp_path: Path) -> None:
    one = archive(tmp_path / "one.jsonl", TITLES[:5], source="Courier")
    other = archive(tmp_path / "other.jsonl", TITLES[5:], source="Gazette")
    run(tmp_path / "out", one, other)

    said = {
        (article["source"], article["title"]) for alert in alerts(tmp_path / "out") for article in alert["articles"]
    }
    assert ("Courier", TITLES[0]) in said
    assert ("Gazette", TITLES[5]) in said
    scores = {article["title"]: article["score"] for alert in alerts(tmp_path / "out") for article in alert["articles"]}
    run(tmp_path / "alone", other)
    alone = {
        article["title"]: article["score"] for alert in alerts(tmp_path / "alone") for article in alert["articles"]
    }
    assert alone
    assert all(scores[title] == score for title, score in alone.items())


def test_the_order_in_which_archives_are_named_changes_no_alert(tmp_path: Path) -> None:
    one = archive(tmp_path / "one.jsonl", TITLES[:5], source="Courier")
    other = archive(tmp_path / "other.jsonl", TITLES[5:], source="Gazette")
    run(tmp_path / "there", one, other)
    run(tmp_path / "back", other, one)

    assert (tmp_path / "there/alerts.jsonl").read_bytes() == (tmp_path / "back/alerts.jsonl").read_bytes()


def test_the_span_begins_with_the_first_day_and_ends_before_the_last(tmp_path: Path) -> None:
    news = archive(tmp_path / "news.jsonl")
    job = ReplayJob(archives=[news], output=tmp_path, start=START + timedelta(hours=7), end=START + timedelta(hours=21))
    assert [item.id for item in load_items(job)] == ["1", "2"]
    with pytest.raises(InputError, match="no item"):
        load_items(ReplayJob(archives=[news], output=tmp_path, start=START + timedelta(days=90)))


def test_alerts_have_the_keys_of_the_contract(tmp_path: Path) -> None:
    run(tmp_path / "out", archive(tmp_path / "news.jsonl"))
    for alert in alerts(tmp_path / "out"):
        assert set(alert) == {
            "id", "rule", "signal", "situation", "level", "state", "opened_at", "resolved_at", "events", "articles",
        }  # fmt: skip
        assert set(alert["situation"]) == {"key", "countries"}
        for event in alert["events"]:
            assert set(event) == {"at", "kind", "level", "reason", "evidence", "origins", "surge"}
        for article in alert["articles"]:
            assert set(article) == {"id", "title", "at", "source", "score"}
        moments = [alert["opened_at"], *(event["at"] for event in alert["events"])]
        assert all(datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for at in moments)


def test_what_the_model_does_not_read_alerts_nobody_in_a_replay_either(tmp_path: Path) -> None:
    """The same report twice: in English, and in a language that is not read, full of names that any model knows."""
    foreign = "Sojojin Azerbaijan sun taru a kan iyakar Armenia: coup, troops, tanks, military, Yerevan da Baku sun ce za su kai hari"
    run(tmp_path / "out", archive(tmp_path / "news.jsonl", [TITLES[1], foreign, foreign.upper(), TITLES[0]]))

    (alert,) = alerts(tmp_path / "out")
    assert [article["title"] for article in alert["articles"]] == [TITLES[0]]


def test_an_alert_falls_and_resolves_at_its_own_moment_between_arrivals(tmp_path: Path) -> None:
    titles = [TITLES[0], *["Bakers warn of dearer bread"] * 30, "Museum opens new wing"]
    run(tmp_path / "out", archive(tmp_path / "news.jsonl", titles))

    (alert,) = alerts(tmp_path / "out")
    assert [event["kind"] for event in alert["events"]] == ["opened", "eased", "resolved"]
    assert alert["state"] == "resolved"
    assert datetime.fromisoformat(alert["events"][1]["at"]).minute != START.minute
