"""The sign of life that leaves the machine: whoever waits for it raises the alarm when it stays away."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from monitor.core.errors import NotifyError

TIMEOUT_SECONDS = 10.0


async def beat(url: str) -> None:
    """Ask for `url` once. Raises NotifyError, which names the host alone: the rest of such an address is a secret."""
    host = urlsplit(url).hostname or "the configured address"
    try:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_SECONDS) as client:
            answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise NotifyError(f"the heartbeat did not reach {host} ({type(exc).__name__})") from exc
    if not answer.is_success:
        raise NotifyError(f"{host} did not take the heartbeat (HTTP {answer.status_code}); check heartbeat.url")
