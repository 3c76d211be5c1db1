"""The daemon as the matrix runs it: `crisis-monitor run` with its own wiring, each port wrapped so that it can fail.

Nothing in the product knows of this. What comes from outside (feeds, Slack) fails in the parent's servers; what happens inside
the process fails here.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from slack_sdk.socket_mode.request import SocketModeRequest

from monitor import app
from monitor.acting import Acting
from monitor.adapters import storage
from monitor.adapters.classifier import ModelUnderstanding
from monitor.adapters.slack_socket import SlackSocket, Take
from monitor.adapters.storage import SqlStorage
from monitor.cli import app as command_line
from monitor.cli import running
from monitor.config import Config, load
from monitor.daemon import Daemon
from monitor.reading.language import detect_language
from monitor.reading.reader import Reader
from monitor.shipped import shipped_directory
from tests.kill_matrix.plan import DEADLINE, QUIET, Plan, Step
from tests.kill_matrix.ports import (
    Hand,
    StruckFetcher,
    StruckNotifier,
    StruckParser,
    StruckStorage,
    StruckUnderstanding,
)

_real_daemon = app.open_daemon
_ready: list[ModelUnderstanding] = []


def preload() -> None:
    """Load everything that takes time, before the fork server forks."""
    config = load(shipped_directory("config"), {})
    _ready[:] = [app.build_understanding(config, "linear")]
    _ready[0].score([(QUIET, "")])
    detect_language("Ein ruhiger Tag am See, an dem niemand etwas Schlimmes meldet und alle schlafen", "", "en")


def _understanding(config: Config, *_: object) -> ModelUnderstanding:
    return ModelUnderstanding(_ready[0].model, Reader(config.registry))


def main(arguments: Sequence[str]) -> int:
    """Run the daemon until it is stopped or fails; return its exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--notes", type=Path, required=True, help="where lag, memory and the strike are noted")
    parser.add_argument("--plan", default="", help="what goes wrong; nothing where it is left out")
    options = parser.parse_args(arguments)
    plan = Plan.of_text(options.plan) if options.plan else None
    hand = Hand(plan=plan, database=options.data / "crisis-monitor.db", notes=options.notes)
    app.build_understanding = _understanding  # type: ignore[assignment]  # the same model, loaded before
    app.SLACK_TIMEOUT = timedelta(seconds=DEADLINE)
    if plan and not plan.patient:
        storage.BUSY_SECONDS = int(DEADLINE)
    running.open_daemon = _struck_by(hand)  # type: ignore[attr-defined]  # the one place where it is opened
    command = ["run", "--config", options.config, "--data", str(options.data), "--stack", "linear"]
    try:
        command_line(command)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _struck_by(hand: Hand) -> Any:
    @asynccontextmanager
    async def open_daemon(*wiring: Any, **options: Any) -> AsyncIterator[Daemon]:
        async with _real_daemon(*wiring, **{**options, "charts": False}) as daemon:
            parser = _wrap(daemon, hand)
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, hand.blast.set)
            watching = asyncio.create_task(_watch(hand.notes))
            try:
                yield daemon
            finally:
                watching.cancel()
                parser.close()

    return open_daemon


def _wrap(daemon: Daemon, hand: Hand) -> StruckParser:
    inner = cast(SqlStorage, daemon.storage)
    hand.storage = inner
    struck = cast(Any, StruckStorage(inner, hand))
    daemon.storage = daemon.pipeline.storage = daemon.delivery.storage = struck
    parser = StruckParser(hand)
    daemon.parser.close()  # type: ignore[attr-defined]  # the real one, which has read nothing yet
    daemon.parser = parser
    daemon.fetcher = StruckFetcher(daemon.fetcher, hand)
    daemon.pipeline.understanding = StruckUnderstanding(cast(ModelUnderstanding, daemon.pipeline.understanding), hand)
    _wrap_desk(daemon, hand, struck)
    daemon.delivery.notifiers = {
        kind: StruckNotifier(notifier, hand) for kind, notifier in daemon.delivery.notifiers.items()
    }
    return parser


def _wrap_desk(daemon: Daemon, hand: Hand, struck: Any) -> None:
    """Put the hand between the socket and what is behind it."""
    for _, run in daemon.companions:
        owner = getattr(run, "__self__", None)
        if isinstance(owner, Acting):
            owner.acts = replace(owner.acts, storage=struck)
        if isinstance(owner, SlackSocket):
            owner._note, owner._take = _struck_note(owner._note, hand), _struck_take(owner._take, hand)


def _struck_note(inner: Take | None, hand: Hand) -> Take:
    async def note(request: SocketModeRequest) -> None:
        await asyncio.to_thread(lambda: hand.at(Step.ACK_RECEIVED, drop=_nothing))
        if inner:
            await inner(request)

    return note


def _struck_take(inner: Take, hand: Hand) -> Take:
    async def take(request: SocketModeRequest) -> None:
        await asyncio.to_thread(hand.ahead, Step.ACK_COMMITTED)
        await inner(request)

    return take


def _nothing() -> None:
    """Nothing more: the parent cuts the connection."""


async def _watch(notes: Path) -> None:
    """Note the longest time for which the event loop did not come round, and memory at first and at most, in seconds and MB."""
    loop, worst, pause = asyncio.get_running_loop(), 0.0, 0.05
    first = most = _resident()
    with notes.open("w", encoding="ascii") as file:
        while True:
            os.pwrite(file.fileno(), f"{worst:10.3f} {first:10.1f} {most:10.1f}".encode(), 0)
            before = loop.time()
            await asyncio.sleep(pause)
            worst, most = max(worst, loop.time() - before - pause), max(most, _resident())


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
