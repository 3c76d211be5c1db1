"""What every command shares: its options, its exit codes, how it loads the configuration and how it fails."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TextIO

import structlog
import typer
from rich.console import Console
from rich.table import Column, Table

from monitor.config import Config, load
from monitor.core.errors import ClassifierError, ConfigError, InputError, MonitorError
from monitor.shipped import shipped_directory

EXIT_FAILED = 1
EXIT_REFUSED = 2
EXIT_NOTHING = 3
_MOMENTS = frozenset({"opened", "seen", "last read", "last new"})
_ROOMY = 120  # columns

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        help="Configuration directory; files missing in it come from the shipped one. Default: $CRISIS_MONITOR_CONFIG, else ./config, else the shipped one.",
        show_default=False,
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Data directory. Default: $CRISIS_MONITOR_DATA, else ./data.", show_default=False
    ),
]


def _known_stack(value: str) -> str:
    if value not in STACKS:
        raise refuse(f"--stack: {value!r} is none of {', '.join(STACKS)}")
    return value


STACKS = ("auto", "linear", "both")
StackOption = Annotated[
    str,
    typer.Option(
        "--stack",
        metavar="STACK",
        callback=_known_stack,
        help="Which stages score: auto, linear (first stage alone) or both.",
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a command works: its configuration and data directories."""

    config: Path
    data: Path


def place(config: Path | None, data: Path | None) -> Place:
    """Return the directories that options, environment and defaults give."""
    chosen = config or _from_environment("CRISIS_MONITOR_CONFIG") or _local_config() or shipped_directory("config")
    return Place(config=chosen, data=data or _from_environment("CRISIS_MONITOR_DATA") or Path("data"))


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _local_config() -> Path | None:
    local = Path("config")
    return local if local.is_dir() else None


def load_config(where: Place) -> Config:
    """Load the configuration. Raises ConfigError."""
    return load(where.config, os.environ)


@contextmanager
def failing_well() -> Iterator[None]:
    """Turn expected errors into one clear message on stderr and an exit code that means something."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), style="red", markup=False, highlight=False)
        count = len(error.problems)
        err.print(f"{count} problem{'s' if count != 1 else ''} in the configuration", style="bold red")
        raise typer.Exit(EXIT_REFUSED) from error
    except (ClassifierError, InputError) as error:
        err.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(EXIT_REFUSED) from error
    except MonitorError as error:
        err.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(EXIT_FAILED) from error
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from error


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open a text file that comes to be whole or not at all; what is no file (a pipe, /dev/stdout) is written as it comes.

    Raises InputError where it cannot be written.
    """
    beside = path if path.exists() and not path.is_file() else path.with_name(f".{path.name}.part")
    try:
        target = beside.open("w", encoding="utf-8")
    except OSError as exc:
        raise InputError(f"{path}: cannot be written ({exc.strerror}); check the folder and its permissions") from exc
    try:
        with target:
            yield target
        if beside != path:
            beside.replace(path)
    except BaseException:
        if beside != path:
            beside.unlink(missing_ok=True)
        raise


def refuse(message: str) -> typer.Exit:
    """Print why the input cannot be used; return the exit to raise."""
    err.print(message, style="red", markup=False, highlight=False)
    return typer.Exit(EXIT_REFUSED)


def print_line(record: Any) -> None:
    """Print one JSON value on a line of its own, unstyled."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def moment(text: str | None, option: str) -> datetime | None:
    """Read a moment: an ISO date or time (UTC where no zone is given) or an age such as `7d` or `36h` before now."""
    if not text:
        return None
    from monitor.clock import utc_now  # noqa: PLC0415  # only ages need the clock

    unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}.get(text[-1])
    try:
        if unit and text[:-1].isdecimal():
            return utc_now() - timedelta(**{unit: int(text[:-1])})
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise refuse(
            f"{option}: {text!r} is no date; write 2026-02-28, 2026-02-28T06:00Z, or an age such as 7d"
        ) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def table_of(*columns: str) -> Table:
    """Return a table that cuts nothing off, however narrow the terminal: the first column, often an id to copy, stays on one line.

    Where a column holds moments, `day_and_time` writes them.
    """
    first, *others = columns
    return Table(Column(first, no_wrap=True), *(_column(name) for name in others))


def _column(name: str) -> Column:
    return Column(name, overflow="fold", no_wrap=name in _MOMENTS)


def day_and_time(moment: str) -> str:
    """Return an ISO moment for a table: on one line where the terminal is wide, else the day above the time."""
    return moment.replace("T", " " if out.width >= _ROOMY else "\n")


def set_up_logging(*, verbose: bool = False, level: str = "info") -> None:
    """Log to stderr: for people on a terminal, as JSON lines elsewhere. level: least severe line written."""
    least = logging.DEBUG if verbose else logging.getLevelNamesMapping()[level.upper()]
    pretty = sys.stderr.isatty()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler.scheduler").setLevel(
        logging.ERROR
    )  # a round left out while the last one runs is meant
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)  # jobs tell their errors; a stop cancels them
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
