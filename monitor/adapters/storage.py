"""The database behind one class: SQLite by default, PostgreSQL by URL, the same SQL for both.

SQLite runs in WAL mode with `synchronous=FULL`; writers begin IMMEDIATE, so that a transaction that will write never fails
half-way for want of the lock. No transaction spans a network call.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from monitor.adapters.storage_alerts import AlertQueries
from monitor.adapters.storage_articles import ArticleQueries
from monitor.adapters.storage_counts import CountQueries
from monitor.adapters.storage_desk import DeskQueries
from monitor.adapters.storage_history import HistoryQueries
from monitor.adapters.storage_outbox import OutboxQueries
from monitor.core.errors import LeaseLost, StorageBroken, StorageError

_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "9p", "virtiofs", "cifs", "smb3", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs"}
)
BUSY_SECONDS = 30
_TRIES_A_SECOND = 20
_FULL = "make room on the disk, then start again"
_READ_ONLY = "let this user write to it, then start again"
_DAMAGED = "restore a backup (README, Backup and restore)"
_BROKEN = {  # beginnings of SQLite's names for its errors, and PostgreSQL's SQLSTATEs; each with what helps
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": "look at the disk and its space, then start again",
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "53100": _FULL,
    "58030": "look at the server's disk, then start again",
    "25006": _READ_ONLY,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}


class SqlUnit(ArticleQueries, AlertQueries, OutboxQueries, DeskQueries, HistoryQueries, CountQueries):
    """One transaction on a connection; the queries live with their subject."""


class SqlStorage:
    """Transactions over one engine. Raises StorageError for whatever the database refuses."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._fence: tuple[str, str, int] | None = None

    @classmethod
    def open(cls, url: str) -> SqlStorage:
        """Connect to `url`. Raises StorageError where the place cannot hold a database."""
        return cls(make_engine(url))

    @contextmanager
    def transaction(self) -> Iterator[SqlUnit]:
        """Open a writing transaction; commit at the end, roll back on any error."""
        with our_errors(self.engine), self.engine.connect() as connection:
            _begin(connection, writing=True)
            with connection.begin():
                unit = SqlUnit(connection)
                self._check_fence(unit)
                yield unit

    def fence(self, name: str, holder: str, token: int) -> None:
        """From now on write only while this lease is held: a daemon that slept past it must not write any more."""
        self._fence = (name, holder, token)

    def _check_fence(self, unit: SqlUnit) -> None:
        if self._fence is None:
            return
        name, holder, token = self._fence
        held = unit.lease(name)
        if held is None or held[:2] != (holder, token):
            raise LeaseLost(f"another daemon ({held[0] if held else 'unknown'}) has taken over")

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """Open a transaction that only reads, on one snapshot."""
        with our_errors(self.engine), self.engine.connect() as connection:
            _begin(connection, writing=False)
            with connection.begin():
                yield SqlUnit(connection)

    def check(self) -> None:
        """Look a SQLite file over. Raises StorageBroken where it is damaged; PostgreSQL looks after its own."""
        if self.engine.dialect.name != "sqlite":
            return
        with our_errors(self.engine), self.engine.connect() as connection:
            _begin(connection, writing=False)
            found = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar_one()
        if found != "ok":
            raise StorageBroken(f"the database {self.engine.url.render_as_string()} is damaged ({found}); {_DAMAGED}")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _begin(connection: Connection, *, writing: bool) -> None:
    connection.info["writing"] = writing


@contextmanager
def our_errors(engine: Engine) -> Iterator[None]:
    """Turn what SQLAlchemy raises into StorageError, in one line that names the database (never its password)."""
    try:
        yield
    except SQLAlchemyError as exc:
        orig = getattr(exc, "orig", None)
        said = str(orig or exc).strip().replace("\n", " ")
        refused = f"the database {engine.url.render_as_string()} refused: {said}"
        if remedy := _remedy(orig):
            raise StorageBroken(f"{refused}; {remedy}") from exc
        raise StorageError(refused) from exc


def _remedy(orig: BaseException | None) -> str:
    """Return what a person must do, "" for a refusal that may pass by itself."""
    code = getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or ""
    return next((remedy for name, remedy in _BROKEN.items() if code.startswith(name)), "")


def make_engine(url: str) -> Engine:
    """Build the engine for `url`. Raises StorageError for an unusable URL or a SQLite file on a network file system."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError as exc:
        raise StorageError(f"{url!r} is no database URL; write sqlite:///file.db or postgresql+psycopg://…") from exc
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True, pool_size=5)
    if parsed.database and parsed.database != ":memory:":
        _refuse_network_file_system(Path(parsed.database))
    engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Use the write-ahead log; where another program is just turning to it too, SQLite says so at once instead of waiting."""
    for tries_left in reversed(range(BUSY_SECONDS * _TRIES_A_SECOND)):
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or not tries_left:
                raise
            threading.Event().wait(1 / _TRIES_A_SECOND)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writing", True) else "BEGIN")


def _refuse_network_file_system(path: Path) -> None:
    kind = file_system_of(path.absolute().parent)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StorageError(
            f"{path}: SQLite's write-ahead log is not safe on {kind}; put --data on a local disk, or use PostgreSQL"
        )


def file_system_of(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the type of file system that holds `path`, "" where the system does not tell."""
    if not mounts.exists():
        return ""
    rows = (line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines())
    holding = [(row[1], row[2]) for row in rows if len(row) > 2 and path.is_relative_to(row[1])]  # noqa: PLR2004  # device, place, type
    return max(holding, key=lambda row: len(row[0]), default=("", ""))[1]
