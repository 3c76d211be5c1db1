"""A critical alert that nobody takes on is reminded of, then passed on; an answer stops it, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core.alerts import Alert, AlertState, EventKind, Level
from monitor.core.hours import Attention, QuietHours
from monitor.pipeline.duties import attend
from monitor.pipeline.silencing import make_silence
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

EAGER = Attention(
    remind_after=timedelta(minutes=15),
    remind_times=3,
    escalate_to="other",
    quiet=QuietHours(start=(noon := ManualClock()().time()), end=noon.replace(hour=20)),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock, attention=EAGER, budget_per_day=0)


def reminders(desk: Desk, channel: str = "desk") -> list[str]:
    """Return what reminders say, message by message; each is shown in the channel too."""
    replies = [reply for message in desk.slack.messages(channel) for reply in message["replies"]]
    told = [reply for reply in replies if "acknowledged this for" in reply["text"]]
    assert all(reply["broadcast"] for reply in told)
    return [reply["text"] for reply in told]


def keep(desk: Desk, alert: Alert, **changes: Any) -> Alert:
    """Store a change of an alert without an event."""
    changed = replace(alert, **changes)
    with desk.storage.transaction() as unit:
        unit.save_alert(changed)
    return changed


def test_a_critical_alert_is_reminded_of_three_times_and_then_passed_on_once(desk: Desk) -> None:
    alert = desk.open(Level.CRITICAL)
    desk.live(14 * 60, step=60)
    assert reminders(desk) == []

    desk.live(40 * 60, step=60)
    told = reminders(desk)
    assert [text.splitlines()[0] for text in told] == [
        f"Reminder {number} of 3: nobody has acknowledged this for {minutes} minutes; after the last one it goes to other. "
        "Press Acknowledge above, or answer on the review page."
        for number, minutes in ((1, 15), (2, 30), (3, 45))
    ]
    assert all("CRITICAL" in text for text in told)
    assert desk.posted("other") == []

    desk.live(60 * 60, step=60)
    assert desk.posted("other") == [alert.id]
    desk.live(600 * 60, step=600)
    assert len(reminders(desk)) == 3
    assert desk.posted("other") == [alert.id]


def test_restarts_and_two_daemons_repeat_no_reminder(desk: Desk) -> None:
    desk.open(Level.CRITICAL)
    for _ in range(6):
        desk.live(10 * 60, step=60)
        desk.restart()
        for _ in range(3):
            attend(desk.storage, desk.settings, desk.clock())
    desk.live(10 * 60, step=60)

    assert len(reminders(desk)) == 3
    assert len(desk.posted("other")) == 1


def test_a_downtime_is_not_made_up_for_reminder_by_reminder(desk: Desk) -> None:
    desk.open(Level.CRITICAL)
    desk.live(3)
    desk.clock.advance(hours=5)
    desk.live(120, step=10)

    assert [text.partition(":")[0] for text in reminders(desk)] == ["Reminder 3 of 3"]
    assert len(desk.posted("other")) == 1


def test_an_acknowledgment_stops_the_reminders_and_a_new_rise_begins_them_anew(desk: Desk) -> None:
    alert = desk.open(Level.CRITICAL)
    desk.live(20 * 60, step=60)
    taken = keep(desk, alert, acknowledged_by="ann", acknowledged_at=desk.clock())
    desk.live(120 * 60, step=60)
    assert len(reminders(desk)) == 1

    desk.tell(replace(taken, acknowledged_by="", acknowledged_at=None), EventKind.ESCALATED)
    desk.live(16 * 60, step=60)
    assert [text.partition(":")[0] for text in reminders(desk)] == ["Reminder 1 of 3"] * 2
    assert desk.posted("other") == []


@pytest.mark.parametrize(
    "changes", [{"level": Level.WARNING}, {"state": AlertState.RESOLVED}, {"acknowledged_by": "ann"}]
)
def test_a_reminder_that_waits_is_not_sent_when_it_is_needed_no_more(desk: Desk, changes: dict[str, Any]) -> None:
    alert = desk.open(Level.CRITICAL)
    desk.live(3)
    desk.slack.refuse()
    desk.live(16 * 60, step=60)
    keep(desk, alert, **changes)
    desk.slack.accept()
    desk.live(20 * 60, step=60)
    assert reminders(desk) == []


def test_lesser_alerts_are_not_reminded_of(desk: Desk) -> None:
    desk.channels["desk"] = replace(desk.channels["desk"], budget_per_day=9, attention=Attention())
    desk.restart()
    desk.open(Level.WARNING)
    desk.live(120 * 60, step=300)
    assert reminders(desk) == []
    assert desk.posted("other") == []


def test_without_reminders_it_is_passed_on_after_one_interval(desk: Desk) -> None:
    desk.channels["desk"] = replace(desk.channels["desk"], attention=replace(EAGER, remind_times=0))
    desk.restart()
    alert = desk.open(Level.CRITICAL)
    desk.live(14 * 60, step=60)
    assert desk.posted("other") == []
    desk.live(3 * 60, step=60)
    assert desk.posted("other") == [alert.id]
    assert reminders(desk) == []


def test_what_is_passed_on_stays_alive_there(desk: Desk) -> None:
    alert = desk.open(Level.CRITICAL)
    desk.live(70 * 60, step=60)
    taken = replace(alert, acknowledged_by="ann", acknowledged_at=desk.clock())
    desk.tell(replace(taken, level=Level.WARNING), EventKind.EASED)
    desk.live(30)

    (message,) = desk.slack.messages("other")
    assert "Told here: nobody had acknowledged it for 60 minutes where it was told first" in message["text"]
    assert "Told here" not in desk.slack.messages("desk")[0]["text"]
    assert "acknowledged by ann" in "\n".join([message["text"], str(message["blocks"])])
    assert len(message["replies"]) == 1


def test_a_channel_that_was_told_already_is_reminded_instead(desk: Desk) -> None:
    alert = desk.open(Level.CRITICAL)
    desk.tell(alert, EventKind.OPENED, channel="other")
    desk.live(70 * 60, step=60)

    assert len(desk.posted("other")) == 1
    assert [text.splitlines()[0] for text in reminders(desk, "other")] == [
        "Nobody has acknowledged this for 60 minutes, so it is passed on. Press Acknowledge above."
    ]


def test_a_silence_that_names_critical_stops_reminders(desk: Desk) -> None:
    alert = desk.open(Level.CRITICAL)
    desk.live(5)
    with desk.storage.transaction() as unit:
        make_silence(
            unit,
            situation="",
            signal="",
            alert_id=alert.id,
            up_to=Level.CRITICAL,
            author="ann",
            reason="on it",
            span=timedelta(hours=4),
            now=desk.clock(),
        )
    desk.live(100 * 60, step=60)
    assert reminders(desk) == []
    assert desk.posted("other") == []
