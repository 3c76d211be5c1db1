"""The demo: a story of our own through the real pipeline, to the terminal and to a Slack stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from tests.servers.slack import SlackStandIn


def demo(*options: str) -> Result:
    return CliRunner().invoke(app, ["demo", *options], env={"COLUMNS": "120"})


@pytest.mark.slow
def test_the_story_is_told_to_the_terminal_and_to_the_stand_in_and_the_channel_is_shown(tmp_path: Path) -> None:
    with SlackStandIn() as slack:
        slack.add_channel("escalation")
        result = demo("--slack", slack.base_url, "--picture", str(tmp_path / "channel.svg"))
        posted, called = slack.messages("escalation"), slack.pings()

    assert result.exit_code == 0, result.output
    roots = [message for message in posted if "thread_ts" not in message]
    assert [" · ".join(message["text"].splitlines()[0].split(" · ")[:2]) for message in roots] == [
        "🟡 WATCH · Troop concentration",
        "🟠 WARNING · Coup warning",
        "🟠 WARNING · Threat of a military response",
    ]
    assert called == []
    for shown in (
        "Why now: a second independent source",
        "in the Slack stand-in: 3 messages",
        "└ 🟠 Escalated to WARNING",
    ):
        assert shown in result.stdout
    assert "Denied:" in (tmp_path / "channel.svg").read_text(encoding="utf-8")


def test_the_demo_posts_to_no_other_machine() -> None:
    for url in ("https://slack.com/api/", "http://slack.example/api/", "http://127.0.0.1.example/", "127.0.0.1"):
        refused = demo("--slack", url)
        assert refused.exit_code == 2
        assert "talks to nobody else" in refused.output
