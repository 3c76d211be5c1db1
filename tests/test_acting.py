"""Acting on an alert in Slack: clicks over a real socket, a real database, and every way in which either can fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from monitor.core.acts import Permit
from monitor.core.alerts import AlertState, EventKind, Level
from monitor.core.desk import ActKind
from monitor.core.errors import LeaseLost, NotifyError, StorageError
from monitor.core.ports import Message
from monitor.core.samples import sample_view
from tests.fakes import ManualClock
from tests.live_desk import ACK, APP_TOKEN, FALSE, MORE, LiveDesk, crowd
from tests.servers.slack import DOWN, DROP, HANG, SlackStandIn
from tests.servers.slack_payloads import ADA, BO, User, find_element

UPDATE, AUTH = "chat.update", "auth.test"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LiveDesk]:
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        yield LiveDesk(tmp_path, slack, clock)


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_an_acknowledgement_shows_in_the_message_and_its_thread_and_the_button_goes(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown(Level.WARNING)
            desk.click(ts)
            await desk.acked(alert)
            await desk.deliver()

            (message,) = desk.slack.messages("desk")
            assert "acknowledged by ada 1 March 12:00 UTC" in message["text"]
            assert [reply["text"].splitlines()[1] for reply in message["replies"]] == ["acknowledged by ada"]
            with pytest.raises(LookupError):
                find_element(message, ACK)
            assert find_element(message, FALSE)
            (event,) = desk.events(alert)
            assert (event.by, event.level, event.reason) == ("ada", Level.WARNING, "acknowledged by ada")
            assert desk.slack.told() == []

    run(story())


def test_an_acknowledgement_shows_in_every_channel_where_the_alert_stands_and_in_no_other(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.tell(alert, EventKind.UPDATED, "other")
            await desk.deliver()
            desk.click(ts)
            await desk.acked(alert)
            await desk.deliver()

            for channel in ("desk", "other"):
                (message,) = desk.slack.messages(channel)
                assert "acknowledged by ada" in message["text"]
                assert "acknowledged by ada" in message["replies"][-1]["text"]
            assert desk.slack.messages("spare") == []

    run(story())


def test_promise_33_an_envelope_is_answered_in_under_a_second_while_the_database_is_locked(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work(slow=0.1):
            alert, ts = await desk.shown()
            with desk.locked():
                envelopes = [desk.click(ts), desk.click(ts, user=BO), desk.slack.command("/crisis silence MLI 6h x")]
                await desk.until(lambda: all(each.answered.is_set() for each in envelopes))
                assert max(each.took or 9.0 for each in envelopes) < 1.0
                assert "as soon as it can be" in (await desk.told())[0]
                assert not desk.now(alert).acknowledged_by
            await desk.acked(alert)
            assert "Silenced" in (await desk.told(times=2))[-1]
            assert "already acknowledged by ada" in (await desk.told(BO))[-1]

    run(story())
    assert desk.slack.sockets.late() == []


def test_promise_34_of_a_hundred_people_at_once_one_acknowledges_and_all_others_are_told(desk: LiveDesk) -> None:
    people = crowd(100)

    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            envelopes = await asyncio.gather(*(asyncio.to_thread(desk.click, ts, ACK, user) for user in people))
            await desk.until(lambda: len(desk.slack.ephemerals) == 99)

            first = desk.now(alert).acknowledged_by
            assert first in {user.name for user in people}
            assert len(desk.events(alert)) == 1
            assert {each.text for each in desk.slack.ephemerals} == {
                f"Alert {alert.id} was already acknowledged by {first} on 1 March 12:00 UTC."
            }
            assert {each.user for each in desk.slack.ephemerals} == {u.id for u in people if u.name != first}
            assert all(each.answers == 1 for each in envelopes)
            with desk.storage.reading() as unit:
                assert len(unit.acts(alert_id=alert.id)) == 100
            await desk.deliver()
            (message,) = desk.slack.messages("desk")
            assert len(message["replies"]) == 1

    run(story())
    assert desk.slack.sockets.late() == []


def test_promise_34_a_click_delivered_again_changes_nothing_and_tells_the_same(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            first = desk.click(ts)
            await desk.acked(alert)
            second = desk.click(ts, user=BO)
            await desk.told(BO)
            for envelope in (first, second, first):
                again = desk.slack.sockets.redeliver(envelope)
                await desk.until(again.answered.is_set)
            assert len(set(await desk.told(BO, times=2))) == 1
            assert len(desk.events(alert)) == 1
            assert desk.slack.told(ADA) == []

    run(story())


def test_promise_34_a_double_click_of_one_person_is_one_acknowledgement(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.click(ts)
            desk.click(ts)
            (told,) = await desk.told()
            assert "already acknowledged by ada" in told
            assert len(desk.events(alert)) == 1

    run(story())


FORGED = {
    "another team": User(id="U0000EVE", name="eve", team="T666"),
    "no team": User(id="U0000EVE", name="eve", team=""),
    "the app itself": User(id="U1", name="crisis"),
    "a bot": User(id="B0000BOT", name="bot"),
    "Slackbot": User(id="USLACKBOT", name="slackbot"),
    "nobody": User(id="", name=""),
}


@pytest.mark.parametrize("who", FORGED)
def test_promise_35_whoever_may_not_act_changes_nothing_and_is_told_why(desk: LiveDesk, who: str) -> None:
    async def story() -> None:
        async with desk.at_work() as acting:
            alert, ts = await desk.shown()
            team = "" if who == "no team" else "T1"
            envelope = desk.slack.sockets.click("desk", ts, ACK, user=FORGED[who], team=team)
            await desk.until(envelope.answered.is_set)
            (told,) = await desk.told(FORGED[who])
            assert told.startswith("Nothing was changed: ")
            assert not desk.now(alert).acknowledged_by
            with desk.storage.reading() as unit:
                assert unit.acts() == []
            await desk.until(lambda: not list(acting.spool.left()))

    run(story())


def test_promise_35_the_workspace_of_the_message_counts_too(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.slack.sockets.click("desk", ts, ACK, team="T666")
            assert "workspace" in (await desk.told())[0]
            assert not desk.now(alert).acknowledged_by

    run(story())


def test_promise_35_with_a_list_of_people_only_they_may_act(desk: LiveDesk) -> None:
    desk.permit = Permit(teams=frozenset({"T1"}), users=frozenset({BO.id}))

    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.click(ts)
            assert "slack.allowed_users" in (await desk.told())[0]
            desk.slack.command("/crisis silence MLI 6h x")
            assert "slack.allowed_users" in (await desk.told(times=2))[1]
            desk.click(ts, user=BO)
            await desk.acked(alert)
            assert desk.now(alert).acknowledged_by == "bo"

    run(story())


def test_promise_35_a_value_that_is_forged_or_was_made_with_another_key_is_refused(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            other, _ = await desk.shown()
            element, _ = find_element(desk.slack.messages("desk")[0], ACK)
            own, foreign = str(element["value"]), str(element["value"])[:-4] + "AAAA"
            forged = [
                "",
                alert.id,
                own.replace(alert.id, other.id),
                own.replace("acknowledge", "false"),
                foreign,
                own + "x",
                f"acknowledge.{alert.id}.",
                "\x00" * 50,
                "acknowledge." + "a" * 1_900,
            ]
            for value in forged:
                desk.forge(ts, value)
            told = await desk.told(times=len(forged))
            assert all("not one that this monitor made" in each for each in told)
            assert not desk.now(alert).acknowledged_by
            assert not desk.now(other).acknowledged_by
            with desk.storage.reading() as unit:
                assert unit.acts() == []
                assert unit.verdicts() == []

    run(story())


def test_promise_36_a_click_made_while_nobody_listened_can_be_made_again_after_the_socket_is_back(
    desk: LiveDesk,
) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.slack.sockets.next_connections("slam")
            desk.slack.sockets.cut()
            await desk.until(lambda: not desk.slack.sockets.links)
            assert desk.click(ts).lost
            await desk.until(lambda: bool(desk.slack.sockets.links))
            desk.click(ts)
            await desk.acked(alert)

    run(story())


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"])
def test_promise_37_an_edit_that_slack_refuses_for_good_never_loses_the_acknowledgement(
    desk: LiveDesk, code: str
) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.slack.fail(UPDATE, code)
            desk.click(ts)
            await desk.acked(alert)
            await desk.deliver(12)
            assert "acknowledged by ada" in desk.slack.messages("desk")[-1]["text"]
            assert len(desk.events(alert)) == 1

    run(story())


@pytest.mark.parametrize("mode", [DOWN, DROP, HANG, "429", "internal_error", "channel_not_found", "is_archived"])
def test_promise_37_no_failure_of_an_edit_loses_the_acknowledgement(desk: LiveDesk, mode: str) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.slack.fail(UPDATE, mode, 2)
            desk.click(ts)
            await desk.acked(alert)
            await desk.deliver(20)
            desk.restart()
            assert desk.now(alert).acknowledged_by == "ada"
            assert len(desk.events(alert)) == 1
            if mode not in ("channel_not_found", "is_archived"):
                assert "acknowledged by ada" in desk.slack.messages("desk")[0]["text"]

    run(story())


def test_promise_37_an_acknowledgement_of_a_message_that_was_deleted_is_kept(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            envelope = desk.click(ts)
            desk.slack.channels["C00000001"].messages.clear()
            await desk.acked(alert)
            await desk.deliver(12)
            assert envelope.answers == 1
            (message,) = desk.slack.messages("desk")
            assert "acknowledged by ada" in message["text"]

    run(story())


def test_a_click_that_was_answered_survives_a_kill_before_it_is_stored(desk: LiveDesk) -> None:
    async def hang(_: Any) -> object:
        return await asyncio.Event().wait()

    async def story() -> None:
        async with desk.at_work(in_writer=hang):
            alert, ts = await desk.shown()
            envelope = desk.click(ts)
            await desk.until(envelope.answered.is_set)
        assert not desk.now(alert).acknowledged_by
        kept = list((desk.folder / "clicks").glob("*.json"))
        assert len(kept) == 1
        assert kept[0].stat().st_mode & 0o077 == 0
        assert APP_TOKEN not in kept[0].read_text(encoding="utf-8")
        async with desk.at_work() as acting:
            await desk.acked(alert)
            await desk.until(lambda: not list(acting.spool.left()))
        async with desk.at_work():
            assert len(desk.events(alert)) == 1

    run(story())


def test_a_click_that_a_fenced_daemon_answered_is_carried_out_by_the_one_that_took_over(desk: LiveDesk) -> None:
    async def lose(_: Any) -> object:
        raise LeaseLost("another daemon has taken over")

    async def story() -> None:
        async with desk.at_work() as second, desk.at_work(in_writer=lose):
            alert, ts = await desk.shown()
            await desk.until(lambda: len(desk.slack.sockets.links) == 2)
            envelopes = [desk.click(ts), desk.click(ts, user=BO)]
            assert envelopes[0].link is not envelopes[1].link
            await desk.until(lambda: all(each.answered.is_set() for each in envelopes))
            await desk.acked(alert)
            await desk.until(lambda: len(list(second.spool.left())) == 1)
            await second.sweep()
            await desk.until(lambda: not list(second.spool.left()))
            with desk.storage.reading() as unit:
                assert {act.person for act in unit.acts(alert_id=alert.id)} == {f"ada ({ADA.id})", f"bo ({BO.id})"}

    run(story())


def test_a_damaged_note_of_a_click_is_set_aside_and_stops_nothing(desk: LiveDesk) -> None:
    folder = desk.folder / "clicks"
    folder.mkdir()
    for number, text in enumerate(["", "{", "[]", "null", json.dumps({"type": "interactive", "envelope_id": "e"})]):
        (folder / f"{number}.json").write_text(text, encoding="utf-8")

    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.click(ts)
            await desk.acked(alert)

    run(story())
    assert len(list(folder.glob("*.bad"))) == 5


def test_a_database_that_refuses_for_a_while_delays_a_click_and_loses_none(desk: LiveDesk) -> None:
    refusals = [StorageError("the database is locked")] * 3

    async def story() -> None:
        async with desk.at_work() as acting:
            alert, ts = await desk.shown()
            write = acting.in_writer

            async def refuse(work: Any) -> object:
                if refusals:
                    raise refusals.pop()
                return await write(work)

            acting.in_writer = refuse
            desk.click(ts)
            await desk.acked(alert)
            assert len(desk.events(alert)) == 1
            (told,) = await desk.told()
            assert "as soon as it can be" in told

    run(story())
    assert refusals == []


def test_a_fault_in_one_click_is_logged_and_told_and_stops_no_other(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work() as acting:
            alert, ts = await desk.shown()
            write = acting.in_writer

            async def break_once(_: Any) -> object:
                acting.in_writer = write
                raise RuntimeError("a bug")

            acting.in_writer = break_once
            desk.click(ts)
            assert "fault in the monitor" in (await desk.told())[0]
            desk.click(ts, user=BO)
            await desk.acked(alert)

    with structlog.testing.capture_logs() as lines:
        run(story())
    assert any(line["log_level"] == "error" and "could not be carried out" in line["event"] for line in lines)


def test_while_slack_does_not_say_whose_the_token_is_nobody_acts_and_the_click_waits(desk: LiveDesk) -> None:
    desk.permit_error = [NotifyError("Slack could not be reached", code="unreachable")] * 2

    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.click(ts)
            await desk.acked(alert)
            desk.permit_error = [NotifyError("Slack refused auth.test: invalid_auth", permanent=True)]
            desk.click(ts, user=BO)
            assert "slack.allowed_teams" in (await desk.told(BO))[0]

    run(story())


def _judged(desk: LiveDesk) -> bool:
    with desk.storage.reading() as unit:
        return bool(unit.verdicts())


def test_an_alert_that_has_resolved_is_not_acknowledged_and_the_person_is_told(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            done = replace(alert, state=AlertState.RESOLVED, resolved_at=desk.clock())
            with desk.storage.transaction() as unit:
                unit.save_alert(done)
            desk.click(ts)
            assert "was resolved on 1 March 12:00 UTC" in (await desk.told())[0]
            desk.click(ts, MORE, choice="snooze")
            assert "was resolved" in (await desk.told(times=2))[1]
            assert desk.events(alert) == []
            desk.click(ts, FALSE)
            await desk.until(lambda: _judged(desk))  # the click is carried out beside us
            await desk.deliver(3)
            desk.tell(done, EventKind.RESOLVED)
            await desk.deliver()
            (message,) = desk.slack.messages("desk")
            assert "marked a false alarm by ada" in message["text"]
            overflow, _ = find_element(message, MORE)
            assert [option["text"]["text"] for option in overflow["options"]] == ["True alarm", "Unsure"]
            with pytest.raises(LookupError):
                find_element(message, ACK)

    run(story())


def test_the_buttons_of_a_test_alert_say_that_they_work(desk: LiveDesk) -> None:
    view = sample_view(desk.clock())

    async def story() -> None:
        async with desk.at_work():
            message = Message(kind="post", marker="test:1", view=view)
            posted = await desk.delivery.notifiers["slack"].send(desk.channels["desk"], message, None)
            assert posted
            desk.click(posted.ts)
            assert (await desk.told())[0].startswith("The buttons work.")

    run(story())


def test_an_alert_that_is_gone_is_named(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work() as acting:
            _, ts = await desk.shown()
            desk.forge(ts, acting.buttons.token(ActKind.ACKNOWLEDGE, "al-gone"))
            assert "There is no alert al-gone" in (await desk.told())[0]

    run(story())


def test_verdicts_are_one_for_each_person_and_alert_and_the_latest_counts(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.click(ts, FALSE)
            desk.click(ts, FALSE, user=BO)
            desk.click(ts, MORE, choice="true", user=ADA)
            desk.click(ts, MORE, choice="true", user=ADA)
            assert "already marked" in (await desk.told())[0]
            await desk.deliver(8)

            (message,) = desk.slack.messages("desk")
            assert "marked a true alarm by ada; marked a false alarm by bo" in message["text"]
            assert [reply["text"].splitlines()[0] for reply in message["replies"]] == [
                "marked a false alarm by ada",
                "marked a false alarm by bo",
                "marked a true alarm by ada",
            ]
            with desk.storage.reading() as unit:
                kept = unit.verdicts_of(alert.id)
            assert [(each.verdict, each.by) for each in kept] == [
                ("false", f"ada ({ADA.id})"),
                ("false", f"bo ({BO.id})"),
                ("true", f"ada ({ADA.id})"),
            ]
            assert {(each.signal, each.situation, each.title) for each in kept} == {
                (alert.signal, alert.situation, f"Report on {alert.id}")
            }

    run(story())


def test_why_is_told_to_the_one_who_asks_alone(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown()
            desk.click(ts, MORE, choice="why")
            (told,) = await desk.told()
            assert told.startswith(f"alert {alert.id}: rule build-up")
            assert f"rests on art-{alert.id}" in told
            await desk.deliver(3)
            assert desk.slack.messages("desk")[0]["replies"] == []

    run(story())


def test_snooze_and_silence_end_by_themselves_and_say_how_far_they_go(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            alert, ts = await desk.shown(Level.WATCH)
            now = desk.clock()
            desk.click(ts, MORE, choice="snooze")
            desk.click(ts, MORE, choice="silence")
            snoozed, silenced = sorted(await desk.told(times=2))
            with desk.storage.reading() as unit:
                first, second = unit.silences(running_at=now)
            assert (first.alert_id, first.up_to, first.until - now) == (alert.id, Level.WATCH, timedelta(hours=4))
            assert (second.situation, second.up_to, second.until - now) == (
                alert.situation,
                Level.WARNING,
                timedelta(hours=24),
            )
            assert "What rises above watch is still told." in snoozed
            assert "is silenced until" in silenced

    run(story())


@pytest.mark.parametrize("fault", [DROP, "500"])
def test_somebody_who_cannot_be_told_one_way_is_told_the_other(desk: LiveDesk, fault: str) -> None:
    async def story() -> None:
        async with desk.at_work():
            _, ts = await desk.shown()
            desk.slack.fail("response_url", fault)
            desk.click(ts, MORE, choice="why")
            await desk.told()
            assert [each.way for each in desk.slack.told()] == ["chat.postEphemeral"]

    run(story())


def test_a_response_url_of_a_foreign_host_is_never_called(desk: LiveDesk) -> None:
    async def story() -> None:
        async with desk.at_work():
            _, ts = await desk.shown()
            with SlackStandIn() as foreign:
                desk.slack.new_hook = lambda *_: f"{foreign.base_url.replace('127.0.0.1', 'localhost')}hooks/x"  # type: ignore[method-assign]  # what an impostor might say
                desk.click(ts, MORE, choice="why")
                await desk.told()
                assert foreign.requests == []
            assert [each.way for each in desk.slack.told()] == ["chat.postEphemeral"]

    run(story())
