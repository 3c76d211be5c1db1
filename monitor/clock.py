"""The only place that reads the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one reading of the clock
