"""Situations: the country, or pair of countries or actors, that a report is about, and what situations.yaml knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from monitor.core.actors import Actor, NamedSituation
from monitor.core.country_names import COUNTRY_NAMES


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """Actors by code and named situations by key, as in situations.yaml."""

    actors: Mapping[str, Actor] = field(default_factory=dict)
    situations: Mapping[str, NamedSituation] = field(default_factory=dict)


def situation_key(codes: Sequence[str], registry: Registry) -> str:
    """Return the key of one or two codes: sorted, joined by `-`, folded as situations.yaml says; "" for none."""
    key = "-".join(sorted(dict.fromkeys(codes)))
    return next((named.key for named in registry.situations.values() if key in named.merge), key)


def matches(pattern: str, key: str) -> bool:
    """Say whether a glob such as `CHN-*` matches a key, whichever side the pattern names first."""
    turned = "-".join(reversed(key.split("-")))
    return fnmatchcase(key, pattern) or fnmatchcase(turned, pattern)


def akin(one: str, other: str) -> bool:
    """Say whether two keys are about one situation: the same, or one side of a pair by itself, such as `UKR` and `RUS-UKR`."""
    left, right = set(one.split("-")), set(other.split("-"))
    return left <= right or right <= left


def countries_of(key: str, registry: Registry) -> tuple[str, ...]:
    """Return the alpha-3 codes of the key's states and of the state an armed group belongs to; none for an alliance."""
    countries = (_country(code, registry) for code in key.split("-"))
    return tuple(dict.fromkeys(country for country in countries if country))


def _country(code: str, registry: Registry) -> str:
    actor = registry.actors.get(code)
    return actor.of if actor else code


def display_name(key: str, registry: Registry) -> str:
    """Return a situation's name for people: its own, else its sides as `Iran – Israel`."""  # noqa: RUF002  # a dash between names
    named = registry.situations.get(key)
    if named and named.name:
        return named.name
    return " – ".join(_side(code, registry) for code in key.split("-"))  # noqa: RUF001  # a dash between names


def _side(code: str, registry: Registry) -> str:
    actor = registry.actors.get(code)
    return actor.names[0] if actor and actor.names else COUNTRY_NAMES.get(code, code)
