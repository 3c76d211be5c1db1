"""Who may act, whose word counts, and how it is told."""

from __future__ import annotations

import pytest

from monitor.core.acts import Permit, current, name_of, refusal, shown, verdict_line, verdicts_line, who
from monitor.core.alerts import Alert, AlertState, EventKind, Level, Verdict
from monitor.core.desk import Person
from monitor.core.lifecycle import Case, step
from tests.builders import AT, HOUR, MINUTE, SITUATION, a_report, a_rule, an_alert

ADA = Person(id="U0000ADA", name="ada", team="T1")
PERMIT = Permit(teams=frozenset({"T1"}), own=frozenset({"U1"}))


def a_verdict(verdict: str = "false", by: str = "ada (U0000ADA)", number: int = 0, alert_id: str = "al-1") -> Verdict:
    return Verdict(at=AT + number * MINUTE, verdict=verdict, alert_id=alert_id, by=by)


def test_a_person_of_an_allowed_workspace_may_act() -> None:
    assert refusal(ADA, PERMIT) == ""
    assert refusal(Person(id="W0000ADA", name="", team="T1"), PERMIT) == ""
    both = Person(id="U0000ADA", name="ada", team="T1 T2")
    assert refusal(both, PERMIT)
    assert refusal(both, Permit(teams=frozenset({"T1", "T2"}))) == ""


@pytest.mark.parametrize(
    ("person", "permit", "remedy"),
    [
        (Person(id="U0000ADA", name="ada", team="T2"), PERMIT, "slack.allowed_teams"),
        (Person(id="U0000ADA", name="ada"), PERMIT, "slack.allowed_teams"),
        (ADA, Permit(teams=frozenset()), "slack.allowed_teams"),
        (Person(id="U0000ADA", name="ada", team=""), Permit(teams=frozenset({""})), "slack.allowed_teams"),
        (ADA, Permit(teams=frozenset({"T1"}), users=frozenset({"U2"})), "slack.allowed_users"),
        (Person(id="U1", name="crisis", team="T1"), PERMIT, "only people"),
        (Person(id="B0000BOT", name="bot", team="T1"), PERMIT, "only people"),
        (Person(id="USLACKBOT", name="slackbot", team="T1"), PERMIT, "only people"),
        (Person(id="", name="", team="T1"), PERMIT, "only people"),
        (Person(id="U1\n", name="", team="T1"), PERMIT, "only people"),
    ],
)
def test_anybody_else_is_refused_with_the_remedy(person: Person, permit: Permit, remedy: str) -> None:
    assert remedy in refusal(person, permit)


def test_a_person_is_stored_with_name_and_id_and_shown_by_name() -> None:
    assert who(ADA) == "ada (U0000ADA)"
    assert name_of(who(ADA)) == "ada"
    assert who(Person(id="", name="ops")) == "ops"
    assert shown(Person(id="U2", name=" a\n b ")) == "a b"
    assert shown(Person(id="U2", name="")) == "U2"
    assert shown(Person(id="", name="")) == "somebody"
    assert len(shown(Person(id="U2", name="x" * 500))) == 80


def test_of_one_person_on_one_alert_the_latest_verdict_counts_and_all_misses_do() -> None:
    first, second, other = a_verdict(), a_verdict("true", number=1), a_verdict(by="bo (U00000BO)")
    miss = a_verdict("missed", alert_id="")
    nameless = a_verdict(by="")

    assert current([first, other, miss, miss, second, nameless, nameless]) == [
        other,
        miss,
        miss,
        second,
        nameless,
        nameless,
    ]


def test_verdicts_are_told_by_kind_with_the_names_that_stand_by_them() -> None:
    told = [a_verdict(), a_verdict(by="bo (U00000BO)"), a_verdict("unsure", by="eve"), a_verdict("true", number=2)]

    assert verdicts_line(told) == "marked a true alarm by ada; marked a false alarm by bo; marked unsure by eve"
    assert verdicts_line([]) == ""
    assert verdict_line(a_verdict()) == "marked a false alarm by ada"


@pytest.mark.parametrize(
    ("before", "reports", "kind", "left"),
    [
        (an_alert(acknowledged_by="ada", acknowledged_at=AT), 2, EventKind.ESCALATED, ""),
        (
            an_alert(acknowledged_by="ada", state=AlertState.RESOLVED, resolved_at=AT),
            1,
            EventKind.REOPENED,
            "",
        ),
        (an_alert(acknowledged_by="ada", level=Level.CRITICAL, highest=Level.CRITICAL), 1, EventKind.EASED, "ada"),
    ],
)
def test_an_acknowledgement_covers_the_level_it_was_given_at(
    before: Alert, reports: int, kind: EventKind, left: str
) -> None:
    case = Case(
        rule=a_rule(),
        situation=SITUATION,
        countries=(),
        reports=[a_report(number, at=AT + HOUR) for number in range(reports)],
        fresh=1,
        last=before,
        history_since=None,
    )
    done = step(case, AT + HOUR)

    assert done.event is kind
    assert done.alert
    assert done.alert.acknowledged_by == left
