"""Keys of situations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.actors import Actor, NamedSituation
from monitor.core.situations import Registry, akin, countries_of, display_name, matches, situation_key

REGISTRY = Registry(
    actors={
        "NATO": Actor(code="NATO", names=("NATO",), kind="alliance", members=("EST",)),
        "HEZBOLLAH": Actor(code="HEZBOLLAH", names=("Hezbollah",), kind="armed_group", of="LBN"),
        "ISIS": Actor(code="ISIS", names=("Islamic State",), kind="armed_group"),
    },
    situations={"RUS-UKR": NamedSituation(key="RUS-UKR", name="Ukraine", merge=("NATO-RUS",))},
)
CODE = st.sampled_from(["RUS", "UKR", "CHN", "TWN", "NATO", "HEZBOLLAH", "ISR"])


@pytest.mark.parametrize(
    ("codes", "key"),
    [
        (["UKR", "RUS"], "RUS-UKR"),
        (["MLI"], "MLI"),
        (["MLI", "MLI"], "MLI"),
        (["ISR", "HEZBOLLAH"], "HEZBOLLAH-ISR"),
        (["RUS", "NATO"], "RUS-UKR"),
        ([], ""),
    ],
)
def test_codes_are_sorted_joined_and_folded(codes: list[str], key: str) -> None:
    assert situation_key(codes, REGISTRY) == key


@given(st.lists(CODE, min_size=1, max_size=2))
def test_the_order_of_codes_does_not_matter(codes: list[str]) -> None:
    assert situation_key(codes, REGISTRY) == situation_key(codes[::-1], REGISTRY)


@pytest.mark.parametrize(
    ("pattern", "key", "held"),
    [
        ("CHN-*", "CHN-TWN", True),
        ("CHN-*", "CHN-PHL", True),
        ("TWN-*", "CHN-TWN", True),
        ("*-CHN", "CHN-TWN", True),
        ("RUS-UKR", "RUS-UKR", True),
        ("UKR-RUS", "RUS-UKR", True),
        ("CHN-*", "CHN", False),
        ("CHN-*", "RUS-UKR", False),
        ("CHN", "CHN-TWN", False),
        ("MLI", "MLI", True),
        ("*", "HEZBOLLAH-ISR", True),
        ("HEZBOLLAH-*", "HEZBOLLAH-ISR", True),
    ],
)
def test_a_glob_matches_either_side(pattern: str, key: str, held: bool) -> None:  # a table column
    assert matches(pattern, key) is held


@given(CODE, CODE)
def test_a_side_with_a_star_matches_every_pair_it_is_part_of(one: str, other: str) -> None:
    key = "-".join(sorted((one, other)))

    assert matches(f"{one}-*", key)
    assert matches(f"*-{one}", key)


@pytest.mark.parametrize(
    ("key", "countries"),
    [
        ("RUS-UKR", ("RUS", "UKR")),
        ("HEZBOLLAH-ISR", ("LBN", "ISR")),
        ("NATO-RUS", ("RUS",)),
        ("ISIS-SYR", ("SYR",)),
        ("MLI", ("MLI",)),
        ("NATO", ()),
        ("", ()),
    ],
)
def test_countries_are_states_and_the_state_a_group_acts_from(key: str, countries: tuple[str, ...]) -> None:
    assert countries_of(key, REGISTRY) == countries


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("RUS-UKR", "Ukraine"),
        ("IRN-ISR", "Iran \u2013 Israel"),
        ("HEZBOLLAH-ISR", "Hezbollah \u2013 Israel"),
        ("XKX", "Kosovo"),
        ("AAA-ZZZ", "AAA \u2013 ZZZ"),
    ],
)
def test_people_read_names(key: str, name: str) -> None:
    assert display_name(key, REGISTRY) == name


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [("RUS-UKR", "RUS-UKR", True), ("UKR", "RUS-UKR", True), ("RUS-UKR", "RUS", True), ("CHN-USA", "IRN-USA", False)],
)
def test_a_pair_and_one_of_its_sides_are_one_situation_two_pairs_are_not(
    one: str, other: str, *, related: bool
) -> None:
    assert akin(one, other) is related
