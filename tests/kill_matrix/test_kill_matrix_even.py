"""The kill matrix, runs of even number: whatever fails at whatever step, nothing is lost and nothing is told twice.

Environment: KILL_MATRIX_RUNS (200), KILL_MATRIX_SEED (1), KILL_MATRIX_AT_ONCE (6), KILL_MATRIX_DEADLINE (1, whole seconds; a hang
is three). A run's number and seed decide all of it.
"""

from __future__ import annotations

import pytest

from tests.kill_matrix.conftest import Outcomes
from tests.kill_matrix.plan import RUNS, plan_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", range(0, RUNS, 2), ids=lambda number: plan_of(number).name)
def test_nothing_is_lost_and_nothing_is_told_twice(outcomes: Outcomes, number: int) -> None:
    outcome = outcomes[number].result()

    assert not outcome.problems, outcome.report()
