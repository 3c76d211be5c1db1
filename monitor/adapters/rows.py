"""Rows to records and back: the one place that knows how a record is laid out in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from monitor.core.alerts import Alert, AlertState, Decision, Event, EventKind, Level, Outcome, Standing
from monitor.core.identity import Identity
from monitor.core.messages import DeliveryState, Notification
from monitor.core.model import Article, DateNote, FeedState, Place, Quote, Reading, Report, Role, Validators
from monitor.core.ports import AlertArticle

Row = dict[str, Any]


def feed_state_row(state: FeedState) -> Row:
    """Lay out a feed's state, its validators spread over columns."""
    row = {f.name: getattr(state, f.name) for f in fields(state) if f.name not in ("validators", "pace")}
    return {**row, **asdict(state.validators), "pace_seconds": state.pace.total_seconds() if state.pace else None}


def feed_state(row: RowMapping) -> FeedState:
    """Read a feed's state back."""
    values = dict(row)
    pace = values.pop("pace_seconds")
    validators = Validators(**{f.name: values.pop(f.name) for f in fields(Validators)})
    return FeedState(**values, validators=validators, pace=timedelta(seconds=pace) if pace is not None else None)


def reading_json(reading: Reading) -> Row:
    """Lay out a reading as JSON: plain numbers, strings and lists."""
    return {
        "scores": {label: round(p, 6) for label, p in reading.scores.items()},
        "places": [[place.code, place.role.value] for place in reading.places],
        "situations": dict(reading.situations),
        "quotes": {label: _quote_json(quote) for label, quote in reading.quotes.items()},
        "claimed_dates": [day.isoformat() for day in reading.claimed_dates],
        "denied_by": list(reading.denied_by),
    }


def _quote_json(quote: Quote) -> list[Any]:
    phrases = [list(quote.drove), list(quote.needed)] if quote.drove or quote.needed else []
    return [quote.text, quote.speaker, round(quote.score, 6), *phrases]


def _quote(text: str, speaker: str, score: float, drove: Sequence[str] = (), needed: Sequence[str] = ()) -> Quote:
    return Quote(text=text, speaker=speaker, score=score, drove=tuple(drove), needed=tuple(needed))


def reading(row: RowMapping) -> Reading:
    """Read a reading back from an article's row."""
    kept = row["reading"]
    return Reading(
        scores=kept["scores"],
        places=tuple(Place(code=code, role=Role(role)) for code, role in kept["places"]),
        situations=kept["situations"],
        quotes={label: _quote(*parts) for label, parts in kept["quotes"].items()},
        claimed_dates=tuple(date.fromisoformat(day) for day in kept["claimed_dates"]),
        denied_by=tuple(kept["denied_by"]),
        language=row["language"],
        unread=row["unread"],
        model=row["model"],
    )


_ARTICLE_PLAIN = ("id", "feed_id", "guid", "url", "title", "summary", "outlet", "owner", "origin", "weight", "country")
_ARTICLE_STATE = ("seen_at", "published_at", "content_hash", "story_id", "weighed", "unweighed")


def article_row(article: Article, identity: Identity) -> Row:
    """Lay out an article with its reading and the key of its GUID."""
    row = {name: getattr(article, name) for name in (*_ARTICLE_PLAIN, *_ARTICLE_STATE)}
    return row | {
        "guid_key": identity.guid_key,
        "date_note": article.date_note.value,
        "language": article.reading.language,
        "unread": article.reading.unread,
        "model": article.reading.model,
        "top_score": article.reading.top_score(),
        "reading": reading_json(article.reading),
    }


def article(row: RowMapping) -> Article:
    """Read an article back."""
    plain = {name: row[name] for name in (*_ARTICLE_PLAIN, *_ARTICLE_STATE)}
    return Article(**plain, date_note=DateNote(row["date_note"]), reading=reading(row))


def report(row: RowMapping) -> Report:
    """Read a report back."""
    return Report(**{f.name: row[f.name] for f in fields(Report)})


def standing_json(standing: Standing) -> Row:
    """Lay out a standing as JSON."""
    return {**asdict(standing), "at": standing.at.isoformat()}


def standing(value: Row) -> Standing:
    """Read a standing back."""
    return Standing(**{**value, "at": datetime.fromisoformat(value["at"])})


def alert_row(alert: Alert) -> Row:
    """Lay out an alert."""
    row = {f.name: getattr(alert, f.name) for f in fields(alert)}
    words = {"level": alert.level.value, "highest": alert.highest.value, "state": alert.state.value}
    return row | words | {"countries": list(alert.countries)}


def alert(row: RowMapping) -> Alert:
    """Read an alert back."""
    words = {"level": Level(row["level"]), "highest": Level(row["highest"]), "state": AlertState(row["state"])}
    return Alert(**{**row, **words, "countries": tuple(row["countries"])})


def event_row(event: Event) -> Row:
    """Lay out an event."""
    row = {f.name: getattr(event, f.name) for f in fields(event)}
    return row | {"kind": event.kind.value, "level": event.level.value, "standing": standing_json(event.standing)}


def event(row: RowMapping) -> Event:
    """Read an event back."""
    plain = {name: row[name] for name in ("alert_id", "at", "reason", "config_hash", "model", "by")}
    return Event(**plain, kind=EventKind(row["kind"]), level=Level(row["level"]), standing=standing(row["standing"]))


def alert_article(row: RowMapping) -> AlertArticle:
    """Read an article of an alert back."""
    return AlertArticle(**{f.name: row[f.name] for f in fields(AlertArticle)})


def decision_row(decision: Decision) -> Row:
    """Lay out a decision."""
    row = {f.name: getattr(decision, f.name) for f in fields(decision)}
    return row | {
        "outcome": decision.outcome.value,
        "standing": standing_json(decision.standing) if decision.standing else None,
    }


def decision(row: RowMapping) -> Decision:
    """Read a decision back."""
    plain = {f.name: row[f.name] for f in fields(Decision) if f.name not in ("outcome", "standing")}
    kept = row["standing"]
    return Decision(**plain, outcome=Outcome(row["outcome"]), standing=standing(kept) if kept else None)


def notification_row(notification: Notification) -> Row:
    """Lay out a notification; its id is given by the database."""
    row = {f.name: getattr(notification, f.name) for f in fields(notification) if f.name != "id"}
    return row | {"level": notification.level.value, "state": notification.state.value}


def notification(row: RowMapping) -> Notification:
    """Read a notification back."""
    return Notification(**{**row, "level": Level(row["level"]), "state": DeliveryState(row["state"])})
