"""Situation keys and patterns: codes that exist, in the order that keys have, and merges that end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.config.files import ActorEntry, SituationEntry
from monitor.config.sources import Sources
from monitor.config.strict_yaml import Path_, shown
from monitor.config.values import countries, nearest

_NAME = "situations.yaml"
_GLOB = re.compile(r"[*?\[\]!]")


def pattern_problem(pattern: str, sources: Sources) -> str:
    """Say what is wrong with a glob over situation keys, "" where nothing is."""
    if not re.fullmatch(r"[A-Z0-9_*?\[\]!-]+", pattern) or pattern.count("[") != pattern.count("]"):
        return f'{shown(pattern)} is no situation: write a key such as RUS-UKR, or a glob such as "CHN-*" in quotes'
    sides = re.sub(r"\[[^\]]*\]", "?", pattern).split("-")
    if len(sides) > 2 or not all(sides):  # noqa: PLR2004  # a situation has one or two sides
        return f"{shown(pattern)} is no situation: it has one code, or two joined by -"
    unknown = next(
        (problem for side in sides if not _GLOB.search(side) and (problem := _code_problem(side, sources))), ""
    )
    if unknown or len(sides) == 1 or any(_GLOB.search(side) for side in sides):
        return unknown
    return _order_problem(pattern)


def _order_problem(key: str) -> str:
    ordered = "-".join(sorted(set(key.split("-"))))
    return "" if key == ordered else f"{shown(key)} never occurs, since codes are sorted: write {ordered}"


def _code_problem(code: str, sources: Sources) -> str:
    actors = [str(key) for key in sources.section(_NAME, "actors")]
    readable = isinstance(sources.documents[_NAME].data, dict)
    if code in countries() or code in actors or not readable:
        return ""
    return f"{code} is neither an ISO 3166 alpha-3 code nor an actor of situations.yaml{nearest(code, [*countries(), *actors])}"


def _key_problem(key: str, sources: Sources) -> str:
    if _GLOB.search(key):
        return f"{shown(key)} is a glob: a situation is named by its key, such as RUS-UKR"
    return pattern_problem(key, sources)


def check(sources: Sources) -> Iterator[tuple[str, Path_, str]]:
    """Return what is wrong with keys, actors and merges."""
    situations = {str(path[-1]): (path, entry) for path, entry in sources.entries(_NAME, "situations", SituationEntry)}
    taken: dict[str, str] = {}
    for key, (path, entry) in situations.items():
        if problem := _key_problem(key, sources):
            yield _NAME, path, problem
        for index, merged in enumerate(entry.merge):
            place = (*path, "merge", index)
            if problem := _key_problem(merged, sources):
                yield _NAME, place, problem
            elif taken.setdefault(merged, key) != key:
                yield _NAME, place, f"{merged} already folds into {taken[merged]}: keep one"
            elif _leads_back(key, merged, situations):
                yield _NAME, place, f"{merged} leads back to {key}: a merge must end; remove one of them"
    yield from _actors(sources)


def _leads_back(key: str, merged: str, situations: dict[str, tuple[Path_, SituationEntry]]) -> bool:
    seen: set[str] = set()
    waiting = [merged]
    while waiting:
        at = waiting.pop()
        if at == key:
            return True
        if at in situations and at not in seen:
            seen.add(at)
            waiting += situations[at][1].merge
    return False


def _actors(sources: Sources) -> Iterator[tuple[str, Path_, str]]:
    for path, actor in sources.entries(_NAME, "actors", ActorEntry):
        if path[-1] in countries() and actor.kind != "territory":
            yield _NAME, path, f"{path[-1]} is a country code: choose another code for an actor"
        if actor.members and actor.kind not in {"alliance", "organisation"}:
            yield (
                _NAME,
                (*path, "members"),
                f"only an alliance or an organisation has members, not a {actor.kind}: remove it",
            )
        if actor.of and actor.kind in {"alliance", "organisation"}:
            yield _NAME, (*path, "of"), f"an {actor.kind} belongs to no single state: name its members instead"
