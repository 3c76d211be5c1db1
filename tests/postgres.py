"""A PostgreSQL server of our own for a test session: a throw-away cluster on a Unix socket, a fresh database per test.

`initdb` refuses to run as root, so a suite that runs as root starts it as an unprivileged user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=40", "shared_buffers=16MB")
_INSTALL = "install PostgreSQL 15 or newer (Debian: apt-get install postgresql) or put initdb and postgres on PATH"


class NoPostgresError(Exception):
    """PostgreSQL cannot be started here; the message says what to install."""


@dataclass(kw_only=True)
class Postgres:
    """A running server. directory: where its socket is."""

    directory: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def fresh_database(self) -> str:
        """Create an empty database and return its SQLAlchemy URL."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://tester@/{name}?host={self.directory}"

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = url.split("@/")[1].split("?", maxsplit=1)[0]
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _address(self, name: str) -> str:
        return f"host={self.directory} user=tester dbname={name}"


def _tool(name: str) -> str:
    """Return the path of a server program; the one behind a wrapper script wins, as wrappers change users themselves."""
    places = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]), reverse=True
    )
    found = str(places[0]) if places else shutil.which(name)
    if not found:
        raise NoPostgresError(f"{name} was not found: {_INSTALL}")
    return found


def _as_whom() -> tuple[int, int] | None:
    """Return (uid, gid) of the user the server must run as, None for our own."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise NoPostgresError(f"root cannot run PostgreSQL and there is no user named any of {', '.join(UNPRIVILEGED)}")


def _run(command: Sequence[str], user: tuple[int, int] | None) -> None:
    uid, gid = user or (None, None)
    # The variables of the caller's own PostgreSQL must not reach ours, nor a home folder it may not enter.
    clean = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            list(command), user=uid, group=gid, extra_groups=[] if user else None, cwd="/", env=clean, timeout=120,
            stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if done.returncode:
            said.seek(0)
            raise NoPostgresError(f"{Path(command[0]).name} failed: {said.read().decode(errors='replace')[-500:]}")


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server, yield it, stop it and remove its files. Raises NoPostgresError."""
    initdb, control, user = _tool("initdb"), _tool("pg_ctl"), _as_whom()
    directory = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has room for about 100 characters
    data = directory / "data"
    try:
        if user:
            os.chown(directory, *user)
        _run([initdb, "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, "listen_addresses=''"))
        start = [control, "-D", str(data), "-w", "-t", "90", "-l", str(directory / "log")]
        _run([*start, "-o", f"{options} -k {directory}", "start"], user)
        try:
            yield Postgres(directory=directory)
        finally:
            _run([control, "-D", str(data), "-m", "immediate", "-w", "stop"], user)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
