"""The command line: `crisis-monitor COMMAND`. Exit codes: 0 done, 1 failed at work, 2 input or configuration refused, 3 nothing found."""

from __future__ import annotations

import typer

from monitor.cli import (
    demo,
    drilling,
    inspecting,
    modelling,
    operating,
    previewing,
    replaying,
    reviewing,
    running,
    silencing,
    training,
)
from monitor.cli.common import set_up_logging

app = typer.Typer(
    name="crisis-monitor",
    help="Early warning from the news: reads feeds, weighs how many independent sources report escalation, tells the people on watch.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for module in (
    running,
    inspecting,
    modelling,
    operating,
    previewing,
    replaying,
    drilling,
    reviewing,
    silencing,
    training,
    demo,
):
    module.register(app)


def main() -> None:
    """Run the command line; logs go to stderr, so that stdout holds nothing but what was asked for."""
    set_up_logging()
    app()
