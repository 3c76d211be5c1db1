"""The slash command over a real socket: short answers for one person, changes made once, and errors that name the remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core import outbox
from monitor.core.alerts import Level
from tests.builders import a_decision, a_feed, a_reading, an_article, an_identity
from tests.fakes import ManualClock
from tests.hostile_text import NAUGHTY
from tests.live_desk import LiveDesk
from tests.servers.slack import SlackStandIn
from tests.servers.slack_payloads import ADA, BO
from tests.servers.slack_rules import LOOSE_MENTION, MENTION, check_message

URL = "https://example.example/news/1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LiveDesk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield LiveDesk(tmp_path, slack, clock)


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def answers(desk: LiveDesk, *lines: str) -> list[str]:
    """Return what a person is told for each command, typed one after another."""
    told: list[str] = []

    async def story() -> None:
        async with desk.at_work():
            for number, line in enumerate(lines):
                desk.slack.command(line)
                told.append((await desk.told(times=number + 1))[-1])

    run(story())
    assert desk.slack.sockets.late() == []
    return told


def store(desk: LiveDesk, **changes: Any) -> None:
    with desk.storage.transaction() as unit:
        unit.add_articles([(an_article(seen_at=desk.clock(), **changes), an_identity())])
        unit.add_decisions([a_decision()])


def test_help_lists_every_command_and_an_unknown_one_gets_it_too(desk: LiveDesk) -> None:
    helped, bare, unknown = answers(desk, "/crisis help", "/crisis", "/crisis dance <!channel>")

    assert helped == bare
    assert unknown.endswith(helped.rpartition("\n")[2])
    for verb in ("status", "why", "missed", "silence", "silences", "digest", "drill", "help"):
        assert f"/crisis {verb}" in helped


def test_status_tells_what_is_open_worst_first_and_never_that_all_is_clear(desk: LiveDesk) -> None:
    (quiet,) = answers(desk, "/crisis status")
    assert quiet.startswith("No alert is open. That is no all-clear.")

    watch, critical = desk.open(Level.WATCH), desk.open(Level.CRITICAL)
    with desk.storage.transaction() as unit:
        unit.save_alert(replace(watch, acknowledged_by="bo"))
    desk.slack.ephemerals.clear()
    (told,) = answers(desk, "/crisis status")
    lines = told.splitlines()
    assert lines[0] == "2 alerts open: 1 critical, 1 watch"
    assert critical.id in lines[1]
    assert "not acknowledged" in lines[1]
    assert "acknowledged by bo" in lines[2]
    assert lines[-1] == "0 silences in force, 2 messages waiting to be sent"


def test_why_tells_the_decision_record_of_an_article_by_its_address_or_id(desk: LiveDesk) -> None:
    store(desk)
    by_url, by_id, unknown, without = answers(
        desk, f"/crisis why <{URL}|example>", "/crisis why art-1", "/crisis why https://nowhere.example/", "/crisis why"
    )

    assert by_url == by_id
    assert by_url.startswith("article art-1: Tanks seen near the border (1)")
    assert "below_threshold" in by_url
    assert "/crisis missed" in unknown
    assert without == "Say which: /crisis why ID-or-URL"


def test_missed_says_where_it_was_lost_and_keeps_the_words(desk: LiveDesk) -> None:
    store(desk, reading=a_reading(0.3))
    desk.feeds = [a_feed()]
    full, short, unknown = answers(
        desk,
        f"/crisis missed {URL} troop_concentration RUS-UKR",
        f"/crisis missed {URL}",
        "/crisis missed https://other.example/x coup_warning MLI",
    )

    assert full.startswith("lost at ")
    assert "kept as a label" in full
    assert short.splitlines()[1] == full.splitlines()[1]
    assert "no_feed" in unknown
    with desk.storage.reading() as unit:
        kept = unit.verdicts()
    assert [(each.verdict, each.signal, each.situation) for each in kept] == [
        ("missed", "troop_concentration", "RUS-UKR"),
        ("missed", "troop_concentration", "RUS-UKR"),
        ("missed", "coup_warning", "MLI"),
    ]
    assert {each.by for each in kept} == {f"ada ({ADA.id})"}
    assert kept[0].title == "Tanks seen near the border (1)"


def test_a_silence_is_made_listed_and_ended(desk: LiveDesk) -> None:
    made, listed = answers(desk, "/crisis silence MLI 90m sandstorm, nothing flies", "/crisis silences")
    with desk.storage.reading() as unit:
        (silence,) = unit.silences(running_at=desk.clock())
    desk.slack.ephemerals.clear()
    ended, empty, again = answers(
        desk, f"/crisis silences end {silence.id}", "/crisis silences", "/crisis silences end si-none"
    )

    assert (silence.situation, silence.up_to, silence.author) == ("MLI", Level.WARNING, "ada")
    assert silence.reason == "sandstorm, nothing flies"
    assert silence.until - silence.created_at == timedelta(minutes=90)
    assert f"/crisis silences end {silence.id}" in made
    assert "It mutes no open alert now." in made, "a key that was mistyped is seen"
    assert silence.id in listed
    assert "by ada" in ended
    assert empty == "No silence is in force."
    assert again == "Nothing was changed: there is no silence si-none; /crisis silences lists them."


def test_a_silence_reaches_critical_only_where_its_author_says_so_and_may_name_an_alert(desk: LiveDesk) -> None:
    alert = desk.open(Level.CRITICAL)
    muted, held = answers(desk, f"/crisis silence {alert.id} 2h critical known exercise", "/crisis silence ML*")
    with desk.storage.reading() as unit:
        first, second = unit.silences()

    assert (first.alert_id, first.up_to, first.reason) == (alert.id, Level.CRITICAL, "known exercise")
    assert (second.situation, second.up_to) == ("ML*", Level.WARNING)
    assert second.until - second.created_at == timedelta(hours=6)
    assert "It mutes 1 open alert now." in muted
    assert "It mutes no open alert now." in held, "critical is still told"


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("/crisis silence", "say what: /crisis silence"),
        ("/crisis silence al-none 6h", "there is no alert al-none"),
        ("/crisis silence MLI 31d too long", "30 days"),
        ("/crisis silence MLI/x", "is no situation"),
        ("/crisis missed", "say which: /crisis missed URL"),
        ("/crisis missed https://a.example/ coup", "write /crisis missed URL"),
        ("/crisis missed https://a.example/ coup_warning MLI NER", "write /crisis missed URL"),
        ("/crisis silences end", "no id given"),
    ],
)
def test_what_cannot_be_done_names_the_remedy_and_changes_nothing(desk: LiveDesk, line: str, remedy: str) -> None:
    (told,) = answers(desk, line)

    assert told.startswith("Nothing was changed: ")
    assert remedy in told
    with desk.storage.reading() as unit:
        assert (unit.silences(), unit.verdicts(), unit.acts()) == ([], [], [])


def test_digest_tells_what_is_held_in_each_channel_and_what_is_open(desk: LiveDesk) -> None:
    alert = desk.open()
    with desk.storage.transaction() as unit:
        (row,) = unit.notifications_of(alert.id)
        unit.save_notification(outbox.held(row, "quiet hours"))
    (told,) = answers(desk, "/crisis digest")

    lines = told.splitlines()
    assert lines[0] == "Held back in desk: 1 alert"
    assert alert.id in lines[1]
    assert "Held back in other: nothing" in lines
    assert "1 alert open: 1 watch" in lines


def test_a_drill_is_asked_for_once_with_its_speed(desk: LiveDesk) -> None:
    assert answers(desk, "/crisis drill 5000", "/crisis drill stop") == ["a drill begins"] * 2
    assert desk.drills == ["5000", "stop"]


def test_a_command_delivered_again_is_carried_out_once_and_answered_the_same(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            first = desk.slack.command("/crisis silence MLI 6h dust")
            await desk.told()
            desk.slack.sockets.redeliver(first)
            assert len(set(await desk.told(times=2))) == 1
            desk.slack.command("/crisis silence MLI 6h dust", user=BO)
            await desk.told(BO)

    run(story())
    with desk.storage.reading() as unit:
        assert sorted(each.author for each in unit.silences()) == ["ada", "bo"]


def test_a_command_that_is_answered_late_is_not_done_twice(desk: LiveDesk) -> None:
    desk.slack.sockets.window = 0.2

    async def story() -> None:
        async with desk.at_work():
            desk.slack.sockets.next_connections("slam", "slam")
            desk.slack.sockets.freeze()
            lost = desk.slack.command("/crisis silence MLI 6h dust")
            await desk.until(lambda: bool(lost.again))
            desk.slack.sockets.cut()
            await desk.until(lambda: bool(desk.slack.sockets.links))
            desk.slack.sockets.redeliver(lost)
            desk.slack.sockets.redeliver(lost)
            await desk.told(times=2)

    run(story())
    with desk.storage.reading() as unit:
        assert len(unit.silences()) == 1


def test_feed_text_in_an_answer_calls_nobody_and_stays_within_limits(desk: LiveDesk) -> None:
    for number, text in enumerate(NAUGHTY):
        with desk.storage.transaction() as unit:
            article = an_article(
                number + 10, title=text[:5000].encode(errors="ignore").decode(), url=f"https://h.example/{number}"
            )
            unit.add_articles([(article, an_identity(number + 10))])
    lines = [f"/crisis why art-{number + 10}" for number in range(len(NAUGHTY))]
    told = answers(desk, *lines)

    assert len(told) == len(NAUGHTY)
    for text in told:
        assert not MENTION.search(text)
        assert not LOOSE_MENTION.search(text)
        assert "<http" not in text
        assert len(text) < 4_000
    assert desk.slack.pings() == []
    for each in desk.slack.ephemerals:
        check_message(each.body, ())
        assert {block["text"]["type"] for block in each.body["blocks"]} == {"plain_text"}
        assert "\n".join(block["text"]["text"] for block in each.body["blocks"]) == each.text
