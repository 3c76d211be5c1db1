"""How soon people are told."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.bench_delivery import measure, quantile


def test_on_an_idle_channel_an_alert_is_told_within_a_second_of_its_commit(tmp_path: Path) -> None:
    spent = measure(tmp_path, 100)

    assert quantile(spent, 0.99) <= 1.0
