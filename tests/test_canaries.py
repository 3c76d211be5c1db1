"""A model that has turned silent is seen: when it is loaded, every hour, and by `doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from structlog.testing import capture_logs
from typer.testing import CliRunner

from classifiers.artifact import load as load_artifact
from classifiers.artifact import save
from classifiers.shipped import SHIPPED
from monitor.adapters.storage import SqlStorage
from monitor.app import open_daemon, open_storage, take_lease, this_holder
from monitor.cli import app
from monitor.config import load
from monitor.shipped import shipped_directory
from tests.fakes import ManualClock

CONFIG = load(shipped_directory("config"), {})


def promote(data: Path, *, silent: bool) -> None:
    """Put a first stage in force, one that knows nothing where `silent`; its hashes are right."""
    shipped = load_artifact(SHIPPED)
    if silent:
        shipped.first.coef = np.zeros_like(shipped.first.coef)
    save(data / "model", shipped.first, replace(shipped.decision, both=None, encoder=""), shipped.facts)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    with open_storage(CONFIG, tmp_path, {}) as opened:
        yield opened


def wrong_at_load(storage: SqlStorage, data: Path) -> tuple[list[str], dict[str, timedelta]]:
    """Open a daemon and close it again; return the stages whose canaries were told to be wrong, and its chores."""
    clock = ManualClock()
    holder = this_holder(clock())
    assert take_lease(storage, holder, clock())

    async def opened() -> dict[str, timedelta]:
        async with open_daemon(CONFIG, storage, Console(quiet=True), holder, clock=clock, data=data) as daemon:
            return {name: every for name, every, _ in daemon.extra_jobs}

    with capture_logs() as logs:
        chores = asyncio.run(opened())
    return [line["canary"] for line in logs if "canary" in line], chores


def test_a_model_that_knows_nothing_is_told_of_when_it_is_loaded_and_looked_at_every_hour(
    storage: SqlStorage, tmp_path: Path
) -> None:
    promote(tmp_path, silent=True)

    wrong, chores = wrong_at_load(storage, tmp_path)

    assert any("stage='first'" in each for each in wrong)
    assert any("stage='together'" in each for each in wrong)
    assert chores["canaries"] == timedelta(hours=1)


def test_a_good_model_is_told_nothing_of(storage: SqlStorage, tmp_path: Path) -> None:
    promote(tmp_path, silent=False)

    assert wrong_at_load(storage, tmp_path)[0] == []


def test_doctor_names_a_silent_model_and_the_stages_and_languages_that_are_live(tmp_path: Path) -> None:
    promote(tmp_path, silent=True)

    result = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "BAD canaries" in result.stdout
    assert "stack linear: the first stage alone" in result.stdout
    assert "ok  languages: reads" in result.stdout


def test_doctor_names_a_promoted_model_that_is_damaged_and_how_to_be_rid_of_it(tmp_path: Path) -> None:
    promote(tmp_path, silent=False)
    (tmp_path / "model" / "decision.json").write_text("{}", encoding="utf-8")

    result = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "BAD promoted model: not in use, the shipped one is" in result.stdout
    assert "remove its folder" in result.stdout
    assert "ok  canaries" in result.stdout
