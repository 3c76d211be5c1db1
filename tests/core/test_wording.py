"""What people are told of an alert: only what still stands, what is denied beside it, and how often it happened before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from monitor.core import wording
from monitor.core.alerts import EventKind, Level
from monitor.core.model import Quote, Reading
from monitor.core.ports import AlertView
from tests.builders import AT, DAY, SIGNAL, an_alert, an_alert_article, an_article, an_event


def a_view(**changes: object) -> AlertView:
    base = AlertView(
        alert=an_alert(),
        name="Ukraine",
        events=[an_event()],
        evidence=[an_alert_article(1), an_alert_article(2)],
        articles=[],
        earlier=[],
        siblings=[],
        denials=[],
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # a builder


def saying(number: int, words: str, *days: date) -> object:
    reading = Reading(
        scores={SIGNAL: 0.9}, quotes={SIGNAL: Quote(text=words, speaker="a minister")}, claimed_dates=tuple(days)
    )
    return an_article(number, outlet=f"Outlet {number}", reading=reading)


def test_a_withdrawn_report_is_quoted_no_more_and_its_dates_are_gone() -> None:
    articles = [saying(1, "An attack is planned", date(2021, 12, 1)), saying(2, "Tanks have come", date(2021, 12, 2))]
    view = a_view(articles=articles)
    after = a_view(articles=articles, evidence=[replace(an_alert_article(1), withdrawn=True), an_alert_article(2)])

    assert [text for text, _ in wording.quotes(view)] == ["An attack is planned", "Tanks have come"]
    assert [text for text, _ in wording.quotes(after)] == ["Tanks have come"]
    assert wording.claimed_line(view) == "1 December 2021 (in 5 days), 2 December 2021 (in 6 days)"
    assert wording.claimed_line(after) == "2 December 2021 (in 6 days)"
    assert "1 report rewritten or withdrawn since" in wording.weight_line(after)


def test_a_denial_is_told_once_and_not_among_those_who_say_so() -> None:
    denial = an_article(
        2,
        outlet="State wire",
        reading=Reading(
            scores={SIGNAL: 0.99, "denial": 0.9},
            quotes={SIGNAL: Quote(text="We mass no troops"), "denial": Quote(text="We mass no troops")},
            denied_by=("RUS",),
        ),
    )
    view = a_view(articles=[saying(1, "Tanks have come"), denial], denials=[denial])

    assert [text for text, _ in wording.quotes(view)] == ["Tanks have come"]
    assert wording.denials(view) == [("We mass no troops", "Russia, State wire")]
    assert "contested" in wording.weight_line(view)


@pytest.mark.parametrize(
    ("signal", "situation", "contesting"),
    [
        pytest.param("coup_warning", "UKR", ["Russia"], id="the accused of a coup sits elsewhere"),
        pytest.param("troop_concentration", "RUS-UKR", ["Russia"], id="a party to the pair"),
        pytest.param("troop_concentration", "BLR-UKR", [], id="somebody else speaks of a pair it is no party to"),
    ],
)
def test_the_accused_contest_an_alert(signal: str, situation: str, contesting: list[str]) -> None:
    denial = an_article(2, reading=Reading(scores={signal: 0.9, "denial": 0.9}, denied_by=("RUS",)))
    alert = an_alert(signal=signal, situation=situation)

    assert wording.contested(a_view(alert=alert, denials=[denial])) == contesting


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param([], "", id="never before"),
        pytest.param([200], "second time in twelve months: last 10 May 2021, reached watch", id="once this year"),
        pytest.param([30, 60], "third time in twelve months: last 27 October 2021, reached watch", id="twice"),
        pytest.param(
            [9 + n * 7 for n in range(11)], "12th time in twelve months", id="so often that not all are listed"
        ),
        pytest.param([500], "last 14 July 2020, reached watch", id="longer ago than a year"),
    ],
)
def test_how_often_it_happened_before_is_counted(days: list[int], words: str) -> None:
    earlier = [
        an_alert(id=f"al-{n}", opened_at=AT - n * DAY, highest=Level.WATCH, level=Level.WATCH) for n in sorted(days)
    ]
    line = wording.recurrence_line(a_view(earlier=earlier))
    assert line.startswith(words)
    assert bool(line) == bool(days)


def test_a_day_gone_by_is_counted_down_no_further() -> None:
    article = saying(1, "An attack is planned", date(2021, 11, 20), date(2021, 11, 26), date(2021, 11, 27))
    view = a_view(articles=[article], events=[an_event(at=AT, kind=EventKind.UPDATED)])
    assert wording.claimed_line(view) == "26 November 2021 (today), 27 November 2021 (tomorrow)"


def test_the_phrases_that_drove_the_scores_are_told_for_each_stage_by_itself() -> None:
    quote = Quote(text="Tanks mass at the border", drove=("tanks mass", "border", "at"), needed=("tanks mass",))
    told = an_article(1, outlet="One", reading=Reading(scores={SIGNAL: 0.9}, quotes={SIGNAL: quote}))
    again = an_article(
        2, outlet="Two", reading=Reading(scores={SIGNAL: 0.8}, quotes={SIGNAL: replace(quote, text="So")})
    )

    assert wording.phrases_line(a_view(articles=[told, again])) == (
        "raised the first stage's score: “tanks mass”, “border”; the encoder's score falls without: “tanks mass”"
    )
    assert "Phrases" in dict(wording.notes(a_view(articles=[told])))
    assert "Phrases" not in dict(wording.notes(a_view(articles=[saying(1, "Tanks have come")])))
