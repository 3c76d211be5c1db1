"""`preview`: what a channel would be sent, as text, as JSON and as a picture, without sending anything."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, Option, OverflowMenuElement


def sample_actions() -> Block:
    """Return buttons like those under an alert."""
    rest = ("Snooze for an hour", "Confirm as true", "Unsure", "Silence this situation", "Why?")
    return ActionsBlock(
        elements=[
            ButtonElement(text="Acknowledge", action_id="acknowledge", value="sample", style="primary"),
            ButtonElement(text="False alarm", action_id="false", value="sample"),
            OverflowMenuElement(action_id="more", options=[Option(text=word, value="sample") for word in rest]),
        ]
    )
