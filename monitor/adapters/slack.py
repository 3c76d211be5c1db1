"""Alerts in Slack: one living message per alert, its news in the thread, and the channel's history as a witness.

Slack knows no idempotency key. Each message therefore carries a marker in its metadata, by which `find` can tell whether an
attempt of unknown outcome arrived.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata

from monitor.adapters.charts import draw
from monitor.adapters.slack_blocks import Rendered, bare, curve_words, render
from monitor.adapters.slack_client import Answer, SlackApi, ask, call
from monitor.adapters.slack_notices import bare_notice, notice_parts, render_notice
from monitor.core.desk import Notice, NoticeKind
from monitor.core.errors import NotifyError
from monitor.core.messages import Channel, PostedMessage
from monitor.core.ports import AlertView, Message, NoticeMessage, Sendable

log = structlog.get_logger(__name__)

EVENT_TYPE = "crisis_monitor_alert"
SLACK = "https://slack.com/api/"
_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_PAGE = 200
_MOST_PAGES = 100
_CLOCKS_DIFFER = timedelta(minutes=10)

FILE_READY_SECONDS = 2.0

Actions = Callable[[Message], Sequence[Block]]
Draw = Callable[[AlertView], Awaitable[bytes]]


def no_actions(message: Message) -> Sequence[Block]:
    """Return no buttons."""
    del message
    return ()


class SlackNotifier:
    """Posts, edits and replies through the Web API; one attempt per call, every failure a NotifyError.

    base_url: Slack's, or a stand-in's. timeout: over a whole call. actions: the blocks with buttons for a message.
    draw: makes the picture of the evidence curve, b"" where there is none.
    """

    def __init__(
        self, *, base_url: str = SLACK, timeout: timedelta, actions: Actions = no_actions, draw: Draw = draw
    ) -> None:
        self._base_url = base_url or SLACK
        self._timeout = timeout
        self._actions = actions
        self._draw = draw
        self._tls = ssl.create_default_context()
        self._apis: dict[str, SlackApi] = {}
        self._ids: dict[tuple[str, str], str] = {}

    async def send(self, channel: Channel, message: Sendable, posted: PostedMessage | None) -> PostedMessage | None:
        """Post, edit or reply; return the living message after a post. Raises NotifyError."""
        if message.kind == "post":
            return await self._post(channel, message)
        if posted is None:
            raise NotifyError("there is no message to edit or reply to", permanent=True, code="message_not_found")
        if isinstance(message, Message) and message.kind == "chart":
            return await self._add_chart(channel, message, posted)
        if message.kind == "update":
            await self._update(channel, message, posted)
        else:
            await self._reply(channel, message, posted)
        return posted

    async def find(
        self, channel: Channel, marker: str, since: datetime, posted: PostedMessage | None
    ) -> PostedMessage | None:
        """Return the message that carries `marker` in the channel or in the living message's thread, None where none does.

        Raises NotifyError, permanent where history cannot be read.
        """
        api, subject = self._api(channel), marker.partition(":")[0]
        place = posted.channel_id if posted else await self._known_id(api, channel)
        oldest = f"{(since - _CLOCKS_DIFFER).timestamp():.6f}"
        seen = api.conversations_history
        ts = await _search(lambda cursor: ask(seen(**_window(place, oldest, cursor))), marker)
        if ts is None and posted:
            ts = await self._in_thread(api, posted, oldest, marker)
        return PostedMessage(subject=subject, channel=channel.name, channel_id=place, ts=ts) if ts else None

    def parts(self, notice: Notice) -> int:
        """Return in how many messages `notice` is told."""
        return len(notice_parts(notice))

    async def permalink(self, channel: Channel, posted: PostedMessage) -> str:
        """Return where people can open a message. Raises NotifyError."""
        answer = await ask(self._api(channel).chat_getPermalink(channel=posted.channel_id, message_ts=posted.ts))
        return str(answer.get("permalink", ""))

    def content(self, message: Sendable, chart: str = "") -> dict[str, Any]:
        """Return what would be sent of a message beside its place. chart: id of an uploaded picture. Raises NotifyError."""
        return self._content(message, chart)

    async def check(self, channel: Channel) -> str:
        """Return the name of the workspace the token belongs to, after a harmless call. Raises NotifyError."""
        answer = await ask(self._api(channel).auth_test())
        return str(answer.get("team", ""))

    def _api(self, channel: Channel) -> SlackApi:
        if not channel.token or not channel.token.isascii() or not channel.token.isprintable():
            raise NotifyError("the token is empty or no token; set a bot token", permanent=True, code="invalid_auth")
        if channel.token not in self._apis:
            self._apis[channel.token] = SlackApi(
                token=channel.token, base_url=self._base_url, timeout=self._timeout, tls=self._tls
            )
        return self._apis[channel.token]

    async def _post(self, channel: Channel, message: Sendable) -> PostedMessage:
        api = self._api(channel)
        target = await self._target(api, channel)
        answer = await call(api.chat_postMessage(channel=target, **self._content(message)))
        place, ts = _where(answer)
        self._ids[channel.token, channel.target] = place
        return PostedMessage(subject=subject_of(message), channel=channel.name, channel_id=place, ts=ts)

    async def _update(self, channel: Channel, message: Sendable, posted: PostedMessage) -> None:
        """Edit the living message; without its picture where Slack does not take the picture any more."""
        try:
            await self._edit(channel, message, posted)
        except NotifyError as error:
            if error.code != "invalid_blocks" or not posted.chart:
                raise
            await self._edit(channel, message, replace(posted, chart=""))

    async def _edit(self, channel: Channel, message: Sendable, posted: PostedMessage) -> None:
        content = self._content(message, posted.chart)
        del content["unfurl_links"], content["unfurl_media"]
        await call(self._api(channel).chat_update(channel=posted.channel_id, ts=posted.ts, **content))

    async def _add_chart(self, channel: Channel, message: Message, posted: PostedMessage) -> PostedMessage:
        """Draw and upload the evidence curve, for the next edit to show. Raises NotifyError, permanent where there is none."""
        picture = await self._draw(message.view)
        if not picture:
            raise NotifyError("no picture could be drawn", permanent=True, code="no_chart")
        file_id = await self._upload(self._api(channel), message, picture)
        await asyncio.sleep(FILE_READY_SECONDS)
        return replace(posted, chart=file_id)

    async def _upload(self, api: SlackApi, message: Message, picture: bytes) -> str:
        """Put a file where only our own messages show it, in the three steps of `files_upload_v2`; return its id."""
        words, name = curve_words(message.view), f"evidence-{message.view.alert.id}.png"
        place = await ask(api.files_getUploadURLExternal(filename=name, length=len(picture), alt_txt=words))
        await api.upload(str(place["upload_url"]), picture)
        await ask(
            api.files_completeUploadExternal(files=[{"id": str(place["file_id"]), "title": "Evidence over time"}])
        )
        return str(place["file_id"])

    async def _reply(self, channel: Channel, message: Sendable, posted: PostedMessage) -> None:
        content = self._content(message)
        place: dict[str, Any] = {
            "channel": posted.channel_id,
            "thread_ts": posted.ts,
            "reply_broadcast": isinstance(message, Message) and message.broadcast,
        }
        _where(await call(self._api(channel).chat_postMessage(**place, **content)))

    def _content(self, message: Sendable, chart: str = "") -> dict[str, Any]:
        text, blocks = self._rendered(message, chart)
        payload: dict[str, Any] = {"marker": message.marker, "alert_id": subject_of(message)}
        if _is_drill(message):
            payload["drill"] = True
        return {
            "text": text,
            "blocks": blocks,
            "metadata": Metadata(event_type=EVENT_TYPE, event_payload=payload).to_dict(),
            "parse": "none",
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }

    def _rendered(self, message: Sendable, chart: str) -> tuple[str, list[dict[str, Any]]]:
        """Render, and when that fails say at least which alert it is: a fault of ours must not silence an alert."""
        try:
            if isinstance(message, NoticeMessage):
                return _as_sent(render_notice(message))
            return _as_sent(render(message, self._actions(message), chart))
        except Exception:
            log.exception("a message could not be rendered", subject=subject_of(message), marker=message.marker)
        try:
            return _as_sent(bare_notice(message) if isinstance(message, NoticeMessage) else bare(message))
        except Exception as exc:
            raise NotifyError(
                f"{subject_of(message)} cannot be rendered: {exc!r}", permanent=True, code="unrenderable"
            ) from exc

    async def _target(self, api: SlackApi, channel: Channel) -> str:
        """Return the channel's id, or its name where its id cannot be learnt yet: Slack's answer to a post tells it."""
        try:
            return await self._known_id(api, channel)
        except NotifyError as error:
            if error.code in ("missing_scope", "ratelimited", "channel_not_found"):
                return channel.target
            raise

    async def _known_id(self, api: SlackApi, channel: Channel) -> str:
        key = (channel.token, channel.target)
        if _ID.fullmatch(channel.target):
            return channel.target
        if key not in self._ids:
            self._ids[key] = await _look_up(api, channel.target.removeprefix("#"))
        return self._ids[key]

    async def _in_thread(self, api: SlackApi, posted: PostedMessage, oldest: str, marker: str) -> str | None:
        try:
            return await _search(
                lambda cursor: ask(
                    api.conversations_replies(ts=posted.ts, **_window(posted.channel_id, oldest, cursor))
                ),
                marker,
            )
        except NotifyError as error:
            if error.code in ("thread_not_found", "message_not_found"):
                return None
            raise


def subject_of(message: Sendable) -> str:
    """Return the id of the alert or notice that a message tells of."""
    return message.notice.id if isinstance(message, NoticeMessage) else message.view.alert.id


def _is_drill(message: Sendable) -> bool:
    return message.notice.kind is NoticeKind.DRILL if isinstance(message, NoticeMessage) else message.view.drill


def _as_sent(rendered: Rendered) -> tuple[str, list[dict[str, Any]]]:
    """Return text and blocks as JSON. Raises what slack_sdk's own checks find."""
    return rendered.text, [block.to_dict() for block in rendered.blocks]


