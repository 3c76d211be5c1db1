from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.leakage import NearIndex, drop_near, group_near, shingles

WORDS = st.lists(
    st.sampled_from(["tanks", "roll", "past", "the", "river", "bridge", "at", "night", "again"]), max_size=9
).map(" ".join)


def jaccard(a: str, b: str) -> float:
    x, y = shingles(a), shingles(b)
    return len(x & y) / len(x | y) if x | y else 0.0


def test_a_text_has_one_shingle_per_run_of_three_words() -> None:
    assert shingles("Tanks roll, past RIVER") == {"tanks roll past", "roll past river"}


def test_a_text_shorter_than_three_words_is_its_own_shingle() -> None:
    assert shingles("Army mutiny!") == {"army mutiny"}
    assert shingles("...") == frozenset()


def test_equal_and_nearly_equal_texts_are_left_out_and_counted() -> None:
    items = ["equal", "near", "far"]
    texts = [
        "Harbour pilots vote to strike over pay",
        "UPDATE Harbour pilots vote to strike over pay",
        "Museum opens a wing for model ships",
    ]

    assert drop_near(items, texts, ["harbour pilots vote to strike over pay."]) == ([2], 2)


def test_a_text_just_below_the_threshold_stays() -> None:
    guard, text = "a b c d e f", "a b c d x y z"

    assert jaccard(guard, text) < 0.5
    assert drop_near([0], [text], [guard]) == ([0], 0)


def test_items_and_texts_must_agree_in_number() -> None:
    with pytest.raises(ValueError, match="2 items but 1 texts"):
        drop_near([1, 2], ["one"], [])


@given(st.lists(WORDS, max_size=8), WORDS)
def test_the_index_finds_what_comparing_every_pair_finds(guards: list[str], text: str) -> None:
    expected = [i for i, guard in enumerate(guards) if jaccard(guard, text) >= 0.5]

    assert NearIndex(guards).near(text) == expected


def test_near_texts_share_a_group_also_through_a_third() -> None:
    texts = ["a b c d e f", "q r s t", "a b c d e f g h", "c d e f g h"]

    assert group_near(texts) == [0, 1, 0, 0]
