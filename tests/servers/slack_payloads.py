"""What Slack sends an app when somebody clicks or types: payloads in the shape its documentation and real traffic show."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A person in the workspace."""

    id: str = "U0000ADA"
    name: str = "ada"
    team: str = "T1"


ADA = User()
BO = User(id="U00000BO", name="bo")


def find_element(message: Mapping[str, Any], action_id: str) -> tuple[dict[str, Any], str]:
    """Return the element of a message with that action id, and its block's id. Raises LookupError where there is none."""
    for number, block in enumerate(message.get("blocks", [])):
        for element in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]:
            if element.get("action_id") == action_id:
                return element, str(block.get("block_id") or f"b{number}")
    raise LookupError(f"the message shows no {action_id}")


def pick(element: Mapping[str, Any], choice: str) -> dict[str, Any]:
    """Return the option of an overflow whose words begin with `choice`. Raises LookupError where there is none."""
    for option in element["options"]:
        if option["text"]["text"].lower().startswith(choice.lower()):
            return dict(option)
    raise LookupError(f"the overflow offers no {choice!r}")


def action(
    element: Mapping[str, Any], block_id: str, at: str, *, choice: str = "", value: str | None = None
) -> dict[str, Any]:
    """Return what a click on `element` does. choice: the entry of an overflow. value: a forged one instead of its own."""
    done: dict[str, Any] = {
        "action_id": element["action_id"],
        "block_id": block_id,
        "type": element["type"],
        "action_ts": at,
    }
    if element["type"] == "overflow":
        option = pick(element, choice)
        done["selected_option"] = option | ({"value": value} if value is not None else {})
    else:
        done |= {"text": element["text"], "value": element.get("value", "") if value is None else value}
    return done


def block_actions(
    done: Mapping[str, Any], message: Mapping[str, Any], channel: Mapping[str, str], user: User, **more: Any
) -> dict[str, Any]:
    """Return the payload of a click. more: `response_url`, `trigger_id`, `team`."""
    shown = {key: copy.deepcopy(message[key]) for key in ("type", "bot_id", "text", "ts", "blocks") if key in message}
    team = more.pop("team", "T1")
    return {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": "A1",
        "token": "verification-token",
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel["id"],
            "is_ephemeral": False,
        },
        "team": {"id": team, "domain": "stand-in"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel["id"], "name": channel["name"]},
        "message": {**shown, "user": "U1", "team": team, "app_id": "A1"},
        "state": {"values": {}},
        "actions": [dict(done)],
        **more,
    }


def slash_command(text: str, channel: Mapping[str, str], user: User, **more: Any) -> dict[str, Any]:
    """Return the payload of a command. text: the whole line, such as `/crisis status`."""
    command, _, rest = text.partition(" ")
    return {
        "token": "verification-token",
        "team_id": user.team,
        "team_domain": "stand-in",
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": rest,
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        **more,
    }
