"""From a click to its effect: each is checked, carried out once in the writing thread, and answered; none is lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from slack_sdk.socket_mode.request import SocketModeRequest

from monitor.adapters.slack_buttons import Buttons
from monitor.adapters.slack_replies import Replies
from monitor.adapters.slack_requests import read_request
from monitor.adapters.spool import Spool
from monitor.core.acts import Permit, refusal
from monitor.core.desk import Click, Command
from monitor.core.errors import LeaseLost, MonitorError, NotifyError, StorageBroken
from monitor.pipeline.acts import Acts, Deed

log = structlog.get_logger(__name__)
T = TypeVar("T")
SLOW_SECONDS = 3.0
FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0
REPLIES_AT_ONCE = 4
_BUSY = "Received. The database is busy or cannot be reached; this is carried out as soon as it can be."
_FOREIGN = (
    "This button is not one that this monitor made, or was made before its app token was changed, so nothing was changed. "
    "Use the newest message on the alert, the review page, or `crisis-monitor ack`."
)
_BROKEN = "This could not be carried out because of a fault in the monitor, which is in its log. Use the review page or `crisis-monitor ack`."


@dataclass(kw_only=True)
class Acting:
    """The queue behind the socket. permit: who may act, at this moment; raises NotifyError where that cannot be learnt.

    answer: carries out a slash command and returns what to tell. slow: seconds after which a person is told that it takes longer.
    """

    acts: Acts
    buttons: Buttons
    replies: Replies
    permit: Callable[[], Awaitable[Permit]]
    answer: Callable[[Command], str]
    in_writer: Callable[[Callable[[], object]], Awaitable[object]]
    spool: Spool
    first_retry: float = FIRST_RETRY
    slow: float = SLOW_SECONDS
    _queue: asyncio.Queue[SocketModeRequest] = field(default_factory=asyncio.Queue)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REPLIES_AT_ONCE))
    _held: set[str] = field(default_factory=set)
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def sweep(self) -> None:
        """Line up what another daemon wrote down and left: one that lost its lease between an answer and the deed."""
        for request in await asyncio.to_thread(lambda: list(self.spool.left())):
            if request.envelope_id not in self._held:
                log.warning("a click that another daemon left is carried out", envelope=request.envelope_id)
                await self.take(request)

    async def note(self, request: SocketModeRequest) -> None:
        """Write a request down. Raises OSError."""
        self._held.add(request.envelope_id)
        await asyncio.to_thread(self.spool.keep, request)

    async def take(self, request: SocketModeRequest) -> None:
        """Line a request up."""
        self._held.add(request.envelope_id)
        self._queue.put_nowait(request)

    async def run(self) -> None:
        """Carry out what comes, first come first served, after what an earlier run left; until cancelled. Raises LeaseLost, StorageBroken."""
        for request in await asyncio.to_thread(lambda: list(self.spool.left())):
            await self.take(request)
        try:
            while True:
                await self._serve(await self._queue.get())
        finally:
            for task in self._telling:
                task.cancel()
            await asyncio.gather(*self._telling, return_exceptions=True)

    async def _serve(self, request: SocketModeRequest) -> None:
        asked = read_request(request)
        try:
            if asked is not None:
                await self._until_done(asked)
        except (LeaseLost, StorageBroken):
            raise
        except Exception:
            log.exception("what somebody asked for in Slack could not be carried out")
            if asked is not None:
                self._tell(asked, _BROKEN)
        await asyncio.to_thread(self.spool.forget, request)
        self._held.discard(request.envelope_id)

    async def _until_done(self, asked: Click | Command) -> None:
        """Try until it is stored; say so where that takes long. Raises LeaseLost, StorageBroken."""
        delay, said = self.first_retry, False
        while True:
            work = asyncio.create_task(self._once(asked), name="act")
            try:
                done, _ = await asyncio.wait({work}, timeout=self.slow)
                if not done and not said:
                    said = True
                    self._tell(asked, _BUSY)
                self._tell(asked, await work)
            except (LeaseLost, StorageBroken):
                raise
            except MonitorError as error:
                log.warning("what somebody asked for in Slack waits", reason=str(error))
                if not said:
                    said = True
                    self._tell(asked, _BUSY)
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_RETRY)
            else:
                return
            finally:
                work.cancel()

    async def _once(self, asked: Click | Command) -> str:
        """Check and carry out; return what the person is told. Raises MonitorError where it must be tried again."""
        try:
            permit = await self.permit()
        except NotifyError as error:
            if not error.permanent:
                raise
            return f"Nothing was changed: Slack does not say which workspace this is ({error}). Set slack.allowed_teams in monitor.yaml."
        why = refusal(asked.person, permit)
        if why:
            log.warning("somebody may not act", person=asked.person.id, team=asked.person.team, reason=why)
            return f"Nothing was changed: {why}."
        if isinstance(asked, Command):
            return await self._write(lambda: self.answer(asked))
        meant = self.buttons.read(asked.token)
        if meant is None:
            log.warning("a button that is not ours was refused", person=asked.person.id)
            return _FOREIGN
        deed = Deed(key=asked.key, kind=meant[0], alert_id=meant[1], person=asked.person)
        told = await self._write(lambda: self.acts.do(deed))
        log.info("act", kind=deed.kind.value, alert=deed.alert_id, by=asked.person.id, told=bool(told))
        return told

    async def _write(self, work: Callable[[], T]) -> T:
        return await self.in_writer(work)  # type: ignore[return-value]  # the runner gives back what `work` returns

    def _tell(self, asked: Click | Command, words: str) -> None:
        """Answer beside the queue: a slow answer holds up no other click."""
        if not words:
            return
        task = asyncio.create_task(self._told(asked, words), name="tell")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _told(self, asked: Click | Command, words: str) -> None:
        async with self._slots:
            await self.replies.tell(
                words, person=asked.person.id, channel_id=asked.channel_id, respond_to=asked.respond_to
            )
