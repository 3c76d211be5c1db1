"""Whose an item is: its outlet, the owner group behind it, the agency it was taken from, and how much it weighs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.actors import Outlet
from monitor.core.identity import fold
from monitor.core.model import Entry, Feed

_NAME = r"([A-Z][\w ./&-]{1,40}?)"
_DASH = r"[-\u2013\u2014_:]"
# A dateline with its agency in brackets, an agency before a dash, or a line that says by whom.
_DATELINE = re.compile(rf"^[^!?]{{0,60}}?\(\s*{_NAME}\s*\)|^\s*{_NAME}\s*{_DASH}\s|^\s*[Bb]y\s+{_NAME}(?=[\s,;|]|$)")
# After a dash or bar, in brackets, after "Source" or the sign of copyright.
_SUFFIX = re.compile(rf"(?:\s[-\u2013\u2014|]\s|\(|\bSource:\s|\u00a9\s?(?:20\d\d\s)?){_NAME}\)?\s*$")
_BYLINE_JOINT = re.compile(
    r"\s*(?:[,/;|()&]|\s[-\u2013\u2014]\s|\b(?:and|via|by|with|for|from|avec|con|mit|und|et)\b)\s*", re.IGNORECASE
)


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
        """Return the agency that a byline, a dateline or a suffix names."""
        found = (self.find(name) for name in named_sources(entry) if name)
        return next((outlet for outlet in found if outlet and outlet.agency), None)


def named_sources(entry: Entry) -> list[str]:
    """Return what stands where an item names its source, the plainest places first; most are persons and places."""
    places = [_DATELINE.match(entry.summary), _SUFFIX.search(entry.title), _SUFFIX.search(entry.summary)]
    written = [name for place in places if place for name in place.groups() if name]
    return [entry.author, *_BYLINE_JOINT.split(entry.author), *written]
