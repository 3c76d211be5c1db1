"""Commands by which people speak back: missed, near-misses."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.table import Table

from monitor.adapters.storage import SqlUnit
from monitor.app import open_storage
from monitor.cli import telling
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
from monitor.config import Config
from monitor.core import inquest
from monitor.core.model import SIGNALS, Article, Verdict
from monitor.core.records import iso


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
            article = next(iter(telling.find(unit, url, loaded.feeds)), None)
            finding = _finding(unit, loaded, url, article, signal, situation)
            unit.add_verdict(_verdict(url, article, signal, situation, finding, note))
    out.print(f"lost at {finding.step.value}: {finding.explanation}", markup=False, highlight=False)
    kept = (
        "kept as a label; `crisis-monitor train` learns from it"
        if article
        else "logged; its words were never read, so nothing can be learnt from them"
    )
    out.print(kept, highlight=False)


def _finding(
    unit: SqlUnit, config: Config, url: str, article: Article | None, signal: str, situation: str
) -> inquest.Finding:
    if article is not None:
        first = unit.articles([article.story_id]).get(article.story_id)
        return inquest.stored(article, unit.decisions_of_article(article.id), signal, situation, first)
    states = unit.feed_states()
    return inquest.not_stored(url, [(feed, states.get(feed.id)) for feed in config.feeds])


def _verdict(
    url: str, article: Article | None, signal: str, situation: str, finding: inquest.Finding, note: str
) -> Verdict:
    return Verdict(
        at=utc_now(),
        verdict="missed",
        article_id=article.id if article else "",
        url=url,
        title=article.title if article else "",
        summary=article.summary if article else "",
        signal=signal,
        situation=situation,
        step=finding.step.value,
        note=note,
        by=os.environ.get("USER", ""),
    )


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
