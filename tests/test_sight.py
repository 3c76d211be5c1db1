"""The operators are told in Slack what cannot be seen, once, whatever restarts in between; the people on watch never are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.blindness import BACK_AFTER, LOST_AFTER
from monitor.pipeline.duties import attend
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.state import Settings
from tests.builders import DAY, HOUR, MINUTE, a_feed, a_feed_state
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

FEED = a_feed(id="niamey", country="NER")
OTHER = a_feed(id="london", country="GBR")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield Desk(tmp_path, slack, clock)


def settings(desk: Desk, channel: str = "other") -> Settings:
    """Return settings with a fresh lookout, as after a restart."""
    names = {"NER": "Niger", "en": "English"}
    lookout = Lookout([FEED, OTHER], readable={"en"}, name_of=lambda code: names.get(code, code))
    return replace(desk.settings, lookout=lookout, ops_channel=channel)


def feeds_are(desk: Desk, *, lost: bool) -> None:
    now = desk.clock()
    with desk.storage.transaction() as unit:
        for feed in (FEED, OTHER):
            bad = lost and feed is FEED
            state = a_feed_state(feed_id=feed.id, next_poll_at=now + DAY, last_ok_at=now - HOUR, last_new_at=now)
            unit.save_feed_state(replace(state, failures=3 if bad else 0, last_failed_at=now if bad else None))


def live(desk: Desk, minutes: int, channel: str = "other") -> None:
    """Attend every five minutes, each time as a daemon that has just started."""
    for _ in range(0, minutes, 5):
        attend(desk.storage, settings(desk, channel), desk.clock())
        desk.clock.advance(minutes=5)
    desk.run(30)


def said(desk: Desk, channel: str = "other") -> list[str]:
    return [message["text"] for message in desk.slack.messages(channel)]


def test_a_lost_country_is_told_once_and_so_is_its_return(desk: Desk) -> None:
    feeds_are(desk, lost=True)
    live(desk, 10)
    assert said(desk) == []
    live(desk, 600)
    (loss,) = said(desk)
    assert "Blind on Niger since 01 March 11:00 UTC: its only readable feed is failing or silent" in loss
    assert LOST_AFTER == 15 * MINUTE

    feeds_are(desk, lost=False)
    live(desk, 50)
    assert len(said(desk)) == 1
    live(desk, 600)
    assert "Niger can be seen again" in said(desk)[1]
    assert len(said(desk)) == 2
    assert BACK_AFTER == HOUR


def test_the_people_on_watch_are_not_told(desk: Desk) -> None:
    feeds_are(desk, lost=True)
    live(desk, 600)
    assert said(desk, "desk") == []


def test_without_an_ops_channel_nobody_is_told(desk: Desk) -> None:
    feeds_are(desk, lost=True)
    live(desk, 600, channel="")
    assert said(desk) + said(desk, "desk") + said(desk, "spare") == []
