"""One builder per record: valid by default, so that a test names only what it is about.

a_report(score=0.9, at=AT + HOUR)      an_article(title="Troops gather")      a_rule(levels={Level.WATCH: ...})
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.actors import Actor, NamedSituation, Outlet
from monitor.core.alerts import (
    Alert,
    AlertState,
    Conditions,
    Decision,
    Event,
    EventKind,
    Level,
    Outcome,
    Rule,
    Standing,
)
from monitor.core.desk import Silence
from monitor.core.identity import Identity
from monitor.core.messages import Channel, DeliveryState, Notification, PostedMessage
from monitor.core.model import (
    Article,
    DateNote,
    Entry,
    Feed,
    FeedState,
    Fetched,
    ParsedFeed,
    Place,
    Quote,
    Reading,
    Report,
    Role,
    Validators,
)
from monitor.core.ports import AlertArticle, Item
from monitor.core.stories import Member

AT = datetime(2021, 11, 26, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SIGNAL = "troop_concentration"
SITUATION = "RUS-UKR"
LEVELS: Mapping[Level, Conditions] = {
    Level.WATCH: Conditions(evidence=1.0, origins=1),
    Level.WARNING: Conditions(evidence=2.0, origins=2),
    Level.CRITICAL: Conditions(evidence=4.0, origins=3),
}


def a_feed(**changes: Any) -> Feed:
    """Return an enabled feed of an outlet that is its own owner."""
    name = changes.get("id", "example")
    base = {"id": name, "url": f"https://{name}.example/feed.xml", "outlet": name.title(), "owner": name}
    return Feed(**{**base, **changes})


def a_feed_state(**changes: Any) -> FeedState:
    """Return the state of a feed polled without fault before."""
    base = {"feed_id": "example", "next_poll_at": AT, "first_ok_at": AT - DAY, "last_ok_at": AT - 10 * MINUTE}
    return FeedState(**{**base, **changes})


def a_fetched(**changes: Any) -> Fetched:
    """Return an answer with a small body."""
    base = {
        "status": 200,
        "body": b"<rss/>",
        "content_type": "application/rss+xml",
        "final_url": "https://example.example/feed.xml",
        "validators": Validators(etag='"1"', body_hash="ab"),
    }
    return Fetched(**{**base, **changes})


def an_entry(**changes: Any) -> Entry:
    """Return an entry with everything a good feed gives."""
    base = {
        "guid": "tag:example,1",
        "link": "https://example.example/news/1",
        "title": "Tanks seen near the border",
        "summary": "Witnesses count ninety vehicles on flatbed cars.",
        "published": AT - 5 * MINUTE,
    }
    return Entry(**{**base, **changes})


def a_parsed_feed(*entries: Entry, **changes: Any) -> ParsedFeed:
    """Return a document with `entries`."""
    base = {"title": "Example", "language": "en", "entries": entries}
    return ParsedFeed(**{**base, **changes})


def an_identity(number: int = 1, **changes: Any) -> Identity:
    """Return keys that no other number has."""
    base = {
        "article_id": f"art-{number}",
        "keys": (f"url-{number}", f"text-{number}"),
        "guid_key": f"guid-{number}",
        "content_hash": f"hash-{number}",
    }
    return Identity(**{**base, **changes})


def an_item(**changes: Any) -> Item:
    """Return an entry on its way in."""
    base = {
        "feed": a_feed(),
        "entry": an_entry(),
        "identity": an_identity(),
        "outlet": "Example",
        "owner": "example",
        "origin": "example",
        "weight": 1.0,
    }
    return Item(**{**base, **changes})


def a_place(**changes: Any) -> Place:
    """Return an actor."""
    return Place(**{"code": "RUS", "role": Role.ACTOR, **changes})


def a_quote(**changes: Any) -> Quote:
    """Return a sentence with its speaker."""
    return Quote(**{"text": "Ninety vehicles passed.", "speaker": "a witness", "score": 0.9, **changes})


def a_reading(score: float = 0.9, **changes: Any) -> Reading:
    """Return a reading that carries the default signal with `score`."""
    base = {
        "scores": {SIGNAL: score},
        "places": (a_place(),),
        "situations": {SIGNAL: SITUATION},
        "quotes": {SIGNAL: a_quote(score=score)},
        "language": "en",
        "model": "test-1",
    }
    return Reading(**{**base, **changes})


def an_article(number: int = 1, **changes: Any) -> Article:
    """Return a weighed article of its own story."""
    base = {
        "id": f"art-{number}",
        "feed_id": "example",
        "guid": f"tag:example,{number}",
        "url": f"https://example.example/news/{number}",
        "title": f"Tanks seen near the border ({number})",
        "summary": "Witnesses count ninety vehicles.",
        "outlet": "Example",
        "owner": "example",
        "origin": "example",
        "weight": 1.0,
        "seen_at": AT,
        "published_at": AT - 5 * MINUTE,
        "date_note": DateNote.NONE,
        "reading": a_reading(),
        "story_id": f"art-{number}",
        "content_hash": f"hash-{number}",
        "country": "GBR",
    }
    return Article(**{**base, **changes})


def a_report(number: int = 1, **changes: Any) -> Report:
    """Return a sure report of its own story and origin."""
    base = {
        "article_id": f"art-{number}",
        "story_id": f"story-{number}",
        "origin": f"origin-{number}",
        "signal": SIGNAL,
        "situation": SITUATION,
        "score": 1.0,
        "weight": 1.0,
        "at": AT,
    }
    return Report(**{**base, **changes})


def a_rule(**changes: Any) -> Rule:
    """Return a rule with all three levels and no surge condition."""
    return Rule(**{"name": "build-up", "signal": SIGNAL, "levels": LEVELS, "notify": ("desk",), **changes})


def a_standing(**changes: Any) -> Standing:
    """Return a standing that meets the default rule's watch."""
    base = {"at": AT, "evidence": 1.5, "origins": 1, "stories": 1, "surge": None}
    return Standing(**{**base, **changes})


