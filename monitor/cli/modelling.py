"""Commands on the model: score."""

from __future__ import annotations

import json
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

    Example: crisis-monitor score items.jsonl -o scores.jsonl
    """
    with failing_well():
        where = place(config, data)
        reader = Reader(load_config(where).registry)
        understanding = ModelUnderstanding(load_model(model_directory(where.data), stack=stack), reader)  # type: ignore[arg-type]  # the model checks the word
        records = score_items(read_items(source), understanding, reader, utc_now())
        written = 0
        with writing(output) as target:
            for record in track(records, description="scoring", console=err, disable=not err.is_terminal):
                target.write(json.dumps(record, ensure_ascii=False) + "\n")
                written += 1
    err.print(f"{written} items scored by {understanding.version} ({understanding.model.stack})", highlight=False)
