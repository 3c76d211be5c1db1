"""Parsing in worker processes: killed when they hang, die or grow too large, and replaced; the loop never waits for them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters import parse, parse_wire
from monitor.adapters.parse import FeedParser, parse_document
from monitor.core.errors import ParseError
from monitor.core.model import ParsedFeed
from tests.servers.feeds import rss

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ROOT / "tests" / "data" / "hostile"
BASE = "https://feeds.test/feed.xml"
KIND = "application/xml"


@pytest.fixture
def parser() -> Iterator[FeedParser]:
    running = FeedParser(workers=2, deadline=timedelta(seconds=30))
    yield running
    running.close()


def parsed(parser: FeedParser, body: bytes) -> Any:
    return asyncio.run(parser.parse(body, KIND, BASE))


def workers_of(parser: FeedParser) -> list[int]:
    """Return the process ids of the idle workers."""
    found = [parser._idle.get_nowait() for _ in range(parser._idle.qsize())]
    for worker in found:
        parser._idle.put(worker)
    return [worker._process.pid for worker in found]


def test_a_worker_answers_what_the_function_answers(parser: FeedParser) -> None:
    for path in sorted(HOSTILE.iterdir()):
        body = path.read_bytes()
        assert outcome(partial(parsed, parser, body)) == outcome(partial(parse_document, body, KIND, BASE))


def outcome(work: Callable[[], ParsedFeed]) -> ParsedFeed | str:
    try:
        return work()
    except ParseError as error:
        return str(error)


def test_workers_live_from_document_to_document(parser: FeedParser) -> None:
    parsed(parser, rss("One").encode())
    first = workers_of(parser)
    for _ in range(5):
        parsed(parser, rss("Two").encode())

    assert workers_of(parser) == first
    assert len(first) == 1


def test_a_worker_is_replaced_after_its_share_of_documents(parser: FeedParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "_DOCUMENTS_PER_WORKER", 2)
    parsed(parser, rss("One").encode())
    assert len(workers_of(parser)) == 1
    parsed(parser, rss("One").encode())

    assert workers_of(parser) == []
    assert parsed(parser, rss("One").encode()).entries[0].title == "One"


def test_a_worker_that_died_while_idle_is_not_asked(parser: FeedParser) -> None:
    parsed(parser, rss("One").encode())
    (pid,) = workers_of(parser)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)  # noqa: TID251  # the system takes a moment to end a process

    assert parsed(parser, rss("One").encode()).entries[0].title == "One"


def test_a_worker_that_dies_at_work_costs_one_document(parser: FeedParser) -> None:
    async def work() -> list[Any]:
        document = asyncio.ensure_future(parser.parse(slow_document(), KIND, BASE))
        await asyncio.sleep(1.0)
        for worker in parser._working:
            os.kill(worker._process.pid, signal.SIGKILL)
        killed = await asyncio.gather(document, return_exceptions=True)
        return [*killed, await parser.parse(rss("One").encode(), KIND, BASE)]

    killed, after = asyncio.run(work())

    assert isinstance(killed, ParseError)
    assert after.entries[0].title == "One"


def slow_document() -> bytes:
    """Return a document of valid items that takes far more than a second."""
    item = "<item><title>&lt;p&gt;x&lt;/p&gt;</title><description>&lt;b&gt;y&lt;/b&gt;</description></item>"
    return f"<rss version='2.0'><channel>{item * 60_000}</channel></rss>".encode()


def test_a_document_that_takes_too_long_is_stopped_at_the_deadline() -> None:
    parser = FeedParser(workers=1, deadline=timedelta(seconds=1))
    try:
        parsed_at = time.monotonic()
        with pytest.raises(ParseError, match="deadline"):
            parsed(parser, slow_document())
        assert time.monotonic() - parsed_at < 3
    finally:
        parser.close()


def test_a_document_that_takes_too_much_processor_is_stopped_by_the_system() -> None:
    parser = FeedParser(workers=1, cpu_seconds=1, deadline=timedelta(seconds=60))
    try:
        with pytest.raises(ParseError, match="took too long or too much memory"):
            parsed(parser, slow_document())
        assert parsed(parser, rss("One").encode()).entries[0].title == "One"
    finally:
        parser.close()


def test_a_document_that_takes_too_much_memory_is_an_error_and_no_more() -> None:
    parser = FeedParser(workers=1, memory_mb=120, deadline=timedelta(seconds=60))
    try:
        with pytest.raises(ParseError, match="memory"):
            parsed(parser, b"<rss><channel><item><title>" + b"x" * 60_000_000)
        assert parsed(parser, rss("One").encode()).entries[0].title == "One"
    finally:
        parser.close()


def test_the_loop_goes_on_while_hostile_documents_are_read(parser: FeedParser) -> None:
    async def work() -> tuple[float, list[Any]]:
        bodies = [path.read_bytes() for path in sorted(HOSTILE.iterdir())]
        reading = asyncio.gather(*(parser.parse(body, KIND, BASE) for body in bodies), return_exceptions=True)
        worst = 0.0
        while not reading.done():
            began = time.monotonic()
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - began)
        return worst, await reading

    worst, answers = asyncio.run(work())

    assert worst < 0.25  # the promise is 0.1 s; this machine may be busy
    assert all(not isinstance(answer, BaseException) or isinstance(answer, ParseError) for answer in answers)


def test_closing_ends_documents_at_work() -> None:
    async def work() -> Any:
        parser = FeedParser(workers=1, deadline=timedelta(seconds=60))
        document = asyncio.ensure_future(parser.parse(slow_document(), KIND, BASE))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(parser.close)
        return (await asyncio.gather(document, return_exceptions=True))[0]

    assert isinstance(asyncio.run(work()), ParseError)


def test_a_worker_has_none_of_the_daemons_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "planted")

    assert "SLACK_BOT_TOKEN" not in parse._environment()


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('planted', 'w')",
        "import os; os.remove('anything')",
    ],
)
def test_a_worker_is_refused_network_processes_and_writing(attempt: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        code = (
            "import sys; from monitor.adapters.parse_worker import _refuse; sys.addaudithook(_refuse); "
            f"{attempt.format(port=listening.getsockname()[1])}"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        with pytest.raises(TimeoutError):
            listening.accept()

    assert "PermissionError" in done.stderr
    assert not list(tmp_path.iterdir())


def test_external_entities_are_never_asked_for(parser: FeedParser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        port = str(listening.getsockname()[1])
        body = (HOSTILE / "external_entity_http.xml").read_text().replace("127.0.0.1:1/", f"127.0.0.1:{port}/")
        assert parsed(parser, body.encode()).entries[0].title == "&x;"
        with pytest.raises(TimeoutError):
            listening.accept()


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "half a length": b"\x00\x00",
    "a length beyond reason": b"\xff\xff\xff\xff",
    "no JSON": b"\x00\x00\x00\x01x",
    "a list for a head": b"\x00\x00\x00\x02[]",
    "a head that lacks things": b"\x00\x00\x00\x02{}",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_is_none_is_noticed(data: bytes) -> None:
    with pytest.raises(parse_wire.BrokenPipeline):
        parse_wire.read_feed(io.BytesIO(data))


def test_a_feed_survives_the_way_between_processes() -> None:
    feed = parse_document((HOSTILE / "bad_dates.xml").read_bytes(), KIND, BASE)
    pipe = io.BytesIO()
    parse_wire.write_feed(pipe, feed)
    pipe.seek(0)

    assert parse_wire.read_feed(pipe) == feed
    assert json.dumps(feed.title)
