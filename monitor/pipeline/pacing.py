"""How fast messages go out: one a second to each place, and a few a second in all through one token, a slot kept for the critical."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.alerts import Level
from monitor.core.messages import Channel

SECOND = timedelta(seconds=1)
PER_TOKEN = 4
PACED = frozenset({"slack"})


@dataclass(kw_only=True)
class Pace:
    """What went out within the last second. A clock that jumps back holds nobody up."""

    _free_at: dict[str, datetime] = field(default_factory=dict)
    _gone: dict[str, list[datetime]] = field(default_factory=dict)
    _turn: int = 0

    def waits(self, lane: str, now: datetime) -> bool:
        """Say whether a lane got something less than a second ago."""
        return now < self._free_at.get(lane, now) <= now + SECOND

    def went(self, channel: Channel, lane: str, now: datetime) -> None:
        """Remember that a lane got something."""
        if channel.kind in PACED:
            self._free_at[lane] = now + SECOND

    def take(self, channel: Channel, level: Level, now: datetime) -> bool:
        """Take one of the token's slots of this second, the last of which is for critical alerts; say whether there was one."""
        if channel.kind not in PACED:
            return True
        gone = [at for at in self._gone.get(channel.token, []) if now - SECOND < at <= now]
        room = PER_TOKEN if level is Level.CRITICAL else PER_TOKEN - 1
        free = len(gone) < room
        self._gone[channel.token] = [*gone, now] if free else gone
        return free

    def in_turn(self, lanes: Iterable[str]) -> list[str]:
        """Return the lanes, each time another one first, so that those that share a token get their slots in turn."""
        found = list(dict.fromkeys(lanes))
        self._turn += 1
        first = self._turn % len(found) if found else 0
        return found[first:] + found[:first]
