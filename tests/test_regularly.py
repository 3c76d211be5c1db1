"""What is posted at set times: once for each occasion, never a heap, never before the first start, never an all-clear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core.alerts import AlertState, EventKind, Level, Verdict
from monitor.core.desk import Notice, NoticeKind
from monitor.core.hours import Attention, QuietHours, Weekly
from monitor.core.messages import DeliveryState
from monitor.core.model import FeedState
from monitor.pipeline.duties import attend
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.regularly import digest_now
from monitor.pipeline.silencing import make_silence
from tests.builders import a_feed, an_event
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock(MORNING)
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock, attention=Attention(digest=time(8)))


def use(desk: Desk, budget: int = 100, **attention: Any) -> None:
    """Give the desk's channel other habits."""
    changed = replace(desk.channels["desk"], attention=Attention(**attention), budget_per_day=budget)
    desk.channels["desk"] = changed
    desk.restart()


def reach(desk: Desk, moment: str) -> list[Notice]:
    """Attend at a moment, several times over; return all notices so far."""
    desk.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    for _ in range(3):
        attend(desk.storage, desk.settings, desk.clock())
    return desk.notices()


def section(notice: Notice, heading: str) -> tuple[str, ...]:
    return next((each.lines for each in notice.sections if each.heading.startswith(heading)), ())


def test_a_digest_comes_once_a_day_at_its_time(desk: Desk) -> None:
    assert reach(desk, "2026-03-02T06:00") == []
    assert reach(desk, "2026-03-02T07:59:59") == []
    (first,) = reach(desk, "2026-03-02T08:00")
    assert first.title == "Daily digest, Monday 02 March: 0 alerts open"
    desk.restart()
    assert reach(desk, "2026-03-02T20:00") == [first]
    assert len(reach(desk, "2026-03-03T08:00:10")) == 2
    desk.live(5)
    assert [message["text"].splitlines()[0] for message in desk.slack.messages("desk")] == [
        "Daily digest, Monday 02 March: 0 alerts open",
        "Daily digest, Tuesday 03 March: 0 alerts open",
    ]


def test_nothing_is_posted_for_a_time_before_the_first_start_or_before_it_was_configured(desk: Desk) -> None:
    assert reach(desk, "2026-03-02T09:00") == []
    use(desk, digest=time(8, 30))
    assert reach(desk, "2026-03-02T10:00") == []
    assert len(reach(desk, "2026-03-03T08:30")) == 1


@pytest.mark.parametrize(("back", "told"), [("2026-03-06T19:59", 1), ("2026-03-06T20:00", 0)])
def test_after_a_downtime_the_last_one_is_made_up_for_within_twelve_hours(desk: Desk, back: str, told: int) -> None:
    reach(desk, "2026-03-02T06:00")
    assert len(reach(desk, back)) == told


def test_the_digest_lists_what_was_held_and_takes_it_off_all_other_lists(desk: Desk) -> None:
    use(desk, budget=1, digest=time(8), quiet=QuietHours(start=time(22), end=time(8)))
    reach(desk, "2026-03-02T08:30")
    told, over = desk.open(), desk.open()
    desk.live(5)
    reach(desk, "2026-03-02T23:00")
    night = desk.open(Level.WARNING)
    desk.live(5)
    reach(desk, "2026-03-03T08:00")
    desk.live(5)

    (digest,) = desk.notices(NoticeKind.DIGEST)
    held = section(digest, "Held back, not told before (2)")
    assert [night.id in held[0], over.id in held[1]] == [True, True]
    assert told.id not in "\n".join(held)
    assert desk.notices(NoticeKind.RELEASE) == []
    assert {row.state for row in desk.rows()} == {DeliveryState.SENT, DeliveryState.COVERED}


def test_the_digest_says_what_is_open_moved_unanswered_and_silenced(desk: Desk) -> None:
    reach(desk, "2026-03-02T06:00")
    watch, grave, gone = desk.open(), desk.open(Level.CRITICAL), desk.open()
    desk.clock.advance(minutes=30)
    taken = replace(grave, acknowledged_by="ann", acknowledged_at=desk.clock())
    desk.tell(replace(watch, level=Level.WARNING, highest=Level.WARNING), EventKind.ESCALATED)
    desk.tell(replace(gone, state=AlertState.RESOLVED, resolved_at=desk.clock()), EventKind.RESOLVED)
    with desk.storage.transaction() as unit:
        unit.save_alert(taken)
        made = make_silence(
            unit,
            situation="MLI",
            signal="",
            alert_id="",
            up_to=Level.WARNING,
            author="ann",
            reason="known exercise",
            span=timedelta(hours=9),
            now=desk.clock(),
        )
        unit.count_muted(made.id, 4)
    (digest,) = reach(desk, "2026-03-02T08:00")

    assert digest.title == "Daily digest, Monday 02 March: 2 alerts open"
    first, second = section(digest, "Open (2)")
    assert first.startswith(
        f"CRITICAL · Troop concentration · S0002 (S0002) · open, acknowledged by ann · {grave.id}: "
    )
    assert second.startswith("WARNING")
    assert section(digest, "Not acknowledged (1)") == (f"S0001 (warning, {watch.id}), open for 2 hours",)
    moved = section(digest, "Moved since")
    assert moved[0].startswith("Opened: S0002 (critical")
    assert moved[1] == f"Escalated: S0001 (warning, {watch.id})"
    assert moved[2] == f"Resolved: S0003 (watch, {gone.id})"
    (silence,) = section(digest, "Silences in force (1)")
    assert "until 02 March 15:30 UTC by ann: known exercise; 4 notifications kept back so far" in silence


