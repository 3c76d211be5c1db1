"""Starts every selected run of a file at once, a few at a time: most of a run is waiting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kill_matrix.nursery import Nursery
from tests.kill_matrix.plan import Plan, plan_of
from tests.kill_matrix.run import Outcome, carry_out

AT_ONCE = int(os.environ.get("KILL_MATRIX_AT_ONCE", "6"))
Outcomes = dict[int, Future[Outcome]]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """Give what becomes of each run by its number."""
    plans = [plan_of(number) for number in _selected(request)]
    base: Path = tmp_path_factory.mktemp("matrix")

    def begin(plan: Plan, nursery: Nursery) -> Outcome:
        folder = base / str(plan.number)
        folder.mkdir()
        return carry_out(plan, nursery, folder)

    with Nursery() as nursery, ThreadPoolExecutor(AT_ONCE) as pool:
        yield {plan.number: pool.submit(begin, plan, nursery) for plan in plans}


def _selected(request: pytest.FixtureRequest) -> list[int]:
    """Return the numbers of this module's runs that pytest was asked for, in the order in which it will ask."""
    items = [item for item in request.session.items if item.path == request.path]
    return [item.callspec.params["number"] for item in items if hasattr(item, "callspec")]
