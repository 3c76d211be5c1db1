"""Telling one person alone: over the address that came with the click, else as an ephemeral message in the channel."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta

import httpx
import structlog

from monitor.adapters.slack_client import SlackApi, call
from monitor.adapters.slack_errors import redact
from monitor.adapters.slack_hosts import may_follow
from monitor.adapters.slack_text import cut, plain, size
from monitor.core.errors import NotifyError

log = structlog.get_logger(__name__)
LINE, MOST = 600, 3_800  # what people can read at once; Slack takes more


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
                    api.chat_postEphemeral(channel=channel_id, user=person, text=text, parse="none", link_names=False)
                )
            except NotifyError as error:
                log.warning("somebody could not be told what became of a click", person=person, reason=str(error))
            else:
                return True
        return False

    async def _respond(self, address: str, text: str) -> bool:
        seconds = self._timeout.total_seconds()
        body = {"text": text, "response_type": "ephemeral", "replace_original": False, "delete_original": False}
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
