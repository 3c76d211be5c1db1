"""Socket Mode of the Slack stand-in: envelopes, each to one connection, the three-second window, and what is sent again."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.slack_links import Link, LinkListener
from tests.servers.slack_payloads import ADA, User, action, block_actions, find_element, slash_command

if TYPE_CHECKING:
    from tests.servers.slack_state import Workspace

CLICK, COMMAND = "interactive", "slash_commands"
_SENT_AGAIN = frozenset({COMMAND, "events_api"})
_TRIES = 3


@dataclass(kw_only=True, eq=False)
class Envelope:
    """One payload on its way to an app. answered: set once. took: seconds until the answer. lost: no connection was there.

    late: not answered within the window, which is what the person sees as a failure.
    """

    id: str
    kind: str
    payload: dict[str, Any]
    attempt: int = 0
    sent_at: float = 0.0
    took: float | None = None
    answers: int = 0
    late: bool = False
    lost: bool = False
    link: Link | None = None
    answered: threading.Event = field(default_factory=threading.Event)
    again: list[Envelope] = field(default_factory=list)


class SocketMode:
    """The part of the stand-in that apps connect to. window: seconds an app has to answer an envelope."""

    def __init__(self, workspace: Workspace) -> None:
        self.window = 3.0
        self.sent: list[Envelope] = []
        self.stray: list[dict[str, Any]] = []
        self.listener = LinkListener(self._heard)
        self._workspace = workspace
        self._by_id: dict[str, Envelope] = {}
        self._timers: list[threading.Timer] = []
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._turn = 0

    def stop(self) -> None:
        """Close everything."""
        for timer in self._timers:
            timer.cancel()
        self.listener.stop()

    @property
    def links(self) -> list[Link]:
        """Return the connections that are open and were greeted."""
        return self.listener.open_links()

    def next_connections(self, *modes: str) -> None:
        """Let the next connections go as the constants of slack_links say."""
        self.listener.modes.extend(modes)

    def disconnect(self, reason: str, *, closing: bool = True) -> None:
        """Tell every connection to go: `warning` only announces it, everything else closes at once unless told not to."""
        for link in self.links:
            link.say_goodbye(reason)
            if closing and reason != "warning":
                link.close()

    def freeze(self) -> None:
        """Let every open connection become half-open."""
        for link in self.links:
            link.freeze()

    def close(self) -> None:
        """Close every open connection without saying why."""
        for link in self.links:
            link.close()

    def cut(self) -> None:
        """Reset every open connection."""
        for link in self.links:
            link.cut()

    def late(self) -> list[Envelope]:
        """Return what was not answered in time."""
        return [envelope for envelope in self.sent if envelope.late or envelope.lost]

    def click(
        self,
        channel: str,
        ts: str,
        action_id: str,
        *,
        user: User = ADA,
        choice: str = "",
        value: str | None = None,
        team: str = "T1",
    ) -> Envelope:
        """Click on an element of a message. choice: the entry of an overflow, by its first words. value, team: forged ones."""
        place = self._workspace._channel(channel, by_name=True)
        message = next((each for each in place.messages if each["ts"] == ts), None)
        if message is None:
            raise LookupError(f"{channel} shows no message {ts}")
        element, block_id = find_element(message, action_id)
        done = action(element, block_id, self._moment(), choice=choice, value=value)
        where = {"id": place.id, "name": place.name}
        payload = block_actions(done, message, where, user, team=team, **self._ways(user, place.id))
        return self.send(CLICK, payload)

    def command(self, text: str, *, channel: str = "", user: User = ADA) -> Envelope:
        """Type a slash command in a channel, by default the first one."""
        name = channel or next(iter(self._workspace.channels))
        place = self._workspace._channel(name, by_name=True)
        where = {"id": place.id, "name": place.name}
        return self.send(COMMAND, slash_command(text, where, user, **self._ways(user, place.id)))

    def redeliver(self, envelope: Envelope) -> Envelope:
        """Send a payload once more, as Slack may."""
        return self.send(envelope.kind, envelope.payload, attempt=envelope.attempt + 1)

    def send(self, kind: str, payload: dict[str, Any], *, attempt: int = 0) -> Envelope:
        """Send an envelope to one of the open connections; without any it is lost."""
        with self._lock:
            made = Envelope(id=f"env-{next(self._numbers)}", kind=kind, payload=payload, attempt=attempt)
            self.sent.append(made)
            self._by_id[made.id] = made
            links = self.links
            if not links:
                made.lost = True
                return made
            self._turn += 1
            made.link = links[self._turn % len(links)]
            made.sent_at = time.monotonic()
            timer = threading.Timer(self.window, self._window_over, (made,))
            timer.daemon = True
            self._timers.append(timer)
            timer.start()
        retry = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
        body = {"envelope_id": made.id, "type": kind, "accepts_response_payload": True, "payload": payload}
        made.link.send({**body, **retry})
        return made

    def _ways(self, user: User, channel_id: str) -> dict[str, str]:
        number = next(self._numbers)
        hook = self._workspace.new_hook(user.id, channel_id)
        return {"response_url": hook, "trigger_id": f"{number}.1.trigger"}

    def _moment(self) -> str:
        return f"{self._workspace.clock().timestamp():.3f}{next(self._numbers) % 1000:03d}"

    def _window_over(self, envelope: Envelope) -> None:
        if envelope.answered.is_set():
            return
        envelope.late = True
        if envelope.kind in _SENT_AGAIN and envelope.attempt + 1 < _TRIES:
            with contextlib.suppress(OSError):
                envelope.again.append(self.redeliver(envelope))

    def _heard(self, _: Link, message: dict[str, Any]) -> None:
        envelope = self._by_id.get(str(message.get("envelope_id")))
        if envelope is None:
            self.stray.append(message)
            return
        envelope.answers += 1
        if envelope.took is None:
            envelope.took = time.monotonic() - envelope.sent_at
        envelope.answered.set()
