"""One run of the kill matrix: plant two crises, let one thing go wrong, restart, drain, and look at what people got."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import yaml

from monitor.adapters.slack_buttons import action_id
from monitor.core.desk import ActKind
from tests.kill_matrix.hosts import OuterHand, StruckSlack, struck_page
from tests.kill_matrix.nursery import Child, Nursery
from tests.kill_matrix.plan import ACKS, DEADLINE, HANG, QUIET, Fault, Plan, Step
from tests.servers.feeds import FeedServer, page, rss_items
from tests.servers.slack_payloads import ADA, BO
from tests.servers.slack_socket import Envelope
from tests.stories import BUILD_UP, COUP, THREAT, found_town, item_of

CRISES = (tuple(BUILD_UP[n] for n in (0, 2, 3)), COUP[:3], THREAT[:3])
OUTLETS = ("alpha", "bravo", "charlie")
ACKNOWLEDGE = action_id(ActKind.ACKNOWLEDGE)
STRUCK_WITHIN, DRAINED_WITHIN, ENDED_WITHIN = 60.0, 90.0, 30.0 + HANG
LAG_LIMIT, MEMORY_LIMIT, GROWTH_LIMIT = (
    2 * DEADLINE,
    600.0,
    64.0,
)  # a loop that a hang or a lock holds up stands still for three
_END = b"\0the end\n"
_HANDLED = re.compile(
    r"ERROR sqlalchemy\.pool\S* Exception during reset.*\n(Traceback.*\n( .*\n)*\S.*\n)?"
)  # the pool parts with a lost connection
_UNHANDLED = re.compile(r"Traceback|never retrieved|never awaited|unexpected error|Exception ignored")


class Log:
    """What a daemon writes, through a pipe: a full disk must not eat the evidence."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = ""

    def __enter__(self) -> Self:
        os.mkfifo(self.path)
        self._handle = os.open(self.path, os.O_RDWR)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()
        os.close(self._handle)

    def finish(self) -> str:
        """Return all that was written, once nobody writes any more."""
        if self._thread.is_alive():
            os.write(self._handle, _END)
            self._thread.join(10)
        return self.text

    def _read(self) -> None:
        seen = b""
        while not seen.endswith(_END):
            seen += os.read(self._handle, 65536)
            self.text = seen.removesuffix(_END).decode(errors="replace")


@dataclass(kw_only=True)
class Outcome:
    """What a run brought. problems: every promise broken, in words; none when all is well."""

    plan: Plan
    problems: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    lag: float = 0.0
    memory: float = 0.0
    growth: float = 0.0

    def report(self) -> str:
        """Return all there is to know about a run that went wrong."""
        logs = "\n".join(f"--- daemon {number} said:\n{log}" for number, log in enumerate(self.logs, 1))
        return "\n".join([f"run {self.plan.name}: {self.plan.text()}", *self.problems, logs])


@dataclass(kw_only=True)
class Scene:
    """Everything around the daemons of one run."""

    plan: Plan
    folder: Path
    nursery: Nursery
    feeds: FeedServer
    slack: StruckSlack
    hand: OuterHand
    outcome: Outcome
    stack: ExitStack
    clicks: dict[str, list[Envelope]] = field(default_factory=dict)
    count: int = 0

    @property
    def database(self) -> Path:
        return self.folder / "data" / "crisis-monitor.db"

    @property
    def notes(self) -> Path:
        return self.folder / f"notes{self.count}"

    def start(self, *, struck: bool) -> tuple[Child, Log]:
        """Start a daemon, the first of which is struck."""
        self.count += 1
        log = self.stack.enter_context(Log(self.folder / f"log{self.count}"))
        arguments = ["--config", str(self.folder / "config"), "--data", str(self.folder / "data")]
        arguments += ["--notes", str(self.notes), *(["--plan", self.plan.text()] if struck else [])]
        environ = {"SLACK_BOT_TOKEN": "xoxb-matrix", "SLACK_API_URL": self.slack.base_url}
        environ |= {"SLACK_APP_TOKEN": "xapp-1-A1-matrix"} if self.plan.acks else {}
        child = self.nursery.start(arguments, environ, log.path)
        self.stack.callback(lambda: child.send(signal.SIGKILL))
        return child, log

    def publish(self, outlets: Sequence[str]) -> None:
        """Let outlets tell of the planted crises; a feed that tells of none is quiet."""
        now = datetime.now(UTC)  # noqa: TID251  # the daemon reads the real clock
        for number, outlet in enumerate(OUTLETS):
            titles = [CRISES[crisis][number] for crisis in self.plan.crises] if outlet in outlets else []
            items = [item_of(outlet, n, title, now) for n, title in enumerate([QUIET, *titles])]
            served = page(rss_items(items, title=outlet))
            self.feeds.put(f"/{outlet}.xml", struck_page(served, self.hand) if titles else served)

    def expected(self) -> list[str]:
        """Return the titles of everything planted."""
        told = OUTLETS if self.plan.second_wave else OUTLETS[:2]
        return [CRISES[crisis][number] for crisis in self.plan.crises for number in range(len(told))]

    def click(self) -> None:
        """Let people acknowledge every alert that is shown, again where none was answered or they were told that it failed."""
        refused = any("could not be carried out" in each.text for user in (ADA, BO) for each in self.slack.told(user))
        done = self.acknowledged()
        for message in self.slack.messages("#escalation"):
            alert = message["metadata"]["event_payload"]["alert_id"]
            before = self.clicks.setdefault(alert, [])
            if not any(each.answered.is_set() for each in before) or (refused and alert not in done):
                people = (ADA, BO) if self.plan.twice else (ADA,)
                with suppress(LookupError):  # the button is gone: a click of the first life was carried out meanwhile
                    before += [
                        self.slack.click("#escalation", message["ts"], ACKNOWLEDGE, user=user) for user in people
                    ]

    def acknowledged(self) -> dict[str, int]:
        """Return how often each alert was acknowledged."""
        rows = self.query("SELECT alert_id, count(*) FROM events WHERE kind = 'acknowledged' GROUP BY alert_id")
        return dict(rows)

    def struck(self) -> bool:
        """Say whether what was planned has happened."""
        return self.hand.struck.is_set() or Path(f"{self.folder / 'notes1'}.struck").exists()

    def query(self, sql: str) -> list[Any]:
        """Return the rows of a query, none while there is no database yet."""
        try:
            with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
                return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []


