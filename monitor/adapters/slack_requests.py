"""What Slack says over the socket, read strictly: clicks on our buttons, slash commands, and nothing else.

Everything in a payload is somebody else's word: what is missing or of the wrong type makes no click.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.socket_mode.request import SocketModeRequest

from monitor.adapters.slack_buttons import PREFIX
from monitor.adapters.text import one_line
from monitor.core.desk import ActKind, Click, Command, Person
from monitor.core.identity import digest

_LONGEST = 3_000
_WORDS = 200
Payload = Mapping[str, Any]


def read_request(request: SocketModeRequest) -> Click | Command | None:
    """Return what somebody asks for, None where it is nothing of ours."""
    if request.type == "interactive":
        return _click(request.payload)
    return _command(request.payload) if request.type == "slash_commands" else None


def _click(payload: Payload) -> Click | None:
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    if payload.get("type") != "block_actions" or not _text(action, "action_id").startswith(PREFIX):
        return None
    token = _text(_part(action, "selected_option"), "value") or _text(action, "value")
    container = _part(payload, "container")
    person = _clicker(payload)
    ts = _text(container, "message_ts") or _text(_part(payload, "message"), "ts")
    place = _text(container, "channel_id") or _text(_part(payload, "channel"), "id")
    return Click(
        key=digest("click", person.id, _text(action, "action_ts"), _text(action, "action_id"), token, place, ts),
        kind=_kind(token),
        token=token,
        person=person,
        channel_id=place,
        ts=ts,
        respond_to=_text(payload, "response_url"),
    )


def _clicker(payload: Payload) -> Person:
    """Return who clicked, with the workspaces of the person and of the message where they differ: both must be allowed."""
    user = _part(payload, "user")
    teams = {_text(user, "team_id"), _text(_part(payload, "team"), "id")} - {""}
    name = _text(user, "name") or _text(user, "username")
    return Person(id=_text(user, "id"), name=name, team=" ".join(sorted(teams)))


def _command(payload: Payload) -> Command | None:
    person = Person(id=_text(payload, "user_id"), name=_text(payload, "user_name"), team=_text(payload, "team_id"))
    said = _text(payload, "text").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if not _text(payload, "command"):
        return None
    return Command(
        key=digest("command", person.id, _text(payload, "trigger_id"), said),
        words=tuple(said.split()[:_WORDS]),
        person=person,
        channel_id=_text(payload, "channel_id"),
        respond_to=_text(payload, "response_url"),
    )


def _kind(token: str) -> ActKind:
    """Return what a value claims to ask for; whether it is ours is checked by its signature."""
    claimed = token.partition(".")[0]
    return ActKind(claimed) if claimed in set(ActKind) else ActKind.WHY


def _part(thing: Payload, key: str) -> Payload:
    value = thing.get(key)
    return value if isinstance(value, dict) else {}


def _text(thing: Payload, key: str) -> str:
    value = thing.get(key)
    return one_line(value[:_LONGEST]) if isinstance(value, str) else ""
