"""Words: what is masked and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.words import char_terms, countries, plain, read, touches, word_terms


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("Turkey warns Greece", "§ warns §", id="names become one sign"),
        pytest.param("turkey for dinner", "turkey for dinner", id="a lower-case bird is no country"),
        pytest.param("Tell us more", "tell us more", id="us is a word"),
        pytest.param("US and U.S. troops", "§ and § troops", id="US is a country"),
        pytest.param("N. Korea, North Korea", "§, §", id="short and long form alike"),
        pytest.param("Guinea-Bissau's army", "§'s army", id="the longest name wins"),
        pytest.param("British soldiers", "¤ soldiers", id="demonyms have a sign of their own"),
        pytest.param("90,000 men", "00,000 men", id="digits become zeros"),
        pytest.param("Côte d'Ivoire", "§", id="accents do not matter"),
    ],
)
def test_countries_and_digits_are_masked(text: str, masked: str) -> None:
    assert read(text).masked == masked


def test_two_names_of_one_country_are_one_country() -> None:
    assert countries("Moscow says Russian troops stay") == {"RUS"}


def test_a_swap_of_countries_changes_only_the_block_of_countries() -> None:
    one, other = read("Iran warns Israel over Syria"), read("Chile warns Peru over Bolivia")

    assert word_terms(one) == word_terms(other)
    assert char_terms(one) == char_terms(other)
    assert one.countries != other.countries


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    reading = read(text)

    assert not any(character.isdecimal() and character.isascii() and character != "0" for character in reading.masked)


@given(st.text(alphabet="Iran US hit.'é5 \"Mali", max_size=60))
def test_touches_name_every_term_as_often_as_it_occurs(text: str) -> None:
    text = plain(text).strip()
    terms = sorted(touch.term[1] for touch in touches(text) if touch.term[0] == "words")

    assert terms == sorted(word_terms(read(text)))
