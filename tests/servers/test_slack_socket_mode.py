"""The stand-in's Socket Mode keeps Slack's rules, seen by a client that is not ours."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.servers.slack import SlackStandIn
from tests.servers.slack_links import CROWDED, MUTE
from tests.servers.slack_payloads import BO

PATIENCE = 20  # seconds: a busy machine may stand still for a while
BUTTON = {
    "type": "actions",
    "block_id": "acts",
    "elements": [
        {"type": "button", "action_id": "ack", "value": "v1", "text": {"type": "plain_text", "text": "Acknowledge"}},
        {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": {"type": "plain_text", "text": "Snooze"}, "value": "v2"}],
        },
    ],
}


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as stand_in:
        stand_in.add_channel("desk")
        stand_in.sockets.window = 0.2
        yield stand_in


def call(slack: SlackStandIn, method: str, token: str = "xoxb-1", **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    return dict(httpx.post(f"{slack.base_url}{method}", headers=headers, json=body, trust_env=False).json())


def address(slack: SlackStandIn) -> str:
    return str(call(slack, "apps.connections.open", "xapp-1")["url"])


@contextmanager
def dial(slack: SlackStandIn) -> Iterator[ClientConnection]:
    with connect(address(slack), proxy=None, ping_interval=None, close_timeout=1) as link:
        assert json.loads(link.recv(timeout=PATIENCE))["type"] == "hello"
        yield link


def heard(link: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(link.recv(timeout=PATIENCE)))


def wait_for(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    pytest.fail("it did not happen within 10 s")


def posted(slack: SlackStandIn) -> str:
    return str(call(slack, "chat.postMessage", channel="#desk", text="x", blocks=[BUTTON])["ts"])


def test_addresses_are_for_app_tokens_alone_and_app_tokens_for_nothing_else(slack: SlackStandIn) -> None:
    assert call(slack, "apps.connections.open", "xoxb-1")["error"] == "not_allowed_token_type"
    assert call(slack, "chat.postMessage", "xapp-1", channel="#desk", text="x")["error"] == "not_allowed_token_type"


def test_an_address_is_good_for_one_connection(slack: SlackStandIn) -> None:
    once = address(slack)
    with connect(once, proxy=None), pytest.raises(InvalidStatus), connect(once, proxy=None):
        pass


def test_each_payload_goes_to_one_of_several_connections(slack: SlackStandIn) -> None:
    with dial(slack) as first, dial(slack) as second:
        sent = [slack.command("/crisis status") for _ in range(2)]
        got = [heard(first)["envelope_id"], heard(second)["envelope_id"]]

    assert sorted(got) == sorted(each.id for each in sent)


def test_a_command_that_is_not_answered_in_time_is_sent_again_and_a_click_is_not(slack: SlackStandIn) -> None:
    ts = posted(slack)
    with dial(slack) as link:
        command = slack.command("/crisis status")
        wait_for(lambda: bool(command.again))
        click = slack.click("desk", ts, "ack")
        wait_for(lambda: click.late)
        first, second, third = heard(link), heard(link), heard(link)

    assert (first["type"], "retry_attempt" in first) == ("slash_commands", False)
    assert (second["payload"], second["retry_attempt"]) == (first["payload"], 1)
    assert third["type"] == "interactive"
    assert click.again == []
    assert {command, click} <= set(slack.sockets.late())


def test_an_answer_in_time_is_noted_with_how_long_it_took(slack: SlackStandIn) -> None:
    with dial(slack) as link:
        command = slack.command("/crisis status")
        link.send(json.dumps({"envelope_id": heard(link)["envelope_id"]}))
        link.send(json.dumps({"envelope_id": "nobody's"}))
        wait_for(lambda: command.answered.is_set() and bool(slack.sockets.stray))

    assert command.took is not None
    assert slack.sockets.late() == []


def test_a_click_without_any_connection_is_lost(slack: SlackStandIn) -> None:
    assert slack.click("desk", posted(slack), "ack").lost


def test_a_click_tells_who_where_and_what(slack: SlackStandIn) -> None:
    ts = posted(slack)
    with dial(slack) as link:
        slack.click("desk", ts, "ack", user=BO)
        slack.click("desk", ts, "more", choice="snooze")
        button, entry = heard(link)["payload"], heard(link)["payload"]

    assert button["user"] == {"id": "U00000BO", "username": "bo", "name": "bo", "team_id": "T1"}
    assert (button["container"]["message_ts"], button["channel"]["name"]) == (ts, "desk")
    assert (button["actions"][0]["action_id"], button["actions"][0]["value"]) == ("ack", "v1")
    assert entry["actions"][0]["selected_option"]["value"] == "v2"
    assert button["actions"][0]["action_ts"] != entry["actions"][0]["action_ts"]
    with pytest.raises(LookupError):
        slack.click("desk", ts, "nothing")


def test_a_response_url_takes_five_answers_for_one_person(slack: SlackStandIn) -> None:
    with dial(slack) as link:
        slack.command("/crisis status")
        hook = heard(link)["payload"]["response_url"]
    answers = [httpx.post(hook, json={"text": f"{n}"}, trust_env=False).status_code for n in range(6)]
    long = httpx.post(f"{hook}0", json={"text": "x"}, trust_env=False).status_code

    assert answers == [200, 200, 200, 200, 200, 404]
    assert long == 404
    assert [each.text for each in slack.told()] == ["0", "1", "2", "3", "4"]


def test_an_ephemeral_message_is_for_one_person_and_in_no_history(slack: SlackStandIn) -> None:
    good = call(slack, "chat.postEphemeral", channel="C00000001", user="U00000BO", text="psst")
    bad = call(slack, "chat.postEphemeral", channel="C00000001", user="U00000BO", text="")

    assert good["ok"]
    assert bad["error"] == "no_text"
    assert [(each.text, each.way) for each in slack.told(BO)] == [("psst", "chat.postEphemeral")]
    assert slack.messages("desk") == []


def test_a_permalink_leads_to_a_message_that_is_there(slack: SlackStandIn) -> None:
    ts = posted(slack)

    assert call(slack, "chat.getPermalink", channel="C00000001", message_ts=ts)["permalink"].endswith(
        ts.replace(".", "")
    )
    assert call(slack, "chat.getPermalink", channel="C00000001", message_ts="1.0")["error"] == "message_not_found"


def test_a_frozen_connection_answers_no_ping_and_a_mute_one_does(slack: SlackStandIn) -> None:
    with dial(slack) as link:
        assert link.ping().wait(5)
        slack.sockets.freeze()
        assert not link.ping().wait(0.2)
    slack.sockets.next_connections(MUTE)
    with connect(address(slack), proxy=None, ping_interval=None, close_timeout=1) as link:
        assert link.ping().wait(5)
        with pytest.raises(TimeoutError):
            link.recv(timeout=0.2)


def test_ten_connections_are_too_many_and_a_goodbye_names_its_reason(slack: SlackStandIn) -> None:
    slack.sockets.listener.most = 1
    with dial(slack) as link:
        with connect(address(slack), proxy=None) as second:
            assert heard(second)["reason"] == CROWDED
        slack.sockets.disconnect("refresh_requested")
        assert heard(link)["reason"] == "refresh_requested"
        with pytest.raises(ConnectionClosed):
            link.recv(timeout=PATIENCE)
