"""What the Slack stand-in remembers: channels, messages, threads, files; and what each Web API method does to it."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.servers.slack_rules import Refused, check_message

BOT_SCOPES = frozenset(
    {"chat:write", "channels:read", "groups:read", "channels:history", "groups:history", "files:write", "commands"}
)
HOOK_USES = 5
_SHOWN = ("ts", "text", "blocks", "thread_ts", "metadata", "bot_id", "type", "subtype", "edited")
Body = Mapping[str, Any]
Answer = dict[str, Any]


class RateLimited(Exception):  # noqa: N818  # an answer, not a fault of the stand-in
    """HTTP 429. seconds: what Retry-After says."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(kw_only=True)
class ChannelState:
    """One channel and its messages, oldest first; replies carry another's `thread_ts`."""

    id: str
    name: str
    archived: bool = False
    member: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)
    last_post: datetime | None = None


@dataclass(kw_only=True)
class Hook:
    """A response_url: for whom, where, and how often it may still be used."""

    user: str
    channel_id: str
    left: int = HOOK_USES


@dataclass(frozen=True, kw_only=True, slots=True)
class Ephemeral:
    """What one person alone was told. way: `response_url` or `chat.postEphemeral`."""

    user: str
    channel_id: str
    text: str
    way: str
    body: Body


