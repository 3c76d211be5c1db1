"""Why an alert speaks now, in words a tired person takes in at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.core import wording
from monitor.core.alerts import Event, EventKind, Level
from monitor.core.ports import AlertView
from monitor.core.reasons import figures, lasting, ordinal, surge_words, why_now, why_of
from tests.builders import AT, DAY, HOUR, a_standing, an_alert, an_alert_article, an_event

EXACT = "evidence 2.72 of 2.4, independent origins 3 of 3, no baseline yet for warning"


def a_view(events: list[Event], **changes: Any) -> AlertView:
    base: dict[str, Any] = {
        "alert": an_alert(),
        "name": "Ukraine",
        "events": events,
        "evidence": [],
        "articles": [],
        "earlier": [],
        "siblings": [],
        "denials": [],
    }
    return AlertView(**{**base, **changes})


def opened(origins: int = 2, level: Level = Level.WATCH) -> Event:
    standing = a_standing(origins=origins, evidence=1.8)
    return an_event(
        at=AT, level=level, reason="evidence 1.78 of 1.2, independent origins 2 of 2 for watch", standing=standing
    )


def later(kind: EventKind, reason: str, level: Level, origins: int, evidence: float) -> Event:
    standing = a_standing(at=AT + HOUR, origins=origins, evidence=evidence)
    return an_event(at=AT + HOUR, kind=kind, level=level, reason=reason, standing=standing)


ROWS = [
    an_alert_article(1, source="Northwatch", at=AT - 8 * HOUR),
    an_alert_article(2, source="Meridian", at=AT),
    an_alert_article(3, source="Harbour", at=AT + HOUR),
]


@pytest.mark.parametrize(
    ("origins", "level", "words"),
    [
        (1, Level.WATCH, "a first source reports it"),
        (2, Level.WATCH, "a second independent source within 8 hours: Meridian"),
        (12, Level.CRITICAL, "straight to critical: a 12th independent source within 8 hours: Meridian"),
    ],
)
def test_an_opening_names_the_source_that_made_it(origins: int, level: Level, words: str) -> None:
    assert why_now(a_view([opened(origins, level)], evidence=ROWS)) == words


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param(
            later(EventKind.ESCALATED, f"watch to warning: {EXACT}", Level.WARNING, 3, 2.7),
            "rose from watch to warning: 3 independent origins (was 2), evidence 2.7 (was 1.8); new: Harbour",
            id="escalated",
        ),
        pytest.param(
            later(EventKind.UPDATED, f"new reports: {EXACT}", Level.WATCH, 2, 1.9),
            "1 new report from Harbour: 2 independent origins, evidence 1.9 (was 1.8)",
            id="updated",
        ),
        pytest.param(
            later(EventKind.UPDATED, "Meridian has withdrawn a report this alert rests on", Level.WATCH, 1, 0.9),
            "Meridian has withdrawn a report this alert rests on",
            id="a reason without figures stands as it is",
        ),
        pytest.param(
            later(EventKind.REOPENED, f"again within a day: {EXACT}", Level.WATCH, 2, 1.9),
            "reports again an hour after it was resolved: 2 independent origins, evidence 1.9",
            id="reopened",
        ),
    ],
)
def test_a_change_says_what_changed_and_from_what(event: Event, words: str) -> None:
    view = a_view([opened(), event], evidence=ROWS)

    assert why_now(view) == words
    assert why_of(view, event) == words


def test_easing_and_resolving_say_how_long_it_has_been_quiet() -> None:
    eased = replace(later(EventKind.EASED, f"warning to watch: {EXACT}", Level.WATCH, 3, 1.0), at=AT + 20 * HOUR)
    resolved = replace(later(EventKind.RESOLVED, f"quiet since then: {EXACT}", Level.WATCH, 1, 0.2), at=AT + 2 * DAY)
    start = opened(level=Level.WARNING)
    alert = an_alert(quiet_since=AT + DAY)

    assert why_now(a_view([start, eased], evidence=ROWS)) == (
        "eased from warning to watch: no new report for 19 hours, evidence 1.0 (was 1.8)"
    )
    assert (
        why_now(a_view([start, eased, resolved], alert=alert)) == "too few reports for 24 hours, evidence 0.2 (was 1.0)"
    )


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (timedelta(seconds=40), "40 seconds"),
        (timedelta(minutes=59), "59 minutes"),
        (HOUR, "an hour"),
        (5 * HOUR, "5 hours"),
    ],
)
def test_an_hour_is_not_told_before_it_has_passed(gone: timedelta, said: str) -> None:
    resolved = replace(later(EventKind.RESOLVED, f"quiet since then: {EXACT}", Level.WATCH, 1, 0.2), at=AT + HOUR)
    reopened = replace(later(EventKind.REOPENED, f"again: {EXACT}", Level.WATCH, 2, 1.9), at=AT + HOUR + gone)
    alert = an_alert(quiet_since=AT + HOUR - gone)

    assert why_now(a_view([resolved, reopened])).startswith(f"reports again {said} after it was resolved: ")
    assert why_now(a_view([resolved], alert=alert)).startswith(f"too few reports for {said}, ")


def test_what_people_do_does_not_hide_what_changed() -> None:
    acknowledged = an_event(at=AT + HOUR, kind=EventKind.ACKNOWLEDGED, reason="acknowledged by ana")
    view = a_view([opened(), acknowledged], evidence=ROWS)

    assert why_now(view).startswith("a second independent source")
    assert why_of(view, acknowledged) == "acknowledged by ana"


def test_the_exact_figures_are_kept_for_the_small_print() -> None:
    standing = a_standing(surge=3.14)
    view = a_view([an_event(reason=f"watch to warning: {EXACT}", standing=standing)])

    assert figures(view) == f"{EXACT}; surge 3.1 standard deviations"
    assert ("Figures", figures(view)) in wording.notes(view)
    assert figures(a_view([])) == ""


@pytest.mark.parametrize(
    ("surge", "inflow", "words"),
    [
        (None, 0.0, "too little history to say how unusual"),
        (-2.0, 0.0, "below usual here"),
        (0.2, 1.0, "as usual here"),
        (1.4, 1.5, "above usual here"),
        (2.5, 3.2, "well above usual here, 3 times the daily mean"),
        (9.0, 12.0, "far above usual here, 12 times the daily mean"),
    ],
)
def test_how_unusual_it_is_is_said_in_words(surge: float | None, inflow: float, words: str) -> None:
    assert surge_words(a_standing(surge=surge, inflow=inflow, mean=1.0)) == words


def test_numbers_and_spans_read_like_speech() -> None:
    assert [ordinal(n) for n in (1, 2, 10, 11, 21, 22, 113)] == [
        "first",
        "second",
        "tenth",
        "11th",
        "21st",
        "22nd",
        "113th",
    ]
    assert [lasting(timedelta(minutes=m)) for m in (0, 29, 90, 47 * 60, 48 * 60)] == [
        "an hour", "an hour", "2 hours", "47 hours", "2 days",
    ]  # fmt: skip


def test_siblings_are_linked_by_their_message_else_by_their_page_most_severe_first() -> None:
    others = [an_alert(id="al-2", signal="coup_warning"), an_alert(id="al-3", level=Level.CRITICAL)]
    view = a_view(
        [opened()], siblings=others, public_url="https://desk.example/", links={"al-2": "https://x.slack.com/p1"}
    )

    assert wording.siblings(view) == [
        ("Troop concentration (critical)", "https://desk.example/alerts/al-3"),
        ("Coup warning (watch)", "https://x.slack.com/p1"),
    ]
    assert wording.siblings(replace(view, public_url="", links={}))[0] == ("Troop concentration (critical)", "")


def test_one_time_more_within_twelve_months_is_counted() -> None:
    before = [an_alert(id=f"al-{n}", opened_at=AT - n * 150 * DAY, highest=Level.CRITICAL) for n in (1, 2, 3)]

    assert wording.recurrence_line(a_view([opened()], earlier=before)) == (
        "third time in twelve months: last 29 June 2021, reached critical"
    )
