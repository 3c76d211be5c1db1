"""Drills begun from Slack: one at a time, the shipped story, beside the daemon's work and ended with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from monitor.adapters.classifier import ModelUnderstanding
from monitor.config import Config
from monitor.core.errors import InputError, MonitorError
from monitor.core.messages import Channel
from monitor.core.ports import Clock, Notifier, Understanding
from monitor.drill import DrillJob, drill, drill_channel
from monitor.pipeline.state import Settings
from monitor.story import story_begins, story_items

log = structlog.get_logger(__name__)
SPEED, FASTEST = 600.0, 1_000_000.0


@dataclass(kw_only=True)
class Exercises:
    """Plays the story when asked to. Everything is a function, so that an edited configuration counts at once."""

    config: Callable[[], Config]
    settings: Callable[[], Settings]
    understanding: Callable[[], Understanding]
    notifiers: Callable[[], Mapping[str, Notifier]]
    clock: Clock
    folder: Path
    _asked: asyncio.Queue[tuple[Channel, float]] = field(default_factory=asyncio.Queue)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _busy: bool = False

    async def run(self) -> None:
        """Play what is asked for, one drill after another, until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            channel, speed = await self._asked.get()
            try:
                await self._play(channel, speed)
            except MonitorError as error:
                log.warning("the drill ended early", reason=str(error))
            finally:
                self._busy = False

    def ask(self, words: Sequence[str]) -> str:
        """Begin a drill, or end the one under way; return what to tell. Called from any thread. Raises InputError, with the remedy."""
        if self._loop is None:
            raise InputError("no drill can begin now")
        if words and words[0].lower() == "stop":
            if not self._busy:
                raise InputError("no drill is under way")
            self._loop.call_soon_threadsafe(self._stop.set)
            return "The drill ends with the message that is under way."
        if self._busy:
            raise InputError("a drill is under way already; /crisis drill stop ends it")
        speed = _speed(words[0]) if words else SPEED
        channel = drill_channel(self.settings(), self.config().monitor.drill_channel)
        self._busy = True
        self._loop.call_soon_threadsafe(self._asked.put_nowait, (channel, speed))
        return f"A drill begins in {channel.target or channel.name}, {speed:g} times as fast as it would happen. Every message says DRILL. /crisis drill stop ends it."

    async def _play(self, channel: Channel, speed: float) -> None:
        self._stop.clear()
        understanding = self.understanding()
        if not isinstance(understanding, ModelUnderstanding):
            return
        now = self.clock()
        job = DrillJob(items=story_items(story_begins(now)), speed=speed, folder=self.folder)
        done = await drill(
            job,
            settings=self.settings(),
            channel=channel,
            understanding=understanding,
            notifiers=self.notifiers(),
            now=now,
            stop=self._stop,
        )
        log.info("drill over", alerts=done.alerts, sent=done.sent, unsent=done.unsent)


def _speed(word: str) -> float:
    try:
        speed = float(word)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= FASTEST:
        raise InputError(f"{word!r} is no speed: write a number from 1, such as /crisis drill {SPEED:g}")
    return speed
