"""What goes wrong in one run of the kill matrix, and everything chance decides about it, all from one number.

Every step meets every fault: the first runs go through the cells in order, twice; those after draw their cell.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import product

DEADLINE = float(os.environ.get("KILL_MATRIX_DEADLINE", "1"))
HANG = 3 * DEADLINE
QUIET = "A quiet day at the lake"
RUNS = int(os.environ.get("KILL_MATRIX_RUNS", "200"))
SEED = int(os.environ.get("KILL_MATRIX_SEED", "1"))


class Step(StrEnum):
    """Where it goes wrong."""

    FETCH = "fetch"
    PARSE = "parse"
    CLASSIFY = "classify"
    COMMIT = "commit"
    LEASE = "lease"
    POST_SENT = "post-sent"
    DELIVERED = "slack-delivered"
    ANSWER_READ = "answer-read"
    MARK_SENT = "mark-sent"
    UPDATE = "update-message"
    ACK_RECEIVED = "ack-received"
    ACK_COMMITTED = "ack-committed"


class Fault(StrEnum):
    """What goes wrong."""

    KILL = "kill"
    TERM = "sigterm"
    EXCEPTION = "exception"
    LOCKED = "locked"
    FULL = "disk-full"
    DROPPED = "dropped"
    HANG = "hang"


CELLS = tuple(product(Step, Fault))
TRANSACTIONS = frozenset({Step.COMMIT, Step.LEASE, Step.MARK_SENT, Step.ACK_COMMITTED})
ACKS = frozenset({Step.ACK_RECEIVED, Step.ACK_COMMITTED})
_ENDING = frozenset({Fault.KILL, Fault.TERM, Fault.EXCEPTION})
_ONCE = frozenset({Step.CLASSIFY, Step.COMMIT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One run.

    nth: at which occurrence of the step. late: after the step's transaction, or after Slack did what was asked, rather than before.
    lands: what was under way to Slack still arrives. lag: seconds until history shows a message. readable: whether it ever does.
    patient: the database waits for a lock as long as shipped, rather than one deadline. linger: seconds from the end of a fault
    that does not end the daemon to its restart. hard: that restart is a kill. crises: which two are planted. second_wave: a third
    outlet tells of them later. acks: every alert is acknowledged. twice: by two people.
    """

    number: int
    step: Step
    fault: Fault
    nth: int
    late: bool
    lands: bool
    lag: float
    readable: bool
    patient: bool
    linger: float
    hard: bool
    crises: tuple[int, ...]
    second_wave: bool
    acks: bool
    twice: bool

    @property
    def name(self) -> str:
        """Return what the run is called in reports."""
        return f"{self.number:03d}-{self.step}-{self.fault}"

    @property
    def ends(self) -> bool:
        """Say whether the fault ends the daemon: one in an act costs that act alone, and its person is told."""
        return self.fault in _ENDING and (self.step, self.fault) != (Step.ACK_COMMITTED, Fault.EXCEPTION)

    def text(self) -> str:
        """Return the plan as it goes on a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Plan:
        """Read what `text` wrote."""
        values = json.loads(text)
        plan = cls(**values)
        return replace(plan, step=Step(plan.step), fault=Fault(plan.fault), crises=tuple(plan.crises))


def plan_of(number: int, seed: int = SEED) -> Plan:
    """Return the run of that number: the same for the same seed."""
    rng = random.Random(f"{seed}:{number}")
    step, fault = CELLS[number % len(CELLS)] if number < 2 * len(CELLS) else rng.choice(CELLS)
    late, lands = rng.random() < 0.5, rng.random() < 0.5
    arrives_late = step is Step.POST_SENT and fault is Fault.HANG and lands
    return Plan(
        number=number,
        step=step,
        fault=fault,
        nth=1 if step in _ONCE else rng.choice((1, 2)),
        late=late,
        lands=lands,
        lag=rng.choice((0.0, 1.0) if arrives_late else (0.0, 0.0, 2.0, 5.0)),
        readable=rng.random() < 0.85,
        patient=rng.random() < 0.5,
        linger=rng.choice((0.0, rng.uniform(0.0, 2.0))),
        hard=rng.random() < 0.5,
        crises=tuple(rng.sample(range(3), 2)),
        second_wave=step is Step.UPDATE or (step not in ACKS and rng.random() < 0.25),  # an escalation asks anew
        acks=step in ACKS or rng.random() < 0.25,
        twice=rng.random() < 0.5,
    )
