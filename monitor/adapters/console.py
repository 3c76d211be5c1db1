"""Alerts on the terminal: the channel of whoever has set no Slack token."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from monitor.core.model import Channel, Level, PostedMessage
from monitor.core.ports import AlertView, Message
from monitor.core.wording import alert_lines, headline

_STYLE = {Level.WATCH: "yellow", Level.WARNING: "dark_orange", Level.CRITICAL: "bold red"}


class ConsoleNotifier:
    """Prints what Slack would be told. A terminal keeps no history, so nothing can be found in it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def send(self, channel: Channel, message: Message, posted: PostedMessage | None) -> PostedMessage | None:
        """Print the alert, or one line for what is new in it."""
        if message.kind == "post":
            self._post(message.view, channel)
            return PostedMessage(
                alert_id=message.view.alert.id, channel=channel.name, channel_id="console", ts=message.marker
            )
        if message.kind == "thread" and message.event is not None:
            event = message.event
            line = f"{event.at:%H:%M} {headline(message.view)}: {event.kind.value} — {event.reason}"
            self._console.print(Text(line, style=_STYLE[event.level]), soft_wrap=True)
        return posted

    async def find(
        self, channel: Channel, marker: str, since: datetime, posted: PostedMessage | None
    ) -> PostedMessage | None:
        """Return nothing: what was printed before a crash cannot be asked for."""
        del channel, marker, since, posted
        return None  # the port's answer for a message that is not there

    def _post(self, view: AlertView, channel: Channel) -> None:
        body = Text("\n".join(alert_lines(view)))
        title = Text(headline(view), style=_STYLE[view.alert.level])
        self._console.print(
            Panel(
                body,
                title=title,
                title_align="left",
                subtitle=channel.target or channel.name,
                border_style=_STYLE[view.alert.level],
            ),
            soft_wrap=False,
        )
