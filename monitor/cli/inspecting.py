"""Commands that look and change nothing: check-config, history, why, feeds."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from monitor.adapters.classifier import RELEVANT
from monitor.adapters.storage import SqlUnit
from monitor.adapters.storage_history import HistoryFilter
from monitor.app import build_understanding, lookout_of, open_storage
from monitor.cli import moments, telling
from monitor.cli.common import (
    EXIT_NOTHING,
    EXIT_REFUSED,
    ConfigOption,
    DataOption,
    day_and_time,
    err,
    failing_well,
    load_config,
    moment,
    out,
    place,
    print_line,
    refuse,
    table_of,
)
from monitor.clock import utc_now
from monitor.config import Config, check, json_schemas
from monitor.core import polling
from monitor.core.alerts import Alert, Level
from monitor.core.model import SIGNALS, Article
from monitor.core.records import alert_record, iso


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check-config")(check_config)
    app.command()(history)
    app.command()(why)
    app.command()(feeds)


def check_config(
    directory: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Directory to check instead of --config.", show_default=False)
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of each file, for editors.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Check everything `run` checks short of I/O; name every problem with file, line and path. Exit 2 if there is any.

    Example: crisis-monitor check-config my-config
    """
    if schema:
        print_line(json_schemas())
        return
    where = place(Path(directory) if directory else config, data)
    if not where.config.is_dir():
        raise refuse(f"{where.config}: no such directory")
    problems = check(where.config, os.environ)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if problems:
        err.print(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", style="bold red")
        raise typer.Exit(EXIT_REFUSED)
    with failing_well():
        loaded = load_config(where)
    out.print(
        f"{where.config}: {len(loaded.feeds)} feeds, {len(loaded.rules)} rules, {len(loaded.channels)} channels: all good",
        highlight=False,
    )


def history(
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Opened at or after: a date, or an age such as 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Opened before.")] = None,
    signal: Annotated[str, typer.Option(metavar="SIGNAL", help=f"One of {', '.join(SIGNALS)}.")] = "",
    situation: Annotated[
        str, typer.Option(metavar="KEY", help="A situation key or glob, such as RUS-UKR or 'CHN-*'.")
    ] = "",
    level: Annotated[str, typer.Option(metavar="LEVEL", help="Reached at least: watch, warning or critical.")] = "",
    state: Annotated[str, typer.Option(metavar="STATE", help="open or resolved.")] = "",
    text: Annotated[
        str, typer.Option(metavar="WORDS", help="Held by a title of its evidence, its situation or its rule.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON per alert, as in alerts.jsonl.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """List past and present alerts, newest first.

    Example: crisis-monitor history --since 7d --level warning
    """
    wanted = HistoryFilter(
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        signal=_one_of(signal, SIGNALS, "--signal"),
        situation=situation,
        level=Level(_one_of(level, tuple(Level), "--level")) if level else None,
        state=_one_of(state, ("open", "resolved"), "--state"),
        text=text,
        limit=None,
    )
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.reading() as unit:
            _print_history(unit, unit.history(wanted), as_json=as_json, as_csv=as_csv)


def _one_of(value: str, allowed: tuple[str, ...], option: str) -> str:
    if value and value not in allowed:
        raise refuse(f"{option}: {value!r} is none of {', '.join(allowed)}")
    return value


def _print_history(unit: SqlUnit, alerts: list[Alert], *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        for alert in alerts:
            print_line(alert_record(alert, unit.events(alert.id), unit.alert_articles(alert.id)))
        return
    columns = ("id", "opened_at", "level", "state", "signal", "situation", "rule", "resolved_at", "acknowledged_by")
    rows = [[_cell(alert, name) for name in columns] for alert in alerts]
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows(rows)
        return
    if not alerts:
        out.print("no alert in the history passes this filter; that is not to say that all is clear", highlight=False)
        return
    table = table_of("id", "opened", *columns[2:7])
    for row in rows:
        table.add_row(row[0], day_and_time(row[1]), *row[2:7])
    out.print(table)


def _cell(alert: Alert, name: str) -> str:
    value = {"level": alert.highest, "opened_at": iso(alert.opened_at)}.get(name, getattr(alert, name))
    if name == "resolved_at":
        return iso(alert.resolved_at) if alert.resolved_at else ""
    return str(value)


def why(
    id_or_url: Annotated[
        str,
        typer.Argument(
            metavar="ID-or-URL", help="An article's id or address, an alert's id, or a situation such as MLI."
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="With a situation: how every rule stood at that moment. Default: now."),
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Tell why there was an alert, or none: the record of an article, the life of an alert, or a situation at a moment.

    An article's record says where it was seen, scored, placed, joined and weighed, and whether it alerted or why not. For a
    situation it says how every rule stood: what was counted, what was not, and what was missing.

    Example: crisis-monitor why https://news.example/world/123

    Example: crisis-monitor why RUS-UKR --at 2026-11-30T14:05Z
    """
    when = moment(at, "--at") or utc_now()
    key = moments.is_key(id_or_url)
    if at and not key:
        raise refuse(f"--at asks for a situation key such as MLI or RUS-UKR, and {id_or_url!r} is none")
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.reading() as unit:
            lines = moments.situation_lines(unit, loaded, id_or_url, when) if key else []
            lines = lines or telling.why_lines(unit, id_or_url, loaded.feeds)
            articles = [] if key or unit.alert(id_or_url) else telling.find(unit, id_or_url, loaded.feeds)
        lines += _phrases(loaded, where.data, articles)
    if not lines:
        missing = (
            f"nothing is stored on this situation around {iso(when)}"
            if key
            else "no stored article or alert has this id or address"
        )
        err.print(
            f"{id_or_url}: {missing}. It may not have been fetched: see `crisis-monitor feeds`",
            style="yellow",
            markup=False,
        )
        raise typer.Exit(EXIT_NOTHING)
    for line in lines:
        out.print(line, markup=False, highlight=False)


def _phrases(config: Config, data: Path, articles: Sequence[Article]) -> list[str]:
    """Return the phrases that drove each signal's score; the model is loaded only where there is something to explain."""
    scored = [
        (article, signal)
        for article in articles
        for signal in SIGNALS
        if article.reading.scores.get(signal, 0.0) >= RELEVANT
    ]
    if not scored:
        return []
    understanding = build_understanding(config, data=data)
    lines: list[str] = []
    for article, signal in scored:
        if not understanding.reads(article.reading.language):
            lines.append(f"  explained {signal}: no phrases, the multilingual model gives none")
            continue
        found = understanding.model.explain(article.title, article.summary, signal)
        lines += telling.phrase_lines(found)
        if article.reading.model != understanding.version:
            lines.append(f"  explained by the model in use now; the score is of {article.reading.model or 'another'}")
    return lines


def feeds(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON per feed.")] = False,
    bad: Annotated[bool, typer.Option("--bad", help="Only feeds that fail or are stale.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Show every feed's health: when it was last read, what went wrong, whether it is stale.

    Example: crisis-monitor feeds --bad
    """
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.reading() as unit:
            states = unit.feed_states()
            blind = telling.blind_lines(lookout_of(loaded), unit, utc_now())
    records = [telling.feed_record(feed, states.get(feed.id), utc_now()) for feed in loaded.feeds]
    shown = [
        record
        for record in records
        if not bad or record["health"] not in (polling.FeedHealth.OK.value, polling.FeedHealth.NEW.value)
    ]
    if as_json:
        for record in shown:
            print_line(record)
        return
    table = table_of("feed", "outlet", "health", "last read", "last new", "items", "failures", "error")
    for record in shown:
        table.add_row(
            *(
                day_and_time(str(record[name] or "")) if name.endswith("_at") else str(record[name] or "")
                for name in ("id", "outlet", "health", "last_ok_at", "last_new_at", "items", "failures", "error")
            )
        )
    out.print(table)
    for line in blind:
        out.print(line, style="yellow", markup=False, highlight=False)
