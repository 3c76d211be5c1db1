"""The daemon as a process, with buttons: somebody clicks, it is acknowledged, and no token is ever printed."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from monitor.adapters.slack_buttons import action_id
from monitor.core.desk import ActKind
from tests.servers.feeds import FeedServer
from tests.servers.slack import SlackStandIn
from tests.servers.slack_payloads import ADA
from tests.stories import BUILD_UP, Town, found_town
from tests.test_daemon import OUTLETS, running, until

APP_TOKEN, BOT_TOKEN = "xapp-1-A1-canary-app", "xoxb-canary-bot"
ACK = action_id(ActKind.ACKNOWLEDGE)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("escalation")
        stand_in.add_channel("drills")
        yield stand_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    channel = {"slack": {"channel": "#escalation", "token_env": "SLACK_BOT_TOKEN"}}
    with FeedServer() as server:
        built = found_town(tmp_path / "config", server, OUTLETS, channel)
        text = "web: {enabled: false}\nlog_level: debug\ndrill_channel: drills\n"
        (built.config / "monitor.yaml").write_text(text, encoding="utf-8")
        rules = yaml.safe_load((built.config / "rules.yaml").read_text(encoding="utf-8"))
        rules["channels"]["drills"] = {"slack": {"channel": "#drills", "token_env": "SLACK_BOT_TOKEN"}}
        (built.config / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
        for number, outlet in enumerate(OUTLETS):
            built.publish(outlet, [BUILD_UP[number]], datetime.now(UTC))  # noqa: TID251  # the daemon reads the real clock
        yield built


def replies(slack: SlackStandIn) -> list[str]:
    (message,) = slack.messages("#escalation")
    return [reply["text"].splitlines()[1] for reply in message["replies"]]


@pytest.mark.slow
def test_a_click_reaches_the_daemon_a_kill_loses_none_and_no_token_is_printed(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    data = tmp_path / "data"
    tokens = {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_BOT_TOKEN": BOT_TOKEN}
    with running(town, data, slack, **tokens) as first:
        until(lambda: len(slack.messages("#escalation")) == 1 and bool(slack.sockets.links), "the alert and the socket")
        click = slack.click("#escalation", slack.messages("#escalation")[0]["ts"], ACK)
        assert click.answered.wait(3)
        first.process.kill()
        first.process.wait(30)
    with running(town, data, slack, **tokens) as second:
        until(lambda: "acknowledged by ada" in slack.messages("#escalation")[0]["text"], "the acknowledgement to show")
        slack.sockets.cut()
        until(lambda: len(slack.sockets.listener.tickets) >= 3 and bool(slack.sockets.links), "a new connection")
        slack.command("/crisis status")
        until(lambda: any("acknowledged by ada" in each.text for each in slack.told(ADA)), "an answer")
        until(lambda: replies(slack) == ["acknowledged by ada"], "the line in the thread")
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(30) == 0
    assert replies(slack) == ["acknowledged by ada"]
    said = json.dumps([first.lines, second.lines]) + "".join(
        path.read_bytes().decode("latin-1") for path in data.rglob("*") if path.is_file()
    )
    assert "canary" not in said
    assert {call.token for call in slack.calls("apps.connections.open")} == {APP_TOKEN}


@pytest.mark.slow
def test_a_drill_is_begun_and_ended_from_slack_and_leaves_the_real_channel_alone(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    with running(town, tmp_path / "data", slack, SLACK_APP_TOKEN=APP_TOKEN, SLACK_BOT_TOKEN=BOT_TOKEN):
        until(lambda: bool(slack.messages("#escalation")) and bool(slack.sockets.links), "the alert and the socket")
        slack.command("/crisis drill fast")
        slack.command("/crisis drill stop")
        slack.command("/crisis drill 1000000")
        until(lambda: len(slack.told(ADA)) == 3, "three answers")
        no_speed, nothing, begun = (each.text for each in slack.told(ADA))
        until(lambda: any("WATCH" in message["text"] for message in slack.messages("#drills")), "an alert of the drill")
        slack.command("/crisis drill")
        until(lambda: len(slack.told(ADA)) == 4, "an answer")
        slack.command("/crisis drill stop")
        until(lambda: "the drill" in slack.messages("#drills")[-1]["text"], "the end of the drill")
    assert "is no speed" in no_speed
    assert "no drill is under way" in nothing
    assert begun.startswith("A drill begins in #drills, 1e+06 times") or "1000000" in begun
    assert "under way already" in slack.told(ADA)[3].text
    drilled = slack.messages("#drills")
    assert all("DRILL" in message["text"] for message in drilled)
    assert not any(block["type"] == "actions" for message in drilled for block in message["blocks"])
    assert not any("DRILL" in message["text"] for message in slack.messages("#escalation"))


@pytest.mark.slow
def test_only_the_daemon_that_holds_the_lease_has_a_socket_and_the_next_one_opens_its_own(
    town: Town, tmp_path: Path, slack: SlackStandIn
) -> None:
    tokens = {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_BOT_TOKEN": BOT_TOKEN}
    with running(town, tmp_path / "data", slack, **tokens) as first:
        until(lambda: bool(slack.messages("#escalation")) and bool(slack.sockets.links), "the alert and the socket")
        with running(town, tmp_path / "data", slack, **tokens) as second:
            until(lambda: second.said("standing by"), "the second to stand by")
            assert len(slack.sockets.listener.tickets) == 1
            first.process.kill()
            until(lambda: len(slack.sockets.listener.tickets) == 2 and bool(slack.sockets.links), "the second's socket")
            slack.click("#escalation", slack.messages("#escalation")[0]["ts"], ACK)
            until(lambda: "acknowledged by ada" in slack.messages("#escalation")[0]["text"], "the acknowledgement")
