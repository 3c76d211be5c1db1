"""What the terminal says of why a text was scored as it was."""

from __future__ import annotations

import re

import pytest

from classifiers.explain import Explanation, Phrase
from monitor.cli.telling import phrase_lines

LINEAR = (Phrase(phrase="tanks mass", contribution=2.5), Phrase(phrase="talks", contribution=-0.5))


def an_explanation(encoder: tuple[Phrase, ...] | None = None) -> Explanation:
    return Explanation(
        signal="troop_concentration",
        part="Tanks mass as talks fail",
        logit=-1.75,
        intercept=-4.0,
        linear=LINEAR,
        rest=0.25,
        encoder=encoder,
    )


def test_the_shares_of_the_first_stage_are_told_whole_so_that_they_add_up() -> None:
    part, shares = phrase_lines(an_explanation())

    assert "“Tanks mass as talks fail”" in part
    total, *summands = (float(each) for each in re.findall(r"[+-]\d+\.\d+", shares))
    assert sum(summands) == pytest.approx(total)
    assert "“tanks mass” +2.50" in shares


def test_what_the_encoder_loses_is_told_apart_and_never_as_a_gain() -> None:
    losses = (Phrase(phrase="tanks mass", contribution=0.61), Phrase(phrase="as talks", contribution=-0.2))

    encoder = phrase_lines(an_explanation(losses))[2]

    assert encoder.endswith("probability lost when left out: “tanks mass” 0.61")
    assert phrase_lines(an_explanation(losses[1:]))[2].endswith("little by any one phrase")
