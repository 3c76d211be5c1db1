"""What a person asks by address: filters and pages of the alert history. Anything else is refused in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from monitor.core.alerts import Alert, AlertState, Level
from monitor.core.history import HistoryFilter
from monitor.core.model import SIGNALS

PER_PAGE = 50
LONGEST = 200
FIELDS = ("since", "until", "signal", "situation", "level", "state", "text", "rule", "before")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_ID = re.compile(r"[\w.:-]{1,80}", re.ASCII)


class BadQuestion(ValueError):  # noqa: N818  # what a person asked, not what failed
    """A question that cannot be asked; the message says why, in a sentence for people."""


def filter_of(asked: Mapping[str, str], now: datetime) -> HistoryFilter:
    """Return the filter that a query string asks for, one row more than a page holds. Raises BadQuestion."""
    values = {name: _text(asked.get(name, ""), name) for name in FIELDS}
    level = _one_of(values["level"], [level.value for level in Level], "level")
    return HistoryFilter(
        since=_moment(values["since"], "since", now),
        until=_moment(values["until"], "until", now),
        signal=_one_of(values["signal"], SIGNALS, "signal"),
        situation=values["situation"],
        level=Level(level) if level else None,
        state=_one_of(values["state"], [state.value for state in AlertState], "state"),
        text=values["text"],
        rule=values["rule"],
        before=_key(values["before"]),
        limit=PER_PAGE + 1,
    )


def next_page(asked: Mapping[str, str], last: Alert) -> str:
    """Return the query string of the page after the one that ends with `last`."""
    kept = {name: asked[name] for name in FIELDS if asked.get(name)}
    return urlencode({**kept, "before": f"{last.opened_at.isoformat()}~{last.id}"})


def good_id(text: str) -> bool:
    """Say whether `text` can be the id of anything."""
    return bool(_ID.fullmatch(text))


def question(text: str, name: str) -> str:
    """Return a text to look for, trimmed. Raises BadQuestion."""
    return _text(text, name)


def days_back(text: str, now: datetime, most: int) -> datetime:
    """Return the moment `text` days before now, 7 for "". Raises BadQuestion."""
    if not text:
        return now - timedelta(days=7)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise BadQuestion(f"days: {text!r} is not a whole number from 1 to {most}")
    return now - timedelta(days=int(text))


def _text(text: str, name: str) -> str:
    text = text.strip()
    if len(text) > LONGEST * (10 if name == "q" else 1):
        raise BadQuestion(f"{name}: too long")
    if any(ord(ch) < ord(" ") or "\ud800" <= ch <= "\udfff" for ch in text):
        raise BadQuestion(f"{name}: holds characters that no text has")
    return text


def _one_of(value: str, allowed: list[str] | tuple[str, ...], name: str) -> str:
    if value and value not in allowed:
        raise BadQuestion(f"{name}: {value!r} is none of {', '.join(allowed)}")
    return value


def _moment(text: str, name: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        if text[-1] in _UNITS and text[:-1].isdecimal():
            return now - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise BadQuestion(f"{name}: {text!r} is no date; write 2026-02-28 or an age such as 7d") from exc


def _key(text: str) -> tuple[datetime, str] | None:
    if not text:
        return None
    moment, _, alert_id = text.partition("~")
    at = _exact(moment)
    if at is None or not good_id(alert_id):
        raise BadQuestion("before: this page does not exist; start again from the newest alerts")
    return at, alert_id


def _exact(text: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None
