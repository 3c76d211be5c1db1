"""How fast messages go out: one a second to a channel, four a second through one token, everybody in turn, critical first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.core.alerts import Level
from monitor.pipeline.pacing import PER_TOKEN, Pace
from tests.builders import AT
from tests.desk import Desk, a_slack_channel
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

POST = "chat.postMessage"
NAMES = [f"room-{number}" for number in range(8)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        desk = Desk(tmp_path, slack, clock)
        for name in NAMES:
            slack.add_channel(name)
            desk.channels[name] = a_slack_channel(name=name, target=f"#{name}")
        desk.restart()
        yield desk


def moments(desk: Desk) -> list[datetime]:
    return [call.at for call in desk.slack.calls(POST)]


def test_a_token_sends_at_most_four_a_second_over_all_its_channels_in_turn(desk: Desk) -> None:
    for _ in range(6):
        for name in NAMES:
            desk.open(channel=name)
    desk.run(10)

    assert max(Counter(moments(desk)).values()) <= PER_TOKEN
    counts = [len(desk.posted(name)) for name in NAMES]
    assert sum(counts) >= 27
    assert max(counts) - min(counts) <= 2
    desk.run(20)
    assert [len(desk.posted(name)) for name in NAMES] == [6] * 8


def test_a_slot_is_kept_for_what_is_critical(desk: Desk) -> None:
    for name in NAMES[:7]:
        for _ in range(3):
            desk.open(channel=name)
    grave = desk.open(Level.CRITICAL, channel=NAMES[7])
    desk.run(1)

    assert desk.posted(NAMES[7]) == [grave.id]
    assert len(moments(desk)) == PER_TOKEN


def test_slots_come_back_after_a_second_and_other_tokens_have_their_own() -> None:
    pace, channel = Pace(), a_slack_channel()
    other = a_slack_channel(token="xoxb-other")  # no secret
    taken = [pace.take(channel, Level.WATCH, AT) for _ in range(4)]

    assert taken == [True, True, True, False]
    assert pace.take(channel, Level.CRITICAL, AT)
    assert not pace.take(channel, Level.CRITICAL, AT)
    assert pace.take(other, Level.WATCH, AT)
    assert not pace.take(channel, Level.WATCH, AT + timedelta(milliseconds=999))
    assert pace.take(channel, Level.WATCH, AT + timedelta(seconds=1))
    assert pace.take(channel, Level.WATCH, AT - timedelta(hours=1))
