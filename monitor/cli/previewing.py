"""`preview`: what a channel would be sent, as text, as JSON and as a picture, without sending anything."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.adapters.charts import draw
from monitor.adapters.slack import SlackNotifier
from monitor.adapters.slack_buttons import Buttons
from monitor.adapters.slack_markup import readable
from monitor.adapters.slack_picture import Post, png_of, svg_of
from monitor.app import SLACK_TIMEOUT, open_storage, settings_of
from monitor.cli.common import (
    EXIT_NOTHING,
    ConfigOption,
    DataOption,
    err,
    failing_well,
    load_config,
    out,
    place,
    refuse,
)
from monitor.clock import utc_now
from monitor.config import Config
from monitor.core.alerts import Level
from monitor.core.desk import NoticeKind
from monitor.core.errors import InputError
from monitor.core.ports import AlertView, Message, NoticeMessage, Sendable
from monitor.core.samples_notices import sample_notice
from monitor.core.samples_story import story_view
from monitor.pipeline.views import alert_view

CHART = "F0PREVIEW"
_FORMS = (".png", ".svg")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(preview)


def preview(
    alert_id: Annotated[
        str | None,
        typer.Argument(metavar="[ALERT-ID]", help="A stored alert. Default: a made-up one.", show_default=False),
    ] = None,
    level: Annotated[Level, typer.Option("--level", help="Level of the made-up alert.")] = Level.WARNING,
    resolved: Annotated[bool, typer.Option("--resolved", help="The made-up alert after it has resolved.")] = False,
    notice: Annotated[
        NoticeKind | None,
        typer.Option("--notice", help="A made-up notice of this kind instead of an alert.", show_default=False),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what Slack would be sent: text, blocks, metadata.")
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Draw it as Slack shows it: FILE.png (extra charts) or FILE.svg.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Show what Slack would be sent of an alert or a notice, as text, as JSON or as a picture. Nothing is sent.

    Example: crisis-monitor preview --level critical --picture alert.png
    """
    if picture and picture.suffix.lower() not in _FORMS:
        raise refuse(f"--picture: {picture.name!r} must end in {' or '.join(_FORMS)}")
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        messages = (
            _notices(notice) if notice else [_alert(_view(loaded, where.data, alert_id, level, resolved=resolved))]
        )
        contents = [notifier().content(each) for each in messages]
        if as_json:
            shown = contents if len(contents) > 1 else contents[0]
            sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
        else:
            _print(contents)
        if picture:
            write_picture(picture, messages)
            err.print(f"drawn: {picture}", markup=False, highlight=False)


def notifier() -> SlackNotifier:
    """Return what renders messages; it is given no token and sends nothing, and its buttons are signed by no secret."""
    return SlackNotifier(timeout=SLACK_TIMEOUT, actions=Buttons("preview"))


def _view(config: Config, data: Path, alert_id: str | None, level: Level, *, resolved: bool) -> AlertView:
    if alert_id is None:
        return replace(story_view(level, resolved=resolved), public_url=config.monitor.public_url)
    with open_storage(config, data, os.environ) as storage, storage.reading() as unit:
        alert = unit.alert(alert_id)
        if alert is not None:
            settings = settings_of(config)
            rule = settings.rule(alert.rule)
            return alert_view(unit, alert, settings, utc_now(), rule.notify[0] if rule and rule.notify else "")
    err.print(
        f"{alert_id}: no stored alert has this id; `crisis-monitor history` lists them", style="yellow", markup=False
    )
    raise typer.Exit(EXIT_NOTHING)


def _alert(view: AlertView) -> Message:
    return Message(kind="post", marker=f"{view.alert.id}:preview", view=view)


def _notices(kind: NoticeKind) -> list[NoticeMessage]:
    found = sample_notice(kind)
    parts = range(notifier().parts(found))
    return [
        NoticeMessage(kind="thread" if part else "post", marker=f"{found.id}:preview", notice=found, part=part)
        for part in parts
    ]


def _print(contents: Sequence[dict[str, Any]]) -> None:
    for content in contents:
        out.print("\n".join(readable(content["blocks"])), markup=False, highlight=False)
        out.print("\nIn notifications and for screen readers:", style="dim")
        out.print(content["text"], style="dim", markup=False, highlight=False)


def write_picture(path: Path, messages: Sequence[Sendable]) -> None:
    """Draw messages as they stand once their chart has been added. Raises InputError."""
    posts, pictures = [], {}
    for number, message in enumerate(messages):
        chart = asyncio.run(draw(message.view)) if isinstance(message, Message) else b""
        name = f"{CHART}{number}" if chart else ""
        pictures[name] = chart
        posts.append(Post(blocks=notifier().content(message, name)["blocks"], at=f"{_told(message):%H:%M}"))
    save_picture(path, svg_of(posts, pictures=pictures))


def save_picture(path: Path, svg: str) -> None:
    """Write an SVG, or the PNG of it. Raises InputError."""
    content = png_of(svg) if path.suffix.lower() == ".png" else svg.encode()
    try:
        path.write_bytes(content)
    except OSError as exc:
        raise InputError(f"{path}: cannot be written ({exc.strerror}); check the folder and its permissions") from exc


def _told(message: Sendable) -> datetime:
    return message.notice.at if isinstance(message, NoticeMessage) else message.view.alert.last_event_at
