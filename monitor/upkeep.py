"""What the daemon does for itself beside its work: keeps its lease, prunes, looks at its configuration, tests its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from monitor.adapters.classifier import ModelUnderstanding
from monitor.adapters.heartbeat import beat
from monitor.adapters.storage import SqlStorage
from monitor.config import Config, fingerprint, reload
from monitor.core.errors import LeaseLost
from monitor.core.messages import Channel
from monitor.core.ports import Clock
from monitor.daemon import LEASE_LENGTH, Daemon, Job
from monitor.pipeline.ops import report, show_alive
from monitor.pipeline.state import Settings
from monitor.reading.reader import Reader

log = structlog.get_logger(__name__)
LEASE = "daemon"
LOOK_EVERY = timedelta(seconds=2)
HOUR = timedelta(hours=1)
SHOWN = 10


@dataclass(kw_only=True)
class Upkeep:
    """Periodic chores of one daemon.

    holder: the name under which it holds the lease. settings_of: turns a configuration into the pipeline's settings. changed: told
    the channels of a configuration that has just been taken.
    """

    daemon: Daemon
    config: Config
    storage: SqlStorage
    holder: str
    clock: Clock
    environ: Mapping[str, str]
    settings_of: Callable[[Config], Settings]
    changed: Callable[[Mapping[str, Channel]], None] = lambda _: None
    silent: int = 0
    _seen: str = field(init=False)
    _looked: bool = False

    def __post_init__(self) -> None:
        self._seen = fingerprint(self.config.directory)

    def jobs(self) -> Sequence[Job]:
        """Return the chores with how often each is done."""
        every = self.config.monitor.heartbeat.every
        beating: list[Job] = [("heartbeat", every, self.beat)] if every else []
        return [
            *beating,
            ("lease", LEASE_LENGTH / 3, self.renew),
            ("config", LOOK_EVERY, self.look),
            ("housekeeping", HOUR, self.housekeep),
            ("canaries", HOUR, self.canaries),
        ]

    async def renew(self) -> None:
        """Renew the lease. Raises LeaseLost when another daemon has it."""
        await self.daemon.writer(self._renew)

    def _renew(self) -> None:
        with self.storage.transaction() as unit:
            if unit.take_lease(LEASE, self.holder, self.clock(), LEASE_LENGTH) is None:
                raise LeaseLost("another daemon has taken the lease")

    async def housekeep(self) -> None:
        """Delete what is older than `retention` and shown by no alert."""
        await self.daemon.writer(self._prune)

    def _prune(self) -> None:
        with self.storage.transaction() as unit:
            gone = unit.prune(self.clock() - self.config.monitor.retention)
        if gone:
            log.info("pruned", articles=gone)

    async def look(self) -> None:
        """Take a good edit of the configuration whole; keep what runs when an edit is bad, and say so once."""
        looked = reload(self.config, self._seen, self.environ)
        self._seen = looked.fingerprint
        for problem in looked.problems:
            log.error("the configuration on disk is not used; the one before stays in force", problem=str(problem))
        if looked.problems or looked.changed or not self._looked:
            self._looked = True
            await self._report("configuration", [str(problem) for problem in looked.problems[:SHOWN]])
        if looked.changed and not looked.problems:
            await self._use(looked.config)

    async def _report(self, topic: str, faults: Sequence[str]) -> None:
        """Tell the operators what is wrong, once for each change."""
        settings, now = self.daemon.pipeline.settings, self.clock()

        def tell() -> None:
            with self.storage.transaction() as unit:
                report(unit, settings, topic, tuple(faults), now)

        await self.daemon.writer(tell)

    async def beat(self) -> None:
        """Give a sign of life while polling, weighing and delivering all make progress; else stay silent. Raises NotifyError."""
        if not self.daemon.pulse.has_begun():
            return
        late = await self.daemon.writer(lambda: self.daemon.delivery.health().late)
        still = self.daemon.pulse.stalled(self.clock(), self.config.monitor.evaluate_every, late=late)
        if still:
            log.error("no heartbeat is sent: a stage makes no progress", stages=still)
            return
        await self.daemon.writer(self._show_alive)
        if self.config.monitor.heartbeat.url:
            await beat(self.config.monitor.heartbeat.url)

    def _show_alive(self) -> None:
        with self.storage.transaction() as unit:
            show_alive(unit, self.daemon.pipeline.settings, self.config.monitor.heartbeat.every, self.clock())

    async def _use(self, config: Config) -> None:
        for name in ("database_url", "web", "polling", "evaluate_every", "heartbeat"):
            if getattr(config.monitor, name) != getattr(self.config.monitor, name):
                log.warning("this edit of monitor.yaml takes effect at the next start", key=name)
        if config.monitor.slack.app_token != self.config.monitor.slack.app_token:
            log.warning("this edit of monitor.yaml takes effect at the next start", key="slack.app_token")
        self.config = config
        settings = self.settings_of(config)
        await self.daemon.writer(lambda: self._switch(settings))
        await self.daemon.use_feeds(config.feeds)
        self.changed(settings.channels)
        log.info(
            "the new configuration is in force", config=config.hash, feeds=len(config.feeds), rules=len(config.rules)
        )

    def _switch(self, settings: Settings) -> None:
        """Swap the settings in the writing thread, so that no tick sees half of them."""
        pipeline = self.daemon.pipeline
        pipeline.settings = settings
        self.daemon.delivery.settings = settings
        if isinstance(pipeline.understanding, ModelUnderstanding):
            pipeline.understanding = ModelUnderstanding(pipeline.understanding.model, Reader(settings.registry))

    async def canaries(self) -> None:
        """Score texts whose scores are known: a model that has turned silent is seen within the hour."""
        understanding = self.daemon.pipeline.understanding
        if isinstance(understanding, ModelUnderstanding):
            results = await self.daemon.writer(understanding.model.canaries)
            self.silent = sum(not result.ok for result in results)
            for result in results:
                if not result.ok:
                    log.error("a canary text is not scored as it must be: reinstall the model", canary=str(result))
            wrong = [f"A text whose score is known is not scored as it must be: {r}" for r in results if not r.ok]
            await self._report("model", wrong[:SHOWN])