def carry_out(plan: Plan, nursery: Nursery, folder: Path) -> Outcome:
    """Do one run in an empty folder."""
    outcome = Outcome(plan=plan)
    hand = OuterHand(plan, folder / "data" / "crisis-monitor.db")
    with ExitStack() as stack:
        feeds = stack.enter_context(FeedServer())
        slack = stack.enter_context(StruckSlack(hand))
        slack.add_channel("escalation")
        scene = Scene(
            plan=plan, folder=folder, nursery=nursery, feeds=feeds, slack=slack, hand=hand, outcome=outcome, stack=stack
        )
        _found(scene)
        _first_life(scene)
        _second_life(scene)
        _judge(scene)
    return outcome


def _found(scene: Scene) -> None:
    channel = {"slack": {"channel": "#escalation", "token_env": "SLACK_BOT_TOKEN"}}
    town = found_town(scene.folder / "config", scene.feeds, OUTLETS, channel)
    feeds = yaml.safe_load((town.config / "feeds.yaml").read_text(encoding="utf-8"))
    feeds["defaults"] = {"interval": "1s"}
    (town.config / "feeds.yaml").write_text(yaml.safe_dump(feeds), encoding="utf-8")
    settings = {"web": {"enabled": False}, "polling": {"deadline": f"{DEADLINE:g}s"}}
    (town.config / "monitor.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    scene.publish(OUTLETS[:2])


def _first_life(scene: Scene) -> None:
    plan = scene.plan
    child, log = scene.start(struck=True)
    scene.hand.aim(child)
    if plan.step is Step.UPDATE:
        _until(lambda: len(_sent_posts(scene)) == len(plan.crises), STRUCK_WITHIN, child)
        scene.publish(OUTLETS)
    if plan.step in ACKS:
        _until(lambda: len(_sent_posts(scene)) == len(plan.crises) and _connected(scene), STRUCK_WITHIN, child)
        scene.click()
    if not _until(scene.struck, STRUCK_WITHIN, child):
        scene.outcome.problems.append(f"the fault did not happen within {STRUCK_WITHIN:g} s (status {child.status})")
    if plan.step in ACKS and plan.fault is Fault.DROPPED:
        scene.slack.sockets.cut()
    if not plan.ends:
        child.wait(HANG + plan.linger)
        child.send(signal.SIGKILL if plan.hard else signal.SIGTERM)
    status = child.wait(ENDED_WITHIN)
    _check_end(scene, status, log, expected=_endings(plan), planted=plan.fault is Fault.EXCEPTION)


def _endings(plan: Plan) -> tuple[int, ...]:
    if plan.ends:
        return {Fault.KILL: (-signal.SIGKILL,), Fault.TERM: (0,), Fault.EXCEPTION: (1,)}[plan.fault]
    own = (1,) if plan.fault is Fault.FULL else ()
    return (-signal.SIGKILL if plan.hard else 0, *own)


def _sent_posts(scene: Scene) -> list[Any]:
    return scene.query("SELECT id FROM notifications WHERE kind = 'post' AND state = 'sent'")


def _second_life(scene: Scene) -> None:
    if scene.plan.second_wave:
        scene.publish(OUTLETS)
    child, log = scene.start(struck=False)
    if not _until(lambda: _drained(scene), DRAINED_WITHIN, child):
        rows = scene.query("SELECT alert_id, kind, event_kind, state, attempts, error FROM notifications")
        missing = [title for title in scene.expected() if title not in _shown(scene)]
        feeds = scene.query("SELECT feed_id, failures, error, next_poll_at FROM feeds")
        scene.outcome.problems.append(
            f"not drained within {DRAINED_WITHIN:g} s: {rows}; not shown: {missing}; feeds: {feeds}"
        )
    if scene.plan.acks:
        _acknowledge(scene, child)
    child.send(signal.SIGTERM)
    _check_end(scene, child.wait(ENDED_WITHIN), log, expected=(0,), planted=False)


def _acknowledge(scene: Scene, child: Child) -> None:
    """Let people click where they got no answer, and wait until every click that was answered is carried out and shown."""
    _until(lambda: _connected(scene), STRUCK_WITHIN, child)
    scene.click()
    if not _until(lambda: len(scene.acknowledged()) == len(scene.clicks) and _drained(scene), DRAINED_WITHIN, child):
        answers = {alert: [(e.answered.is_set(), e.late, e.lost) for e in es] for alert, es in scene.clicks.items()}
        scene.outcome.problems.append(f"not acknowledged: {scene.acknowledged()} of clicks {answers}")


def _connected(scene: Scene) -> bool:
    return bool(scene.slack.sockets.links)


def _drained(scene: Scene) -> bool:
    if not scene.notes.exists():
        return False  # the second daemon is not there yet
    unfinished = scene.query("SELECT count(*) FROM notifications WHERE state IN ('pending', 'sending', 'unknown')")
    return unfinished == [(0,)] and all(title in _shown(scene) for title in scene.expected())


def _shown(scene: Scene) -> str:
    return json.dumps(scene.slack.messages("#escalation"), default=str, ensure_ascii=False)


def _check_end(scene: Scene, status: int | None, log: Log, *, expected: Sequence[int], planted: bool) -> None:
    """Check how a daemon ended, what it said, how long its loop stood still and how much memory it held."""
    outcome = scene.outcome
    outcome.logs.append(log.finish())
    if status not in expected:
        outcome.problems.append(f"daemon {scene.count} ended with {status}, not with one of {expected}")
    unhandled = _UNHANDLED.search(_HANDLED.sub("", log.text))
    if unhandled and not planted:
        outcome.problems.append(f"daemon {scene.count} left an exception unhandled: {unhandled.group()}")
    if planted and "planted" not in log.text:
        outcome.problems.append("the planted exception is not in the log")
    noted = scene.notes.read_text(encoding="ascii") if scene.notes.exists() else ""
    lag, first, most = (float(value) for value in noted.split() or (0, 0, 0))
    outcome.lag, outcome.memory = max(outcome.lag, lag), max(outcome.memory, most)
    outcome.growth = max(outcome.growth, most - first)
    if lag > LAG_LIMIT:
        outcome.problems.append(f"the event loop of daemon {scene.count} stood still for {lag} s")
    if most > MEMORY_LIMIT or most - first > GROWTH_LIMIT:
        outcome.problems.append(f"daemon {scene.count} held {first} MB at first and {most} MB at most")


def _judge(scene: Scene) -> None:
    """Look at Slack and at the database: nothing lost, nothing twice."""
    plan, problems = scene.plan, scene.outcome.problems
    roots = scene.slack.messages("#escalation")
    everything = [*roots, *(reply for root in roots for reply in root["replies"])]
    per_alert = Counter(message["metadata"]["event_payload"]["alert_id"] for message in roots)
    markers = Counter(message["metadata"]["event_payload"]["marker"] for message in everything)
    if len(per_alert) != len(plan.crises):
        problems.append(f"{len(per_alert)} alerts are shown for {len(plan.crises)} crises")
    problems += [f"not shown: {title}" for title in scene.expected() if title not in _shown(scene)]
    repeated = [message for message in everything if "possible repeat" in message["text"]]
    if plan.readable:
        problems += [f"{alert} was posted {times} times" for alert, times in per_alert.items() if times > 1]
        problems += [f"{marker} arrived {times} times" for marker, times in markers.items() if times > 1]
        problems += ["a repeat was announced although history can be read"] if repeated else []
    elif sum(markers.values()) - len(markers) > len(repeated):
        problems.append("something arrived twice without saying that it may be a repeat")
    if plan.acks:
        problems += [f"{alert} was acknowledged {n} times" for alert, n in scene.acknowledged().items() if n != 1]
        told = {m["metadata"]["event_payload"]["alert_id"] for m in roots if "acknowledged by" in m["text"]}
        problems += [f"no message shows who acknowledged {alert}" for alert in per_alert.keys() - told]
    stored = scene.query("SELECT count(*), count(DISTINCT title) FROM articles")
    distinct = len(scene.expected()) + 1
    if len(scene.query("SELECT id FROM alerts")) != len(plan.crises):
        problems.append("the database holds another number of alerts than there are crises")
    if stored[0][1] != distinct:
        problems.append(f"{stored[0][1]} different titles are stored, not {distinct}")


def _until(condition: Callable[[], bool], seconds: float, child: Child) -> bool:
    """Wait for what other threads and processes bring about; in vain once the daemon is gone."""
    waiting = threading.Event()
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: TID251  # real time
    while datetime.now(UTC) < deadline:  # noqa: TID251  # real time
        if condition():
            return True
        if child.status is not None:
            return condition()
        waiting.wait(0.1)
    return condition()
