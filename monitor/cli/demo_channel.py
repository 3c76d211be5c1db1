"""The demo's other half: what stands in a Slack stand-in's channel once the story is told, in lines and as a picture."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.adapters.slack_client import SlackApi, ask
from monitor.adapters.slack_markup import readable
from monitor.adapters.slack_picture import Post
from monitor.config import Config
from monitor.core.messages import Channel

TOKEN = "xoxb-demo"  # noqa: S105  # of a stand-in, which takes any
NAME = "escalation"
_TIMEOUT = timedelta(seconds=10)
_LINES = 3


def on_loopback(url: str) -> bool:
    """Say whether `url` is an http address on this machine: the demo talks to nobody else."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        near = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    return parts.scheme == "http" and near


def with_slack(config: Config, url: str) -> Config:
    """Return the configuration with a second channel, at a stand-in, that is told all that the terminal is told."""
    slack = Channel(name="slack", kind="slack", target=f"#{NAME}", token=TOKEN)
    rules = tuple(replace(rule, notify=(*rule.notify, slack.name)) for rule in config.rules)
    channels = {**config.channels, slack.name: slack}
    return replace(config, rules=rules, channels=channels, slack_api_url=url)


async def read_channel(url: str) -> list[Post]:
    """Return the messages of the channel, oldest first, each with its thread. Raises NotifyError."""
    api = SlackApi(token=TOKEN, base_url=url, timeout=_TIMEOUT, tls=ssl.create_default_context())
    listed = await ask(api.conversations_list(limit=100))
    place = next(each["id"] for each in listed["channels"] if each["name"] == NAME)
    history = await ask(api.conversations_history(channel=place, limit=200))
    posts = []
    for message in reversed(history["messages"]):
        if not message.get("thread_ts"):
            thread = await ask(api.conversations_replies(channel=place, ts=message["ts"], limit=200))
            replies = [_post(each) for each in thread["messages"] if each["ts"] != message["ts"]]
            posts.append(replace(_post(message), replies=replies))
    return posts


def _post(message: Mapping[str, Any]) -> Post:
    return Post(blocks=message["blocks"], at="")


def channel_lines(posts: Sequence[Post]) -> list[str]:
    """Return what stands in the channel in short: the head of each message, and its thread."""
    replies = sum(len(post.replies) for post in posts)
    lines = [f"#{NAME} in the Slack stand-in: {len(posts)} messages, {replies} replies in their threads"]
    for post in posts:
        lines += ["", *[line for line in readable(post.blocks) if line][:_LINES]]
        lines += [f"  └ {line}" for reply in post.replies for line in readable(reply.blocks)[:2] if line]
    return lines
