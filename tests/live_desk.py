"""A desk with its socket: alerts are posted with buttons, people click at the stand-in, and everything runs until the block ends."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.acting import Acting
from monitor.adapters.slack import SlackNotifier
from monitor.adapters.slack_buttons import Buttons, action_id
from monitor.adapters.slack_client import SlackApi
from monitor.adapters.slack_replies import Replies
from monitor.adapters.slack_socket import Pace, SlackSocket
from monitor.adapters.spool import Spool
from monitor.core.acts import Permit
from monitor.core.alerts import Alert, Event, EventKind, Level
from monitor.core.desk import ActKind
from monitor.core.errors import NotifyError
from monitor.core.model import Feed
from monitor.daemon import Writer
from monitor.pipeline.acts import Acts
from monitor.pipeline.commands import Commands
from tests.desk import TIMEOUT, TOKEN, Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn
from tests.servers.slack_payloads import ADA, User
from tests.servers.slack_socket import Envelope

APP_TOKEN = "xapp-1-A1-canary"
PERMIT = Permit(teams=frozenset({"T1"}), own=frozenset({"U1"}))
ACK, FALSE, MORE = action_id(ActKind.ACKNOWLEDGE), action_id(ActKind.FALSE_ALARM), "crisis_monitor_more"
PACE = Pace(hello=2, ping=5, pong=5, first=0.02, longest=0.1, steady=0.3, linger=0.2)


class LiveDesk(Desk):
    """Desk with buttons, a writing thread and the queue behind a socket."""

    def __init__(self, folder: Path, slack: SlackStandIn, clock: ManualClock, **desk: Any) -> None:
        self.folder, self.permit, self.permit_error = folder, PERMIT, [NotifyError("")][:0]
        self.drills: list[str] = []
        self.buttons, self.feeds = Buttons(APP_TOKEN), list[Feed]()
        slack.one_per_second = False
        super().__init__(folder, slack, clock, **desk)

    def restart(self) -> None:
        """Forget everything that is not on disk; channels are given buttons."""
        super().restart()
        notifier = SlackNotifier(base_url=self.slack.base_url, timeout=TIMEOUT, actions=self.buttons)
        self.delivery.notifiers = {"slack": notifier}

    @asynccontextmanager
    async def at_work(self, **acting: Any) -> AsyncIterator[Acting]:
        """Run the socket and what is behind it, like a daemon that has just started."""
        writer, tls = Writer(), ssl.create_default_context()
        behind = self.acting(writer, tls, **acting)
        api = SlackApi(token=APP_TOKEN, base_url=self.slack.base_url, timeout=TIMEOUT, tls=tls)
        rng = random.Random(0)
        socket = SlackSocket(api=api, take=behind.take, note=behind.note, clock=self.clock, rng=rng, tls=tls, pace=PACE)
        running = [asyncio.create_task(socket.run()), asyncio.create_task(behind.run())]
        try:
            await self.until(lambda: bool(self.slack.sockets.links) and socket.state.connected_since is not None)
            yield behind
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            writer.close()

    def acting(self, writer: Writer, tls: ssl.SSLContext, **changes: Any) -> Acting:
        """Return the queue behind a socket."""
        acts = Acts(storage=self.storage, clock=self.clock)
        commands = Commands(
            storage=self.storage,
            settings=lambda: self.settings,
            feeds=lambda: self.feeds,
            clock=self.clock,
            drill=self._drill,
        )
        base = {
            "acts": acts,
            "buttons": self.buttons,
            "replies": Replies(
                base_url=self.slack.base_url, timeout=timedelta(seconds=2), tls=tls, tokens=lambda: [TOKEN]
            ),
            "permit": self._permit,
            "answer": commands.answer,
            "in_writer": writer,
            "spool": Spool(self.folder),
            "first_retry": 0.05,
        }
        return Acting(**{**base, **changes})

    def _drill(self, words: Sequence[str]) -> str:
        self.drills.append(" ".join(words))
        return "a drill begins"

    async def _permit(self) -> Permit:
        if self.permit_error:
            raise self.permit_error.pop(0)
        return self.permit

    async def deliver(self, seconds: int = 6) -> None:
        """Let time pass for the outbox."""
        for _ in range(seconds):
            await self.delivery.deliver()
            self.clock.advance(seconds=1)

    async def shown(self, level: Level = Level.WATCH, channel: str = "desk", **changes: Any) -> tuple[Alert, str]:
        """Open an alert and post it; return it with the ts of its message."""
        alert = self.open(level, channel, **changes)
        await self.deliver(2)
        return alert, next(m["ts"] for m in reversed(self.slack.messages(channel)) if self._is_on(alert, m))

    def _is_on(self, alert: Alert, message: dict[str, Any]) -> bool:
        return bool(message["metadata"]["event_payload"]["alert_id"] == alert.id)

    def click(self, ts: str, action: str = ACK, user: User = ADA, choice: str = "", channel: str = "desk") -> Envelope:
        """Click a button."""
        return self.slack.click(channel, ts, action, user=user, choice=choice)

    def forge(self, ts: str, value: str, user: User = ADA, team: str = "T1") -> Envelope:
        """Click Acknowledge with another value, or as somebody else."""
        return self.slack.sockets.click("desk", ts, ACK, user=user, value=value, team=team)

    def now(self, alert: Alert) -> Alert:
        """Return an alert as stored now."""
        with self.storage.reading() as unit:
            found = unit.alert(alert.id)
        assert found
        return found

    def events(self, alert: Alert, kind: EventKind = EventKind.ACKNOWLEDGED) -> list[Event]:
        """Return an alert's events of one kind."""
        with self.storage.reading() as unit:
            return [event for event in unit.events(alert.id) if event.kind is kind]

    async def acked(self, alert: Alert) -> None:
        """Wait until somebody has acknowledged."""
        await self.until(lambda: bool(self.now(alert).acknowledged_by))

    async def told(self, user: User = ADA, times: int = 1) -> Sequence[str]:
        """Wait until a person has been told so many things."""
        await self.until(lambda: len(self.slack.told(user)) >= times)
        return [each.text for each in self.slack.told(user)]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the database's write lock from outside."""
        with closing(sqlite3.connect(self.folder / "test.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")


def crowd(size: int) -> list[User]:
    """Return different people."""
    return [User(id=f"U{number:08d}", name=f"person-{number}") for number in range(1, size + 1)]
