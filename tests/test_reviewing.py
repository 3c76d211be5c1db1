"""What people say on the command line when they cannot click: the same acts, kept the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.cli import app
from monitor.cli.learning import verdict_rows
from monitor.core.alerts import EventKind
from monitor.core.messages import DeliveryState
from monitor.desk import FACT
from tests.builders import a_notification, an_alert, an_alert_article, an_article, an_event, an_identity

ALERT = "al-1"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStorage:
    """Give a database with one alert that stands in Slack, and one article."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "CRISIS_MONITOR_CONFIG", "CRISIS_MONITOR_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRISIS_MONITOR_DATA", str(tmp_path))
    monkeypatch.setenv("USER", "root")
    monkeypatch.chdir(tmp_path)
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'crisis-monitor.db'}")
    migrate(storage)
    with storage.transaction() as unit:
        unit.save_alert(an_alert(id=ALERT))
        unit.add_event(an_event(alert_id=ALERT))
        unit.add_articles([(an_article(), an_identity())])
        unit.add_alert_articles(ALERT, [an_alert_article()])
        unit.add_notification(a_notification(subject=ALERT, state=DeliveryState.SENT))
    return storage


def crisis_monitor(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_promise_36_an_acknowledgement_that_could_not_be_clicked_is_made_on_the_command_line(desk: SqlStorage) -> None:
    first, second = crisis_monitor("ack", ALERT, "--by", "ada"), crisis_monitor("ack", ALERT)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "al-1 is acknowledged" in first.stdout
    assert "already acknowledged by ada" in second.stdout
    with desk.reading() as unit:
        alert, events, rows = unit.alert(ALERT), unit.events(ALERT), unit.notifications_of(ALERT)
    assert alert
    assert alert.acknowledged_by == "ada"
    assert [(event.kind, event.by) for event in events] == [(EventKind.OPENED, ""), (EventKind.ACKNOWLEDGED, "ada")]
    assert [(row.kind, row.event_kind) for row in rows[1:]] == [("update", "acknowledged"), ("thread", "acknowledged")]


@pytest.mark.parametrize("words", [("ack", "al-none"), ("review", "al-none", "--verdict", "true")])
def test_an_alert_that_is_not_there_exits_with_3_and_names_the_remedy(desk: SqlStorage, words: tuple[str, ...]) -> None:
    result = crisis_monitor(*words)

    assert result.exit_code == 3
    assert "crisis-monitor history" in result.stderr
    with desk.reading() as unit:
        assert unit.acts() == []


def test_whoever_speaks_has_a_name(desk: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USER")

    result = crisis_monitor("ack", ALERT)

    assert result.exit_code == 2
    assert "--by" in result.stderr
    with desk.reading() as unit:
        assert unit.acts() == []


def test_verdicts_on_alerts_and_articles_are_kept_and_the_latest_of_each_person_is_learnt_from(
    desk: SqlStorage,
) -> None:
    said = [
        crisis_monitor("review", ALERT, "--verdict", "true"),
        crisis_monitor("review", ALERT, "--verdict", "false", "--note", "an annual exercise", "--by", "ada"),
        crisis_monitor("review", ALERT, "--verdict", "false"),
        crisis_monitor("review", "https://example.example/news/1?utm_source=x", "--verdict", "true", "--by", "ada"),
        crisis_monitor("review", "art-1", "--verdict", "unsure", "--by", "ada"),
    ]

    assert [each.exit_code for each in said] == [0] * 5, [each.output for each in said]
    assert said[1].stdout == "al-1: kept as a false alarm\n"
    with desk.reading() as unit:
        kept, rows = unit.verdicts(), unit.notifications_of(ALERT)
    assert [(each.alert_id, each.article_id, each.verdict, each.by) for each in kept] == [
        (ALERT, "art-1", "true", "root"),
        (ALERT, "art-1", "false", "ada"),
        (ALERT, "art-1", "false", "root"),
        ("", "art-1", "true", "ada"),
        ("", "art-1", "unsure", "ada"),
    ]
    assert kept[1].note == "an annual exercise"
    assert [row["labels"] for row in verdict_rows(kept)] == [[], []]
    assert len([row for row in rows if row.event_kind.startswith("verdict")]) == 6


def test_a_verdict_is_one_of_three_words(desk: SqlStorage) -> None:
    result = crisis_monitor("review", ALERT, "--verdict", "maybe")

    assert result.exit_code == 2
    with desk.reading() as unit:
        assert unit.verdicts() == []


SINCE = "2026-03-01T12:00:00+00:00"
KEPT = {"connected_since": SINCE, "last_envelope": None, "error": "", "at": SINCE}


@pytest.mark.parametrize(
    ("token", "kept", "line"),
    [
        ("", None, "ok  buttons: no app token is set"),
        ("xoxb-wrong", None, "BAD buttons: the app token must begin with xapp-"),
        ("xapp-1", None, "ok  buttons: an app token is set; no daemon has used it"),
        ("xapp-1", KEPT, f"ok  buttons: connected since {SINCE}; last click or command none yet"),
        ("xapp-1", {**KEPT, "last_envelope": SINCE}, f"last click or command {SINCE}"),
        (
            "xapp-1",
            {**KEPT, "connected_since": None, "error": "Slack could not be reached"},
            f"BAD buttons: no connection to Slack at {SINCE}: Slack could not be reached",
        ),
    ],
)
def test_doctor_says_whether_people_can_act_in_slack(
    desk: SqlStorage, monkeypatch: pytest.MonkeyPatch, token: str, kept: dict[str, str] | None, line: str
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", token)
    if kept:
        with desk.transaction() as unit:
            unit.save_fact(FACT, kept)

    result = crisis_monitor("doctor")

    assert line in result.stdout
    assert not token or token not in result.output
