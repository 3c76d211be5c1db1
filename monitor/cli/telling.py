"""Stored facts put into lines for the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import classifiers
from monitor.adapters.storage import SqlUnit
from monitor.core import polling
from monitor.core.coverage import Cause
from monitor.core.model import Feed, FeedState
from monitor.core.records import iso
from monitor.pipeline.decided import find, why_lines
from monitor.pipeline.lookout import Lookout

_LOSS = 0.01  # probability; less is shown as nothing

__all__ = ["blind_lines", "feed_record", "find", "phrase_lines", "why_lines"]


def feed_record(feed: Feed, state: FeedState | None, now: datetime) -> dict[str, Any]:
    """Return what is known of one feed."""
    health = polling.health(state, feed, now) if state else polling.FeedHealth.NEW
    record: dict[str, Any] = {
        "id": feed.id,
        "outlet": feed.outlet,
        "country": feed.country,
        "language": feed.language,
        "url": feed.url.partition("?")[0] + ("?…" if "?" in feed.url else ""),  # a query may hold a key
    }
    moments = {
        name: _iso(getattr(state, name) if state else None)
        for name in ("last_ok_at", "last_new_at", "last_failed_at", "next_poll_at")
    }
    return (
        record
        | moments
        | {
            "health": "disabled" if not feed.enabled else health.value,
            "items": state.items if state else 0,
            "failures": state.failures if state else 0,
            "gaps": state.gaps if state else 0,
            "error": state.error if state else "",
        }
    )


def blind_lines(lookout: Lookout, unit: SqlUnit, now: datetime) -> list[str]:
    """Return a line for every country and language whose feeds are lost, and one for those that the model cannot read."""
    found = lookout.survey(unit, now)
    lines = [f"blind: {line}" for line in lookout.lost(found)]
    unread = [lookout.name_of(each.country) for each in found.blind(Cause.UNREAD)]
    if unread:
        lines.append(f"blind at home: {len(unread)} whose own feeds the model cannot read: {', '.join(unread)}")
    return lines


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def phrase_lines(found: classifiers.Explanation) -> list[str]:
    """Return which phrases drove a score: exact shares of the first stage, and what the encoder loses without a phrase."""
    shares = [*((f"“{each.phrase}”", each.contribution) for each in found.linear), ("all others", found.rest)]
    told = ", ".join(f"{what} {share:+.2f}" for what, share in [*shares, ("constant", found.intercept)])
    head = f"  explained {found.signal}"
    lines = [
        f"{head}: what carries it: “{found.part}”",
        f"{head}: first stage, exact shares of its log-odds of {found.logit:+.2f}: {told}",
    ]
    if found.encoder is not None:
        losses = [f"“{each.phrase}” {each.contribution:.2f}" for each in found.encoder if each.contribution >= _LOSS]
        lines.append(
            f"{head}: encoder, probability lost when left out: {', '.join(losses) or 'little by any one phrase'}"
        )
    return lines
