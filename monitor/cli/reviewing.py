"""Commands by which people speak back: missed, near-misses."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.table import Table

from monitor.app import open_storage
from monitor.cli.common import (
    ConfigOption,
    DataOption,
    failing_well,
    load_config,
    moment,
    out,
    place,
    print_line,
    refuse,
)
from monitor.clock import utc_now
from monitor.core.model import SIGNALS
from monitor.core.records import iso
from monitor.pipeline.misses import Miss, log_miss


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(missed)
    app.command("near-misses")(near_misses)


def missed(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address (or id) of the article that should have alerted.")],
    signal: Annotated[str, typer.Option("--signal", metavar="S", help=f"The signal it carries: {', '.join(SIGNALS)}.")],
    situation: Annotated[
        str, typer.Option("--situation", metavar="K", help="The situation key it belongs to, such as MLI or RUS-UKR.")
    ],
    note: Annotated[str, typer.Option("--note", help="Anything worth keeping with it.")] = "",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Log a miss, say at which step it was lost, and keep it as a label to learn from.

    Example: crisis-monitor missed https://news.example/coup --signal coup_warning --situation MLI
    """
    if signal not in SIGNALS:
        raise refuse(f"--signal: {signal!r} is none of {', '.join(SIGNALS)}")
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.transaction() as unit:
            miss = Miss(url=url, signal=signal, situation=situation, note=note, by=os.environ.get("USER", ""))
            lines = log_miss(unit, miss, loaded.feeds, utc_now())
    for line in lines:
        out.print(line, markup=False, highlight=False)


def near_misses(
    since: Annotated[str, typer.Option(metavar="WHEN", help="A date, or an age such as 7d.")] = "7d",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON each.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """List the strongest articles that alerted nobody, with the reason for each.

    Example: crisis-monitor near-misses --since 24h
    """
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.reading() as unit:
            decisions = unit.near_misses(moment(since, "--since") or utc_now(), limit)
            articles = unit.articles([decision.article_id for decision in decisions])
    table = Table("seen", "signal", "situation", "score", "outcome", "why", "article")
    for decision in decisions:
        title = articles[decision.article_id].title if decision.article_id in articles else decision.article_id
        cells = (
            iso(decision.at),
            decision.signal,
            decision.situation,
            f"{decision.score:.2f}",
            decision.outcome.value,
            decision.reason,
        )
        if as_json:
            names = ("at", "signal", "situation", "score", "outcome", "reason")
            print_line(dict(zip(names, cells, strict=True)) | {"id": decision.article_id, "title": title})
        table.add_row(*cells, title)
    if not as_json:
        out.print(table)
