"""The faults themselves: real ones. A signal, a write lock of another connection, files that cannot grow."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import threading
from pathlib import Path

from tests.kill_matrix.plan import HANG, Fault


class Planted(Exception):  # noqa: N818  # no error of ours: it must look like a bug
    """The exception that a run plants."""


def strike(fault: Fault, pid: int, database: Path) -> None:
    """Let `fault` happen to process `pid`, as far as it comes from outside; a lock and a full disk pass after a while."""
    if fault is Fault.KILL:
        os.kill(pid, signal.SIGKILL)
    elif fault is Fault.TERM:
        os.kill(pid, signal.SIGTERM)
    elif fault is Fault.LOCKED:
        hold_write_lock(database, HANG)
    elif fault is Fault.FULL:
        fill_disk(pid, database, HANG)


def hold_write_lock(database: Path, seconds: float) -> None:
    """Take the database's write lock with a connection of our own; give it back by itself later."""
    connection = sqlite3.connect(database, timeout=20, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")

    def release() -> None:
        connection.rollback()
        connection.close()

    _later(seconds, release)


def fill_disk(pid: int, database: Path, seconds: float) -> None:
    """Let no file of process `pid` grow beyond what the write-ahead log holds, for a while: the system refuses to write more."""
    log = Path(f"{database}-wal")
    size = max(log.stat().st_size if log.exists() else 0, 4096)
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def empty() -> None:
        try:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
        except ProcessLookupError:
            return

    _later(seconds, empty)


def _later(seconds: float, work: object) -> None:
    timer = threading.Timer(seconds, work)  # type: ignore[arg-type]  # a function of no arguments
    timer.daemon = True
    timer.start()
