"""The daemon's signs of life, as health and metrics read them. Counts are since the start of the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.pipeline.intake import Poll
from monitor.pipeline.pipeline import Taken


@dataclass(kw_only=True, slots=True)
class Pulse:
    """What has been done so far. evaluated_at: when rules were last weighed with time alone; None before the first time."""

    evaluated_at: datetime | None = None
    polls: int = 0
    failures: int = 0
    articles: int = 0

    def took(self, polls: Sequence[Poll], taken: Taken) -> None:
        """Count a tick."""
        self.polls += len(polls)
        self.failures += sum(poll.error is not None for poll in polls)
        self.articles += taken.new
