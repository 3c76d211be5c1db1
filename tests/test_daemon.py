"""The daemon as a process: it polls again, takes good edits, keeps its course on bad ones, and survives being killed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.servers.feeds import FeedServer
from tests.servers.slack import SlackStandIn
from tests.stories import BUILD_UP, Town, found_town

OUTLETS = ("alpha", "bravo", "charlie", "delta")
PATIENCE = 90.0


class Running:
    """A daemon process and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        self.lines.extend(iter(self.process.stderr.readline, ""))

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition that another process brings about."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE / 0.2)):
        if condition():
            return
        waiting.wait(0.2)
    pytest.fail(f"waited {PATIENCE:g} s for {what}")


@contextmanager
def running(town: Town, data: Path, slack: SlackStandIn, **more: str) -> Iterator[Running]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = known | {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_API_URL": slack.base_url} | more
    command = [
        sys.executable,
        "-m",
        "monitor.cli",
        "run",
        "--config",
        str(town.config),
        "--data",
        str(data),
        "--stack",
        "linear",
    ]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    daemon = Running(process)
    try:
        yield daemon
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        if process.stderr:
            daemon._reader.join(5)
            process.stderr.close()


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("escalation")
        yield stand_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with FeedServer() as server:
        built = found_town(
            tmp_path / "config", server, OUTLETS, {"slack": {"channel": "#escalation", "token_env": "SLACK_BOT_TOKEN"}}
        )
        feeds = yaml.safe_load((built.config / "feeds.yaml").read_text(encoding="utf-8"))
        feeds["defaults"] = {"interval": "2s"}
        (built.config / "feeds.yaml").write_text(yaml.safe_dump(feeds), encoding="utf-8")
        (built.config / "monitor.yaml").write_text("web: {enabled: false}\n", encoding="utf-8")
        for outlet in OUTLETS:
            built.publish(outlet, ["A quiet day at the lake"], datetime.now(UTC))  # noqa: TID251  # the daemon reads the real clock
        yield built


def publish_build_up(town: Town) -> None:
    for number, outlet in enumerate(OUTLETS):
        town.publish(outlet, [BUILD_UP[number]], datetime.now(UTC) - timedelta(minutes=5))  # noqa: TID251  # the daemon reads the real clock


@pytest.mark.slow
def test_news_that_appears_while_it_runs_is_told_and_a_stop_is_clean(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    with running(town, tmp_path / "data", slack) as daemon:
        until(lambda: all(town.server.hits(f"/{name}.xml") for name in OUTLETS), "the first polls")
        publish_build_up(town)
        until(lambda: len(slack.messages("#escalation")) == 1, "the alert")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(30) == 0
    assert len(slack.messages("#escalation")) == 1


@pytest.mark.slow
def test_a_bad_edit_keeps_the_old_configuration_and_a_good_one_is_taken(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    rules = (town.config / "rules.yaml").read_text(encoding="utf-8")
    with running(town, tmp_path / "data", slack) as daemon:
        until(lambda: bool(town.server.hits("/alpha.xml")), "the first polls")
        (town.config / "rules.yaml").write_text(rules.replace("half_life", "halflife"), encoding="utf-8")
        until(lambda: daemon.said("stays in force"), "the bad edit to be named")
        assert daemon.said("halflife")
        publish_build_up(town)
        until(lambda: len(slack.messages("#escalation")) == 1, "the alert under the old configuration")
        (town.config / "rules.yaml").write_text(rules.replace("evidence: 1.2", "evidence: 1.3"), encoding="utf-8")
        until(lambda: daemon.said("the new configuration is in force"), "the good edit to be taken")
    assert len(slack.messages("#escalation")) == 1


@pytest.mark.slow
def test_a_killed_daemon_goes_on_where_it_was(town: Town, tmp_path: Path, slack: SlackStandIn) -> None:
    publish_build_up(town)
    slack.refuse()
    with running(town, tmp_path / "data", slack) as daemon:
        until(lambda: _alerts(town, tmp_path / "data") == 1, "the alert to be stored")
        daemon.process.kill()
        daemon.process.wait(30)
    slack.accept()
    with running(town, tmp_path / "data", slack):
        until(lambda: len(slack.messages("#escalation")) == 1, "the alert to be told after the restart")
    assert _alerts(town, tmp_path / "data") == 1


@pytest.mark.slow
def test_a_second_daemon_stands_by_and_takes_over(town: Town, tmp_path: Path, slack: SlackStandIn) -> None:
    with running(town, tmp_path / "data", slack) as first:
        until(lambda: bool(town.server.hits("/alpha.xml")), "the first daemon to poll")
        with running(town, tmp_path / "data", slack) as second:
            until(lambda: second.said("standing by"), "the second to stand by")
            first.process.kill()
            until(lambda: second.said("model "), "the second to take over")
            publish_build_up(town)
            until(lambda: len(slack.messages("#escalation")) == 1, "the alert from the second")


@pytest.mark.slow
def test_a_full_disk_ends_the_daemon_and_the_operators_are_told_from_memory(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    slack.add_channel("operators")
    rules = yaml.safe_load((town.config / "rules.yaml").read_text(encoding="utf-8"))
    rules["channels"]["ops"] = {"slack": {"channel": "#operators", "token_env": "SLACK_BOT_TOKEN"}}
    (town.config / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    (town.config / "monitor.yaml").write_text("web: {enabled: false}\nops_channel: ops\n", encoding="utf-8")
    with running(town, tmp_path / "data", slack) as daemon:
        until(lambda: bool(town.server.hits("/alpha.xml")), "the first polls")
        written = (tmp_path / "data" / "crisis-monitor.db-wal").stat().st_size
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (written, resource.RLIM_INFINITY))
        publish_build_up(town)
        assert daemon.process.wait(PATIENCE) == 1
    (told,) = slack.messages("#operators")
    assert "has stopped" in told["text"]
    assert "no all-clear" in told["text"]
    assert slack.messages("#escalation") == []


@pytest.mark.slow
def test_operators_are_told_of_a_bad_edit_and_a_sign_of_life_leaves_the_machine(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    slack.add_channel("operators")
    rules = yaml.safe_load((town.config / "rules.yaml").read_text(encoding="utf-8"))
    rules["channels"]["ops"] = {"slack": {"channel": "#operators", "token_env": "SLACK_BOT_TOKEN"}}
    good, bad = yaml.safe_dump(rules), yaml.safe_dump(rules | {"rulez": []})
    (town.config / "rules.yaml").write_text(good, encoding="utf-8")
    beats = {"every": "1s", "url": town.server.url("/alive")}
    monitor = {"web": {"enabled": False}, "ops_channel": "ops", "heartbeat": beats}
    (town.config / "monitor.yaml").write_text(yaml.safe_dump(monitor), encoding="utf-8")

    def told(words: str) -> bool:
        return any(words in message["text"] for message in slack.messages("#operators"))

    with running(town, tmp_path / "data", slack):
        until(lambda: len(town.server.hits("/alive")) > 1, "two signs of life")
        until(lambda: told("crisis-monitor is alive at"), "the sign of life in Slack")
        (town.config / "rules.yaml").write_text(bad, encoding="utf-8")
        until(lambda: told("configuration: not in order"), "the bad edit to be told")
        (town.config / "rules.yaml").write_text(good, encoding="utf-8")
        until(lambda: told("configuration: in order again"), "the good edit to be told")
    assert sum("is alive" in message["text"] for message in slack.messages("#operators")) == 1
    assert slack.messages("#escalation") == []


def _alerts(town: Town, data: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "monitor.cli",
        "history",
        "--json",
        "--config",
        str(town.config),
        "--data",
        str(data),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return len([json.loads(line) for line in shown.stdout.splitlines()])
