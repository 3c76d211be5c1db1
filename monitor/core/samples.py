"""A made-up alert, marked as a test, for trying channels and previews."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.core.alerts import Alert, AlertState, Event, EventKind, Level, Standing
from monitor.core.model import Article, DateNote, Quote, Reading
from monitor.core.ports import AlertArticle, AlertView

_SIGNAL = "troop_concentration"
_REPORTS = (
    ("Example Wire", "TEST: Two armoured brigades are said to gather north of the river", "the defence minister"),
    ("Sample Broadcasting", "TEST: Satellite pictures show a field hospital and fuel depots near the border", ""),
    ("Demo Herald", "TEST: Reservists in three provinces are told to report within 48 hours", "a ministry order"),
)


def sample_view(now: datetime, level: Level = Level.WATCH) -> AlertView:
    """Return an invented alert at `level` that says of itself that it is a test."""
    opened = now - timedelta(hours=2)
    standing = Standing(at=now, evidence=2.6, origins=3, stories=3, surge=None, inflow=2.6)
    alert = Alert(
        id="al-test",
        rule="test",
        signal=_SIGNAL,
        situation="TEST",
        countries=(),
        level=level,
        highest=level,
        state=AlertState.OPEN,
        opened_at=opened,
        last_event_at=now,
        last_told_at=now,
    )
    event = Event(
        alert_id=alert.id,
        at=now,
        kind=EventKind.OPENED,
        level=level,
        reason="this is a test: nothing has happened",
        standing=standing,
    )
    articles = [_article(number, opened) for number in range(len(_REPORTS))]
    rows = [
        AlertArticle(
            article_id=a.id, title=a.title, at=a.seen_at, source=a.outlet, url=a.url, score=a.reading.scores[_SIGNAL]
        )
        for a in articles
    ]
    return AlertView(
        alert=alert,
        name="Test, not a real place",
        events=[event],
        evidence=rows,
        articles=articles,
        earlier=[],
        siblings=[],
        denials=[],
    )


def _article(number: int, at: datetime) -> Article:
    outlet, title, speaker = _REPORTS[number]
    score = 0.9 - number / 50
    reading = Reading(
        scores={_SIGNAL: score},
        quotes={_SIGNAL: Quote(text=title, speaker=speaker, score=score)},
        situations={_SIGNAL: "TEST"},
    )
    return Article(
        id=f"art-test-{number}",
        feed_id="test",
        guid="",
        url=f"https://news.example/{number}",
        title=title,
        summary="",
        outlet=outlet,
        owner=outlet,
        origin=outlet,
        weight=1.0,
        seen_at=at,
        published_at=at,
        date_note=DateNote.NONE,
        reading=reading,
    )
