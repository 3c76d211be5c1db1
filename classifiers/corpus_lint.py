"""Checks labelled items: what a reader would overlook in thousands of lines.

    python -m classifiers.corpus_lint [FILE.jsonl ...]

Without files it checks the shipped corpus. It exits 1 where it finds anything, 2 where a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.folds import Grouping, folds, groups
from classifiers.items import Item, ItemsError, corpus_files, held_out, read_items
from classifiers.labels import LABELS, SIGNALS
from classifiers.leakage import NearIndex, shingles

MAX_NEAR_SHARE = 0.02
MIN_SHARE, MAX_SHARE = 0.03, 0.35
MIN_SILENT_SHARE = 0.3
_FOLDS = 5
_GROUPINGS: tuple[Grouping, ...] = ("story", "pair")
_NAMED = 8  # ids shown of a finding


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault: `kind` is duplicate, conflict, near_duplicates, balance or leakage; `ids` are the items concerned."""

    kind: str
    message: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LintReport:
    """What a corpus holds and what is wrong with it.

    near_share: share of items that nearly equal another (word 3-shingle Jaccard >= 0.5). positives: per label;
    silent: items without any signal.
    """

    items: int
    near_share: float
    positives: dict[str, int]
    silent: int
    findings: tuple[Finding, ...]


def lint(items: Sequence[Item]) -> LintReport:
    """Check `items` for duplicates, near-equal items with different labels, near-duplicates, balance and leakage."""
    near = list(_near_pairs(items))
    touched = {i for pair in near for i in pair}
    share = len(touched) / len(items) if items else 0.0
    positives = {label: sum(label in item.labels for item in items) for label in LABELS}
    silent = sum(not item.labels & set(SIGNALS) for item in items)
    findings = [
        *_duplicates(items),
        *_conflicts(items, near),
        *_near_findings(items, near, share),
        *_balance(len(items), positives, silent),
        *_leakage(items, near),
    ]
    return LintReport(items=len(items), near_share=share, positives=positives, silent=silent, findings=tuple(findings))


def _near_pairs(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    index = NearIndex()
    for i, item in enumerate(items):
        yield from ((j, i) for j in index.near(item.whole))
        index.add(item.whole)


def _plain(item: Item) -> str:
    return " ".join(sorted(shingles(item.whole)))


def _duplicates(items: Sequence[Item]) -> Iterator[Finding]:
    """Yield ids used twice and texts that stand twice."""
    for name, count in sorted(Counter(item.id for item in items).items()):
        if count > 1:
            yield Finding(kind="duplicate", message=f"id {name} is used {count} times", ids=(name,))
    first: dict[str, str] = {}
    for item in items:
        words = _plain(item)
        if words in first:
            yield Finding(kind="duplicate", message="the same words stand twice", ids=(first[words], item.id))
        first.setdefault(words, item.id)


def _conflicts(items: Sequence[Item], near: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """Yield near-equal items whose signals differ, unless one is marked as a deliberate near-miss."""
    for a, b in near:
        one, other = items[a], items[b]
        if (one.labels ^ other.labels) & set(SIGNALS) and not (one.note or other.note):
            yield Finding(kind="conflict", message="nearly equal items carry different signals", ids=(one.id, other.id))


def _near_findings(items: Sequence[Item], near: Sequence[tuple[int, int]], share: float) -> Iterator[Finding]:
    if share >= MAX_NEAR_SHARE:
        ids = tuple(sorted({items[i].id for pair in near for i in pair}))
        yield Finding(kind="near_duplicates", message=f"{share:.1%} of the items nearly equal another", ids=ids)


def _balance(total: int, positives: dict[str, int], silent: int) -> Iterator[Finding]:
    if not total:
        return
    for label, count in positives.items():
        if not MIN_SHARE <= count / total <= MAX_SHARE:
            yield Finding(kind="balance", message=f"{label} is on {count / total:.1%} of the items")
    if silent / total < MIN_SILENT_SHARE:
        yield Finding(kind="balance", message=f"only {silent / total:.1%} of the items carry no signal")


def _leakage(items: Sequence[Item], near: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """Yield near-equal items that folds by story or by actor pair would part, or of which one is kept to measure on."""
    sides: dict[str, Sequence[int]] = {f"folds by {by}": folds(groups(items, by), _FOLDS).tolist() for by in _GROUPINGS}
    sides["training and what is held out to measure on"] = [int(held_out(item)) for item in items]
    for what, side in sides.items():
        for a, b in near:
            if side[a] != side[b]:
                message = f"nearly equal items are parted by {what}"
                yield Finding(kind="leakage", message=message, ids=(items[a].id, items[b].id))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: print what the items are and every finding."""
    parser = argparse.ArgumentParser(
        prog="python -m classifiers.corpus_lint", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("files", metavar="FILE.jsonl", type=Path, nargs="*", help="Default: the shipped corpus.")
    try:
        found = lint(read_items(parser.parse_args(arguments).files or corpus_files()))
    except ItemsError as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    carried = ", ".join(f"{label} {count}" for label, count in found.positives.items())
    sys.stdout.write(
        f"{found.items} items, {found.silent} without a signal, {found.near_share:.1%} nearly equal another\n"
    )
    sys.stdout.write(f"{carried}\n")
    for finding in found.findings:
        sys.stdout.write(f"{finding.kind}: {finding.message}{_named(finding.ids)}\n")
    sys.stdout.write(f"{len(found.findings)} finding{'s' if len(found.findings) != 1 else ''}\n")
    return 1 if found.findings else 0


def _named(ids: Sequence[str]) -> str:
    return f" ({', '.join(ids[:_NAMED])}{', …' if len(ids) > _NAMED else ''})" if ids else ""


if __name__ == "__main__":
    sys.exit(main())
