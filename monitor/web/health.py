"""Is the monitor alive and useful? Each part is judged by itself; a failing vital part makes the whole failing (HTTP 503).

`degraded` means that it works and a person should look: restarting it would not help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from classifiers.drift import Spread, drift
from monitor.adapters.slack_socket import SocketState
from monitor.core.coverage import Cause, Survey
from monitor.core.model import Feed, FeedState
from monitor.core.polling import FeedHealth, health
from monitor.pipeline.delivery_state import DeliveryHealth
from monitor.pipeline.pulse import Pulse

PATIENCE = timedelta(minutes=5)  # since the start, or since the last evaluation, before silence is a fault
SOCKET_PATIENCE = timedelta(minutes=1)
NO_POLL = timedelta(hours=1)
CANARIES_EVERY = timedelta(hours=1)
DRIFT_SPAN, USUAL_SPAN = timedelta(days=1), timedelta(days=28)
ENOUGH = 50  # scores; with fewer, chance alone looks like a drift
MANY_BAD = 3  # one enabled feed in three


class Status(StrEnum):
    """How a part does; ordered from good to bad."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


class Verdict(Protocol):
    """What the model made of one text whose score is known."""

    @property
    def ok(self) -> bool:
        """Whether it scored as it should."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part's state. vital: without it the monitor is of no use."""

    name: str
    status: Status
    facts: Mapping[str, Any] = field(default_factory=dict)
    vital: bool = False


