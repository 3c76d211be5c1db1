"""Whatever happens in whatever order: each alert is told, none is listed twice for one thing, nobody is woken, critical never waits."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.core import local_time
from monitor.core.alerts import Alert, AlertState, EventKind, Level
from monitor.core.desk import Notice, NoticeKind
from monitor.core.hours import Attention, QuietHours
from monitor.core.messages import Channel, PostedMessage
from monitor.core.ports import Message, NoticeMessage, Sendable
from monitor.pipeline.duties import attend
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

ZONE = "Europe/Berlin"
QUIET = QuietHours(start=time(22), end=time(7))
BUDGET, STORM = 3, 2
START = datetime(2026, 3, 28, 20, 50, tzinfo=UTC)  # ten minutes before a quiet night in which clocks are put forward
WAITS = [5, 40, 600, 600, 3_600, 6 * 3_600]


@dataclass
class Recorder:
    """A channel's service that takes everything at once and remembers it: (when, what, level then)."""

    clock: ManualClock
    posts: list[tuple[datetime, str, Level]] = field(default_factory=list)
    broadcasts: list[tuple[datetime, str, Level]] = field(default_factory=list)

    async def send(self, channel: Channel, message: Sendable, posted: PostedMessage | None) -> PostedMessage | None:
        if isinstance(message, NoticeMessage):
            return PostedMessage(subject=message.notice.id, channel=channel.name, channel_id="C1", ts="1")
        assert isinstance(message, Message)
        alert = message.view.alert
        if message.kind == "post":
            self.posts.append((self.clock(), alert.id, alert.level))
            return PostedMessage(subject=alert.id, channel=channel.name, channel_id="C1", ts=alert.id)
        if message.broadcast:
            self.broadcasts.append((self.clock(), alert.id, alert.level))
        return posted

    def parts(self, notice: Notice) -> int:
        del notice
        return 1

    async def find(
        self, channel: Channel, marker: str, since: datetime, posted: PostedMessage | None
    ) -> PostedMessage | None:
        del channel, marker, since, posted
        return None


class Life:
    """A desk lived through at random, with what happened to each alert."""

    def __init__(self, desk: Desk, digest: time | None) -> None:
        self.desk = desk
        self.recorder = Recorder(desk.clock)
        attention = Attention(time_zone=ZONE, quiet=QUIET, digest=digest, storm=STORM, remind_after=timedelta(days=7))
        desk.channels["desk"] = replace(desk.channels["desk"], attention=attention, budget_per_day=BUDGET)
        self.alerts: list[Alert] = []
        self.told: Counter[str] = Counter()
        self.critical: dict[str, datetime] = {}
        self.rises: dict[str, list[datetime]] = {}
        self.restart()

    def restart(self) -> None:
        self.desk.restart()
        self.desk.delivery.notifiers = {"slack": self.recorder}

    def open(self, level: Level) -> None:
        self.alerts.append(self.desk.open(level))
        self._note(self.alerts[-1])

    def change(self, number: int, kind: EventKind, level: Level) -> None:
        if not self.alerts:
            return
        index = number % len(self.alerts)
        alert = self.alerts[index]
        if alert.state is AlertState.RESOLVED or (kind is EventKind.ESCALATED and level.rank <= alert.level.rank):
            return
        if kind is EventKind.ESCALATED:
            alert = replace(alert, level=level, highest=level)
        if kind is EventKind.ESCALATED:
            self.rises.setdefault(alert.id, []).append(self.desk.clock())
        if kind is EventKind.RESOLVED:
            alert = replace(alert, state=AlertState.RESOLVED, resolved_at=self.desk.clock())
        self.desk.clock.advance(seconds=0.001)
        self.alerts[index] = self.desk.tell(alert, kind)
        if kind is not EventKind.RESOLVED:
            self._note(alert)

    def _note(self, alert: Alert) -> None:
        self.told[alert.id] += 1
        if alert.level is Level.CRITICAL:
            self.critical.setdefault(alert.id, self.desk.clock())

    def pass_time(self, seconds: int) -> None:
        """Let time pass, attending often enough to see each time of day."""
        asyncio.run(self._pass(seconds))

    async def _pass(self, seconds: int) -> None:
        left = float(seconds)
        while left > 0:
            for _ in range(3):
                attend(self.desk.storage, self.desk.settings, self.desk.clock())
                await self.desk.delivery.deliver()
                self.desk.clock.advance(seconds=1)
            step = min(left, 3.0 if left < 60 else 897.0)
            self.desk.clock.advance(seconds=max(step - 3, 0))
            left -= max(step, 3)
        await self.desk.delivery.close()

    def listed(self, *lists: NoticeKind) -> Counter[str]:
        """Return how often each alert stands in notices of some kinds, or among what a digest says was held."""
        return Counter(alert_id for _, alert_id in self.lists(*lists))

    def lists(self, *lists: NoticeKind) -> list[tuple[datetime, str]]:
        """Return (when, alert) for each line of such lists."""
        found: list[tuple[datetime, str]] = []
        for notice in self.desk.notices():
            lines = [
                line
                for section in notice.sections
                for line in section.lines
                if notice.kind in lists or section.heading.startswith("Held back")
            ]
            found += [(notice.at, alert.id) for alert in self.alerts if any(f" {alert.id}:" in line for line in lines)]
        return found


