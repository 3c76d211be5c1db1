from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifiers.decision import Decision, Layer

LAYER = Layer(coef=np.eye(6), intercept=np.zeros(6))
DECISION = Decision(
    first=LAYER,
    both=None,
    part_offset=np.full(6, -0.5),
    gate_low=0.01,
    gate_high=0.02,
    encoder="",
    whole_share=0.25,
)


def rows(*values: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.repeat(np.array(values)[:, None], 6, axis=1)


def test_a_part_counts_in_the_context_of_its_whole_and_a_whole_counts_as_it_is() -> None:
    logits = rows(-4.0, 2.0, 0.0, 1.0, 3.0)

    found = DECISION.in_context(logits, [3, 1, 1])

    np.testing.assert_allclose(found[:, 0], [-4.0, 0.75 * 2 - 1 - 0.5, -1 - 0.5, 1.0, 3.0])


def test_the_longer_an_item_the_less_its_whole_says_about_one_sentence() -> None:
    found = DECISION.in_context(rows(-4.0, *[2.0] * 15), [16])

    np.testing.assert_allclose(found[1:, 0], 0.875 * 2 - 0.125 * 4 - 0.5)


def test_without_a_share_of_the_whole_a_part_is_only_shifted() -> None:
    found = replace(DECISION, whole_share=0.0).in_context(rows(-4.0, 2.0), [2])

    np.testing.assert_allclose(found[:, 0], [-4.0, 1.5])


def test_the_share_of_the_whole_is_written_and_read_back_and_an_older_file_has_none() -> None:
    written = DECISION.as_json()

    assert Decision.from_json(written).whole_share == 0.25
    del written["whole_share"]
    assert Decision.from_json(written).whole_share == 0.0


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share from 0 to 1"):
        Decision.from_json({**DECISION.as_json(), "whole_share": share})
