"""Commands that train and measure the model: train, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.adapters.classifier import model_directory
from monitor.cli.common import ConfigOption, DataOption, failing_well, load_config, out, place, refuse


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("train")(train_model)
    app.command("evaluate")(evaluate_model)


ExtraOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--extra", metavar="FILE", help="Labelled items from outside (JSONL), beside the corpus; may be repeated."
    ),
]
GuardOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--guard", metavar="FILE", help="Items kept for measuring: their near-equals are left out of training."
    ),
]
LogitsOption = Annotated[
    Path | None,
    typer.Option("--encoder-logits", metavar="FILE.npz", help="Out-of-fold log-odds of an encoder, to join it."),
]
EncoderOption = Annotated[
    Path | None, typer.Option("--encoder", metavar="DIR", help="The encoder they are of. Default: the shipped one.")
]
FoldsOption = Annotated[
    str,
    typer.Option(
        "--folds-by", metavar="WHAT", help="What no fold of the cross-validation parts: story, year or (actor) pair."
    ),
]
AdaptOption = Annotated[
    bool, typer.Option("--adapt", help="Learn from stored verdicts and misses on top of the model in use.")
]
PromoteOption = Annotated[
    bool, typer.Option("--promote", help="Use the new model from now on, if it is no worse than the shipped one.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="DIR", help="Where the new model goes. Default: trained-model under --data."
    ),
]


def train_model(
    extra: ExtraOption = None,
    guard: GuardOption = None,
    encoder_logits: LogitsOption = None,
    encoder: EncoderOption = None,
    folds_by: FoldsOption = "story",
    adapting: AdaptOption = False,
    promote: PromoteOption = False,
    output: OutputOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Train a model: from zero on the shipped corpus, or on top of the model in use from what people said.

    From zero, the same corpus, extra files, and lock file give the same bytes on the same kind of machine. `--adapt` keeps the
    shipped weights and corrects them by verdicts and misses; it is used only when it is no worse on verdicts held out and on our own
    evaluation items.

    Example: crisis-monitor train --extra labelled.jsonl -o my-model
    Example: crisis-monitor train --adapt
    """
    from monitor.cli import learning  # noqa: PLC0415 - scikit-learn takes a second that no other command should wait for

    with failing_well(), learning.classifier_errors():
        where = place(config, data)
        if adapting:
            _refuse_beside_adapt(extra=extra, encoder_logits=encoder_logits, encoder=encoder, output=output)
            learning.adapt_model(load_config(where), where.data, guard or [])
            return
        if encoder and not encoder_logits:
            raise refuse("--encoder says whose log-odds --encoder-logits holds; give both")
        wanted = learning.Wanted(
            output=output or where.data / "trained-model",
            extra=tuple(extra or ()),
            guards=tuple(guard or ()),
            encoder_logits=encoder_logits,
            encoder=encoder,
            folds_by=folds_by,
        )
        learning.train_model(wanted, where.data, promote=promote)


def _refuse_beside_adapt(**given: object) -> None:
    """Refuse what `--adapt` would ignore in silence."""
    names = ", ".join(f"--{name.replace('_', '-')}" for name, value in given.items() if value)
    if names:
        raise refuse(f"{names}: --adapt learns from stored verdicts and writes to `model` under --data; leave it out")


def evaluate_model(
    gold: Annotated[
        Path,
        typer.Argument(metavar="GOLD.jsonl", help='Labelled items: {"id", "text" or "title", "labels" or "y"} a line.'),
    ],
    card: Annotated[
        Path | None, typer.Option("--card", metavar="FILE.md", help="Write the model card's section.")
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option("--plots", metavar="DIR", help="Write a reliability plot (SVG) for each label and stage."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Measure this model instead of the one in use.")
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Measure the model: precision, recall, F1, average precision, Brier, calibration, by genre, region, year and kind of near-miss.

    Example: crisis-monitor evaluate gold.jsonl --card card.md --plots plots
    """
    from monitor.cli import learning  # noqa: PLC0415 - see `train_model`

    with failing_well(), learning.classifier_errors():
        where = place(config, data)
        text = learning.measure(gold, model or model_directory(where.data), card=card, plots=plots)
    out.print(text, markup=False, highlight=False)
