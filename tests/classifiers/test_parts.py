"""Parts: how an item is cut."""

from __future__ import annotations

import pytest

from classifiers.parts import MAX_SENTENCES, parts, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One came. Two left.", ["One came.", "Two left."], id="a full stop ends"),
        pytest.param("Gen. Ode spoke. All heard.", ["Gen. Ode spoke.", "All heard."], id="a title does not"),
        pytest.param('He said: "Go." They went.', ['He said: "Go."', "They went."], id="quotes close with it"),
        pytest.param("  ", [], id="nothing is no sentence"),
        pytest.param("First line\nSecond line", ["First line", "Second line"], id="a line break ends"),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_title_alone_is_one_part() -> None:
    assert parts("Bakery opens", "") == ["Bakery opens"]


def test_the_whole_comes_first_then_title_sentences_and_pairs() -> None:
    assert parts("T", "A b. C d.") == ["T A b. C d.", "T", "A b.", "C d.", "A b. C d."]


def test_work_on_a_long_text_is_bounded() -> None:
    assert len(parts("T", "It rained again. " * 5000)) <= 2 * MAX_SENTENCES + 1
    assert max(map(len, parts("T", "word " * 100_000))) <= 2400


def test_an_empty_item_has_one_empty_part() -> None:
    assert parts("", "") == [""]
