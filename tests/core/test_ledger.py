"""What is kept in memory of the reports: no more and no less than the database would give back."""

from __future__ import annotations

from monitor.core.evidence import RETAINED
from monitor.core.ledger import Ledger
from tests.builders import AT, HOUR, MINUTE, SIGNAL, SITUATION, a_report

KEY = (SIGNAL, SITUATION)


def test_reports_are_held_by_signal_and_situation_in_order_of_arrival() -> None:
    first, second, other = a_report(1), a_report(2), a_report(1, signal="coup_warning", situation="MLI")
    ledger = Ledger([first], AT)

    assert ledger.add([second, other]) == {KEY, ("coup_warning", "MLI")}
    assert ledger.reports(*KEY) == [first, second]
    assert ledger.reports("coup_warning", "MLI") == [other]
    assert ledger.reports("coup_warning", "XXX") == ()
    assert ledger.keys() == {KEY, ("coup_warning", "MLI")}


def test_an_article_is_taken_out_of_all_its_situations() -> None:
    ledger = Ledger([a_report(1), a_report(2), a_report(1, signal="coup_warning", situation="MLI")])

    assert ledger.remove("art-1") == {KEY, ("coup_warning", "MLI")}
    assert ledger.remove("art-1") == set()
    assert ledger.reports(*KEY) == [a_report(2)]
    assert ledger.keys() == {KEY}


def test_history_begins_with_the_earliest_moment_seen() -> None:
    ledger = Ledger()
    assert ledger.history_since is None

    ledger.saw(AT)
    ledger.saw(AT - HOUR)
    ledger.saw(AT + HOUR)

    assert ledger.history_since == AT - HOUR


def test_what_no_baseline_reaches_is_forgotten_with_all_its_traces() -> None:
    old, two_faced, young = a_report(1), a_report(2), a_report(3, at=AT + HOUR)
    ledger = Ledger([old, two_faced, young, a_report(2, signal="coup_warning", at=AT + HOUR)])

    ledger.expire(AT + RETAINED)
    assert len(ledger.reports(*KEY)) == 3

    ledger.expire(AT + RETAINED + MINUTE)
    assert ledger.reports(*KEY) == [young]
    assert ledger.remove("art-1") == set()
    assert ledger.remove("art-2") == {("coup_warning", SITUATION)}

    ledger.expire(AT + RETAINED + 2 * HOUR)
    assert ledger.keys() == set()
    assert ledger.remove("art-3") == set()
