"""Which addresses that Slack hands out may be followed: its own, encrypted; or those of the stand-in that SLACK_API_URL names."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def may_follow(address: str, base_url: str, scheme: str) -> bool:
    """Say whether `address` may be opened. scheme: `https` or `wss`; without its s only where base_url is a stand-in on loopback.

    The host must be that of base_url, or for Slack itself one below it (hooks.slack.com, wss-primary.slack.com).
    """
    wanted, base = _split(address), _split(base_url)
    if wanted is None or base is None or "@" in wanted.netloc:
        return False
    host, home = (wanted.hostname or "").lower().rstrip("."), (base.hostname or "").lower()
    if wanted.scheme == scheme.removesuffix("s"):
        return base.scheme == "http" and host == home and _is_loopback(home)
    if wanted.scheme != scheme or not host:
        return False
    return host == home or (not _is_literal(home) and host.endswith(f".{home}"))


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_literal(host) and ipaddress.ip_address(host).is_loopback)
