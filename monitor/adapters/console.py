"""Alerts on the terminal: the channel of whoever has set no Slack token."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from monitor.core.alerts import Level
from monitor.core.desk import Notice
from monitor.core.messages import Channel, PostedMessage
from monitor.core.ports import AlertView, NoticeMessage, Sendable
from monitor.core.reasons import why_of
from monitor.core.wording import alert_lines, headline, reminder

_STYLE = {Level.WATCH: "yellow", Level.WARNING: "dark_orange", Level.CRITICAL: "bold red"}


class ConsoleNotifier:
    """Prints what Slack would be told. A terminal keeps no history, so nothing can be found in it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def send(self, channel: Channel, message: Sendable, posted: PostedMessage | None) -> PostedMessage | None:
        """Print the alert or notice, or one line for what is new in it."""
        if isinstance(message, NoticeMessage):
            return posted if message.kind == "update" else self._notice(message.notice, channel)
        if message.kind == "post":
            self._post(message.view, channel)
            return PostedMessage(
                subject=message.view.alert.id, channel=channel.name, channel_id="console", ts=message.marker
            )
        if message.kind == "thread" and message.note:
            self._console.print(Text(f"{headline(message.view)}: {message.note}"), soft_wrap=True)
        elif message.kind == "thread" and message.event is not None:
            event = message.event
            line = f"{event.at:%H:%M} {headline(message.view)}: {why_of(message.view, event)}"
            self._console.print(Text(line, style=_STYLE[event.level]), soft_wrap=True)
        if message.kind == "reminder":
            line = f"{headline(message.view)}: {reminder(message.view, message.event)}"
            self._console.print(Text(line, style=_STYLE[Level.CRITICAL]), soft_wrap=True)
        return posted

    async def find(
        self, channel: Channel, marker: str, since: datetime, posted: PostedMessage | None
    ) -> PostedMessage | None:
        """Return nothing: what was printed before a crash cannot be asked for."""
        del channel, marker, since, posted
        return None  # the port's answer for a message that is not there

    def parts(self, notice: Notice) -> int:
        """Return 1: a terminal holds everything."""
        del notice
        return 1

    def _notice(self, notice: Notice, channel: Channel) -> PostedMessage:
        body, title = Text("\n".join(notice.lines())), Text(notice.title)
        self._console.print(
            Panel(body, title=title, title_align="left", subtitle=channel.target or channel.name), soft_wrap=False
        )
        return PostedMessage(subject=notice.id, channel=channel.name, channel_id="console", ts=notice.id)

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
