"""`drill`: a recorded day through the live path, into a channel of its own."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import build_notifiers, build_understanding, make_directory, settings_of
from monitor.cli.common import (
    ConfigOption,
    DataOption,
    Place,
    StackOption,
    failing_well,
    load_config,
    moment,
    out,
    place,
    set_up_logging,
)
from monitor.cli.replaying import progress_bar
from monitor.clock import utc_now
from monitor.config import Config
from monitor.drill import DrillJob, DrillSummary, drill, drill_channel
from monitor.replay.run import ReplayJob, load_items
from monitor.story import story_begins, story_items

ARCHIVE_SPEED, STORY_SPEED = 10.0, 600.0


SpeedOption = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        min=0.1,
        max=1_000_000,
        help="How many times as fast as it happened. Default: 10, for the story 600.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill")(play)


def play(
    archives: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[ARCHIVE...]",
            help='JSONL files, plain or gzipped: {"id", "date", "source", "title"} a line. Default: the story of `demo`.',
        ),
    ] = None,
    speed: SpeedOption = None,
    channel: Annotated[
        str, typer.Option(metavar="NAME", help="Channel that takes it. Default: drill_channel of monitor.yaml.")
    ] = "",
    start: Annotated[str | None, typer.Option(metavar="D", help="First day.")] = None,
    end: Annotated[str | None, typer.Option(metavar="D", help="Day after the last.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the drill's own database under --data.")] = False,
    stack: StackOption = "auto",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Play a recorded day through the live path into a drill channel, every message marked DRILL; nothing of it enters the history.

    Example: crisis-monitor drill 2021-11-30.jsonl.gz --speed 10 --channel drills
    Example: crisis-monitor drill
    """
    set_up_logging(level="warning")
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        settings = settings_of(loaded)
        drill_channel(settings, channel or loaded.monitor.drill_channel)
        job = ReplayJob(
            archives=archives or [], output=where.data, start=moment(start, "--start"), end=moment(end, "--end")
        )
        items = load_items(job) if archives else story_items(story_begins(utc_now()))
        make_directory(where.data)
        chosen = DrillJob(
            items=items,
            speed=speed or (ARCHIVE_SPEED if archives else STORY_SPEED),
            folder=where.data,
            keep=keep,
        )
        summary = asyncio.run(_play(chosen, loaded, where, channel or loaded.monitor.drill_channel, stack))
    _tell(summary)
    if summary.unsent:
        raise typer.Exit(1)


async def _play(job: DrillJob, config: Config, where: Place, channel: str, stack: str) -> DrillSummary:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    settings = settings_of(config)
    with progress_bar() as show:
        return await drill(
            job,
            settings=settings,
            channel=drill_channel(settings, channel),
            understanding=build_understanding(config, stack, where.data),  # type: ignore[arg-type]  # the model checks the word
            notifiers=build_notifiers(config, out),
            now=utc_now(),
            stop=stop,
            progress=show,
        )


def _tell(summary: DrillSummary) -> None:
    unsent = f", {summary.unsent} could not be sent" if summary.unsent else ""
    out.print(
        f"drill {'over' if summary.finished else 'ended early'}: {summary.alerts} alerts, {summary.sent} messages sent{unsent}; "
        f"slowest from commit to delivered {summary.slowest.total_seconds():.1f} s",
        highlight=False,
    )