def _where(answer: Answer) -> tuple[str, str]:
    place, ts = str(answer.get("channel") or ""), str(answer.get("ts") or "")
    if not place or not ts:
        raise NotifyError("Slack's answer names no channel and ts", unknown=True, code="uncertain")
    return place, ts


def _window(place: str, oldest: str, cursor: str) -> dict[str, Any]:
    window = {"channel": place, "oldest": oldest, "limit": _PAGE, "include_all_metadata": True, "inclusive": True}
    return {**window, "cursor": cursor} if cursor else window


async def _pages(read: Callable[[str], Awaitable[Answer]]) -> AsyncIterator[Answer]:
    cursor = ""
    for _ in range(_MOST_PAGES):
        page = await read(cursor)
        yield page
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return


async def _search(read: Callable[[str], Awaitable[Answer]], marker: str) -> str | None:
    async for page in _pages(read):
        for each in page.get("messages", []):
            payload = (each.get("metadata") or {}).get("event_payload") or {}
            if payload.get("marker") == marker:
                return str(each["ts"])
    return None


async def _look_up(api: SlackApi, name: str) -> str:
    options: dict[str, Any] = {"types": "public_channel,private_channel", "exclude_archived": False, "limit": 1000}
    async for page in _pages(lambda cursor: ask(api.conversations_list(cursor=cursor or None, **options))):
        for each in page.get("channels", []):
            if each.get("name") == name:
                return str(each["id"])
    raise NotifyError(f"no channel #{name} is visible to the app", permanent=True, code="channel_not_found")
