"""Parsing outside the event loop: a small pool of worker processes that can be killed.

A worker gets a document's bytes over a pipe, never an address. One that hangs, dies or grows too large costs its own document
and is replaced.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import monitor
from monitor.adapters.parse_document import parse_document
from monitor.adapters.parse_wire import BrokenPipeline, read_feed, write_frame
from monitor.core.errors import ParseError
from monitor.core.model import ParsedFeed

__all__ = ["FeedParser", "parse_document"]

_DOCUMENTS_PER_WORKER = 500
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


class FeedParser:
    """Parses documents in killable worker processes; safe to use from any event loop.

    workers: documents read at the same time. cpu_seconds and memory_mb: what one document may cost. deadline: longest wait for
    one document once a worker has it.
    """

    def __init__(self, *, workers: int = 2, cpu_seconds: int = 5, memory_mb: int = 512, deadline: timedelta) -> None:
        self._limits = (str(cpu_seconds), str(memory_mb))
        self._deadline = deadline.total_seconds()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="parse")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._working: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    async def parse(self, body: bytes, content_type: str, base_url: str) -> ParsedFeed:
        """Return the feed in `body`. Raises ParseError, also where reading it takes too long or too much memory."""
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._parse, body, content_type, base_url)
        if isinstance(answer, str):
            raise ParseError(answer)
        return answer

    def close(self) -> None:
        """Kill the workers; documents being read raise ParseError."""
        with self._lock:
            self._closed = True
            for worker in self._working:
                worker.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get_nowait().kill()

    def _parse(self, body: bytes, content_type: str, base_url: str) -> ParsedFeed | str:
        worker = self._take()
        try:
            answer = worker.read(body, content_type, base_url, self._deadline)
        except BrokenPipeline as error:
            self._drop(worker)
            return f"reading the document was stopped ({error}); it took too long or too much memory"
        except BaseException:
            self._drop(worker)
            raise
        self._give_back(worker)
        return answer

    def _take(self) -> _Worker:
        worker = self._idle_worker() or _Worker(self._limits)
        with self._lock:
            self._working.add(worker)
            if self._closed:
                worker.kill()
        return worker

    def _idle_worker(self) -> _Worker | None:
        try:
            while not (worker := self._idle.get_nowait()).is_alive():
                worker.kill()
        except queue.Empty:
            return None
        return worker

    def _give_back(self, worker: _Worker) -> None:
        if worker.documents >= _DOCUMENTS_PER_WORKER:
            self._drop(worker)
            return
        with self._lock:
            self._working.discard(worker)
        self._idle.put(worker)

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._working.discard(worker)
        worker.kill()


class _Worker:
    """One process, and the pipes to it."""

    def __init__(self, limits: tuple[str, str]) -> None:
        self.documents = 0
        self._overdue = False
        self._process = subprocess.Popen(  # noqa: S603  # our own module, by our own interpreter
            [sys.executable, "-m", "monitor.adapters.parse_worker", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C stops the daemon, which then stops its workers
        )

    def read(self, body: bytes, content_type: str, base_url: str, deadline: float) -> ParsedFeed | str:
        """Return what the process makes of a document. Raises BrokenPipeline when it dies or exceeds `deadline` seconds."""
        self.documents += 1
        timer = threading.Timer(deadline, self._expire)
        timer.daemon = True
        timer.start()
        try:
            self._send(body, content_type, base_url)
            return read_feed(self._pipe(self._process.stdout))
        except (BrokenPipeline, OSError, ValueError) as error:
            raise BrokenPipeline("deadline" if self._overdue else f"worker ended: {self._ending()}") from error
        finally:
            timer.cancel()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _close(pipe)

    def _send(self, body: bytes, content_type: str, base_url: str) -> None:
        stdin = self._pipe(self._process.stdin)
        write_frame(stdin, json.dumps({"content_type": content_type, "base_url": base_url}).encode())
        write_frame(stdin, body)
        stdin.flush()

    def _expire(self) -> None:
        self._overdue = True
        self._process.kill()

    def _ending(self) -> str:
        try:
            return f"exit code {self._process.wait(timeout=5)}"
        except subprocess.TimeoutExpired:
            return "no valid answer"

    @staticmethod
    def _pipe(pipe: object) -> BinaryIO:
        assert pipe is not None
        return pipe  # type: ignore[return-value]  # both pipes are binary: Popen was not asked for text


def _close(pipe: object) -> None:
    try:
        if pipe is not None:
            pipe.close()  # type: ignore[attr-defined]  # a binary pipe
    except OSError:  # what was not yet written is lost with the process
        pass


def _environment() -> dict[str, str]:
    """Return a worker's environment: where to find this package, and no secret of the daemon's."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(monitor.__file__).parent.parent), "PYTHONIOENCODING": "utf-8"}
