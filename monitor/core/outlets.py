"""Whose an item is: its outlet, the owner group behind it, the agency it was taken from, and how much it weighs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.identity import fold
from monitor.core.model import Entry, Feed, Outlet

_BYLINE = re.compile(r"^[^.!?]{0,60}?\(\s*([A-Z][\w ./-]{1,30})\s*\)\s*[-–—:]|^\s*([A-Z][\w./-]{1,20})\s*[-–—]\s")  # noqa: RUF001  # dashes of datelines
_SUFFIX = re.compile(r"(?:\s[-–—|]\s|\()([A-Z][\w ./-]{1,30})\)?\s*$")  # noqa: RUF001  # dashes before a source


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where an item comes from. origin: what it counts as, an agency where a byline names one, else the owner."""

    outlet: str
    owner: str
    origin: str
    weight: float
    country: str


class Outlets:
    """What outlets.yaml knows, found by name or alias; an outlet not listed is its own owner with weight 1."""

    def __init__(self, known: Mapping[str, Outlet]) -> None:
        self._by_name = {fold(name): outlet for outlet in known.values() for name in (outlet.name, *outlet.aliases)}

    def find(self, name: str) -> Outlet | None:
        """Return the listed outlet that goes by `name`, in any case or punctuation."""
        return self._by_name.get(fold(name))

    def source(self, feed: Feed, entry: Entry) -> Source:
        """Return where `entry` of `feed` comes from; an aggregate's item may name an outlet of its own."""
        named = entry.source if entry.source and fold(entry.source) != fold(feed.outlet) else ""
        outlet = self.find(named or feed.outlet)
        if named:
            name = outlet.name if outlet else named
            owner = (outlet.owner if outlet else "") or fold(name)
            weight, country = (outlet.weight if outlet else 1.0), (outlet.state_of if outlet else "")
        else:
            name, owner, country = feed.outlet, feed.owner, feed.country
            weight = min(feed.weight, outlet.weight if outlet else 1.0)
        agency = self._agency(entry)
        origin = (agency.owner or fold(agency.name)) if agency else owner
        return Source(outlet=name, owner=owner, origin=origin, weight=weight, country=country)

    def _agency(self, entry: Entry) -> Outlet | None:
        dateline = _BYLINE.match(entry.summary)
        suffix = _SUFFIX.search(entry.title)
        names = [entry.author, *re.split(r"\s*(?:,|/|;|\band\b|\bvia\b|\bby\b)\s*", entry.author, flags=re.IGNORECASE)]
        names += [name for found in (dateline,) if found for name in found.groups() if name]
        names += [suffix.group(1)] if suffix else []
        found_outlets = (self.find(name) for name in names if name)
        return next((outlet for outlet in found_outlets if outlet and outlet.agency), None)