@dataclass(kw_only=True)
class Workspace:
    """The state behind the methods. clock: what `ts`, rate limit and history lag run on.

    history_lag: how long a message takes to show in history. one_per_second: answer 429 to a second post within a second.
    """

    clock: Callable[[], datetime]
    base_url: str = ""
    channels: dict[str, ChannelState] = field(default_factory=dict)
    scopes: set[str] = field(default_factory=lambda: set(BOT_SCOPES))
    revoked: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, int] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    history_lag: timedelta = timedelta(0)
    one_per_second: bool = True
    page_size: int = 1000
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add_channel(self, name: str, channel_id: str = "", *, archived: bool = False, member: bool = True) -> str:
        """Create a channel and return its id."""
        channel_id = channel_id or f"C{len(self.channels) + 1:08d}"
        self.channels[channel_id] = ChannelState(id=channel_id, name=name, archived=archived, member=member)
        return channel_id

    def call(self, method: str, token: str, body: Body) -> Answer:
        """Do what `method` does. Raises Refused for `ok: false`, RateLimited for 429."""
        self._authorise(token)
        work: Callable[[Body], Answer] | None = getattr(self, "do_" + method.replace(".", "_"), None)
        if work is None:
            raise Refused("unknown_method")
        if token.startswith("xapp-") != (method == "apps.connections.open"):
            raise Refused("not_allowed_token_type")
        return {"ok": True, **work(body)}

    def _authorise(self, token: str) -> None:
        if not token:
            raise Refused("not_authed")
        if token in self.revoked:
            raise Refused("token_revoked")
        if not token.startswith(("xoxb-", "xoxp-", "xapp-")):
            raise Refused("invalid_auth")

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refused("missing_scope")

    def _channel(self, target: object, *, by_name: bool = False) -> ChannelState:
        found = self.channels.get(str(target))
        if found is None and by_name:
            name = str(target).removeprefix("#")
            found = next((channel for channel in self.channels.values() if channel.name == name), None)
        if found is None:
            raise Refused("channel_not_found")
        return found

    def _open_channel(self, target: object, *, by_name: bool = False) -> ChannelState:
        channel = self._channel(target, by_name=by_name)
        if channel.archived:
            raise Refused("is_archived")
        if not channel.member:
            raise Refused("not_in_channel")
        return channel

    def do_auth_test(self, _: Body) -> Answer:
        return {
            "url": self.base_url,
            "team": "Stand-in",
            "user": "crisis",
            "team_id": "T1",
            "user_id": "U1",
            "bot_id": "B1",
        }

    def do_chat_postMessage(self, body: Body) -> Answer:  # noqa: N802  # Slack's name
        self._need("chat:write")
        channel = self._open_channel(body.get("channel"), by_name=True)
        if body.get("link_names") or body.get("parse", "none") != "none":
            raise Refused("invalid_arguments", "the stand-in refuses anything that would turn names into mentions")
        check_message(body, self.files)
        thread = body.get("thread_ts")
        if thread and not any(each["ts"] == thread for each in channel.messages):
            raise Refused("thread_not_found")
        self._pace(channel)
        message = self._message(channel, body)
        channel.messages.append(message)
        return {"channel": channel.id, "ts": message["ts"], "message": self._shown(message, metadata=True)}

    def _pace(self, channel: ChannelState) -> None:
        now = self.clock()
        if self.one_per_second and channel.last_post and now - channel.last_post < timedelta(seconds=1):
            raise RateLimited(1)
        channel.last_post = now

    def _message(self, channel: ChannelState, body: Body) -> dict[str, Any]:
        message = {
            "type": "message",
            "bot_id": "B1",
            "text": body.get("text", ""),
            "blocks": copy.deepcopy(body.get("blocks", [])),
            "ts": self._next_ts(channel),
            "posted_at": self.clock(),
        }
        if body.get("metadata"):
            message["metadata"] = copy.deepcopy(body["metadata"])
        if body.get("thread_ts"):
            message["thread_ts"] = body["thread_ts"]
            message["broadcast"] = bool(body.get("reply_broadcast"))
        return message

    def _next_ts(self, channel: ChannelState) -> str:
        at = self.clock().timestamp()
        last = float(channel.messages[-1]["ts"]) if channel.messages else 0.0
        return f"{max(at, last + 0.000002):.6f}"

    def do_chat_update(self, body: Body) -> Answer:
        self._need("chat:write")
        channel = self._open_channel(body.get("channel"))
        message = next((each for each in channel.messages if each["ts"] == body.get("ts")), None)
        if message is None:
            raise Refused("message_not_found")
        check_message(body, self.files)
        message["text"], message["blocks"] = body.get("text", ""), copy.deepcopy(body.get("blocks", []))
        if body.get("metadata"):
            message["metadata"] = copy.deepcopy(body["metadata"])
        message["edited"] = {"user": "U1", "ts": f"{self.clock().timestamp():.6f}"}
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}

    def do_chat_postEphemeral(self, body: Body) -> Answer:  # noqa: N802  # Slack's name
        self._need("chat:write")
        channel = self._open_channel(body.get("channel"))
        if not body.get("user"):
            raise Refused("user_not_in_channel")
        check_message(body, self.files)
        self._tell(Hook(user=str(body["user"]), channel_id=channel.id), body, "chat.postEphemeral")
        return {"message_ts": f"{self.clock().timestamp():.6f}"}

    def do_chat_getPermalink(self, body: Body) -> Answer:  # noqa: N802  # Slack's name
        channel = self._channel(body.get("channel"))
        ts = str(body.get("message_ts"))
        if not any(each["ts"] == ts for each in channel.messages):
            raise Refused("message_not_found")
        place = f"https://stand-in.slack.example/archives/{channel.id}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": place}

    def new_hook(self, user: str, channel_id: str) -> str:
        """Give out an address at which one person can be answered."""
        key = f"{user}-{len(self.hooks) + 1}"
        self.hooks[key] = Hook(user=user, channel_id=channel_id)
        return f"{self.base_url.removesuffix('/api/')}/hooks/{key}"

    def respond(self, key: str, body: Body) -> None:
        """Take what is posted to a response_url. Raises Refused."""
        hook = self.hooks.get(key)
        if hook is None:
            raise Refused("invalid_url")
        if hook.left <= 0:
            raise Refused("used_url")
        check_message(body, self.files)
        if body.get("response_type", "ephemeral") != "ephemeral" or body.get("replace_original"):
            raise Refused("not_ephemeral", "the stand-in expects answers for one person, and the message left alone")
        hook.left -= 1
        self._tell(hook, body, "response_url")

    def _tell(self, hook: Hook, body: Body, way: str) -> None:
        told = Ephemeral(
            user=hook.user, channel_id=hook.channel_id, text=str(body.get("text", "")), way=way, body=dict(body)
        )
        self.ephemerals.append(told)

    def do_conversations_list(self, body: Body) -> Answer:
        self._need("channels:read")
        start, limit = int(body.get("cursor") or 0), min(int(body.get("limit", 100)), self.page_size)
        listed = [
            channel
            for channel in self.channels.values()
            if not (channel.archived and _yes(body.get("exclude_archived")))
        ]
        page = [{"id": c.id, "name": c.name, "is_archived": c.archived, "is_member": c.member} for c in listed]
        return {"channels": page[start : start + limit], **_cursor(start + limit, len(page))}

    def do_conversations_info(self, body: Body) -> Answer:
        self._need("channels:read")
        channel = self._channel(body.get("channel"))
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_archived": channel.archived,
                "is_member": channel.member,
            }
        }

    def do_conversations_history(self, body: Body) -> Answer:
        channel = self._readable(body)
        return self._page(body, [m for m in channel.messages if "thread_ts" not in m or m.get("broadcast")][::-1])

    def do_conversations_replies(self, body: Body) -> Answer:
        channel = self._readable(body)
        root = body.get("ts")
        thread = [message for message in channel.messages if root in (message["ts"], message.get("thread_ts"))]
        if not thread:
            raise Refused("thread_not_found")
        return self._page(body, thread)

    def _readable(self, body: Body) -> ChannelState:
        self._need("channels:history")
        channel = self._channel(body.get("channel"))
        if not channel.member:
            raise Refused("not_in_channel")
        return channel

    def _page(self, body: Body, messages: list[dict[str, Any]]) -> Answer:
        oldest, seen_until = float(body.get("oldest") or 0), self.clock() - self.history_lag
        latest = float(body.get("latest") or "inf")
        found = [m for m in messages if oldest < float(m["ts"]) < latest and m["posted_at"] <= seen_until]
        start, limit = int(body.get("cursor") or 0), min(int(body.get("limit", 100)), self.page_size)
        metadata = _yes(body.get("include_all_metadata"))
        page = [self._shown(message, metadata=metadata) for message in found[start : start + limit]]
        return {"messages": page, "has_more": start + limit < len(found), **_cursor(start + limit, len(found))}

    def _shown(self, message: Mapping[str, Any], *, metadata: bool) -> Answer:
        return {
            key: copy.deepcopy(message[key]) for key in _SHOWN if key in message and (metadata or key != "metadata")
        }

    def do_files_getUploadURLExternal(self, body: Body) -> Answer:  # noqa: N802  # Slack's name
        self._need("files:write")
        if not body.get("filename") or int(body.get("length") or 0) <= 0:
            raise Refused("invalid_arguments")
        file_id = f"F{next(self._numbers):08d}"
        self.uploads[file_id] = int(body["length"])
        return {"upload_url": f"{self.base_url}upload/{file_id}", "file_id": file_id}

    def receive(self, file_id: str, content: bytes) -> bool:
        """Take the bytes of an upload; say whether they were expected."""
        if self.uploads.get(file_id) != len(content):
            return False
        self.files[f"pending {file_id}"] = content
        return True

    def do_files_completeUploadExternal(self, body: Body) -> Answer:  # noqa: N802  # Slack's name
        self._need("files:write")
        done = []
        for each in body.get("files") or []:
            if f"pending {each.get('id')}" not in self.files:
                raise Refused("file_not_found")
            self.files[each["id"]] = self.files.pop(f"pending {each['id']}")
            done.append({"id": each["id"], "title": each.get("title", "")})
        return {"files": done}


def _yes(value: object) -> bool:
    return str(value).lower() in ("1", "true")


def _cursor(following: int, total: int) -> Answer:
    return {"response_metadata": {"next_cursor": str(following) if following < total else ""}}
