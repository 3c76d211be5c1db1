"""Where a miss was lost: the first step at which the article could have become an alert and did not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.alerts import Decision, Outcome
from monitor.core.identity import identify, url_keys
from monitor.core.inquest import Step, not_stored, stored
from monitor.core.model import Article
from tests.builders import SIGNAL, SITUATION, a_decision, a_feed, a_feed_state, a_reading, an_article, an_entry

URL = "https://www.example.co.uk/world/1"


def decided(outcome: Outcome, **changes: object) -> Decision:
    base = {"outcome": outcome, "signal": SIGNAL, "situation": SITUATION, "reason": f"because of {outcome.value}"}
    return a_decision(**{**base, **changes})


STORED = [
    pytest.param(an_article(reading=replace(a_reading(), unread=True, language="ha")), [], Step.UNREAD, "(ha)", id="unread"),
    pytest.param(
        an_article(unweighed="too_old", weighed=False), [decided(Outcome.TOO_OLD)], Step.DATED_OUT, "too_old", id="too old"
    ),
    pytest.param(an_article(reading=a_reading(0.04)), [], Step.SCORED_LOW, "scored 0.04", id="no decision"),
    pytest.param(
        an_article(), [decided(Outcome.BELOW_MIN_PROBABILITY)], Step.SCORED_LOW, "min_probability", id="low score"
    ),
    pytest.param(
        an_article(reading=a_reading(situations={})), [decided(Outcome.NO_SITUATION)], Step.NOT_PLACED, "no country", id="no place"
    ),
    pytest.param(
        an_article(reading=a_reading(situations={SIGNAL: "MLI"})), [decided(Outcome.BELOW_THRESHOLD)],
        Step.PLACED_ELSEWHERE, "placed in MLI", id="elsewhere",
    ),
    pytest.param(an_article(), [decided(Outcome.NO_RULE)], Step.NO_RULE, "no_rule", id="no rule"),
    pytest.param(an_article(), [decided(Outcome.BELOW_THRESHOLD)], Step.BELOW_THRESHOLD, "below_threshold", id="too little"),
    pytest.param(
        an_article(), [decided(Outcome.BELOW_THRESHOLD), decided(Outcome.OPENED, alert_id="al-7")],
        Step.ALERTED, "part of alert al-7", id="alerted after all",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("article", "decisions", "step", "words"), STORED)
def test_the_step_that_lost_a_stored_article_is_named(
    article: Article, decisions: list[Decision], step: Step, words: str
) -> None:
    finding = stored(article, decisions, SIGNAL, SITUATION)
    assert finding.step is step
    assert words in finding.explanation


def test_a_copy_that_added_nothing_names_what_it_is_a_copy_of() -> None:
    first = an_article(1, outlet="Harbour Wire", origin="harbour", title="Tanks gather")
    copy = an_article(2, outlet="Lake Post", origin="harbour", story_id="art-1")
    own_words = replace(copy, origin="lake")
    below = [decided(Outcome.BELOW_THRESHOLD)]

    finding = stored(copy, below, SIGNAL, SITUATION, first)
    assert finding.step is Step.COPY
    assert "tells again what Harbour Wire told (art-1: Tanks gather)" in finding.explanation
    assert "because of below_threshold" in finding.explanation
    assert stored(own_words, below, SIGNAL, SITUATION, first).step is Step.BELOW_THRESHOLD
    assert stored(first, below, SIGNAL, SITUATION, first).step is Step.BELOW_THRESHOLD


def test_an_article_never_stored_is_asked_of_the_feeds_of_its_site() -> None:
    feed = a_feed(id="example", url="https://feeds.example.co.uk/rss")
    well, sick = a_feed_state(), a_feed_state(failures=4, error="HTTP 503")

    assert not_stored(URL, []).step is Step.NO_FEED
    assert not_stored(URL, [(replace(feed, enabled=False), well)]).step is Step.NO_FEED
    assert not_stored(URL, [(a_feed(url="https://other.co.uk/rss"), well)]).step is Step.NO_FEED
    failing = not_stored(URL, [(feed, sick)])
    assert (failing.step, "HTTP 503" in failing.explanation) == (Step.FEED_FAILING, True)
    gone = not_stored(URL, [(feed, replace(well, gaps=3))])
    assert (gone.step, "3 polls" in gone.explanation) == (Step.NOT_IN_FEED, True)


def test_an_address_leads_to_the_article_whatever_it_was_dressed_in() -> None:
    (identity,) = identify([an_entry(link="https://example.example/news/1?utm_source=rss")], "example")
    keys = url_keys("http://www.example.example/news/1/", ["other", "example", "example"])

    assert len(keys) == 2
    assert identity.url_key in keys
    assert url_keys("not an address", ["example"]) == []
