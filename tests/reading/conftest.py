"""The shipped registry and one reader for all tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from monitor.core.actors import Actor, NamedSituation
from monitor.core.model import LABELS, Reading
from monitor.core.situations import Registry
from monitor.reading.reader import Reader, TextScores

ROOT = Path(__file__).parents[2]
DAY = datetime(2024, 3, 5, 12, tzinfo=UTC)
Read = Callable[..., Reading]


def shipped_registry() -> Registry:
    """Return situations.yaml as records, without the strict checks of the configuration."""
    shipped = yaml.safe_load((ROOT / "config" / "situations.yaml").read_text(encoding="utf-8"))
    actors = {
        code: Actor(
            code=code,
            names=tuple(actor["names"]),
            kind=actor["kind"],
            members=tuple(actor.get("members", ())),
            of=actor.get("of", ""),
        )
        for code, actor in shipped["actors"].items()
    }
    situations = {
        key: NamedSituation(
            key=key, name=named["name"], aliases=tuple(named.get("aliases", ())), merge=tuple(named.get("merge", ()))
        )
        for key, named in shipped["situations"].items()
    }
    return Registry(actors=actors, situations=situations)


@pytest.fixture(scope="session")
def registry() -> Registry:
    return shipped_registry()


@pytest.fixture(scope="session")
def reader(registry: Registry) -> Reader:
    return Reader(registry)


@pytest.fixture(scope="session")
def read(reader: Reader) -> Read:
    """Read a title and sentences; `carries` says which sentence (0: the title) carries which label."""

    def reading(*sentences: str, at: datetime = DAY, outlet_country: str = "", **carries: int) -> Reading:
        parts = [
            (sentence, {label: 0.9 if carries.get(label) == index else 0.01 for label in LABELS})
            for index, sentence in enumerate(sentences)
        ]
        whole = {label: 0.9 if label in carries else 0.01 for label in LABELS}
        return reader.read(
            sentences[0],
            " ".join(sentences[1:]),
            TextScores(whole=whole, parts=parts),
            published=at,
            language="en",
            outlet_country=outlet_country,
        )

    return reading
