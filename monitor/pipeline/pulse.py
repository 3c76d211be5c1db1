"""The daemon's signs of life, as health, metrics and the heartbeat read them. Counts are since the start of the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Taken

PATIENCE = timedelta(minutes=2)


@dataclass(kw_only=True, slots=True)
class Pulse:
    """What has been done so far; moments are None before the first time.

    evaluated_at: when rules were last weighed with time alone. polled_at: when it was last looked which feeds are due. waiting_since:
    when the oldest answer of a feed came that has not been taken in, None where none waits. delivered_at: when the outbox was last
    worked on.
    """

    evaluated_at: datetime | None = None
    polled_at: datetime | None = None
    waiting_since: datetime | None = None
    delivered_at: datetime | None = None
    polls: int = 0
    failures: int = 0
    articles: int = 0

    def has_begun(self) -> bool:
        """Say whether every stage has had its first round."""
        return None not in (self.evaluated_at, self.polled_at, self.delivered_at)

    def answered(self, now: datetime) -> None:
        """Remember that a feed has answered."""
        self.waiting_since = self.waiting_since or now

    def took(self, polls: Sequence[Poll], taken: Taken) -> None:
        """Count a tick."""
        self.waiting_since = None
        self.polls += len(polls)
        self.failures += sum(poll.error is not None for poll in polls)
        self.articles += taken.new

    def stalled(self, now: datetime, evaluate_every: timedelta, *, late: bool) -> list[str]:
        """Return which stages make no progress. late: something in the outbox waits too long."""
        patience = max(PATIENCE, 3 * evaluate_every)
        stages = {
            "evaluate": _fresh(self.evaluated_at, now, patience),
            "poll": _fresh(self.polled_at, now, patience) and _fresh(self.waiting_since or now, now, patience),
            "deliver": _fresh(self.delivered_at, now, patience) and not late,
        }
        return [stage for stage, moves in stages.items() if not moves]


def _fresh(moment: datetime | None, now: datetime, patience: timedelta) -> bool:
    return moment is not None and now - moment <= patience
