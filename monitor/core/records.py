"""Alerts as one line of JSON each: the form of `alerts.jsonl` and of `history --json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.core.alerts import Alert, Event
from monitor.core.ports import AlertArticle


def iso(moment: datetime) -> str:
    """Return a moment in UTC, ISO 8601, whole seconds, with `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def alert_record(alert: Alert, events: Sequence[Event], articles: Sequence[AlertArticle]) -> dict[str, Any]:
    """Return the contract's record of one alert; `level` is the highest ever reached."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "signal": alert.signal,
        "situation": {"key": alert.situation, "countries": list(alert.countries)},
        "level": alert.highest.value,
        "state": alert.state.value,
        "opened_at": iso(alert.opened_at),
        "resolved_at": iso(alert.resolved_at) if alert.resolved_at else None,
        "events": [event_record(event) for event in events],
        "articles": [article_record(article) for article in articles],
    }


def event_record(event: Event) -> dict[str, Any]:
    """Return one transition."""
    standing = event.standing
    return {
        "at": iso(event.at),
        "kind": event.kind.value,
        "level": event.level.value,
        "reason": event.reason,
        "evidence": round(standing.evidence, 3),
        "origins": standing.origins,
        "surge": None if standing.surge is None else round(standing.surge, 2),
    }


def article_record(article: AlertArticle) -> dict[str, Any]:
    """Return one article of an alert; one that was rewritten or withdrawn since says so."""
    record: dict[str, Any] = {
        "id": article.article_id,
        "title": article.title,
        "at": iso(article.at),
        "source": article.source,
        "score": round(article.score, 3),
    }
    return record | ({"withdrawn": True} if article.withdrawn else {})
