from __future__ import annotations

import random
import re

from classifiers.encoder_names import GROUPS, LEADERS, swap_names


def swapped(text: str, seed: int = 0) -> str:
    return swap_names(text, random.Random(seed))


def test_a_text_without_names_stays_as_it_is() -> None:
    assert swapped("Reservists told to report to barracks by dawn") == "Reservists told to report to barracks by dawn"


def test_every_country_is_replaced_and_the_act_stays() -> None:
    for seed in range(20):
        text = swapped("Peru moves armour towards Chile", seed)

        assert "moves armour towards" in text
        assert "Peru" not in text
        assert "Chile" not in text


def test_a_country_keeps_its_replacement_throughout_an_item() -> None:
    first, second = swapped("Norway warns. Later Norway added detail").split(" warns. Later ")

    assert second.startswith(first)


def test_two_countries_never_become_one() -> None:
    for seed in range(50):
        a, b = swapped("Ghana, Togo", seed).split(", ")

        assert a != b


def test_people_stay_people_and_states_stay_states() -> None:
    text = swapped("Kenyans cheer")

    assert re.fullmatch(r"[A-Z][\w' -]*(s|n|sh|se|ese|i|ch|ss|k|é|e) cheer", text)
    assert not text.startswith("Kenyans")


def test_leaders_and_groups_become_others_of_their_kind() -> None:
    who, group = swapped("Merkel met Hamas").split(" met ")

    assert who in LEADERS
    assert group in GROUPS


def test_a_name_inside_a_word_or_a_dotted_form_is_left_alone() -> None:
    assert swapped("Omanitorium opens") == "Omanitorium opens"


def test_the_same_seed_swaps_alike() -> None:
    assert swapped("Iran and Iraq", 7) == swapped("Iran and Iraq", 7)
