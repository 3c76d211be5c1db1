"""The process that reads third-party bytes: no network, no writing, bounded time and memory, no secrets in its environment.

It reads documents from standard input and answers on standard output until the pipe closes.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any, BinaryIO

from monitor.adapters.parse_document import parse_document
from monitor.adapters.parse_wire import BrokenPipeline, read_frame, write_error, write_feed
from monitor.core.errors import ParseError

try:
    import resource
except ImportError:  # not on Windows; the parent's deadline still holds there
    resource = None  # type: ignore[assignment]  # the checks below say where it is missing

_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.remove",
    "os.rename",
    "ctypes.",
)


def main(arguments: list[str]) -> None:
    """Serve until standard input closes. arguments: CPU seconds per document, memory in MB."""
    cpu_seconds, memory_mb = int(arguments[0]), int(arguments[1])
    _limit_memory(memory_mb * 1024 * 1024)
    source, target = _own_pipes()
    sys.addaudithook(_refuse)
    while True:
        try:
            request = json.loads(read_frame(source))
            body = read_frame(source)
        except BrokenPipeline:
            return
        _limit_cpu(cpu_seconds)
        _answer(target, body, request["content_type"], request["base_url"])
        target.flush()
        gc.collect()


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes away from standard output, where any library's print would break the frames."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, target


def _answer(target: BinaryIO, body: bytes, content_type: str, base_url: str) -> None:
    try:
        feed = parse_document(body, content_type, base_url)
    except ParseError as error:
        write_error(target, str(error))
    except MemoryError:
        write_error(target, "the document needs more memory than one feed may take")
    except Exception as error:  # noqa: BLE001  # every exception met while reading third-party bytes is the document's
        write_error(target, f"the document breaks the parser: {type(error).__name__}: {str(error)[:200]}")
    else:
        write_feed(target, feed)


def _limit_memory(size: int) -> None:
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def _limit_cpu(seconds: int) -> None:
    """Let the system kill this process when the next document costs more than `seconds` of CPU."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what reading a document never needs: network, processes, writing."""
    writes = event == "open" and isinstance(arguments[1], str) and arguments[1].strip("rbtU") != ""
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is refused while a document is read")


if __name__ == "__main__":
    main(sys.argv[1:])
