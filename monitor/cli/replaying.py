"""`replay`: real history through the live pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from monitor.app import build_understanding, settings_of
from monitor.cli.common import ConfigOption, DataOption, StackOption, err, failing_well, load_config, moment, out, place
from monitor.replay.run import ReplayJob, replay


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("replay")(replay_archives)


def replay_archives(
    archives: Annotated[
        list[Path],
        typer.Argument(
            metavar="ARCHIVE...", help='JSONL files, plain or gzipped: {"id", "date", "source", "title"} a line.'
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="Directory for alerts.jsonl, summary.json, report.html; again the same to resume.",
        ),
    ],
    start: Annotated[str | None, typer.Option(metavar="D", help="First day.")] = None,
    end: Annotated[str | None, typer.Option(metavar="D", help="Day after the last.")] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Dated events (date,countries,kind,detail) to judge by.")
    ] = None,
    stack: StackOption = "auto",
    workers: Annotated[
        int | None, typer.Option(help="Processes that score. Default: one per core.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Run the live pipeline over archives on a virtual clock; write alerts.jsonl, summary.json and report.html.

    Example: crisis-monitor replay reuters.jsonl.gz --config config/profiles/single-outlet --events coups.csv -o out
    """
    with failing_well():
        loaded = load_config(place(config, data))
        job = ReplayJob(
            archives=archives,
            output=output,
            start=moment(start, "--start"),
            end=moment(end, "--end"),
            events=events,
            stack=stack,  # type: ignore[arg-type]  # the model checks the word
            workers=workers,
        )
        with progress_bar() as show:
            summary = replay(job, settings_of(loaded), build_understanding(loaded, job.stack), show)
    _tell(summary, output)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each phase on a terminal; give what is told (phase, done, total)."""
    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bar.add_task(phase, total=total)
            bar.update(tasks[phase], completed=done)

        yield show


def _tell(summary: Mapping[str, Any], output: Path) -> None:
    """Say in three lines what came of the replay."""
    counts = ", ".join(
        f"{summary['alerts'][level]} {level} or above ({summary['alerts_per_week'][level]} a week)"
        for level in summary["alerts"]
    )
    out.print(f"{summary['items']} items, {summary['weeks']} weeks: {counts}", highlight=False)
    if "events" in summary:
        found = summary["events"]
        out.print(
            f"{found['caught']} of {found['covered']} covered coups caught, {found['before_the_day']} before the day",
            highlight=False,
        )
    out.print(f"written to {output}: alerts.jsonl, summary.json, report.html", highlight=False)
