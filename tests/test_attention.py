"""What is posted when: quiet hours, the day's budget, storms. Nothing is lost, nothing is told twice, critical never waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.core.alerts import Alert, AlertState, EventKind, Level
from monitor.core.desk import NoticeKind
from monitor.core.hours import Attention, QuietHours
from monitor.core.messages import DeliveryState
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

EVENING = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
NIGHT = Attention(quiet=QuietHours(start=time(22), end=time(7)), storm=1_000)
CALM = Attention(storm=1_000)
POST = "chat.postMessage"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock(EVENING)
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


def use(desk: Desk, attention: Attention, budget: int = 100_000) -> None:
    """Give the desk's channel other habits."""
    desk.channels["desk"] = replace(desk.channels["desk"], attention=attention, budget_per_day=budget)
    desk.restart()


def resolved(desk: Desk, alert: Alert) -> None:
    """Let an alert resolve now."""
    done = replace(alert, state=AlertState.RESOLVED, resolved_at=desk.clock())
    desk.tell(done, EventKind.RESOLVED)


def until(desk: Desk, moment: str, step: float = 600.0) -> None:
    """Live on to a moment."""
    desk.live((datetime.fromisoformat(moment).replace(tzinfo=UTC) - desk.clock()).total_seconds(), step)


def text_of(desk: Desk, number: int) -> str:
    """Return all words of a message of the channel and its thread."""
    message = desk.slack.messages("desk")[number]
    return "\n".join(
        [message["text"], *_words(message), *(word for reply in message["replies"] for word in _words(reply))]
    )


def _words(message: dict[str, object]) -> list[str]:
    blocks: list[dict[str, dict[str, str]]] = message["blocks"]  # type: ignore[assignment]  # as the stand-in keeps it
    return [block["text"]["text"] for block in blocks if "text" in block]


def test_quiet_hours_hold_all_but_critical_and_end_with_one_list_of_everything(desk: Desk) -> None:
    use(desk, NIGHT)
    one, two, three = desk.open(), desk.open(Level.WARNING), desk.open()
    grave = desk.open(Level.CRITICAL)
    desk.live(5)
    assert desk.posted() == [grave.id]

    resolved(desk, three)
    until(desk, "2026-03-02T06:55")
    assert desk.posted() == [grave.id]
    assert desk.notices() == []

    until(desk, "2026-03-02T07:20")
    (notice,) = desk.notices()
    assert (notice.kind, notice.title) == (NoticeKind.RELEASE, "3 alerts held back during quiet hours")
    (section,) = notice.sections
    assert [two.id in section.lines[0], one.id in section.lines[1], three.id in section.lines[2]] == [True] * 3
    assert section.lines[0].startswith("WARNING · Troop concentration · S0002 (S0002) · open · al-0002: opened al-0002")
    assert "resolved 01 March 22:00 UTC" in section.lines[2]
    assert desk.posted() == [grave.id, notice.id]
    assert all(each.id in text_of(desk, 1) for each in (one, two, three))
    assert DeliveryState.HELD not in desk.states()


def test_a_night_without_alerts_ends_without_a_word(desk: Desk) -> None:
    use(desk, NIGHT)
    until(desk, "2026-03-02T09:00")
    assert desk.slack.messages("desk") == []


def test_what_was_posted_before_is_edited_in_the_night_and_its_escalation_listed_in_the_morning(desk: Desk) -> None:
    alert = desk.open()
    desk.live(3)
    use(desk, NIGHT)
    desk.tell(
        replace(alert, level=Level.WARNING, highest=Level.WARNING), EventKind.ESCALATED, reason="watch to warning"
    )
    desk.live(5)

    (message,) = desk.slack.messages("desk")
    assert message["text"].startswith("🟠 WARNING")
    assert message["replies"] == []
    until(desk, "2026-03-02T07:20")
    assert "watch to warning" in text_of(desk, 1)
    assert len(desk.slack.messages("desk")) == 2


