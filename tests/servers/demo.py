"""`make demo`: the demo with a Slack stand-in beside it. By hand: `python -m tests.servers.demo [OPTIONS of crisis-monitor demo]`."""

from __future__ import annotations

import sys

from monitor.cli import app
from monitor.cli.common import set_up_logging
from tests.servers.slack import SlackStandIn


def main() -> None:
    """Start the stand-in on loopback and tell the story to it."""
    set_up_logging(level="warning")
    with SlackStandIn() as slack:
        slack.add_channel("escalation")
        app(["demo", "--slack", slack.base_url, *sys.argv[1:]])


if __name__ == "__main__":
    main()
