"""The six labels, in the one order every array of this package has."""

from __future__ import annotations

from typing import Final

LABELS: Final = (
    "troop_concentration",
    "coup_warning",
    "military_response_threat",
    "denial",
    "deescalation",
    "armed_conflict",
)
SIGNALS: Final = LABELS[:3]
