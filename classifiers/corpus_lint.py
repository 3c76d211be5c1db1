"""Checks a corpus: what a reader would overlook in thousands of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers.folds import folds, groups
from classifiers.items import Item
from classifiers.labels import LABELS, SIGNALS
from classifiers.leakage import NearIndex, shingles

MAX_NEAR_SHARE = 0.02
MIN_SHARE, MAX_SHARE = 0.03, 0.35
MIN_SILENT_SHARE = 0.3
_FOLDS = 5


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
    """Yield near-equal items that the folds would part."""
    fold = folds(groups(items, "story"), _FOLDS)
    for a, b in near:
        if fold[a] != fold[b]:
            yield Finding(
                kind="leakage", message="near-equal items stand in different folds", ids=(items[a].id, items[b].id)
            )
