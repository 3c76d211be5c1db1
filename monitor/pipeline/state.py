"""What the pipeline works with: the settings in force, and the memory that the database can always restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.alerts import Level, Rule
from monitor.core.evidence import RETAINED
from monitor.core.ledger import Ledger
from monitor.core.messages import Channel
from monitor.core.outlets import Outlets
from monitor.core.ports import Limits, Unit
from monitor.core.situations import Registry
from monitor.core.stories import HORIZON, Member, StoryIndex
from monitor.pipeline.lookout import Lookout


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The configuration as far as the pipeline needs it; a reload replaces it whole.

    hash: stored with every decision. lookout: tells which countries cannot be seen; None where no feeds are polled (a replay).
    drill: an exercise, and every message says so. ops_channel: told what cannot be seen, "" for none.
    """

    rules: Sequence[Rule]
    channels: Mapping[str, Channel]
    outlets: Outlets
    registry: Registry
    limits: Limits = field(default_factory=Limits)
    hash: str = ""
    public_url: str = ""
    lookout: Lookout | None = None
    drill: bool = False
    ops_channel: str = ""

    def rules_for(self, signal: str) -> list[Rule]:
        """Return the enabled rules on `signal`."""
        return [rule for rule in self.rules if rule.enabled and rule.signal == signal]

    def rule(self, name: str) -> Rule | None:
        """Return the enabled rule of that name."""
        return next((rule for rule in self.rules if rule.enabled and rule.name == name), None)

    def window(self) -> timedelta:
        """Return the longest window of any rule: what lies before it can alert nobody."""
        return max((rule.window for rule in self.rules), default=timedelta(hours=72))

    def channels_for(self, rule: Rule, level: Level) -> list[Channel]:
        """Return the channels that `rule` tells about `level`."""
        named = (self.channels[name] for name in rule.notify if name in self.channels)
        return [channel for channel in named if level.rank >= channel.min_level.rank]


@dataclass(kw_only=True, slots=True)
class Memory:
    """Reports and story members that still matter. Rebuilt from the database whenever it may differ from it."""

    ledger: Ledger = field(default_factory=Ledger)
    stories: StoryIndex = field(default_factory=StoryIndex)
    expired_at: datetime | None = None

    @classmethod
    def restore(cls, unit: Unit, now: datetime) -> Memory:
        """Read back from the database what the last 34 days left."""
        memory = cls(ledger=Ledger(unit.reports_since(now - RETAINED), unit.history_since()), expired_at=now)
        for article in unit.story_members_since(now - HORIZON):
            memory.stories.add(Member.of(article))
        return memory

    def expire(self, now: datetime) -> None:
        """Forget, once an hour, what is too old to matter."""
        if self.expired_at is None or now - self.expired_at >= timedelta(hours=1):
            self.ledger.expire(now)
            self.stories.expire(now)
            self.expired_at = now
