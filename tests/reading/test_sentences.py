"""Sentences keep every word and are not cut at abbreviations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("He met Gen. Smith of the U.S. Army. They agreed.", 2),
        ("The U.S. The army left.", 2),
        ('"We will go." They left.', 2),
        ("It is 3.5 km off. No. 3 of J. Doe.", 2),
        ("On Dec. 1 it begins. It ends at 5 p.m. The city waits.", 3),
        ("St. Petersburg is calm! Is it? Yes.", 3),
        ("Dr. Who and Mr. Xi met in Washington D.C. on Monday.", 1),
        ("one line\n\nanother line", 2),
        ("no stop at the end", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_they_end(text: str, count: int) -> None:
    assert len(split_sentences(text)) == count


@given(st.text(max_size=200))
def test_no_character_but_space_is_lost(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())
