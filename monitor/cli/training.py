"""Commands that train and measure the model: train, evaluate."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import Progress

from classifiers import TextModel
from classifiers.adapt import Adaptation, AdaptationReport, adapt
from classifiers.card import markdown, reliability_svg
from classifiers.errors import ClassifierArtifactError
from classifiers.evaluate import Report, evaluate, stage_scores
from classifiers.gold import read_gold
from classifiers.items import ItemsError
from classifiers.promotion import compare
from classifiers.train import Training, TrainingReport, train
from monitor.adapters.classifier import model_directory
from monitor.app import open_storage
from monitor.cli.common import EXIT_FAILED, ConfigOption, DataOption, err, failing_well, load_config, out, place
from monitor.core.acts import current
from monitor.core.alerts import Verdict
from monitor.core.errors import ClassifierError, InputError


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("train")(train_model)
    app.command("evaluate")(evaluate_model)


def train_model(
    extra: Annotated[
        list[Path] | None,
        typer.Option(
            "--extra", metavar="FILE", help="Labelled items from outside (JSONL), beside the corpus; may be repeated."
        ),
    ] = None,
    guard: Annotated[
        list[Path] | None,
        typer.Option(
            "--guard", metavar="FILE", help="Items kept for measuring: their near-equals are left out of training."
        ),
    ] = None,
    encoder_logits: Annotated[
        Path | None,
        typer.Option("--encoder-logits", metavar="FILE.npz", help="Out-of-fold log-odds of the encoder, to join it."),
    ] = None,
    adapting: Annotated[
        bool, typer.Option("--adapt", help="Learn from stored verdicts and misses on top of the model in use.")
    ] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Use the new model from now on, if it is no worse than the shipped one.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Where the new model goes. Default: trained-model under --data."
        ),
    ] = None,
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
    with failing_well(), _classifier_errors():
        where = place(config, data)
        target = output or where.data / "trained-model"
        if adapting:
            _adapt(config, where.data, data, guard or [])
            return
        settings = Training(
            output=target, extra=tuple(extra or ()), guards=tuple(guard or ()), encoder_logits=encoder_logits
        )
        with _progress("training") as report:
            done = train(settings, report)
        _tell_training(done)
        _compare(target, where.data, promote=promote)


@contextmanager
def _classifier_errors() -> Iterator[None]:
    try:
        yield
    except ItemsError as exc:
        raise InputError(str(exc)) from exc
    except ClassifierArtifactError as exc:
        raise ClassifierError(str(exc)) from exc


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float, str], None]]:
    with Progress(console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share, text: bar.update(task, completed=share, description=text)


def _tell_training(done: TrainingReport) -> None:
    out.print(
        f"{done.items} items ({done.left_out} left out: near-equals of a guard); written to {done.directory}",
        highlight=False,
    )
    for stage, scores in done.scores.items():
        figures = ", ".join(f"{label} {value:.3f}" for label, value in scores.items())
        out.print(f"average precision out of fold, {stage}: {figures}", highlight=False)


def _compare(target: Path, data: Path, *, promote: bool) -> None:
    found = compare(TextModel.load(target, stack="linear"), TextModel.load(stack="linear"))
    verdict = "no worse than the shipped model" if found.promoted else "worse than the shipped model"
    out.print(
        f"{verdict} on our own evaluation items (first stage): {'; '.join(found.reasons)}",
        markup=False,
        highlight=False,
    )
    if not promote:
        return
    if not found.promoted:
        err.print("not promoted: the model in use stays", style="red")
        raise typer.Exit(EXIT_FAILED)
    shutil.copytree(target, data / "model", dirs_exist_ok=True)
    out.print(f"promoted: `run` uses {data / 'model'} from its next start", highlight=False)


def _adapt(config: Path | None, data: Path, option: Path | None, guards: list[Path]) -> None:
    loaded = load_config(place(config, option))
    with open_storage(loaded, data, os.environ) as storage, storage.reading() as unit:
        verdicts = unit.verdicts()
    with TemporaryDirectory() as directory:
        labels = Path(directory) / "verdicts.jsonl"
        labels.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in verdict_rows(verdicts)), encoding="utf-8"
        )
        settings = Adaptation(
            verdicts=(labels,), output=data / "model", base=model_directory(data), guards=tuple(guards)
        )
        with _progress("adapting") as report:
            done = adapt(settings, report)
    _tell_adaptation(done, data)


def verdict_rows(verdicts: list[Verdict]) -> list[dict[str, object]]:
    """Return verdicts as labelled items; what a verdict does not speak of is unsure. A verdict without words teaches nothing."""
    rows: list[dict[str, object]] = []
    for number, verdict in enumerate(current(verdicts)):
        if not verdict.title or verdict.verdict == "unsure" or not verdict.signal:
            continue
        carried = [verdict.signal] if verdict.verdict in ("true", "missed") else []
        others = [label for label in _LABELS if label != verdict.signal]
        rows.append(
            {
                "id": f"verdict-{number}",
                "title": verdict.title,
                "text": verdict.summary,
                "labels": carried,
                "unsure": others,
            }
        )
    return rows


_LABELS = (
    "troop_concentration",
    "coup_warning",
    "military_response_threat",
    "denial",
    "deescalation",
    "armed_conflict",
)


def _tell_adaptation(done: AdaptationReport, data: Path) -> None:
    out.print(
        f"{done.verdicts} verdicts ({done.left_out} left out): {'; '.join(done.reasons)}", markup=False, highlight=False
    )
    if not done.promoted:
        err.print("not promoted: the model in use stays", style="yellow")
        raise typer.Exit(EXIT_FAILED)
    out.print(f"promoted: `run` uses {data / 'model'} from its next start", highlight=False)


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
    with failing_well(), _classifier_errors():
        where = place(config, data)
        rows = read_gold(gold)
        report = evaluate(rows, stage_scores(rows, model or model_directory(where.data)))
        text = markdown(report, gold.name)
        if card:
            card.write_text(text, encoding="utf-8")
        if plots:
            _write_plots(report, plots)
    out.print(text, markup=False, highlight=False)


def _write_plots(report: Report, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for stage, found in report.stages.items():
        for label, scores in found.labels.items():
            (directory / f"{stage}-{label}.svg").write_text(
                reliability_svg(scores, f"{label}, {stage}"), encoding="utf-8"
            )
