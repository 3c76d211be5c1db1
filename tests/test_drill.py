"""A drill: everything as in earnest, in a channel of its own, marked from the first line to the last, and gone when it is over."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.app import settings_of
from monitor.config import load
from monitor.core.errors import InputError
from monitor.core.hours import Attention
from monitor.drill import drill_channel
from tests.servers.feeds import FeedServer
from tests.servers.slack import DROP, SlackStandIn
from tests.stories import BUILD_UP, COUP, EVERYDAY, Town, found_town

OUTLETS = ("alpha", "bravo", "charlie")
DAY = datetime(2021, 11, 30, 6, tzinfo=UTC)
TOKEN = {"token_env": "SLACK_BOT_TOKEN"}


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("escalation")
        stand_in.add_channel("drills")
        yield stand_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with FeedServer() as server:
        built = found_town(tmp_path / "config", server, OUTLETS, {"slack": {"channel": "#escalation", **TOKEN}})
        rules = yaml.safe_load((built.config / "rules.yaml").read_text(encoding="utf-8"))
        rules["channels"]["desk"]["fallback"] = "spare"
        rules["channels"] |= {
            "drills": {"slack": {"channel": "#drills", **TOKEN}},
            "spare": {"slack": {"channel": "#spare", **TOKEN}},
            "twin": {"slack": {"channel": "#escalation", **TOKEN}},
        }
        (built.config / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
        (built.config / "monitor.yaml").write_text("drill_channel: drills\n", encoding="utf-8")
        yield built


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A day in which three outlets tell of a build-up hour by hour, two of a coup, and all of everyday things."""
    told = [(hour, outlet, BUILD_UP[n]) for hour, (n, outlet) in enumerate(zip((0, 2, 3), OUTLETS, strict=True))]
    told += [(5 + n, outlet, COUP[n]) for n, outlet in enumerate(OUTLETS[:2])]
    told += [(8, outlet, EVERYDAY[n]) for n, outlet in enumerate(OUTLETS)]
    lines = [
        json.dumps({"id": str(n), "date": (DAY + timedelta(hours=hour)).isoformat(), "source": who, "title": title})
        for n, (hour, who, title) in enumerate(told)
    ]
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def command(town: Town, data: Path, slack: SlackStandIn, *arguments: str) -> tuple[list[str], Mapping[str, str]]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = known | {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_API_URL": slack.base_url}
    place = ("--config", str(town.config), "--data", str(data), "--stack", "linear")
    return [sys.executable, "-m", "monitor.cli", "drill", *arguments, *place], environ


def a_drill(town: Town, data: Path, slack: SlackStandIn, *arguments: str) -> subprocess.CompletedProcess[str]:
    words, environ = command(town, data, slack, *arguments)
    return subprocess.run(words, env=environ, capture_output=True, text=True, timeout=180, check=False)


def everything(slack: SlackStandIn, channel: str) -> list[dict[str, Any]]:
    roots = slack.messages(channel)
    return [message for root in roots for message in (root, *root["replies"])]


@pytest.mark.slow
def test_a_recorded_day_is_told_in_the_drill_channel_alone_and_leaves_nothing_behind(
    town: Town, tmp_path: Path, slack: SlackStandIn, archive: Path
) -> None:
    data = tmp_path / "data"
    slack.fail("chat.postMessage", "429", times=1)
    slack.fail("chat.update", DROP)
    done = a_drill(town, data, slack, str(archive), "--speed", "20000")

    assert done.returncode == 0, done.stderr
    assert "drill over: 2 alerts" in done.stdout
    first, *alerts, last = slack.messages("drills")
    assert first["text"].startswith("DRILL · a drill begins\n8 reports of 30 November 2021")
    assert last["text"].startswith("DRILL · the drill is over")
    assert [alert["metadata"]["event_payload"]["alert_id"] for alert in alerts] == list(
        dict.fromkeys(alert["metadata"]["event_payload"]["alert_id"] for alert in alerts)
    )
    assert ["RUS-UKR" in alert["text"] or "MLI" in alert["text"] for alert in alerts] == [True, True]
    assert "WARNING" in alerts[0]["text"]
    assert alerts[0]["replies"]
    for message in everything(slack, "drills"):
        assert "DRILL · " in message["text"].splitlines()[0]
        assert "DRILL · " in message["blocks"][0]["text"]["text"]
        assert message["metadata"]["event_payload"]["drill"] is True
    assert everything(slack, "escalation") == []
    assert list(data.iterdir()) == []


@pytest.mark.slow
def test_an_interrupted_drill_says_that_it_is_over_and_keeps_its_database_when_asked(
    town: Town, tmp_path: Path, slack: SlackStandIn, archive: Path
) -> None:
    words, environ = command(town, tmp_path / "data", slack, str(archive), "--speed", "1", "--keep")
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    waiting = threading.Event()
    for _ in range(900):
        if slack.messages("drills") or process.poll() is not None:
            break
        waiting.wait(0.1)
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=60)

    assert process.returncode == 0, complained
    assert "drill ended early" in said
    assert [message["text"].splitlines()[0] for message in slack.messages("drills")] == [
        "DRILL · a drill begins",
        "DRILL · the drill was ended early",
    ]
    assert [path.name[:6] for path in (tmp_path / "data").iterdir()] == ["drill-"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        pytest.param("", "name it as drill_channel in monitor.yaml or with --channel", id="none"),
        pytest.param("nowhere", "there is no channel 'nowhere'", id="unknown"),
        pytest.param("desk", "takes real alerts", id="a rule's own"),
        pytest.param("twin", "takes real alerts", id="the same place under another name"),
        pytest.param("spare", "takes real alerts", id="the fallback of a rule's own"),
    ],
)
def test_a_channel_that_takes_real_alerts_takes_no_drill(town: Town, name: str, complaint: str) -> None:
    settings = settings_of(load(town.config, {"SLACK_BOT_TOKEN": "xoxb-test"}))

    with pytest.raises(InputError, match=complaint):
        drill_channel(settings, name)


def test_nothing_holds_a_drill_back(town: Town) -> None:
    settings = settings_of(load(town.config, {"SLACK_BOT_TOKEN": "xoxb-test"}))
    channel = drill_channel(settings, "drills")

    assert (channel.target, channel.fallback, channel.attention) == ("#drills", "", Attention())
    assert channel.budget_per_day > settings.channels["drills"].budget_per_day


def test_without_a_drill_channel_the_remedy_is_named(
    town: Town, tmp_path: Path, slack: SlackStandIn, archive: Path
) -> None:
    (town.config / "monitor.yaml").write_text("{}\n", encoding="utf-8")
    done = a_drill(town, tmp_path / "data", slack, str(archive))

    assert done.returncode == 2
    assert "drill_channel in monitor.yaml" in done.stderr


def test_a_drill_whose_first_line_does_not_arrive_does_not_begin(
    town: Town, tmp_path: Path, slack: SlackStandIn, archive: Path
) -> None:
    slack.channels["C00000002"].archived = True
    done = a_drill(town, tmp_path / "data", slack, str(archive))

    assert done.returncode == 1
    assert "is_archived" in done.stderr
    assert list((tmp_path / "data").iterdir()) == []
