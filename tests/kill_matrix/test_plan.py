"""What the matrix covers."""

from __future__ import annotations

from collections import Counter

from tests.kill_matrix.plan import CELLS, RUNS, Fault, Plan, Step, plan_of


def test_every_step_meets_every_fault_at_least_twice() -> None:
    met = Counter((plan.step, plan.fault) for plan in map(plan_of, range(max(RUNS, 2 * len(CELLS)))))

    assert len(CELLS) == len(Step) * len(Fault) == len(met)
    assert min(met.values()) >= 2


def test_a_number_is_always_the_same_run_and_survives_the_command_line() -> None:
    for number in range(300):
        assert plan_of(number) == plan_of(number) == Plan.of_text(plan_of(number).text())


def test_chance_varies_what_the_cells_leave_open() -> None:
    plans = [plan_of(number) for number in range(200)]

    for trait in ("late", "lands", "readable", "patient", "hard", "second_wave", "nth", "acks", "twice"):
        assert len({getattr(plan, trait) for plan in plans}) == 2
    assert {plan.lag for plan in plans} >= {0.0, 2.0, 5.0}
