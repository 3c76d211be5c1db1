"""The world around the daemon: a feed host and Slack, each of which can fail at the moment that the plan names."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.kill_matrix.nursery import Child
from tests.kill_matrix.plan import HANG, Fault, Plan, Step
from tests.kill_matrix.strikes import strike
from tests.servers.feeds import Handler, Request
from tests.servers.slack import SlackStandIn

POST, UPDATE = "chat.postMessage", "chat.update"


class OuterHand:
    """Strikes the daemon once from outside, where the plan says. struck: whether it has."""

    def __init__(self, plan: Plan, database: Path) -> None:
        self.plan, self._database = plan, database
        self.struck = threading.Event()
        self._child = Child()
        self._seen = 0
        self._lock = threading.Lock()

    def aim(self, child: Child) -> None:
        """Say which daemon is meant."""
        self._child = child

    def claims(self, step: Step, *, late: bool = False) -> bool:
        """Say whether this occurrence of `step`, before or after it has done its work, is the one to strike."""
        plan = self.plan
        if plan.step is not step or (step is Step.UPDATE and plan.late is not late):
            return False
        with self._lock:
            self._seen += 1
            return self._seen == plan.nth

    def strike(self) -> None:
        """Do it. After an exception or a kill, wait until the daemon is gone."""
        plan = self.plan
        self.struck.set()
        strike(plan.fault, self._child.pid, self._database)
        if plan.fault is Fault.EXCEPTION:
            self._child.send(signal.SIGUSR1)
        if plan.fault in (Fault.EXCEPTION, Fault.KILL):
            self._child.wait(15)


def struck_page(inner: Handler, hand: OuterHand) -> Handler:
    """Serve `inner`, but fail at the request that the plan names."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        if hand.claims(Step.FETCH):
            await asyncio.to_thread(hand.strike)
            if hand.plan.fault is Fault.DROPPED:
                writer.transport.abort()
                return
            if hand.plan.fault is Fault.HANG:
                await asyncio.sleep(HANG)
        await inner(request, writer)

    return answer


class StruckSlack(SlackStandIn):
    """The stand-in, failing at the request that the plan names: before it does what is asked, or between that and its answer."""

    def __init__(self, hand: OuterHand) -> None:
        super().__init__()
        self._hand = hand
        self._method = threading.local()
        self.history_lag = timedelta(seconds=hand.plan.lag)
        if not hand.plan.readable:
            self.scopes -= {"channels:history", "groups:history"}

    def serve(self, handler: Any, method: str, token: str, body: dict[str, Any]) -> None:
        self._method.name = method
        hand = self._hand
        posts = method == POST and not body.get("thread_ts")
        if (posts and hand.claims(Step.POST_SENT)) or (method == UPDATE and hand.claims(Step.UPDATE)):
            hand.strike()
            if hand.plan.fault is Fault.HANG:
                self._stop.wait(HANG)
            if not self._arrives():
                handler.drop()
                return
        super().serve(handler, method, token, body)

    def _arrives(self) -> bool:
        """Say whether what was under way when it was struck is still done: always, where nothing cuts it off."""
        fault = self._hand.plan.fault
        if fault in (Fault.KILL, Fault.EXCEPTION, Fault.HANG):
            return self._hand.plan.lands
        return fault is not Fault.DROPPED

    def _send(self, handler: Any, mode: str, status: int, answer: str, headers: Mapping[str, str]) -> None:
        if self._struck_after(status, answer):
            self._hand.strike()
            if self._hand.plan.fault is Fault.DROPPED:
                handler.drop()
                return
            if self._hand.plan.fault is Fault.HANG:
                self._stop.wait(HANG)
        super()._send(handler, mode, status, answer, headers)

    def _struck_after(self, status: int, answer: str) -> bool:
        told = json.loads(answer) if status == 200 else {}
        if not told.get("ok"):
            return False
        posted = self._method.name == POST and "thread_ts" not in told["message"]
        edited = self._method.name == UPDATE
        return (posted and self._hand.claims(Step.DELIVERED)) or (edited and self._hand.claims(Step.UPDATE, late=True))


def publishing(hand: OuterHand) -> Callable[[Handler], Handler]:
    """Return what turns a feed's page into one that may fail."""
    return lambda page: struck_page(page, hand)
