"""Secrets planted everywhere they may stand, a run in which much fails, and then a search of everything it wrote."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.feeds import FeedServer, page
from tests.servers.slack import SlackStandIn
from tests.stories import BUILD_UP, Town, found_town

OUTLETS = ("alpha", "bravo", "charlie")
TOKEN = "xoxb-planted-9f31c2"
PAGE = "planted-page-token-77aa01-0123456789"
KEY = "planted-key-in-a-query-5d2e"
APP = "xapp-1-planted-83b0d4"
SECRETS = (TOKEN, PAGE, KEY, APP)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("escalation")
        yield stand_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Three outlets with the same news to tell, one feed that answers 500 and one where nobody listens, both asked with a key."""
    with FeedServer() as server:
        built = found_town(
            tmp_path / "config", server, OUTLETS, {"slack": {"channel": "#escalation", "token_env": "SLACK_BOT_TOKEN"}}
        )
        server.put(f"/broken?key={KEY}", page("", status=500))
        feeds = built.config / "feeds.yaml"
        text = feeds.read_text(encoding="utf-8")
        for name, url in (("broken", server.url("/broken")), ("closed", "http://127.0.0.1:9/feed")):
            text += f'- {{id: {name}, url: "{url}?key={KEY}", outlet: {name}, allow_private: true}}\n'
        feeds.write_text(text, encoding="utf-8")
        (built.config / "monitor.yaml").write_text("web: {port: 0}\nlog_level: debug\n", encoding="utf-8")
        for number, outlet in enumerate(OUTLETS):
            built.publish(outlet, [BUILD_UP[number]], datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251  # the subprocess reads the real clock
        yield built


def environ_of(slack_url: str) -> dict[str, str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return known | {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_APP_TOKEN": APP,
        "CRISIS_MONITOR_PAGE_TOKEN": PAGE,
        "SLACK_API_URL": slack_url,
    }


def command(town: Town, data: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "monitor.cli", *arguments, "--config", str(town.config), "--data", str(data)]


def said(town: Town, data: Path, slack_url: str, *arguments: str) -> str:
    done = subprocess.run(
        command(town, data, *arguments),
        env=environ_of(slack_url),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.stdout + done.stderr


def said_by_the_daemon(town: Town, data: Path, slack_url: str) -> str:
    """Run the daemon until it has printed its link, then stop it; return what it said."""
    process = subprocess.Popen(
        command(town, data, "run", "--verbose"), env=environ_of(slack_url), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    watchdog = threading.Timer(90, process.kill)
    watchdog.start()
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "the next link stands in" in line:
            process.send_signal(signal.SIGTERM)
    watchdog.cancel()
    process.wait(30)
    process.stderr.close()
    return "".join(lines)


@pytest.mark.slow
def test_no_secret_is_written_anywhere_however_much_fails(town: Town, tmp_path: Path, slack: SlackStandIn) -> None:
    data = tmp_path / "data"
    slack.fail("chat.postMessage", "is_archived", times=99)
    slack.fail("apps.connections.open", "invalid_auth", times=1)
    told = [
        said(town, data, slack.base_url, "run", "--once", "--all", "--verbose"),
        said_by_the_daemon(town, data, slack.base_url),
        said(town, data, "http://127.0.0.1:9/", "test-alert"),
        *(said(town, data, slack.base_url, word) for word in ("doctor", "feeds", "history", "near-misses")),
        said(town, data, slack.base_url, "feeds", "--json"),
    ]
    assert "NOT DELIVERED" in told[0]
    assert "feeds could not be read" in told[0]
    assert "review page" in told[1]
    kept = {path: path.read_bytes() for path in data.rglob("*") if path.is_file() and path.name != "page-link"}
    assert any(path.name == "crisis-monitor.db" for path in kept)
    for secret in SECRETS:
        for text in told:
            assert secret not in text
        assert [path.name for path, body in kept.items() if secret.encode() in body] == []