def an_event(**changes: Any) -> Event:
    """Return the opening of the default alert."""
    base = {
        "alert_id": "al-1",
        "at": AT,
        "kind": EventKind.OPENED,
        "level": Level.WATCH,
        "reason": "evidence 1.50 of 1 for watch",
        "standing": a_standing(),
        "config_hash": "config-1",
        "model": "test-1",
    }
    return Event(**{**base, **changes})


def an_alert(**changes: Any) -> Alert:
    """Return an open alert at watch."""
    base = {
        "id": "al-1",
        "rule": "build-up",
        "signal": SIGNAL,
        "situation": SITUATION,
        "countries": ("RUS", "UKR"),
        "level": Level.WATCH,
        "highest": Level.WATCH,
        "state": AlertState.OPEN,
        "opened_at": AT,
        "last_event_at": AT,
        "last_told_at": AT,
    }
    return Alert(**{**base, **changes})


def an_alert_article(number: int = 1, **changes: Any) -> AlertArticle:
    """Return an article as evidence of an alert."""
    base = {
        "article_id": f"art-{number}",
        "title": f"Tanks seen near the border ({number})",
        "at": AT,
        "source": "Example",
        "url": f"https://example.example/news/{number}",
        "score": 0.9,
    }
    return AlertArticle(**{**base, **changes})


def a_decision(**changes: Any) -> Decision:
    """Return what became of the default article."""
    base = {
        "at": AT,
        "outcome": Outcome.BELOW_THRESHOLD,
        "reason": "evidence 0.90 of 1 for watch",
        "article_id": "art-1",
        "signal": SIGNAL,
        "rule": "build-up",
        "situation": SITUATION,
        "score": 0.9,
        "standing": a_standing(evidence=0.9),
        "config_hash": "config-1",
        "model": "test-1",
    }
    return Decision(**{**base, **changes})


def a_notification(number: int = 1, **changes: Any) -> Notification:
    """Return a pending first post; its id is what an empty database would give it."""
    base = {
        "id": number,
        "key": f"key-{number}",
        "subject": "al-1",
        "channel": "desk",
        "kind": "post",
        "event_kind": "opened",
        "level": Level.WATCH,
        "state": DeliveryState.PENDING,
        "created_at": AT,
        "not_before": AT,
    }
    return Notification(**{**base, **changes})


def a_posted_message(**changes: Any) -> PostedMessage:
    """Return the living message of the default alert."""
    return PostedMessage(**{"subject": "al-1", "channel": "desk", "channel_id": "C1", "ts": "1.000001", **changes})


def a_channel(**changes: Any) -> Channel:
    """Return a console channel that takes every level."""
    return Channel(**{"name": "desk", **changes})


def an_actor(**changes: Any) -> Actor:
    """Return an alliance."""
    base = {"code": "NATO", "names": ("NATO", "the alliance"), "kind": "alliance", "members": ("EST", "LVA")}
    return Actor(**{**base, **changes})


def a_named_situation(**changes: Any) -> NamedSituation:
    """Return a theatre."""
    base = {"key": SITUATION, "name": "Ukraine", "aliases": ("Donbas", "Crimea"), "merge": ("NATO-RUS",)}
    return NamedSituation(**{**base, **changes})


def an_outlet(**changes: Any) -> Outlet:
    """Return a listed outlet of weight 1."""
    return Outlet(**{"name": "Example", "owner": "example", **changes})


def a_member(number: int = 1, **changes: Any) -> Member:
    """Return a member of a story of its own."""
    base = {
        "article_id": f"art-{number}",
        "story_id": f"story-{number}",
        "origin": f"origin-{number}",
        "owner": f"owner-{number}",
        "title": "Tanks seen near the border",
        "summary": "",
        "at": AT,
    }
    return Member(**{**base, **changes})


def a_silence(**changes: Any) -> Silence:
    """Return ann's silence on Mali for two hours."""
    base = {
        "id": "si-1",
        "situation": "MLI",
        "signal": "",
        "alert_id": "",
        "up_to": Level.WARNING,
        "author": "ann",
        "reason": "known exercise",
        "created_at": AT,
        "until": AT + 2 * HOUR,
    }
    return Silence(**{**base, **changes})
