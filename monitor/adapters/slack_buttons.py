"""The buttons under an alert. Their values are opaque to Slack and to people: what to do, with what, and our signature.

The key comes from the app token, so that nothing more needs to be kept; with a new token old messages take new buttons at their
next edit, and until then their clicks are refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, Option, OverflowMenuElement
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.blocks.block_elements import InteractiveElement

from monitor.core.alerts import AlertState
from monitor.core.desk import ActKind
from monitor.core.ports import Message

PREFIX = "crisis_monitor_"
MORE = f"{PREFIX}more"
BLOCK = f"{PREFIX}acts"
_PURPOSE = b"crisis-monitor buttons 1"
_TOKEN = re.compile(r"(?P<kind>[a-z]{2,20})\.(?P<alert>al-[A-Za-z0-9-]{1,37})\.(?P<seal>[A-Za-z0-9_-]{43})")
_WORDS = {
    ActKind.ACKNOWLEDGE: "Acknowledge",
    ActKind.FALSE_ALARM: "False alarm",
    ActKind.SNOOZE: "Snooze 4 h",
    ActKind.TRUE: "True alarm",
    ActKind.UNSURE: "Unsure",
    ActKind.SILENCE: "Silence situation 24 h",
    ActKind.WHY: "Why?",
}
_OPEN = (ActKind.SNOOZE, ActKind.TRUE, ActKind.UNSURE, ActKind.SILENCE, ActKind.WHY)
_RESOLVED = (ActKind.TRUE, ActKind.UNSURE)


def action_id(kind: ActKind) -> str:
    """Return the action id of the button for `kind`."""
    return f"{PREFIX}{kind.value}"


class Buttons:
    """Makes buttons, and knows its own again. app_token: only a key derived from it is kept."""

    def __init__(self, app_token: str) -> None:
        self._key = hmac.new(app_token.encode(), _PURPOSE, hashlib.sha256).digest()

    def __call__(self, message: Message) -> Sequence[Block]:
        """Return the block with the buttons that a message needs. An exercise has none: it is kept out of the history."""
        alert = message.view.alert
        if message.view.drill:
            return ()
        resolved = alert.state is AlertState.RESOLVED
        free = not resolved and not alert.acknowledged_by
        shown: list[InteractiveElement] = [self._button(ActKind.ACKNOWLEDGE, alert.id)] if free else []
        shown.append(self._button(ActKind.FALSE_ALARM, alert.id))
        return [ActionsBlock(block_id=BLOCK, elements=[*shown, self._more(alert.id, _RESOLVED if resolved else _OPEN)])]

    def read(self, token: str) -> tuple[ActKind, str] | None:
        """Return what a button's value asks for, and of which alert; None where we did not make it."""
        found = _TOKEN.fullmatch(token)
        if not found or not hmac.compare_digest(found["seal"], self._seal(f"{found['kind']}.{found['alert']}")):
            return None
        return ActKind(found["kind"]), found["alert"]

    def token(self, kind: ActKind, alert_id: str) -> str:
        """Return the value of a button."""
        said = f"{kind.value}.{alert_id}"
        return f"{said}.{self._seal(said)}"

    def _seal(self, said: str) -> str:
        seal = hmac.new(self._key, said.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(seal).decode().rstrip("=")

    def _button(self, kind: ActKind, alert_id: str) -> ButtonElement:
        return ButtonElement(
            text=PlainTextObject(text=_WORDS[kind], emoji=False),
            action_id=action_id(kind),
            value=self.token(kind, alert_id),
            style="primary" if kind is ActKind.ACKNOWLEDGE else None,
        )

    def _more(self, alert_id: str, kinds: Sequence[ActKind]) -> OverflowMenuElement:
        options = [
            Option(text=PlainTextObject(text=_WORDS[kind], emoji=False), value=self.token(kind, alert_id))
            for kind in kinds
        ]
        return OverflowMenuElement(action_id=MORE, options=options)
