"""A desk for tests of delivery: a real database, a Slack stand-in, one clock for both, and as many restarts as wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.adapters.migrations import migrate
from monitor.adapters.slack import SlackNotifier
from monitor.adapters.storage import SqlStorage
from monitor.core.alerts import Alert, EventKind, Level
from monitor.core.desk import Notice, NoticeKind
from monitor.core.hours import Attention
from monitor.core.ledger import Ledger
from monitor.core.messages import Channel, DeliveryState, Notification
from monitor.core.outlets import Outlets
from monitor.core.ports import AlertArticle, Notifier
from monitor.core.situations import Registry
from monitor.pipeline.delivery import Delivery
from monitor.pipeline.duties import attend
from monitor.pipeline.state import Settings
from monitor.pipeline.weighing import Weighing
from tests.builders import a_rule, a_standing, an_alert, an_event
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

TOKEN = "xoxb-1234-canary"
TIMEOUT = timedelta(seconds=2)


def a_slack_channel(**changes: Any) -> Channel:
    """Return a channel at the stand-in that takes as much as comes."""
    base = {"name": "desk", "kind": "slack", "target": "#desk", "token": TOKEN, "budget_per_day": 100_000}
    return Channel(**{**base, "attention": Attention(storm=1_000), **changes})


async def at_once(work: Callable[[], object]) -> object:
    """Run a storage function where we are: tests need no writing thread."""
    return work()


class Desk:
    """Storage, stand-in and delivery on one clock. Channels are `desk`, `other` and `spare`, all in Slack."""

    def __init__(self, folder: Path, slack: SlackStandIn, clock: ManualClock, **desk: Any) -> None:
        self.slack, self.clock = slack, clock
        for name in ("desk", "other", "spare"):
            slack.add_channel(name)
        self.storage = SqlStorage.open(f"sqlite:///{folder / 'test.db'}")
        migrate(self.storage)
        self.channels = {
            "desk": a_slack_channel(**desk),
            "other": a_slack_channel(name="other", target="#other"),
            "spare": a_slack_channel(name="spare", target="#spare"),
        }
        self.count = 0
        self.notifiers: Mapping[str, Notifier] = {}
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not in the database."""
        self.settings = Settings(
            rules=(a_rule(),), channels=self.channels, outlets=Outlets({}), registry=Registry(actors={}, situations={})
        )
        self.notifiers = {"slack": SlackNotifier(base_url=self.slack.base_url, timeout=TIMEOUT)}
        self.delivery = Delivery(
            storage=self.storage,
            settings=self.settings,
            notifiers=self.notifiers,
            clock=self.clock,
            in_writer=at_once,
            patience=20.0,
        )

    def open(self, level: Level = Level.WATCH, channel: str = "desk", **changes: Any) -> Alert:
        """Commit a new alert with its first notification."""
        self.count += 1
        now = self.clock()
        alert = an_alert(
            id=f"al-{self.count:04d}",
            level=level,
            highest=level,
            opened_at=now,
            last_event_at=now,
            last_told_at=now,
            **{"situation": f"S{self.count:04d}", **changes},
        )
        self.tell(alert, EventKind.OPENED, channel)
        return alert

    def tell(self, alert: Alert, kind: EventKind, channel: str = "desk", reason: str = "") -> Alert:
        """Commit an event of an alert and what it queues."""
        now = self.clock()
        alert = replace(alert, last_event_at=now)
        event = an_event(
            alert_id=alert.id,
            at=now,
            kind=kind,
            level=alert.level,
            reason=reason or f"{kind.value} {alert.id}",
            standing=a_standing(at=now),
        )
        settings = replace(self.settings, rules=(a_rule(name=alert.rule, notify=(channel,)),))
        with self.storage.transaction() as unit:
            unit.save_alert(alert)
            unit.add_event(event)
            unit.add_alert_articles(alert.id, [_row(alert, now.isoformat())])
            weighing = Weighing(unit=unit, settings=settings, ledger=Ledger([], None), now=now, model="test")
            weighing.notify(alert, event)
        return alert

    def rows(self) -> list[Notification]:
        """Return the whole outbox."""
        with self.storage.reading() as unit:
            ids = [f"al-{number:04d}" for number in range(1, self.count + 1)]
            return [row for alert_id in ids for row in unit.notifications_of(alert_id)]

    def states(self) -> list[DeliveryState]:
        """Return the state of every row."""
        return [row.state for row in self.rows()]

    def run(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, delivering every `step` seconds."""
        asyncio.run(self._run(seconds, step))

    def live(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass as the daemon does: with the duties of each moment."""
        asyncio.run(self._run(seconds, step, duties=True))

    def notices(self, kind: NoticeKind | None = None) -> list[Notice]:
        """Return all notices, or those of one kind, oldest first."""
        with self.storage.reading() as unit:
            return [each for each in unit.notices_since(datetime(2000, 1, 1, tzinfo=UTC)) if kind in (None, each.kind)]

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait in real time until something has happened at the stand-in."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  # the stand-in runs in threads of its own
                await asyncio.sleep(0.01)

    async def _run(self, seconds: float, step: float, *, duties: bool = False) -> None:
        passed = 0.0
        while passed < seconds:
            if duties:
                attend(self.storage, self.settings, self.clock())
            await self.delivery.deliver()
            self.clock.advance(seconds=step)
            passed += step
        await self.delivery.close()

    def once(self, work: Callable[[], Awaitable[object]]) -> object:
        """Run one coroutine function."""

        async def inner() -> object:
            return await work()

        return asyncio.run(inner())

    def posted(self, channel: str = "desk") -> list[str]:
        """Return the ids of the alerts whose messages stand in a channel, in the channel's order."""
        return [message["metadata"]["event_payload"]["alert_id"] for message in self.slack.messages(channel)]


def _row(alert: Alert, suffix: str) -> AlertArticle:
    return AlertArticle(
        article_id=f"art-{alert.id}-{suffix}",
        title=f"Report on {alert.id}",
        at=alert.last_event_at,
        source="Example",
        url=f"https://news.example/{alert.id}",
        score=0.9,
    )
