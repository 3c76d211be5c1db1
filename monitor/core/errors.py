"""What can go wrong, cut by who can act.

MonitorError
├─ ConfigError          problems: each with file, line and path    operator; exit 2 at start
├─ ClassifierError      artefact missing or mismatched              operator; exit 2 at start
├─ InputError           a file given to a command: exit 2
├─ FeedError            one feed: back off, name it in health, go on
│  ├─ FetchError        retry_after, status, gone
│  └─ ParseError
├─ NotifyError          permanent, unknown, retry_after: one notification
└─ StorageError         roll back; the next cycle tries again
   ├─ LeaseLost         another daemon took over: stop
   └─ StorageBroken     full, read-only or damaged: stop, and say so where it needs no database

Adapters raise only these, with `raise … from exc`. Anything else is a bug: it is logged once and ends the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class MonitorError(Exception):
    """Base of every error that somebody can act on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong in a file: where it is, what it is, and what to do.

    line: 1-based line in the file, 0 where no line applies.
    path: key path such as `rules[1].levels.watch.evidence`, "" for the whole file.
    """

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ConfigError(MonitorError):
    """The configuration cannot be used; `problems` holds all that is wrong, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ClassifierError(MonitorError):
    """A model artefact is missing, damaged or made for other labels or versions."""


class InputError(MonitorError):
    """A file given to a command cannot be used; the message names file, line and remedy."""


class FeedError(MonitorError):
    """Reading one feed failed; the next poll tries again."""


class FetchError(FeedError):
    """A feed's document could not be had.

    status: HTTP status where the server answered, else None.
    retry_after: how long the server asked us to stay away.
    gone: the server says the feed will not come back (HTTP 410).
    """

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: timedelta | None = None, gone: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.gone = gone


class ParseError(FeedError):
    """A feed's document could not be read as a feed."""


class NotifyError(MonitorError):
    """One delivery failed.

    permanent: trying again cannot help (the channel is archived, the token revoked).
    unknown: the message may have arrived; ask the channel's history before sending again.
    retry_after: how long the service asked us to wait.
    code: the service's own word for it.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        unknown: bool = False,
        retry_after: timedelta | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown
        self.retry_after = retry_after
        self.code = code


class StorageError(MonitorError):
    """The database refused; the transaction was rolled back."""


class LeaseLost(StorageError):  # noqa: N818  # an event rather than a fault
    """Another daemon works on this database now; this one must stop."""


class StorageBroken(StorageError):  # noqa: N818  # a state rather than one refusal
    """The database is full, read-only or damaged: the next cycle would fare no better, a person must act."""