def test_an_alert_that_turns_critical_in_the_night_is_posted_at_once_and_leaves_the_list(desk: Desk) -> None:
    use(desk, NIGHT)
    alert, other = desk.open(), desk.open()
    desk.live(5)
    desk.clock.advance(hours=1)
    desk.tell(replace(alert, level=Level.CRITICAL, highest=Level.CRITICAL), EventKind.ESCALATED)
    desk.live(3)
    assert desk.posted() == [alert.id]

    until(desk, "2026-03-02T07:20")
    (notice,) = desk.notices()
    assert other.id in notice.lines()[0]
    assert len(notice.lines()) == 1


def test_an_escalation_of_a_posted_alert_to_critical_is_broadcast_in_the_night(desk: Desk) -> None:
    alert = desk.open()
    desk.live(3)
    use(desk, NIGHT)
    desk.tell(replace(alert, level=Level.CRITICAL, highest=Level.CRITICAL), EventKind.ESCALATED)
    desk.live(5)

    assert [reply["broadcast"] for reply in desk.slack.messages("desk")[0]["replies"]] == [True]


def test_a_listed_alert_is_posted_afresh_on_news_and_not_because_it_ebbs_away(desk: Desk) -> None:
    use(desk, NIGHT)
    one, two = desk.open(), desk.open()
    until(desk, "2026-03-02T07:20")
    desk.tell(one, EventKind.UPDATED, reason="more reports")
    desk.tell(two, EventKind.EASED)
    resolved(desk, two)
    desk.live(5)

    (notice,) = desk.notices()
    assert desk.posted() == [notice.id, one.id]


def test_an_outage_that_ends_in_the_night_wakes_nobody(desk: Desk) -> None:
    use(desk, NIGHT)
    desk.clock.now = EVENING - timedelta(minutes=5)
    alert = desk.open()
    desk.slack.refuse()
    desk.live(600, step=60)
    desk.slack.accept()
    desk.live(600, step=30)
    assert desk.posted() == []

    until(desk, "2026-03-02T07:20")
    assert alert.id in text_of(desk, 0)


def test_a_restart_in_the_night_forgets_nothing_and_lists_once(desk: Desk) -> None:
    use(desk, NIGHT)
    desk.open()
    desk.live(5)
    desk.clock.now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    desk.restart()
    desk.live(5)
    desk.restart()
    desk.live(5)

    assert [notice.kind for notice in desk.notices()] == [NoticeKind.RELEASE]
    assert len(desk.slack.messages("desk")) == 1


def test_quiet_hours_that_are_taken_away_release_at_once(desk: Desk) -> None:
    use(desk, NIGHT)
    desk.open()
    desk.live(5)
    use(desk, CALM)
    desk.live(3)
    assert [notice.kind for notice in desk.notices()] == [NoticeKind.RELEASE]


