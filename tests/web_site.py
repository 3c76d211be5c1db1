"""A page over a real database, for tests of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.adapters.country_names import country_name
from monitor.adapters.storage import SqlStorage
from monitor.core.model import Article, Feed, FeedState
from monitor.core.outlets import Outlets
from monitor.core.ports import Clock
from monitor.core.situations import Registry
from monitor.pipeline.delivery_state import DeliveryHealth
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.pulse import Pulse
from monitor.pipeline.state import Settings
from monitor.web.app import build_app
from monitor.web.guard import Guard
from monitor.web.health import Vitals
from monitor.web.security import Door, host_allowed
from monitor.web.site import Site
from tests.builders import (
    AT,
    HOUR,
    MINUTE,
    SIGNAL,
    a_decision,
    a_feed,
    a_feed_state,
    a_quote,
    a_reading,
    a_rule,
    an_alert,
    an_alert_article,
    an_article,
    an_event,
    an_identity,
)

CALM = DeliveryHealth(pending=0, oldest=None, dead=(), repeats=0, held={}, late=False)
FEEDS = (a_feed(id="example", country="GBR"), a_feed(id="niger", country="NER"))
HOLDER = "here:1:now"


def a_site(storage: SqlStorage, clock: Clock, feeds: Sequence[Feed] = FEEDS, **vitals: Any) -> Site:
    """Return a page's view of `storage`, all well; `vitals` differ as named."""
    lookout = Lookout(feeds, readable={"en"}, name_of=country_name)
    settings = Settings(rules=[a_rule()], channels={}, outlets=Outlets({}), registry=Registry(), lookout=lookout)
    signs: dict[str, Any] = {
        "started_at": AT - HOUR,
        "evaluate_every": timedelta(seconds=15),
        "pulse": Pulse(evaluated_at=clock()),
        "model": "test-1",
        "stack": "linear",
        "canaries": lambda: (),
        "delivery": lambda: CALM,
        "lease": "daemon",
        "holder": HOLDER,
    }
    return Site(
        library=storage,
        settings=lambda: settings,
        feeds=lambda: feeds,
        lookout=lambda: lookout,
        clock=clock,
        version="0.0.1",
        vitals=Vitals(**{**signs, **vitals}),
    )


def a_door(folder: Path, clock: Clock, base: str = "http://127.0.0.1:8080", standing: str = "") -> Door:
    """Return a door whose link stands in `folder`."""
    return Door(base=base, link_file=folder / "page-link", clock=clock, standing=standing)


def a_page(site: Site, door: Door) -> Guard:
    """Return the guarded application."""
    return build_app(site, door, host_allowed())


def fill(storage: SqlStorage, titles: Mapping[str, str]) -> None:
    """Store one alert that rests on an article per title; `titles` gives each one's address. A denial and a near-miss beside it."""
    articles = [_article(number, title, url) for number, (title, url) in enumerate(titles.items(), 1)]
    with storage.transaction() as unit:
        unit.take_lease("daemon", HOLDER, AT, timedelta(days=1))
        for state in (_well("example"), _well("niger")):
            unit.save_feed_state(state)
        unit.add_articles([(article, an_identity(number)) for number, article in enumerate(articles, 1)])
        unit.save_alert(an_alert(acknowledged_by=articles[0].title))
        unit.save_alert(an_alert(id="al-0", rule="other", opened_at=AT - 30 * HOUR))
        unit.add_event(an_event(reason=f"evidence 1.50 of 1 for watch; {articles[0].title}"))
        unit.add_alert_articles("al-1", [_row(number, article) for number, article in enumerate(articles, 1)])
        unit.add_decisions([a_decision(article_id=article.id, reason=article.title) for article in articles])


def _article(number: int, title: str, url: str) -> Article:
    quotes = {SIGNAL: a_quote(text=title, speaker=title), "denial": a_quote(text=title, speaker=title)}
    scores = {SIGNAL: 0.9, "denial": 0.9}
    reading = a_reading(scores=scores, quotes=quotes, denied_by=("RUS",))
    return an_article(number, title=title, summary=title, url=url, outlet=title[:40] or "Example", reading=reading)


def _row(number: int, article: Article) -> Any:
    return an_alert_article(number, title=article.title, url=article.url, source=article.outlet)


def _well(feed_id: str) -> FeedState:
    return a_feed_state(feed_id=feed_id, next_poll_at=AT + MINUTE, last_ok_at=AT - MINUTE, last_new_at=AT - HOUR)
