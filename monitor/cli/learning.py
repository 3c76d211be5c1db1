"""What `train` and `evaluate` do; a module of its own, because it imports all of scikit-learn."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from rich.progress import Progress

from classifiers import TextModel
from classifiers.adapt import Adaptation, AdaptationReport, adapt
from classifiers.card import markdown, reliability_svg
from classifiers.encoder import FILES, hash_of
from classifiers.errors import ClassifierArtifactError
from classifiers.evaluate import Report, evaluate, stage_scores
from classifiers.folds import GROUPINGS, Grouping
from classifiers.gold import read_gold
from classifiers.items import ItemsError
from classifiers.labels import LABELS
from classifiers.promotion import compare
from classifiers.shipped import SHIPPED
from classifiers.train import Training, TrainingReport, train
from monitor.adapters.classifier import model_directory
from monitor.app import open_storage
from monitor.cli.common import EXIT_FAILED, err, out
from monitor.config import Config
from monitor.core.acts import current
from monitor.core.alerts import Verdict
from monitor.core.errors import ClassifierError, InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What `train` is asked for: see `Training`. encoder: directory of the encoder whose log-odds are given, None for the shipped one."""

    output: Path
    extra: tuple[Path, ...] = ()
    guards: tuple[Path, ...] = ()
    encoder_logits: Path | None = None
    encoder: Path | None = None
    folds_by: str = "story"


@contextmanager
def classifier_errors() -> Iterator[None]:
    """Turn what goes wrong in the classifiers into errors of the command line."""
    try:
        yield
    except ItemsError as exc:
        raise InputError(str(exc)) from exc
    except ClassifierArtifactError as exc:
        raise ClassifierError(str(exc)) from exc


def train_model(wanted: Wanted, data: Path, *, promote: bool) -> None:
    """Train from zero, say what came of it, compare it with the shipped model and, if asked, promote it."""
    encoder = wanted.encoder or SHIPPED
    settings = Training(
        output=wanted.output,
        extra=wanted.extra,
        guards=wanted.guards,
        encoder_logits=wanted.encoder_logits,
        encoder_sha256=hash_of(encoder) if wanted.encoder_logits else "",
        folds_by=_known(wanted.folds_by),
    )
    with _writing(wanted.output):  # before the work, not after it
        wanted.output.mkdir(parents=True, exist_ok=True)
    with _progress("training") as report:
        done = train(settings, report)
    if wanted.encoder:
        with _writing(wanted.output):
            for name in FILES:
                shutil.copyfile(wanted.encoder / name, wanted.output / name)
    _tell_training(done, wanted.folds_by)
    _compare(wanted.output, data, promote=promote)


def _known(grouping: str) -> Grouping:
    for each in GROUPINGS:
        if each == grouping:
            return each
    raise InputError(f"--folds-by: {grouping!r} is none of {', '.join(GROUPINGS)}")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise InputError(
            f"{exc.filename or path}: cannot be written ({exc.strerror}); check the folder and its permissions"
        ) from exc


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float, str], None]]:
    with Progress(console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share, text: bar.update(task, completed=share, description=text)


def _tell_training(done: TrainingReport, folds_by: str) -> None:
    out.print(
        f"{done.items} items ({done.left_out} left out: near-equals of a guard); written to {done.directory}",
        highlight=False,
    )
    for stage, scores in done.scores.items():
        figures = ", ".join(f"{label} {value:.3f}" for label, value in scores.items())
        out.print(f"average precision out of fold by {folds_by}, {stage}: {figures}", highlight=False)


def _compare(target: Path, data: Path, *, promote: bool) -> None:
    """Hold the new model against the shipped one, each with the stages it would run with here."""
    new, shipped = TextModel.load(target), TextModel.load()
    found = compare(new, shipped)
    verdict = "no worse than the shipped model" if found.promoted else "worse than the shipped model"
    out.print(
        f"{verdict} on our own evaluation items ({new.stack} against {shipped.stack}): {'; '.join(found.reasons)}",
        markup=False,
        highlight=False,
    )
    if not promote:
        return
    if not found.promoted:
        err.print("not promoted: the model in use stays", style="red")
        raise typer.Exit(EXIT_FAILED)
    with _writing(data):
        replace_folder(target, data / "model")
    out.print(f"promoted: `run` uses {data / 'model'} from its next start", highlight=False)


def replace_folder(source: Path, place: Path) -> None:
    """Put a copy of `source` in the place of `place` whole: a crash leaves the old folder, the new one or none, never a mixture."""
    fresh, old = place.with_name(f"{place.name}.new"), place.with_name(f"{place.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(source, fresh)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def adapt_model(config: Config, data: Path, guards: list[Path]) -> None:
    """Learn from what people said on top of the model in use; it is promoted when it is no worse."""
    with open_storage(config, data, os.environ) as storage, storage.reading() as unit:
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
        others = [label for label in LABELS if label != verdict.signal]
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


def _tell_adaptation(done: AdaptationReport, data: Path) -> None:
    out.print(
        f"{done.verdicts} verdicts ({done.left_out} left out): {'; '.join(done.reasons)}", markup=False, highlight=False
    )
    if not done.promoted:
        err.print("not promoted: the model in use stays", style="yellow")
        raise typer.Exit(EXIT_FAILED)
    out.print(f"promoted: `run` uses {data / 'model'} from its next start", highlight=False)


def measure(gold: Path, model: Path | None, *, card: Path | None, plots: Path | None) -> str:
    """Measure the model in `model`, None for the shipped one, and return the card's section; write it and the plots where asked."""
    rows = read_gold(gold)
    report = evaluate(rows, stage_scores(rows, model))
    text = markdown(report, gold.name)
    if card:
        with _writing(card):
            card.write_text(text, encoding="utf-8")
    if plots:
        with _writing(plots):
            _write_plots(report, plots)
    return text


def _write_plots(report: Report, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for stage, found in report.stages.items():
        for label, scores in found.labels.items():
            (directory / f"{stage}-{label}.svg").write_text(
                reliability_svg(scores, f"{label}, {stage}"), encoding="utf-8"
            )