def test_over_the_budget_alerts_are_held_counted_and_listed_at_midnight(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    use(desk, CALM, budget=2)
    told = [desk.open() for _ in range(5)]
    desk.live(10)
    told.append(desk.open(Level.CRITICAL))
    desk.live(5)

    (said,) = desk.notices(NoticeKind.BUDGET)
    assert "2 alerts below critical were posted here today" in said.lines()[0]
    assert "02 March at 00:00 (UTC); `/crisis digest` shows them now" in said.lines()[0]
    assert desk.posted() == [told[0].id, told[1].id, said.id, told[5].id]

    until(desk, "2026-03-02T00:20")
    (listed,) = desk.notices(NoticeKind.RELEASE)
    assert listed.title == "3 alerts held back over the budget of 2 a day"
    assert [told[number].id in line for number, line in zip((2, 3, 4), listed.lines(), strict=True)] == [True] * 3

    fresh = [desk.open() for _ in range(3)]
    desk.live(10)
    assert [each for each in desk.posted() if each.startswith("al")][-2:] == [fresh[0].id, fresh[1].id]
    assert len(desk.notices(NoticeKind.BUDGET)) == 2


def test_the_budget_counts_days_as_the_channel_lives_them(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 1, 14, 55, tzinfo=UTC)
    use(desk, replace(CALM, time_zone="Asia/Tokyo"), budget=1)
    first, second = desk.open(), desk.open()
    desk.live(5)
    assert [each for each in desk.posted() if each.startswith("al")] == [first.id]

    until(desk, "2026-03-01T15:05", step=60)
    (listed,) = desk.notices(NoticeKind.RELEASE)
    assert second.id in listed.lines()[0]


def test_a_budget_of_nothing_posts_the_critical_alone(desk: Desk) -> None:
    use(desk, CALM, budget=0)
    desk.open(Level.WARNING)
    grave = desk.open(Level.CRITICAL)
    desk.live(5)
    assert [each for each in desk.posted() if each.startswith("al")] == [grave.id]


def test_what_a_removed_channel_held_is_given_up_loudly(desk: Desk) -> None:
    use(desk, NIGHT)
    desk.open()
    desk.live(3)
    del desk.channels["desk"]
    desk.restart()
    desk.live(3)
    assert desk.states() == [DeliveryState.DEAD]


def test_a_storm_of_500_becomes_one_summary_that_lists_all_and_critical_does_not_wait(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    use(desk, Attention(storm=10), budget=20)
    alerts = [desk.open(Level.WARNING if number % 100 == 99 else Level.WATCH) for number in range(500)]
    grave = desk.open(Level.CRITICAL)
    desk.live(30)

    (storm,) = desk.notices()
    assert storm.title == "Storm: 500 alerts at once"
    assert desk.posted()[:2] == [grave.id, storm.id]
    words = text_of(desk, 1)
    assert all(alert.id in words for alert in alerts)
    assert len(desk.posted()) == 2

    desk.live(3_600, step=15)
    own = [each for each in desk.posted() if each.startswith("al")][1:]
    assert own == [alerts[number].id for number in (99, 199, 299, 399, 499, *range(15))]
    calls = [call.at for call in desk.slack.calls(POST) if call.body["metadata"]["event_payload"]["alert_id"] in own]
    assert min(later - earlier for earlier, later in pairwise(calls)) >= timedelta(seconds=29)
    until(desk, "2026-03-01T18:00", step=120)
    assert len(desk.posted()) == 22
    assert desk.notices() == [storm]
    assert {row.state for row in desk.rows()} == {DeliveryState.SENT, DeliveryState.COVERED}


def test_an_alert_of_a_storm_that_resolves_first_gets_no_message_of_its_own(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    use(desk, Attention(storm=2))
    alerts = [desk.open() for _ in range(4)]
    desk.live(3)
    resolved(desk, alerts[1])
    desk.tell(alerts[2], EventKind.UPDATED, reason="more")
    desk.live(300)

    (storm,) = desk.notices()
    assert desk.posted() == [storm.id, alerts[0].id, alerts[2].id, alerts[3].id]


def test_a_storm_that_goes_on_lists_only_what_is_new(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    use(desk, Attention(storm=2))
    first = [desk.open() for _ in range(3)]
    desk.live(3)
    second = [desk.open() for _ in range(4)]
    desk.live(400)

    one, two = desk.notices()
    assert (one.title, two.title) == ("Storm: 3 alerts at once", "Storm: 4 alerts at once")
    assert not any(alert.id in "\n".join(two.lines()) for alert in first)
    assert [each for each in desk.posted() if each.startswith("al")] == [alert.id for alert in (*first, *second)]


def test_an_alert_of_a_storm_that_turns_critical_goes_out_at_once(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    use(desk, Attention(storm=2))
    alerts = [desk.open() for _ in range(5)]
    desk.live(3)
    desk.tell(replace(alerts[4], level=Level.CRITICAL, highest=Level.CRITICAL), EventKind.ESCALATED)
    desk.live(4)
    assert [each for each in desk.posted() if each.startswith("al")] == [alerts[4].id]


def test_what_a_storm_listed_waits_out_the_night_and_is_not_listed_again(desk: Desk) -> None:
    desk.clock.now = EVENING - timedelta(seconds=50)
    use(desk, replace(NIGHT, storm=2))
    alerts = [desk.open() for _ in range(4)]
    desk.live(600, step=5)
    assert desk.posted()[1:] == [alerts[0].id]

    until(desk, "2026-03-02T06:59")
    assert len(desk.posted()) == 2
    until(desk, "2026-03-02T07:10", step=10)
    assert desk.posted()[2:] == [alert.id for alert in alerts[1:]]
    assert [notice.kind for notice in desk.notices()] == [NoticeKind.STORM]
