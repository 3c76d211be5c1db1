"""The daemon's ports, each wrapped so that it can fail at the moment that the plan names."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from monitor.adapters import parse
from monitor.adapters.classifier import ModelUnderstanding
from monitor.adapters.storage import SqlStorage, SqlUnit
from monitor.core.alerts import EventKind
from monitor.core.desk import Notice
from monitor.core.messages import Channel, DeliveryState, Notification, PostedMessage
from monitor.core.model import Feed, Fetched, Reading, Validators
from monitor.core.ports import Fetcher, Item, Notifier, Sendable
from tests.kill_matrix.plan import HANG, QUIET, TRANSACTIONS, Fault, Plan, Step
from tests.kill_matrix.strikes import Planted, strike

T = TypeVar("T")
Work = Callable[[], None]


@dataclass(kw_only=True)
class Hand:
    """Strikes once, where the plan says."""

    plan: Plan | None
    database: Path
    notes: Path
    blast: asyncio.Event = field(default_factory=asyncio.Event)
    storage: SqlStorage | None = None
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, step: Step, *, late: bool = False, drop: Work | None = None, hang: Work | None = None) -> None:
        """Say that `step` happens, before or after its transaction. May kill, raise, or take long.

        drop and hang: what a lost connection and a hang are at this place, where not the database's and a mere wait.
        """
        plan = self.plan
        if plan is None or plan.step is not step:
            return
        if step in TRANSACTIONS and (plan.late is not late or plan.fault is Fault.LOCKED):
            return
        self._strike(plan, drop or self._sever, hang or _wait)

    def ahead(self, step: Step) -> None:
        """Say that the transaction of `step` comes next: the moment at which another connection can still lock it out."""
        if self.plan and self.plan.step is step and self.plan.fault is Fault.LOCKED:
            self._strike(self.plan, self._sever, _wait)

    def _strike(self, plan: Plan, drop: Work, hang: Work) -> None:
        with self._lock:
            self._seen += 1
            if self._seen != plan.nth:
                return
        Path(f"{self.notes}.struck").touch()
        strike(plan.fault, os.getpid(), self.database)
        if plan.fault is Fault.EXCEPTION:
            raise Planted(f"planted at {plan.step}")
        if plan.fault is Fault.HANG:
            hang()
        if plan.fault is Fault.DROPPED:
            drop()

    def _sever(self) -> None:
        """Close the database's idle connection behind its pool's back."""
        assert self.storage
        taken = self.storage.engine.raw_connection()
        cast(Any, taken.dbapi_connection).close()
        taken.close()

    async def unless_blasted(self, work: Awaitable[T]) -> T:
        """Await `work`; raise in its place when the parent says so by a signal."""
        doing = asyncio.ensure_future(work)
        blast = asyncio.create_task(self.blast.wait())
        try:
            await asyncio.wait({doing, blast}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise Planted("planted by the parent")
        finally:
            doing.cancel()
            blast.cancel()


def _wait() -> None:
    threading.Event().wait(HANG)


class StruckFetcher:
    """Fetches; the feed host does the striking, but for exceptions."""

    def __init__(self, inner: Fetcher, hand: Hand) -> None:
        self._inner, self._hand = inner, hand

    async def fetch(self, feed: Feed, validators: Validators, now: datetime) -> Fetched:
        return await self._hand.unless_blasted(self._inner.fetch(feed, validators, now))


class StruckParser(parse.FeedParser):
    """Parses; its worker may be cut off or stop answering."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(deadline=timedelta(seconds=HANG))  # a worker has to start within it, on a busy machine too
        self._hand = hand
        self._reading = threading.local()

    def _parse(self, body: bytes, content_type: str, base_url: str) -> Any:
        self._reading.planted = body.count(b"<item>") > 1
        return super()._parse(body, content_type, base_url)

    def _take(self) -> Any:
        worker = super()._take()
        if not self._reading.planted:
            return worker

        def signal_it(number: int) -> None:
            os.kill(worker._process.pid, number)

        self._hand.at(Step.PARSE, drop=lambda: signal_it(signal.SIGKILL), hang=lambda: signal_it(signal.SIGSTOP))
        return worker


class StruckUnderstanding:
    """Reads; in the writing thread."""

    def __init__(self, inner: ModelUnderstanding, hand: Hand) -> None:
        self._inner, self._hand, self.version = inner, hand, inner.version

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        planted = any(item.entry.title != QUIET for item in items)
        if planted:
            self._hand.at(Step.CLASSIFY)
        readings = self._inner.read(items, now)
        if planted:
            self._hand.ahead(Step.COMMIT)
        return readings


class StruckNotifier:
    """Sends; Slack does most of the striking."""

    def __init__(self, inner: Notifier, hand: Hand) -> None:
        self._inner, self._hand = inner, hand

    async def send(self, channel: Channel, message: Sendable, posted: PostedMessage | None) -> PostedMessage | None:
        told = await self._hand.unless_blasted(self._inner.send(channel, message, posted))
        if message.kind == "post":
            await asyncio.to_thread(self._hand.at, Step.ANSWER_READ)
            await asyncio.to_thread(self._hand.ahead, Step.MARK_SENT)
        return told

    def parts(self, notice: Notice) -> int:
        return self._inner.parts(notice)

    async def find(
        self, channel: Channel, marker: str, since: datetime, posted: PostedMessage | None
    ) -> PostedMessage | None:
        return await self._inner.find(channel, marker, since, posted)


class StruckStorage:
    """Stores; tells transactions apart by what is done in them."""

    def __init__(self, inner: SqlStorage, hand: Hand) -> None:
        self._inner, self._hand = inner, hand

    @contextmanager
    def transaction(self) -> Iterator[SqlUnit]:
        with self._inner.transaction() as unit:
            watched = Watched(unit)
            yield cast(SqlUnit, watched)
            step = watched.step()
            if step:
                self._hand.at(step, drop=cast(Any, unit.connection.connection.dbapi_connection).close)
        if step:
            self._hand.at(step, late=True)

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        with self._inner.reading() as unit:
            watched = Watched(unit)
            yield cast(SqlUnit, watched)
        if watched.asked_about_an_alert():
            self._hand.ahead(Step.LEASE)


class Watched:
    """A transaction that remembers what was done in it."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit
        self._done: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._unit, name)
        if not callable(found):
            return found

        def noted(*arguments: Any, **options: Any) -> Any:
            self._done.append((name, arguments))
            return found(*arguments, **options)

        return noted

    def step(self) -> Step | None:
        """Return which step of the matrix this transaction is, None for any other."""
        events = [arguments[0] for name, arguments in self._done if name == "add_event"]
        if any(event.kind is EventKind.ACKNOWLEDGED for event in events):
            return Step.ACK_COMMITTED
        rows: list[Notification] = [arguments[0] for name, arguments in self._done if name == "save_notification"]
        if any(row.state is DeliveryState.SENDING for row in rows):
            return Step.LEASE
        if any(row.state is DeliveryState.SENT and not row.error for row in rows):
            return Step.MARK_SENT
        stored = [article for name, arguments in self._done if name == "add_articles" for article, _ in arguments[0]]
        return Step.COMMIT if any(article.title != QUIET for article in stored) else None

    def asked_about_an_alert(self) -> bool:
        """Say whether an attempt to deliver comes next."""
        return any(name == "notifications_of" for name, _ in self._done)
