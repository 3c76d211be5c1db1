"""What every test may ask for: storage on both back ends, each in a fresh database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from tests.postgres import NoPostgresError, Postgres, running

# Other work on the machine must not fail a test, so no example has a deadline, and slow generation is no fault.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _PATIENT, derandomize=True)  # a change is judged by the same examples every time
settings.register_profile("explore", _PATIENT, derandomize=False)  # HYPOTHESIS_PROFILE=explore looks for new ones
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give one PostgreSQL server per session; skip with the remedy where there is none."""
    try:
        with running() as server:
            yield server
    except NoPostgresError as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database, on each back end in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.fresh_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def any_storage(database_url: str) -> Iterator[SqlStorage]:
    """Give migrated storage on each back end in turn."""
    storage = SqlStorage.open(database_url)
    migrate(storage)
    yield storage
    storage.close()
