"""Bringing a database to the schema this program knows: under a lock, after a backup, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from monitor.adapters.storage import SqlStorage, our_errors
from monitor.core.errors import StorageError
from monitor.shipped import shipped_directory

_POSTGRES_LOCK = 7_113_058_201


def script_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for the scripts in this tree or wheel."""
    config = Config()
    config.set_main_option("script_location", str(shipped_directory("alembic")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the newest revision this program knows."""
    return ScriptDirectory.from_config(script_config()).get_current_head() or ""


def current(engine: Engine) -> str:
    """Return the revision a database is at, "" for an empty one. Raises StorageError where it cannot be read."""
    with our_errors(engine), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def pending(engine: Engine) -> bool:
    """Say whether the database is older than this program. Raises StorageError when it is newer."""
    at = current(engine)
    known = {script.revision for script in ScriptDirectory.from_config(script_config()).walk_revisions()}
    if at and at not in known:
        raise StorageError(
            f"the database is at revision {at}, which this version does not know; run the newer crisis-monitor"
        )
    return at != head()


def migrate(storage: SqlStorage, report: Callable[[str], None] = lambda _: None) -> bool:
    """Bring the database to the newest schema; return whether there was anything to do.

    SQLite: an exclusive transaction is the lock, and a copy of the file is kept beside it first. PostgreSQL: an advisory lock of
    the transaction. Either everything is applied or nothing. Raises StorageError.
    """
    engine = storage.engine
    if not pending(engine):
        return False
    backup = _back_up(engine)
    if backup:
        report(f"the database was copied to {backup} before migrating")
    with storage.transaction() as unit:
        if engine.dialect.name == "postgresql":
            unit.connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        command.upgrade(script_config(unit.connection), "head")
    report(f"the database is at revision {head()}")
    return True


def _back_up(engine: Engine) -> Path | None:
    """Copy a SQLite database that holds something beside itself; PostgreSQL's backups are its operator's."""
    at, name = current(engine), engine.url.database
    if engine.dialect.name != "sqlite" or not at or not name or name == ":memory:":
        return None
    target = Path(f"{name}.before-{head()}")
    with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target
