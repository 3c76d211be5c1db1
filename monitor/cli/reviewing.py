"""Commands by which people speak back: ack, review, missed, near-misses."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import open_storage
from monitor.cli.common import (
    EXIT_NOTHING,
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
from monitor.core.acts import VERDICT_WORDS, VERDICTS
from monitor.core.desk import ActKind, Person
from monitor.core.identity import digest
from monitor.core.model import SIGNALS
from monitor.core.records import iso
from monitor.pipeline.acts import Acts, Deed, judge_article
from monitor.pipeline.decided import find
from monitor.pipeline.misses import Miss, log_miss


class Word(StrEnum):
    """What a person may say of an alert or article."""

    TRUE = "true"
    FALSE = "false"
    UNSURE = "unsure"


ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; default $USER.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(ack)
    app.command()(review)
    app.command()(missed)
    app.command("near-misses")(near_misses)


def ack(
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="Id of the alert, as `history` and Slack show it.")],
    by: ByOption = "",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Acknowledge an alert, as the button in Slack does: the first one counts, and every channel is shown who it was.

    Example: crisis-monitor ack al-0123456789abcdef --by ada
    """
    told = _act(alert, ActKind.ACKNOWLEDGE, _author(by), "", config, data)
    out.print(told or f"alert {alert} is acknowledged", markup=False, highlight=False)


def review(
    subject: Annotated[
        str, typer.Argument(metavar="ALERT-OR-ARTICLE", help="Id of an alert, or id or address of an article.")
    ],
    verdict: Annotated[Word, typer.Option("--verdict", help="Whether it was right.")],
    note: Annotated[str, typer.Option("--note", metavar="N", help="Anything worth keeping with it.")] = "",
    by: ByOption = "",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Say whether an alert or an article was right, as the buttons in Slack do; `train --adapt` learns from it.

    Of one person's verdicts on one alert or article the latest counts.

    Example: crisis-monitor review al-0123456789abcdef --verdict false --note "an annual exercise"
    """
    who = _author(by)
    kind = next(kind for kind, word in VERDICTS.items() if word == verdict.value)
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage, storage.transaction() as unit:
            article = None if unit.alert(subject) else next(iter(find(unit, subject, loaded.feeds)), None)
            if article:
                judge_article(unit, article, verdict.value, who, note, utc_now())
    told = "" if article else _act(subject, kind, who, note, config, data)
    out.print(told or f"{article.id if article else subject}: kept as {VERDICT_WORDS[verdict.value]}", markup=False)


def _act(alert: str, kind: ActKind, by: str, note: str, config: Path | None, data: Path | None) -> str:
    """Do to an alert what a button would; return what there is to tell. Exits with 3 where there is no such alert."""
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage:
            with storage.reading() as unit:
                known = unit.alert(alert)
            if known is None:
                err.print(
                    f"{alert}: no alert has this id; `crisis-monitor history` lists them", style="yellow", markup=False
                )
                raise typer.Exit(EXIT_NOTHING)
            key = digest("terminal", alert, kind.value, by, note, utc_now().isoformat())
            deed = Deed(key=key, kind=kind, alert_id=alert, person=Person(id="", name=by), note=note)
            return Acts(storage=storage, clock=utc_now).do(deed)


def _author(by: str) -> str:
    who = by or os.environ.get("USER", "")
    if not who.strip():
        raise refuse("--by: say who you are; $USER is not set")
    return who


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
    table = table_of("seen", "signal", "situation", "score", "outcome", "why", "article")
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
        table.add_row(day_and_time(cells[0]), *cells[1:], title)
    if not as_json:
        out.print(table)