@dataclass(kw_only=True)
class Vitals:
    """Where the signs of life are read.

    lease: name of the lease, and who must hold it. socket: how the connection for buttons stands, None where there is none. canaries: scores the texts whose score is known; done at most once an hour.
    drifts: how far the scores of each (language, feed) have moved, found at most once an hour.
    """

    started_at: datetime
    evaluate_every: timedelta
    pulse: Pulse
    model: str
    stack: str
    canaries: Callable[[], Sequence[Verdict]]
    delivery: Callable[[], DeliveryHealth]
    lease: str
    holder: str
    socket: SocketState | None = None
    _canaries_at: datetime | None = None
    _silent: int = 0
    _sung: int = 0
    _drifts: Mapping[tuple[str, str], float] = field(default_factory=dict)
    _drifts_at: datetime | None = None

    def drifts(
        self, spreads: Callable[[datetime, datetime], Mapping[tuple[str, str], Spread]], now: datetime
    ) -> Mapping[tuple[str, str], float]:
        """Return by (language, feed id) how far the last day's scores lie from those of the four weeks before.

        spreads: counts scores of a time. The measure is that of `classifiers.drift`; pairs with too few scores are left out.
        """
        if self._drifts_at is None or now - self._drifts_at >= CANARIES_EVERY:
            today, usual = spreads(now - DRIFT_SPAN, now), spreads(now - DRIFT_SPAN - USUAL_SPAN, now - DRIFT_SPAN)
            known = {pair: (usual[pair], spread) for pair, spread in today.items() if pair in usual}
            self._drifts = {
                pair: drift(before, after)
                for pair, (before, after) in known.items()
                if min(before.items, after.items) >= ENOUGH
            }
            self._drifts_at = now
        return self._drifts

    def model_part(self, now: datetime) -> Part:
        """Judge the model by its canaries."""
        if self._canaries_at is None or now - self._canaries_at >= CANARIES_EVERY:
            results = self.canaries()
            self._sung, self._silent, self._canaries_at = len(results), sum(not each.ok for each in results), now
        facts = {"version": self.model, "stack": self.stack, "canaries": self._sung, "canaries_wrong": self._silent}
        return Part(name="model", status=Status.FAILING if self._silent else Status.OK, facts=facts, vital=True)

    def evaluate_part(self, now: datetime) -> Part:
        """Judge whether rules are still weighed."""
        last = self.pulse.evaluated_at
        late = now - (last or self.started_at) > max(PATIENCE, self.evaluate_every * 10)
        facts = {"age_seconds": seconds(now, last)}
        return Part(name="evaluate", status=Status.FAILING if late else Status.OK, facts=facts, vital=True)

    def lease_part(self, held: tuple[str, int, datetime] | None, now: datetime) -> Part:
        """Judge whether this process may write."""
        ours = held is not None and held[0] == self.holder and held[2] > now
        facts = {"held": ours, "until": held[2].isoformat() if held else None}
        return Part(name="lease", status=Status.OK if ours else Status.FAILING, facts=facts, vital=True)

    def polls_part(self, feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> Part:
        """Judge whether any feed still answers."""
        enabled = [feed for feed in feeds if feed.enabled]
        answered = [state.last_ok_at for feed in enabled if (state := states.get(feed.id)) and state.last_ok_at]
        last = max(answered, default=None)
        patience = max(NO_POLL, 2 * min((feed.interval for feed in enabled), default=NO_POLL))
        silent = now - max(last or self.started_at, self.started_at) > patience
        none_yet = last is None and now - self.started_at > PATIENCE
        failing = bool(enabled) and (silent or none_yet)
        facts = {
            "last_success_age_seconds": seconds(now, last),
            "polls": self.pulse.polls,
            "failed": self.pulse.failures,
        }
        return Part(name="polls", status=Status.FAILING if failing else Status.OK, facts=facts, vital=True)


def feeds_part(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> Part:
    """Count feeds by health."""
    counted = Counter(health(states.get(feed.id), feed, now) for feed in feeds if feed.enabled)
    bad = counted[FeedHealth.FAILING] + counted[FeedHealth.STALE]
    facts = {
        "enabled": sum(counted.values()),
        "failing": counted[FeedHealth.FAILING],
        "stale": counted[FeedHealth.STALE],
    }
    many = bad * MANY_BAD >= max(sum(counted.values()), 1) and bad > 0
    return Part(name="feeds", status=Status.DEGRADED if many else Status.OK, facts=facts)


def coverage_part(found: Survey) -> Part:
    """Count blind countries; feeds in languages the model does not read are known blindness, lost feeds are a fault."""
    lost, unread = found.blind(Cause.FAILING), found.blind(Cause.UNREAD)
    facts = {"blind_countries": len(lost) + len(unread), "lost": len(lost), "unread_languages": len(unread)}
    return Part(name="coverage", status=Status.DEGRADED if lost else Status.OK, facts=facts)


def outbox_part(found: DeliveryHealth, now: datetime) -> Part:
    """Judge whether alerts reach people. Given up or late: somebody must look, and a restart would not help."""
    facts = {
        "pending": found.pending,
        "oldest_pending_age_seconds": seconds(now, found.oldest),
        "dead": len(found.dead),
        "repeats": found.repeats,
        "held_channels": len(found.held),
    }
    return Part(name="outbox", status=Status.OK if found.ok else Status.FAILING, facts=facts)


def socket_part(state: SocketState, now: datetime) -> Part:
    """Judge whether people can act in Slack; alerts reach them all the same, and the page and the command line stay."""
    down = state.down_since is not None and now - state.down_since > SOCKET_PATIENCE
    facts = {
        "connected_seconds": seconds(now, state.connected_since),
        "down_seconds": seconds(now, state.down_since),
        "last_envelope_age_seconds": seconds(now, state.last_envelope),
        "connections": state.connections,
    }
    return Part(name="socket", status=Status.DEGRADED if down else Status.OK, facts=facts)


def overall(parts: Sequence[Part]) -> Status:
    """Return the whole's state: failing when a vital part fails, degraded when anything is not well."""
    if any(part.vital and part.status is Status.FAILING for part in parts):
        return Status.FAILING
    return Status.OK if all(part.status is Status.OK for part in parts) else Status.DEGRADED


def report(parts: Sequence[Part], now: datetime) -> dict[str, Any]:
    """Return health as JSON. Nothing in it is secret, and nothing in it says that the world is calm."""
    told = {part.name: {"status": part.status.value, **part.facts} for part in parts}
    return {"status": overall(parts).value, "at": now.isoformat(timespec="seconds"), "parts": told}


def seconds(now: datetime, then: datetime | None) -> int | None:
    """Return the age of a moment in whole seconds, None for none."""
    return None if then is None else max(0, int((now - then).total_seconds()))