@contextmanager
def a_life(digest: time | None) -> Iterator[Life]:
    clock = ManualClock(START)
    with tempfile.TemporaryDirectory() as folder, SlackStandIn(clock=clock) as slack:
        desk = Desk(Path(folder), slack, clock)
        yield Life(desk, digest)
        desk.storage.close()


actions = st.one_of(
    st.tuples(st.just("open"), st.sampled_from([Level.WATCH, Level.WATCH, Level.WARNING, Level.CRITICAL])),
    st.tuples(st.just("update"), st.integers(0, 4)),
    st.tuples(st.just("escalate"), st.integers(0, 4), st.sampled_from([Level.WARNING, Level.CRITICAL])),
    st.tuples(st.just("resolve"), st.integers(0, 4)),
    st.tuples(st.just("wait"), st.sampled_from(WAITS)),
    st.tuples(st.just("restart")),
)


def act(life: Life, action: tuple[object, ...]) -> None:
    match action:
        case ("open", Level() as level):
            life.open(level)
        case ("update", int(number)):
            life.change(number, EventKind.UPDATED, Level.WATCH)
        case ("escalate", int(number), Level() as level):
            life.change(number, EventKind.ESCALATED, level)
        case ("resolve", int(number)):
            life.change(number, EventKind.RESOLVED, Level.WATCH)
        case ("wait", int(seconds)):
            life.pass_time(seconds)
        case _:
            life.restart()


NIGHT_RISE: list[tuple[object, ...]] = [
    ("wait", 600),
    ("wait", 40),
    ("open", Level.WATCH),
    ("wait", 40),
    ("escalate", 0, Level.CRITICAL),
    ("restart",),
    ("open", Level.CRITICAL),
]
EVENING_STORM: list[tuple[object, ...]] = [
    *[("open", Level.WATCH)] * 6,
    ("wait", 40),
    ("update", 3),
    ("escalate", 4, Level.CRITICAL),
    ("resolve", 2),
    ("wait", 600),
    ("restart",),
    *[("open", Level.WARNING)] * 4,
]


@example(NIGHT_RISE, None)
@example(EVENING_STORM, time(8))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(actions, min_size=5, max_size=25), st.sampled_from([None, time(8), time(7)]))
def test_every_alert_is_told_none_twice_and_nobody_is_disturbed_beyond_the_rules(
    story: list[tuple[object, ...]], digest: time | None
) -> None:
    with a_life(digest) as life:
        for action in story:
            act(life, action)
        life.pass_time(86_400)

        check_told(life)
        check_peace(life)


def check_told(life: Life) -> None:
    """Each alert is told, and nothing that happened to it is told twice; a storm's summary comes before its own message."""
    own = Counter(alert_id for _, alert_id, _ in life.recorder.posts)
    again = Counter(alert_id for _, alert_id, _ in life.recorder.broadcasts)
    held, storms = life.listed(NoticeKind.RELEASE), life.listed(NoticeKind.STORM) - life.listed()
    for alert in life.alerts:
        assert own[alert.id] + held[alert.id] + storms[alert.id] >= 1
        assert own[alert.id] <= 1
        assert storms[alert.id] <= 1
        assert own[alert.id] + again[alert.id] + held[alert.id] <= life.told[alert.id]
    posted = {alert_id: at for at, alert_id, _ in life.recorder.posts}
    for at, alert_id in life.lists(NoticeKind.RELEASE):
        told = posted.get(alert_id, at)
        assert told >= at or any(told < rise <= at for rise in life.rises.get(alert_id, []))


def check_peace(life: Life) -> None:
    """Nothing below critical is posted in quiet hours, beyond the day's budget, or before what is critical."""
    lesser = [
        (at, kind)
        for kind in ("posts", "broadcasts")
        for at, _, level in getattr(life.recorder, kind)
        if level is not Level.CRITICAL
    ]
    assert all(local_time.quiet_span(QUIET, ZONE, at) is None for at, _ in lesser)
    days = Counter(local_time.day_of(at, ZONE) for at, kind in lesser if kind == "posts")
    assert max(days.values(), default=0) <= BUDGET
    for alert_id, risen in life.critical.items():
        shown = [
            at for at, each, _ in (*life.recorder.posts, *life.recorder.broadcasts) if each == alert_id and at >= risen
        ]
        assert shown
        assert not any(risen < at < min(shown) for at, _ in lesser)
