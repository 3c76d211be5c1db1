"""Changes of sight are told once each, when they have lasted, and never flap."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.blindness import ABROAD, BACK_AFTER, LOST_AFTER, MOST_LINES, Change, Told, changes, lines, subjects
from monitor.core.coverage import Cause, Coverage, Sight, Survey, survey
from tests.builders import AT, DAY, HOUR, MINUTE, a_feed, a_feed_state

NAMES = {"NER": "Niger", "MLI": "Mali", "fr": "French"}


def name_of(code: str) -> str:
    return NAMES.get(code, code)


def seen(at: datetime, *blind: str, known: Sequence[str] = ("NER", "MLI"), since: datetime = AT - HOUR) -> Survey:
    """Return a survey in which `blind` of the `known` countries cannot be seen."""
    return Survey(
        at=at,
        countries={
            code: Coverage(
                country=code,
                sight=Sight.BLIND if code in blind else Sight.SEEN,
                cause=Cause.FAILING,
                feeds=4,
                readable=4,
                working=1 if code in blind else 4,
                since=since if code in blind else None,
            )
            for code in known
        },
    )


def live(surveys: Sequence[Survey], told: Told | None = None) -> tuple[list[Change], Told]:
    """Let surveys follow one another, through the database each time; return all that was told."""
    news: list[Change] = []
    told = told or Told()
    for each in surveys:
        found, told = changes(Told.from_json(json.loads(json.dumps(told.to_json()))), each)
        news += found
    return news, told


def over(minutes: int, *blind: str, start: datetime = AT) -> list[Survey]:
    """Return a survey for each minute."""
    return [seen(start + number * MINUTE, *blind) for number in range(minutes + 1)]


def test_a_country_that_stays_blind_is_told_once_with_since_when_and_why() -> None:
    news, told = live(over(600, "NER"))

    assert news == [Change(subject="NER", since=AT - HOUR, why="3 of 4 of its feeds failing or silent")]
    assert told.blind == {"NER": AT - HOUR}
    assert told.turning == {}
    assert lines(news, name_of) == ["Blind on Niger since 26 November 11:00 UTC: 3 of 4 of its feeds failing or silent"]


def test_nothing_is_told_while_all_is_seen() -> None:
    assert live(over(600)) == ([], Told())


def test_a_short_loss_is_not_told() -> None:
    news, told = live([*over(14, "NER"), *over(60, start=AT + 15 * MINUTE)])
    assert news == []
    assert told == Told()


def test_a_recovery_is_told_after_it_has_lasted_and_says_how_long_it_was_blind() -> None:
    news, told = live([*over(60, "NER"), *over(61, start=AT + HOUR + MINUTE)])

    assert [(each.subject, each.until) for each in news] == [("NER", None), ("NER", AT + HOUR + MINUTE)]
    assert told.blind == {}
    said = lines(news, name_of)[1]
    assert said.startswith("Niger can be seen again since 26 November 13:01 UTC; it was blind since 26 November 11:00")
    assert "clear" not in said


def test_sight_that_flickers_is_told_once() -> None:
    flicker = [seen(AT + number * 20 * MINUTE, *(["NER"] if number % 3 else [])) for number in range(200)]
    news, _ = live(flicker)
    assert [each.until for each in news] == [None]


def test_a_daemon_that_was_stopped_over_night_tells_no_blindness_of_its_own() -> None:
    """At its start every poll is overdue, and a minute later every feed has been read."""
    news, _ = live([seen(AT, "NER", "MLI"), *over(300, start=AT + MINUTE)])
    assert news == []


def test_a_restart_repeats_nothing() -> None:
    _, told = live(over(60, "NER"))
    news, _ = live([seen(AT + 9 * DAY, "NER")], told)
    assert news == []


def test_losses_come_before_recoveries_and_the_longest_first() -> None:
    told = Told(blind={"MLI": AT - DAY}, turning={"MLI": AT - 2 * HOUR, "NER": AT - HOUR})
    news, _ = changes(told, seen(AT, "NER"))
    assert [(each.subject, each.until is None) for each in news] == [("NER", True), ("MLI", False)]


def test_a_country_no_longer_configured_is_forgotten_without_a_word() -> None:
    news, told = changes(Told(blind={"NER": AT - DAY}), seen(AT, known=["MLI"]))
    assert (news, told.blind) == ([], {})


def test_languages_and_all_other_countries_can_go_blind_too() -> None:
    feeds = [a_feed(id="one", country="NER", language="fr"), a_feed(id="two", country="", language="en")]
    states = {
        feed.id: a_feed_state(
            feed_id=feed.id, next_poll_at=AT + DAY, failures=3, last_ok_at=AT - HOUR, last_failed_at=AT
        )
        for feed in feeds
    }
    found = survey(feeds, states, AT, readable={"en", "fr"})

    assert {name for name, each in subjects(found).items() if each.sight is Sight.BLIND} == {"NER", "fr", "en", ABROAD}
    news, _ = live([found, survey(feeds, states, AT + LOST_AFTER, readable={"en", "fr"})])
    assert "Blind on news in French since 26 November 11:00 UTC: its only readable feed is failing or silent" in lines(
        news, name_of
    )
    assert any(line.startswith("Blind on every country without feeds of its own") for line in lines(news, name_of))


def test_a_language_the_model_does_not_read_is_blind_since_reading_began() -> None:
    feeds = [a_feed(id="one", country="NER", language="ha"), a_feed(id="two", country="GBR")]
    states = {feed.id: a_feed_state(feed_id=feed.id, next_poll_at=AT + DAY, last_new_at=AT) for feed in feeds}
    found = survey(feeds, states, AT, readable={"en"})

    assert (found.languages["ha"].sight, found.languages["ha"].cause) == (Sight.BLIND, Cause.UNREAD)
    assert found.languages["en"].sight is Sight.SEEN


def test_a_world_that_goes_dark_at_once_fits_one_message() -> None:
    codes = [f"A{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(60)]
    news, _ = live([seen(AT + number * LOST_AFTER, *codes, known=codes) for number in range(2)])
    said = lines(news, str)

    assert len(news) == len(codes)
    assert len(said) == MOST_LINES + 1
    assert all(any(code in line for line in said) for code in codes)


@pytest.mark.parametrize("value", [None, 7, [], {"blind": 3}, {"blind": {"NER": AT.isoformat()}}])
def test_whatever_stands_in_the_database_can_be_read(value: object) -> None:
    assert set(Told.from_json(value).blind) <= {"NER"}


@given(st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=60))
def test_losses_and_recoveries_alternate_and_are_never_closer_than_they_must_last(
    steps: list[tuple[int, bool]],
) -> None:
    at, told, news = AT, Told(), []
    for minutes, blind in steps:
        at += minutes * MINUTE
        found, told = changes(told, seen(at, *(["NER"] if blind else [])))
        news += [(at, each.until is None) for each in found]

    assert [lost for _, lost in news] == [number % 2 == 0 for number in range(len(news))]
    for (before, _), (after, lost) in itertools.pairwise(news):
        assert after - before >= (LOST_AFTER if lost else BACK_AFTER)


@given(st.timedeltas(timedelta(0), timedelta(days=3)))
def test_the_same_survey_again_tells_nothing_more(wait: timedelta) -> None:
    _, told = live([seen(AT, "NER"), seen(AT + LOST_AFTER, "NER")])
    assert changes(told, seen(AT + LOST_AFTER + wait, "NER"))[0] == []
