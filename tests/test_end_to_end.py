"""The program as its users run it: a subprocess, real feeds on loopback, a Slack stand-in, both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.servers.feeds import FeedServer, page
from tests.servers.slack import SlackStandIn
from tests.stories import BUILD_UP, COUP, EVERYDAY, THREAT, Town, found_town

OUTLETS = ("alpha", "bravo", "charlie", "delta")
SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("escalation")
        yield stand_in


@pytest.fixture
def town(tmp_path: Path, feeds: FeedServer) -> Town:
    return found_town(
        tmp_path / "config", feeds, OUTLETS, {"slack": {"channel": "#escalation", "token_env": "SLACK_BOT_TOKEN"}}
    )


def crisis_monitor(
    *arguments: str, town: Town, data: Path, slack: SlackStandIn | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    if slack:
        known |= {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_API_URL": slack.base_url}
    command = [sys.executable, "-m", "monitor.cli", *arguments, "--config", str(town.config), "--data", str(data)]
    return subprocess.run(
        command, env=known | dict(environ or {}), capture_output=True, text=True, timeout=180, check=False
    )


def history(town: Town, data: Path, environ: Mapping[str, str] | None = None) -> list[dict[str, object]]:
    shown = crisis_monitor("history", "--json", town=town, data=data, environ=environ)
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line) for line in shown.stdout.splitlines()]


def publish_crisis(town: Town, at: datetime) -> None:
    for number, outlet in enumerate(OUTLETS):
        town.publish(outlet, [BUILD_UP[number], COUP[number], THREAT[number], EVERYDAY[number]], at)


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return {"CRISIS_MONITOR_DATABASE_URL": database_url}


def test_a_crisis_is_told_once_and_stays_told_over_three_restarts(
    town: Town, tmp_path: Path, slack: SlackStandIn, environ: dict[str, str]
) -> None:
    data = tmp_path / "data"
    publish_crisis(town, datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251  # the subprocess reads the real clock
    for _ in range(3):
        done = crisis_monitor("run", "--once", "--all", town=town, data=data, slack=slack, environ=environ)
        assert done.returncode == 0, done.stderr
        assert "nothing is pending" in done.stdout

    alerts = history(town, data, environ)
    assert sorted(alert["situation"]["key"] for alert in alerts) == ["IRN-ISR", "MLI", "RUS-UKR"]  # type: ignore[index]  # JSON
    assert {alert["signal"] for alert in alerts} == {"troop_concentration", "coup_warning", "military_response_threat"}
    assert len(slack.messages("#escalation")) == len(alerts)


def test_one_round_does_not_wait_for_what_is_held_and_says_until_when(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    rules = yaml.safe_load((town.config / "rules.yaml").read_text(encoding="utf-8"))
    for channel in rules["channels"].values():
        channel["budget_per_day"] = 0
    (town.config / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    publish_crisis(town, datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251  # the subprocess reads the real clock
    done = crisis_monitor("run", "--once", "--all", town=town, data=tmp_path / "data", slack=slack)

    assert done.returncode == 0, done.stderr
    assert "nothing is pending" in done.stdout
    held = [line for line in done.stdout.splitlines() if line.startswith("held for the digest at ")]
    assert len(held) == len(history(town, tmp_path / "data")) == 3
    assert all("over the budget of 0 a day" in line for line in held)
    (said,) = slack.messages("#escalation")
    assert "The day's budget of 0 is used up" in said["text"]


def test_the_same_reports_a_year_old_alert_nobody(town: Town, tmp_path: Path, slack: SlackStandIn) -> None:
    publish_crisis(town, datetime.now(UTC) - timedelta(days=365))  # noqa: TID251  # the subprocess reads the real clock
    done = crisis_monitor("run", "--once", "--all", town=town, data=tmp_path / "data", slack=slack)
    assert done.returncode == 0, done.stderr
    assert history(town, tmp_path / "data") == []
    assert slack.messages("#escalation") == []


def test_everyday_news_alerts_nobody_even_from_four_outlets(town: Town, tmp_path: Path, slack: SlackStandIn) -> None:
    for outlet in OUTLETS:
        town.publish(outlet, [f"{title}, {outlet} reports" for title in EVERYDAY], datetime.now(UTC))  # noqa: TID251  # the subprocess reads the real clock
    crisis_monitor("run", "--once", "--all", town=town, data=tmp_path / "data", slack=slack)
    assert history(town, tmp_path / "data") == []


def test_why_names_every_step_of_an_article(town: Town, tmp_path: Path) -> None:
    publish_crisis(town, datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251  # the subprocess reads the real clock
    crisis_monitor("run", "--once", "--all", town=town, data=tmp_path / "data")
    (alert,) = (alert for alert in history(town, tmp_path / "data") if alert["signal"] == "coup_warning")
    told = crisis_monitor("why", alert["articles"][0]["id"], town=town, data=tmp_path / "data")  # type: ignore[index]  # JSON
    assert told.returncode == 0
    for word in ("seen", "scored", "placed", "joined", "decided", "opened", "explained"):
        assert word in told.stdout


def test_hostile_feeds_beside_good_ones_lose_no_alert(tmp_path: Path, feeds: FeedServer, slack: SlackStandIn) -> None:
    hostile = sorted((Path(__file__).parent / "data" / "hostile").iterdir())
    channel = {"slack": {"channel": "#escalation", "token_env": "SLACK_BOT_TOKEN"}}
    town = found_town(
        tmp_path / "config", feeds, (*OUTLETS, *(f"hostile{number}" for number in range(len(hostile)))), channel
    )
    publish_crisis(town, datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251  # the subprocess reads the real clock
    for number, path in enumerate(hostile):
        feeds.put(f"/hostile{number}.xml", page(path.read_bytes()))
    done = crisis_monitor("run", "--once", "--all", town=town, data=tmp_path / "data", slack=slack)
    assert done.returncode == 0, done.stderr
    assert {"RUS-UKR", "MLI", "IRN-ISR"} <= {alert["situation"]["key"] for alert in history(town, tmp_path / "data")}  # type: ignore[index]  # JSON
    assert slack.pings() == []


@pytest.mark.shared
@pytest.mark.slow
def test_three_hundred_real_feeds_are_read_and_stored_once(tmp_path: Path, feeds: FeedServer) -> None:
    folder = SHARED / "feeds" / "real"
    if not folder.is_dir():
        pytest.skip("the captured feeds are not beside this checkout")
    files = [path for path in sorted(folder.iterdir()) if path.suffix in (".xml", ".json")][::8][:300]
    town = found_town(tmp_path / "config", feeds, [f"real{number}" for number in range(len(files))], {"console": {}})
    for number, path in enumerate(files):
        feeds.put(f"/real{number}.xml", page(path.read_bytes()))
    data = tmp_path / "data"
    counts = []
    for _ in range(2):
        done = crisis_monitor("run", "--once", "--all", town=town, data=data)
        assert done.returncode == 0, done.stderr
        shown = crisis_monitor("feeds", "--json", town=town, data=data)
        states = [json.loads(line) for line in shown.stdout.splitlines()]
        counts.append(_stored(data))
    assert counts[0] == counts[1] > 600
    assert sum(state["last_ok_at"] is not None for state in states) > 180


def _stored(data: Path) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(data / "crisis-monitor.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
