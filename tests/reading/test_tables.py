"""The shipped tables and situations.yaml fit together."""

from __future__ import annotations

import pycountry
import pytest

from monitor.core.country_names import COUNTRY_NAMES
from monitor.core.situations import Registry
from monitor.reading.tables import rows, words

STATES = {country.alpha_3 for country in pycountry.countries} | {"XKX"}


def test_every_country_has_a_name_for_people() -> None:
    assert set(COUNTRY_NAMES) == STATES


@pytest.mark.parametrize("table", ["countries.tsv", "cities.tsv", "states.tsv"])
def test_tables_of_places_use_alpha_3_codes(table: str) -> None:
    assert {row[0] for row in rows(table)} <= STATES


def test_leaders_belong_to_states_or_actors_and_have_spans(registry: Registry) -> None:
    for code, since, until, names in rows("leaders.tsv"):
        assert code in STATES or code in registry.actors, code
        assert until == "-" or int(since) <= int(until), names


@pytest.mark.parametrize("table", ["rivals.tsv", "neighbours.tsv", "patrons.tsv"])
def test_relations_name_known_codes(registry: Registry, table: str) -> None:
    named = {code for one, others in rows(table) for code in [one, *others.split()]}

    assert named <= STATES | set(registry.actors)


def test_actors_are_well_formed(registry: Registry) -> None:
    for code, actor in registry.actors.items():
        assert code.isalnum()
        assert code.isupper()
        assert code not in STATES
        assert set(actor.members) <= STATES
        assert not actor.of or actor.of in STATES
        assert actor.kind in {"alliance", "armed_group", "organisation", "territory"}


def test_situations_have_sorted_keys_of_known_codes_and_fold_once(registry: Registry) -> None:
    folded = [key for named in registry.situations.values() for key in named.merge]

    assert len(folded) == len(set(folded))
    for key in [*registry.situations, *folded]:
        codes = key.split("-")
        assert codes == sorted(codes)
        assert set(codes) <= STATES | set(registry.actors)
    assert not set(folded) & set(registry.situations)


def test_an_alias_stands_for_one_situation(registry: Registry) -> None:
    aliases = [alias for named in registry.situations.values() for alias in named.aliases]

    assert len(aliases) == len(set(aliases))


def test_an_unknown_group_of_words_is_an_error() -> None:
    with pytest.raises(KeyError):
        words("no such group")
