"""The desk in Slack: wires the socket, the buttons and the command of one running daemon."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.acting import Acting
from monitor.adapters.slack_buttons import Buttons
from monitor.adapters.slack_client import SlackApi, ask
from monitor.adapters.slack_replies import Replies
from monitor.adapters.slack_socket import SlackSocket, SocketState
from monitor.adapters.spool import Spool
from monitor.config import Config
from monitor.core.acts import Permit
from monitor.daemon import Companion, Daemon, Job
from monitor.exercise import Exercises
from monitor.pipeline.acts import Acts
from monitor.pipeline.commands import Commands

TIMEOUT = timedelta(seconds=10)
REMEMBER_EVERY = timedelta(seconds=15)
SWEEP_EVERY = timedelta(seconds=30)
FACT = "slack socket"


class Permits:
    """Who may act, by the configuration in force; a workspace that is not configured is asked for once and remembered."""

    def __init__(self, config: Callable[[], Config], tls: ssl.SSLContext) -> None:
        self._config, self._tls = config, tls
        self._known: dict[str, tuple[str, str]] = {}

    async def __call__(self) -> Permit:
        """Return who may act now. Raises NotifyError where Slack does not say whose token it is."""
        config = self._config()
        app = config.monitor.slack
        users = frozenset(app.allowed_users)
        if app.allowed_teams:
            return Permit(teams=frozenset(app.allowed_teams), users=users)
        found = [await self._whose(token, config.slack_api_url) for token in tokens_of(config)]
        return Permit(
            teams=frozenset(team for team, _ in found if team),
            users=users,
            own=frozenset(own for _, own in found if own),
        )

    async def _whose(self, token: str, base_url: str) -> tuple[str, str]:
        if token not in self._known:
            api = SlackApi(token=token, base_url=base_url, timeout=TIMEOUT, tls=self._tls)
            answer = await ask(api.auth_test())
            self._known[token] = (str(answer.get("team_id") or ""), str(answer.get("user_id") or ""))
        return self._known[token]


def tokens_of(config: Config) -> list[str]:
    """Return the bot tokens of the configured Slack channels, each once."""
    return list(dict.fromkeys(c.token for c in config.channels.values() if c.kind == "slack" and c.token))


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What runs beside the daemon's jobs."""

    daemon: Daemon
    socket: SlackSocket
    acting: Acting
    exercises: Exercises

    def companions(self) -> list[Companion]:
        """Return what runs for as long as the daemon does."""
        return [("Slack socket", self.socket.run), ("Slack acts", self.acting.run), ("drills", self.exercises.run)]

    def jobs(self) -> list[Job]:
        """Return what is done from time to time."""
        return [("Slack socket state", REMEMBER_EVERY, self.remember), ("left clicks", SWEEP_EVERY, self.acting.sweep)]

    async def remember(self) -> None:
        """Store how the connection stands, for those who look from outside."""
        kept = socket_facts(self.socket.state) | {"at": self.daemon.clock().isoformat()}
        await self.daemon.writer(lambda: self._save(kept))

    def _save(self, kept: dict[str, Any]) -> None:
        with self.daemon.storage.transaction() as unit:
            unit.save_fact(FACT, kept)


def socket_facts(state: SocketState) -> dict[str, Any]:
    """Return how a connection stands, as JSON."""
    since, last = state.connected_since, state.last_envelope
    return {
        "connected_since": since.isoformat() if since else None,
        "last_envelope": last.isoformat() if last else None,
        "error": state.error,
    }


def open_desk(config: Callable[[], Config], daemon: Daemon, data: Path) -> Desk | None:
    """Wire the desk of a daemon, None where no app token is set. config: the one in force, at any moment."""
    app_token, base_url = config().monitor.slack.app_token, config().slack_api_url
    if not app_token:
        return None
    tls = ssl.create_default_context()
    exercises = Exercises(
        config=config,
        settings=lambda: daemon.pipeline.settings,
        understanding=lambda: daemon.pipeline.understanding,
        notifiers=lambda: daemon.delivery.notifiers,
        clock=daemon.clock,
        folder=data,
    )
    acting = Acting(
        acts=Acts(storage=daemon.storage, clock=daemon.clock),
        buttons=Buttons(app_token),
        replies=Replies(base_url=base_url, timeout=TIMEOUT, tls=tls, tokens=lambda: tokens_of(config())),
        permit=Permits(config, tls),
        answer=Commands(
            storage=daemon.storage,
            settings=lambda: daemon.pipeline.settings,
            feeds=lambda: daemon.feeds,
            clock=daemon.clock,
            drill=exercises.ask,
        ).answer,
        in_writer=daemon.writer,
        spool=Spool(data),
    )
    socket = SlackSocket(
        api=SlackApi(token=app_token, base_url=base_url, timeout=TIMEOUT, tls=tls),
        take=acting.take,
        note=acting.note,
        clock=daemon.clock,
        rng=random.Random(),  # noqa: S311  # jitter
        tls=tls,
    )
    return Desk(daemon=daemon, socket=socket, acting=acting, exercises=exercises)
