"""Facts into HTML. Everything is escaped by construction; links leave only through `safe_link`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.core.alerts import Level
from monitor.core.model import SIGNALS
from monitor.core.wording import SIGNAL_NAMES, safe_link


@cache
def environment() -> Environment:
    """Return the one template environment: escaping always on, unknown names an error."""
    made = Environment(
        loader=PackageLoader("monitor.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": moment, "iso": iso, "link": safe_link, "signal": signal_name, "age": age}
    made.globals |= {"signals": SIGNALS, "levels": [level.value for level in Level], "signal_names": SIGNAL_NAMES}
    return made


def render(template: str, facts: Mapping[str, Any]) -> str:
    """Return a page."""
    return environment().get_template(template).render(**facts)


def plain_page(title: str, text: str, *, link: str = "", link_text: str = "", refresh: bool = False) -> str:
    """Return a page for people who have not entered: it says nothing of what is inside."""
    facts = {"title": title, "text": text, "link": _local(link), "link_text": link_text, "refresh": refresh}
    return render("plain.html", facts)


def _local(path: str) -> str:
    """Return a path of our own site, "" for what could lead to another host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""


def style() -> str:
    """Return the style sheet."""
    return (files("monitor.web") / "static" / "style.css").read_text(encoding="utf-8")


def moment(at: datetime | None) -> str:
    """Return a moment for people, in UTC; "never" for none."""
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M}" if at else "never"


def iso(at: datetime) -> str:
    """Return a moment for machines."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signal_name(signal: str) -> str:
    """Return a signal or label in words."""
    return SIGNAL_NAMES.get(signal, signal.replace("_", " ").capitalize())


def age(since: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    seconds = max(0, int((now - since).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"