def test_where_nothing_is_open_it_says_what_could_not_be_seen_and_never_that_all_is_clear(desk: Desk) -> None:
    feeds = [a_feed(id="one", country="MLI"), a_feed(id="two", country="NER")]
    lookout = Lookout(feeds, readable=("en",), name_of={"MLI": "Mali", "NER": "Niger", "en": "English"}.__getitem__)
    desk.settings = replace(desk.settings, lookout=lookout)
    reach(desk, "2026-03-02T06:00")
    at = MORNING - timedelta(days=1)
    with desk.storage.transaction() as unit:
        unit.save_feed_state(FeedState(feed_id="one", next_poll_at=at, failures=9, last_ok_at=at, first_ok_at=at))
    (digest,) = reach(desk, "2026-03-02T08:00")

    assert section(digest, "Open")[0].startswith("Nothing that is told here is open. That is no all-clear")
    assert "Blind: Mali since 01 March 2026 06:00 UTC (its only readable feed is failing or silent)" in section(
        digest, "Not seen"
    )
    words = " ".join(digest.lines()).lower()
    assert "all clear" not in words
    assert words.count("all-clear") == words.count("no all-clear")


def test_a_digest_on_demand_takes_nothing_off_the_next_one(desk: Desk) -> None:
    use(desk, budget=0, digest=time(8))
    reach(desk, "2026-03-02T06:00")
    alert = desk.open()
    desk.live(3)
    with desk.storage.reading() as unit:
        shown = digest_now(unit, desk.settings, desk.channels["desk"], desk.clock())
    assert alert.id in section(shown, "Held back")[0]
    reach(desk, "2026-03-02T08:00")
    (digest,) = desk.notices(NoticeKind.DIGEST)
    assert alert.id in section(digest, "Held back")[0]


def test_a_shift_is_handed_over_at_each_of_its_times(desk: Desk) -> None:
    use(desk, handover=(time(6), time(14), time(22)))
    reach(desk, "2026-03-02T06:30")
    grave, taken = desk.open(Level.CRITICAL), desk.open(Level.WARNING)
    with desk.storage.transaction() as unit:
        unit.save_alert(replace(taken, acknowledged_by="ann", acknowledged_at=desk.clock()))
        for situation, hours in (("MLI", 12), ("NER", 20)):
            make_silence(
                unit,
                situation=situation,
                signal="",
                alert_id="",
                up_to=Level.WARNING,
                author="ann",
                reason="exercise",
                span=timedelta(hours=hours),
                now=desk.clock(),
            )
    (brief,) = reach(desk, "2026-03-02T14:00")

    assert brief.title == "Handover, Monday 02 March 14:00: 2 alerts open"
    assert section(brief, "Critical and acknowledged by nobody (1)") == (
        f"S0001 (critical, {grave.id}), open for 7 hours",
    )
    assert section(brief, "Acknowledged and not closed (1)") == (f"S0002 (warning, {taken.id}), by ann",)
    assert len(section(brief, "Open (2)")) == 2
    (ending,) = section(brief, "Silences that end in this shift (1)")
    assert "MLI" in ending
    assert len(section(brief, "Moved since")) == 1
    assert section(brief, "Not seen")

    brief = reach(desk, "2026-03-02T22:00")[-1]
    assert section(brief, "Moved since 02 March 14:00 UTC") == (
        "Nothing that is told here opened, rose or was resolved.",
    )


def test_the_week_is_graded_on_its_day_from_what_people_said(desk: Desk) -> None:
    use(desk, weekly=Weekly(day=0, at=time(8)))
    reach(desk, "2026-03-02T09:00")
    alerts = [desk.open(Level.WARNING) for _ in range(12)]
    with desk.storage.transaction() as unit:
        for number, alert in enumerate(alerts):
            verdict = "true" if number < 9 else "false"
            unit.add_verdict(Verdict(at=desk.clock(), verdict=verdict, alert_id=alert.id))
        unit.add_event(
            an_event(
                alert_id=alerts[0].id,
                kind=EventKind.ACKNOWLEDGED,
                at=desk.clock() + timedelta(minutes=6),
                level=Level.WARNING,
            )
        )
    notices = reach(desk, "2026-03-09T08:00")

    (week,) = [each for each in notices if each.kind is NoticeKind.WEEKLY]
    assert week.title == "The week graded, 02 March to 09 March: 75% right (9 of 12; 95 % interval 47% to 91%)"
    assert section(week, "Verdicts")[0].startswith("12 of 12 alerts opened in the week were reviewed: 9 true, 3 false")
    assert any(line.startswith("Time to acknowledge: median 6 minutes") for line in section(week, "Speed"))


def test_only_alerts_that_a_channel_follows_are_in_its_digest(desk: Desk) -> None:
    use(desk, digest=time(8))
    desk.channels["desk"] = replace(desk.channels["desk"], min_level=Level.WARNING)
    desk.restart()
    reach(desk, "2026-03-02T06:00")
    desk.open()
    (digest,) = reach(desk, "2026-03-02T08:00")
    assert digest.title.endswith(": 0 alerts open that reached warning"), "one at watch is open"


def test_an_exercise_posts_no_digest(desk: Desk) -> None:
    desk.settings = replace(desk.settings, drill=True)
    reach(desk, "2026-03-02T06:00")
    assert reach(desk, "2026-03-02T08:00") == []
