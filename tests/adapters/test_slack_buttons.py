"""Buttons: which are shown when, and that nobody but us can make their values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.slack_blocks import render
from monitor.adapters.slack_buttons import Buttons
from monitor.core.alerts import AlertState, Level
from monitor.core.desk import ActKind
from monitor.core.ports import Message
from monitor.core.samples import sample_view
from tests.fakes import ManualClock
from tests.servers.slack_rules import check_message

APP_TOKEN = "xapp-1-A1-canary"
BUTTONS = Buttons(APP_TOKEN)
VIEW = sample_view(ManualClock()(), Level.CRITICAL)


def blocks(**changes: Any) -> list[dict[str, Any]]:
    view = replace(VIEW, alert=replace(VIEW.alert, **changes))
    message = Message(kind="update", marker="m", view=view, event=None)
    rendered = render(message, BUTTONS(message))
    sent = [block.to_dict() for block in rendered.blocks]
    check_message({"text": rendered.text, "blocks": sent}, ())
    return [element for block in sent if block["type"] == "actions" for element in block["elements"]]


def words(elements: list[dict[str, Any]]) -> list[str]:
    return [element["text"]["text"] for element in elements if element["type"] == "button"]


def entries(elements: list[dict[str, Any]]) -> list[str]:
    return [o["text"]["text"] for element in elements if element["type"] == "overflow" for o in element["options"]]


def test_two_buttons_in_view_and_five_entries_in_the_overflow() -> None:
    shown = blocks()

    assert words(shown) == ["Acknowledge", "False alarm"]
    assert entries(shown) == ["Snooze 4 h", "True alarm", "Unsure", "Silence situation 24 h", "Why?"]


def test_acknowledge_goes_once_somebody_has_and_a_resolved_alert_keeps_verdicts_alone() -> None:
    assert words(blocks(acknowledged_by="ada")) == ["False alarm"]
    done = blocks(state=AlertState.RESOLVED, resolved_at=VIEW.alert.opened_at)
    assert words(done) == ["False alarm"]
    assert entries(done) == ["True alarm", "Unsure"]


def test_an_exercise_has_no_buttons() -> None:
    assert not BUTTONS(Message(kind="post", marker="m", view=replace(VIEW, drill=True)))


@pytest.mark.parametrize("kind", list(ActKind))
def test_a_value_says_what_and_of_which_alert_and_nothing_of_the_token(kind: ActKind) -> None:
    token = BUTTONS.token(kind, "al-0123456789abcdef")

    assert BUTTONS.read(token) == (kind, "al-0123456789abcdef")
    assert len(token) <= 150
    assert APP_TOKEN not in token
    assert Buttons("xapp-another").read(token) is None
    assert "canary" not in repr(vars(BUTTONS))


@given(st.text(max_size=100), st.integers(min_value=0, max_value=80), st.characters())
def test_no_other_value_is_taken_for_ours(invented: str, place: int, character: str) -> None:
    good = BUTTONS.token(ActKind.ACKNOWLEDGE, "al-0123456789abcdef")
    changed = good[:place] + character + good[place + 1 :]

    assert BUTTONS.read(invented) is None
    assert changed == good or BUTTONS.read(changed) is None
