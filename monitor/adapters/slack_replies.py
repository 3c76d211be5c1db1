"""Telling one person alone: over the address that came with the click, else as an ephemeral message in the channel."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import structlog
from slack_sdk.models.blocks import SectionBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject

from monitor.adapters.slack_client import SlackApi, call
from monitor.adapters.slack_errors import redact
from monitor.adapters.slack_hosts import may_follow
from monitor.adapters.slack_text import cut, plain, size
from monitor.core.errors import NotifyError

log = structlog.get_logger(__name__)
LINE, MOST, SECTION = 600, 3_800, 2_900  # what people can read at once; Slack takes more


class Replies:
    """Sends words to one person. tokens: bot tokens that may be used for the second way. base_url: Slack's or a stand-in's."""

    def __init__(
        self, *, base_url: str, timeout: timedelta, tls: ssl.SSLContext, tokens: Callable[[], list[str]]
    ) -> None:
        self._base_url, self._timeout, self._tls, self._tokens = base_url, timeout, tls, tokens

    async def tell(self, words: str, *, person: str, channel_id: str, respond_to: str) -> bool:
        """Tell `person` in a channel; return whether it was told. Lines are escaped here. Never raises NotifyError."""
        text = as_text(words)
        if respond_to and may_follow(respond_to, self._base_url, "https") and await self._respond(respond_to, text):
            return True
        for token in self._tokens():
            api = SlackApi(token=token, base_url=self._base_url, timeout=self._timeout, tls=self._tls)
            try:
                await call(
                    api.chat_postEphemeral(
                        channel=channel_id,
                        user=person,
                        text=text,
                        blocks=as_blocks(text),
                        parse="none",
                        link_names=False,
                    )
                )
            except NotifyError as error:
                log.warning("somebody could not be told what became of a click", person=person, reason=str(error))
            else:
                return True
        return False

    async def _respond(self, address: str, text: str) -> bool:
        seconds = self._timeout.total_seconds()
        kept = {"replace_original": False, "delete_original": False}
        body = {"text": text, "blocks": as_blocks(text), "response_type": "ephemeral", **kept}
        try:
            async with httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=seconds) as client:
                answer = await client.post(address, json=body, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            log.info("an answer could not be sent to its response_url", reason=redact(repr(exc)))
            return False
        return answer.status_code == httpx.codes.OK


def as_text(words: str) -> str:
    """Return lines as Slack may show them: escaped, without any power to call people, and cut with a note where they are too long."""
    kept: list[str] = []
    used = 0
    lines = words.splitlines() or [""]
    for number, line in enumerate(lines):
        shown = plain(line, LINE) or " "
        used += size(shown) + 1
        if used > MOST:
            kept.append(cut(f"… {len(lines) - number} more lines: see the review page, or `crisis-monitor why`", LINE))
            break
        kept.append(shown)
    return "\n".join(kept)


def as_blocks(text: str) -> list[dict[str, Any]]:
    """Return escaped lines as sections of plain text, in which nothing is formatted and nothing becomes a link."""
    chunks: list[str] = []
    for line in text.split("\n"):
        if chunks and size(chunks[-1]) + size(line) + 1 <= SECTION:
            chunks[-1] += f"\n{line}"
        else:
            chunks.append(line)
    return [SectionBlock(text=PlainTextObject(text=chunk, emoji=False)).to_dict() for chunk in chunks]
