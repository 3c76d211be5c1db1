"""The command that makes, lists and ends silences."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Annotated

import typer
from pydantic_core import PydanticCustomError

from monitor.adapters.storage import SqlUnit
from monitor.app import open_storage
from monitor.cli.common import EXIT_NOTHING, ConfigOption, DataOption, failing_well, load_config, out, place, refuse
from monitor.clock import utc_now
from monitor.config.values import parse_duration
from monitor.core import silences
from monitor.core.alerts import Level
from monitor.core.desk import Silence
from monitor.pipeline.silencing import end_silence, list_silences, make_silence


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(silence)


def silence(
    key: Annotated[
        str, typer.Argument(metavar="[KEY]", help="What to mute: a situation such as MLI, or a glob such as 'CHN-*'.")
    ] = "",
    span: Annotated[str, typer.Option("--for", metavar="TIME", help="How long, at most 30d.")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; shown with every alert it mutes.")] = "",
    signal: Annotated[str, typer.Option("--signal", metavar="S", help="Mute this signal alone.")] = "",
    level: Annotated[
        Level, typer.Option("--level", help="Highest level that is muted; critical has to be said.")
    ] = Level.WARNING,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who asks for it; default $USER.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="List the silences in force, soonest end first.")] = False,
    end: Annotated[str, typer.Option("--end", metavar="ID", help="End a silence now.")] = "",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Keep notifications on a situation back for a while; weighing goes on, and what still holds is told at the end.

    `crisis-monitor silence --list` shows what is in force; `crisis-monitor silence --end ID` ends one.

    Example: crisis-monitor silence 'CHN-*' --for 6h --reason "announced exercise" --signal troop_concentration
    """
    who = by or os.environ.get("USER", "") or "terminal"
    if sum((bool(key), listing, bool(end))) != 1:
        raise refuse("say one of: KEY to silence, --list, or --end ID")
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.transaction() as unit:
            if listing:
                _print_all(unit)
            elif end:
                _end(unit, end, who)
            else:
                _make(unit, key, _span(span), reason, signal, level, who)


def _span(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except PydanticCustomError as error:
        raise refuse(f"--for: {error.message()}") from error


def _make(unit: SqlUnit, key: str, span: timedelta, reason: str, signal: str, level: Level, who: str) -> None:
    made = make_silence(
        unit,
        situation=key,
        signal=signal,
        alert_id="",
        up_to=level,
        author=who,
        reason=reason,
        span=span,
        now=utc_now(),
    )
    _print(made)
    out.print(silences.reach_line(made, unit.open_alerts()), highlight=False)


def _end(unit: SqlUnit, silence_id: str, who: str) -> None:
    found = end_silence(unit, silence_id, who, utc_now())
    if found is None:
        out.print(
            f"there is no silence {silence_id}; `crisis-monitor silence --list` shows those in force", markup=False
        )
        raise typer.Exit(EXIT_NOTHING)
    _print(found)


def _print_all(unit: SqlUnit) -> None:
    running = list_silences(unit, utc_now())
    for each in running:
        _print(each)
    if not running:
        out.print("no silence is in force", highlight=False)


def _print(found: Silence) -> None:
    out.print(silences.list_line(found, utc_now()), markup=False, highlight=False)
