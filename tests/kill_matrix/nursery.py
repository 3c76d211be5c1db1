"""A fork server: loads model and libraries once, then gives birth to daemons in a tenth of a second.

Run as a module it serves requests on standard input; `Nursery` is how tests talk to it.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "KILL_MATRIX_DEADLINE")


class Child:
    """One daemon. status: as the shell shows it, negative for a signal; None while it lives."""

    def __init__(self) -> None:
        self.pid = 0
        self.status: int | None = None
        self.born, self.gone = threading.Event(), threading.Event()

    def send(self, number: int) -> None:
        """Send a signal, if it still lives."""
        if self.status is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; return its status, None when it lives on."""
        self.gone.wait(seconds)
        return self.status


class Nursery:
    """The fork server, seen from a test. Use as a context manager."""

    def __enter__(self) -> Self:
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill_matrix.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environ,
            text=True,
        )
        self._children: dict[int, Child] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._thread.join(5)
        self._process.stdout.close()

    def start(self, arguments: Sequence[str], environ: Mapping[str, str], log: Path) -> Child:
        """Start a daemon that writes to the named pipe `log`."""
        child, number = Child(), next(self._numbers)
        request = {"number": number, "arguments": list(arguments), "environ": dict(environ), "log": str(log)}
        with self._lock:
            self._children[number] = child
            assert self._process.stdin
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        if not child.born.wait(120):
            raise TimeoutError("the fork server does not answer")
        return child

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            child = self._children[told["number"]]
            if "pid" in told:
                child.pid = told["pid"]
                child.born.set()
            else:
                child.status = told["status"]
                child.gone.set()


def main() -> None:
    """Serve until standard input closes."""
    from tests.kill_matrix import child

    child.preload()
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a process with threads must not fork"
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    living: dict[int, tuple[int, int]] = {}
    kept = requests.fileno()
    while True:
        for ready in select.select([kept, *living], [], [])[0]:
            if ready in living:
                _bury(ready, *living.pop(ready))
            elif line := requests.readline():
                _bear(json.loads(line), living, kept)
            else:
                for pid, _ in living.values():
                    os.kill(pid, signal.SIGKILL)
                return


def _bear(request: Mapping[str, Any], living: dict[int, tuple[int, int]], kept: int) -> None:
    pid = os.fork()
    if pid == 0:
        _live(request, (*living, kept))
    _say({"number": request["number"], "pid": pid})
    living[os.pidfd_open(pid)] = (pid, request["number"])


def _bury(handle: int, pid: int, number: int) -> None:
    os.close(handle)
    _say({"number": number, "status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])})


def _say(words: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _live(request: Mapping[str, Any], handles: Sequence[int]) -> None:
    """Become a daemon of its own; never returns."""
    from tests.kill_matrix import child

    code = 70
    try:
        os.setsid()
        for handle in handles:
            os.close(handle)
        log, nothing = os.open(request["log"], os.O_WRONLY), os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, log), (2, log)):
            os.dup2(source, target)
        os.environ.update(request["environ"])
        code = child.main(request["arguments"])
    except BaseException:  # noqa: BLE001  # as the interpreter does at the end of a program
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
