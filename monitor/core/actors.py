"""The nouns of who is who: actors and theatres of situations.yaml, outlets of outlets.yaml.

All records are frozen and keyword-only. Every `datetime` is aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """An alliance, armed group or other non-state actor of situations.yaml.

    code: as in situation keys. kind: alliance, armed_group, organisation or territory. members: alpha-3 codes of an alliance.
    of: alpha-3 of the state an armed group belongs to or acts from, "" where none.
    """

    code: str
    names: tuple[str, ...]
    kind: str
    members: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedSituation:
    """A theatre of situations.yaml: a key with its name, words that stand for it, and keys that fold into it."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """What is known of an outlet beyond its feeds. state_of: alpha-3 of the state that speaks through it."""

    name: str
    owner: str = ""
    weight: float = 1.0
    aliases: tuple[str, ...] = ()
    state_of: str = ""
    agency: bool = False
