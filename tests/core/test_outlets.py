"""Whose an item is: outlet, owner group, agency behind it, weight."""

from __future__ import annotations

import pytest

from monitor.core.outlets import Outlets
from tests.builders import a_feed, an_entry, an_outlet

KNOWN = Outlets(
    {
        "Reuters": an_outlet(name="Reuters", owner="thomson-reuters", aliases=("Reuters Staff",), agency=True),
        "AFP": an_outlet(name="AFP", owner="", aliases=("Agence France-Presse",), agency=True),
        "AP": an_outlet(name="AP", owner="associated-press", aliases=("The Associated Press",), agency=True),
        "TASS": an_outlet(
            name="TASS", owner="russian-state", weight=0.5, aliases=("tass.ru", "ITAR-TASS"), state_of="RUS"
        ),
        "Example": an_outlet(name="Example", owner="example"),
    }
)


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        ({"author": "Reuters"}, "thomson-reuters"),
        ({"author": "Reuters Staff"}, "thomson-reuters"),
        ({"author": "By AFP"}, "afp"),
        ({"author": "Agence France-Presse"}, "afp"),
        ({"author": "Jane Doe, Reuters"}, "thomson-reuters"),
        ({"author": "Jane Doe (Reuters)"}, "thomson-reuters"),
        ({"author": "Jane Doe and John Roe / AFP"}, "afp"),
        ({"author": "Le Jour avec AFP"}, "afp"),
        ({"author": "The Associated Press"}, "associated-press"),
        ({"summary": "KYIV (Reuters) - Troops gather."}, "thomson-reuters"),
        ({"summary": "KYIV, Nov. 26 (Reuters) \u2014 Troops gather."}, "thomson-reuters"),
        ({"summary": "WASHINGTON, D.C. (AP) _ Troops gather."}, "associated-press"),
        ({"summary": "AFP \u2013 Troops gather."}, "afp"),
        ({"summary": "By AFP Troops gather."}, "afp"),
        ({"summary": "Troops gather at the border. Source: AFP"}, "afp"),
        ({"summary": "Troops gather at the border. \u00a9 2021 AFP"}, "afp"),
        ({"title": "Troops gather - Reuters"}, "thomson-reuters"),
        ({"title": "Troops gather | AFP"}, "afp"),
        ({"title": "Troops gather (AP)"}, "associated-press"),
    ],
    ids=str,
)
def test_an_agency_named_as_the_source_is_the_origin(entry: dict[str, str], origin: str) -> None:
    source = KNOWN.source(a_feed(), an_entry(**entry))

    assert source.origin == origin
    assert source.owner == "example"


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"author": "Jane Doe"},
        {"author": "Reuter Smith"},
        {"title": "Reuters to sell its tower in London"},
        {"title": "Reuters reporter held at border"},
        {"summary": "The chief of Reuters (aged 60) resigned."},
        {"title": "Troops gather - TASS"},
        {"title": "Troops gather (Monday)"},
    ],
    ids=str,
)
def test_where_no_agency_is_named_as_source_the_owner_is_the_origin(entry: dict[str, str]) -> None:
    assert KNOWN.source(a_feed(), an_entry(**entry)).origin == "example"


def test_an_aggregates_item_counts_as_the_outlet_it_names() -> None:
    source = KNOWN.source(a_feed(), an_entry(source="itar tass"))

    assert (source.outlet, source.owner, source.origin) == ("TASS", "russian-state", "russian-state")
    assert (source.weight, source.country) == (0.5, "RUS")


def test_an_outlet_nobody_listed_is_its_own_owner() -> None:
    source = KNOWN.source(a_feed(), an_entry(source="Kyiv Bugle"))

    assert (source.outlet, source.owner, source.weight, source.country) == ("Kyiv Bugle", "kyiv bugle", 1.0, "")


def test_an_item_that_names_its_own_feeds_outlet_is_the_feeds() -> None:
    feed = a_feed(weight=0.8, country="GBR")

    source = KNOWN.source(feed, an_entry(source="EXAMPLE"))

    assert (source.outlet, source.owner, source.weight, source.country) == ("Example", "example", 0.8, "GBR")


def test_the_lower_of_two_weights_holds() -> None:
    assert KNOWN.source(a_feed(outlet="TASS", weight=0.9), an_entry()).weight == 0.5
    assert KNOWN.source(a_feed(outlet="TASS", weight=0.2), an_entry()).weight == 0.2


def test_names_are_found_in_any_case_and_punctuation() -> None:
    assert KNOWN.find("itar-tass") is KNOWN.find("TASS.RU") is KNOWN.find("Tass")
    assert KNOWN.find("unknown") is None
