"""What Slack says, read strictly: whatever comes, it is a click of ours, a command, or nothing; it never breaks the queue."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.socket_mode.request import SocketModeRequest

from monitor.adapters.slack_requests import read_request
from monitor.core.desk import ActKind, Click, Command

ACTION = {"action_id": "crisis_monitor_acknowledge", "value": "acknowledge.al-1.x", "action_ts": "1.5"}
CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1", "name": "ada", "team_id": "T1"},
    "team": {"id": "T1"},
    "container": {"message_ts": "1.0", "channel_id": "C1"},
    "actions": [ACTION],
    "response_url": "https://hooks.slack.com/x",
}
COMMAND = {"command": "/crisis", "text": "why &lt;https://a.example/?x&amp;y&gt;", "user_id": "U1", "trigger_id": "t1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CLICK, *ACTION, "id", "value"]), inner)
    ),
    max_leaves=12,
)


def read(kind: str, payload: Any) -> Click | Command | None:
    return read_request(SocketModeRequest(type=kind, envelope_id="e", payload=payload))


def click(**changes: Any) -> Click:
    found = read("interactive", {**CLICK, **changes})
    assert isinstance(found, Click)
    return found


def test_a_click_is_read_whole() -> None:
    found = click()

    assert (found.kind, found.token) == (ActKind.ACKNOWLEDGE, "acknowledge.al-1.x")
    assert (found.person.id, found.person.name, found.person.team) == ("U1", "ada", "T1")
    assert (found.channel_id, found.ts, found.respond_to) == ("C1", "1.0", "https://hooks.slack.com/x")


def test_a_click_has_a_key_of_its_own_and_keeps_it_when_it_is_delivered_again() -> None:
    other = {**ACTION, "action_ts": "1.6"}

    assert click().key == click(response_url="another").key
    assert len({click().key, click(actions=[other]).key, click(user={**CLICK["user"], "id": "U2"}).key}) == 3


def test_the_entry_of_an_overflow_is_what_was_chosen() -> None:
    chosen = {"action_id": "crisis_monitor_more", "selected_option": {"value": "snooze.al-1.x"}, "action_ts": "1"}

    assert click(actions=[chosen]).kind is ActKind.SNOOZE


def test_a_workspace_that_differs_from_the_message_s_is_kept_beside_it() -> None:
    assert click(team={"id": "T2"}).person.team == "T1 T2"
    assert click(team=None).person.team == "T1"


def test_a_command_is_read_with_its_escapes_undone() -> None:
    found = read("slash_commands", COMMAND)

    assert isinstance(found, Command)
    assert found.words == ("why", "<https://a.example/?x&y>")


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("events_api", CLICK),
        ("interactive", {}),
        ("interactive", {**CLICK, "type": "view_submission"}),
        ("interactive", {**CLICK, "actions": []}),
        ("interactive", {**CLICK, "actions": [{**ACTION, "action_id": "another_app"}]}),
        ("slash_commands", {"text": "status"}),
    ],
)
def test_what_is_not_ours_is_nothing(kind: str, payload: dict[str, Any]) -> None:
    assert read(kind, payload) is None


@given(st.sampled_from(["interactive", "slash_commands"]), st.dictionaries(st.sampled_from([*CLICK, *COMMAND]), JSON))
def test_whatever_comes_is_read_or_passed_over_and_can_be_stored(kind: str, payload: dict[str, Any]) -> None:
    found = read(kind, {**CLICK, **COMMAND, **payload})

    if found is not None:
        words = [found.person.id, found.person.name, found.person.team, found.channel_id, found.respond_to]
        assert all(word.encode() is not None and word.isprintable() for word in words)
