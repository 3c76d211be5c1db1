"""The schema: built by migrations as `schema.py` draws it, all or nothing, and never read by a program too old for it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.adapters import schema
from monitor.adapters.migrations import _back_up, current, head, migrate, pending, script_config
from monitor.adapters.storage import SqlStorage
from monitor.core.errors import StorageError

ROOT = Path(__file__).parents[1]
KILLED_AT = (1, 2, 9, 20, 33)
# Migrates the database named by its first argument, and dies at the statement of that number.
DYING = """
import os, signal, sys
import sqlalchemy as sa
from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage

storage, left = SqlStorage.open(sys.argv[1]), int(sys.argv[2])

@sa.event.listens_for(storage.engine, "before_cursor_execute")
def count(connection, cursor, statement, *_):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "INSERT", "ALTER", "DROP")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

migrate(storage)
"""


@pytest.fixture
def empty(database_url: str) -> Iterator[SqlStorage]:
    storage = SqlStorage.open(database_url)
    yield storage
    storage.close()


def tables(storage: SqlStorage) -> set[str]:
    with storage.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def run(storage: SqlStorage, action: str, target: str) -> None:
    with storage.transaction() as unit:
        getattr(command, action)(script_config(unit.connection), target)


def test_an_empty_database_becomes_what_schema_draws(empty: SqlStorage) -> None:
    assert pending(empty.engine)
    assert migrate(empty)

    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    assert current(empty.engine) == head()


def test_a_database_at_the_newest_revision_is_left_alone(empty: SqlStorage) -> None:
    said: list[str] = []
    migrate(empty, said.append)
    said.clear()

    assert not pending(empty.engine)
    assert not migrate(empty, said.append)
    assert said == []


def test_every_revision_can_be_taken_back_and_applied_again(empty: SqlStorage) -> None:
    migrate(empty)
    built = tables(empty)

    run(empty, "downgrade", "base")
    assert tables(empty) == {"alembic_version"}
    assert current(empty.engine) == ""

    assert migrate(empty)
    assert tables(empty) == built


def test_a_database_from_a_newer_program_is_refused(empty: SqlStorage) -> None:
    migrate(empty)
    with empty.transaction() as unit:
        unit.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StorageError, match=r"9999.*newer crisis-monitor"):
        migrate(empty)


@pytest.mark.parametrize("statement", KILLED_AT)
def test_a_program_killed_half_way_leaves_the_old_schema_and_the_next_one_succeeds(
    empty: SqlStorage, database_url: str, statement: int
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DYING, database_url, str(statement)], cwd=ROOT, timeout=120, check=False
    )

    assert died.returncode == -signal.SIGKILL
    assert tables(empty) == set()
    assert migrate(empty)
    assert tables(empty) >= set(schema.metadata.tables)


def test_two_programs_that_start_together_migrate_once(database_url: str) -> None:
    storages = [SqlStorage.open(database_url) for _ in range(2)]
    failures: list[BaseException] = []

    def start(storage: SqlStorage) -> None:
        try:
            migrate(storage)
        except BaseException as exc:  # noqa: BLE001  # a thread's failure is the test's
            failures.append(exc)

    threads = [threading.Thread(target=start, args=(storage,)) for storage in storages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert current(storages[0].engine) == head()
    for storage in storages:
        storage.close()


def test_a_file_that_holds_something_is_copied_before_it_changes(tmp_path: Path) -> None:
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'x.db'}")
    assert _back_up(storage.engine) is None
    migrate(storage)
    with storage.transaction() as unit:
        unit.save_fact("kept", 1)

    copy = _back_up(storage.engine)
    storage.close()

    assert copy == tmp_path / f"x.db.before-{head()}"
    with closing(sqlite3.connect(copy)) as held:
        assert held.execute("SELECT value FROM meta").fetchall() == [(1,)]


def test_a_database_in_memory_is_not_copied() -> None:
    storage = SqlStorage.open("sqlite://")
    migrate(storage)

    assert _back_up(storage.engine) is None
    storage.close()


def test_revisions_form_one_line() -> None:
    scripts = ScriptDirectory.from_config(script_config())

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_the_scripts_folder_never_hides_the_library_of_its_name() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert not (ROOT / "alembic" / "versions" / "__init__.py").exists()


def test_migrations_run_through_the_program_alone() -> None:
    with pytest.raises(SystemExit, match="crisis-monitor migrate"):
        command.upgrade(script_config(), "head")
