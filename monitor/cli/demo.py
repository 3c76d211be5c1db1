"""`demo`: a story of our own, told by feeds on loopback, through the real pipeline on a clock that jumps from hour to hour."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Annotated
from xml.sax.saxutils import escape

import typer
import yaml

from monitor.adapters.slack_picture import Post, svg_of
from monitor.app import open_daemon, open_storage, this_holder
from monitor.cli.common import err, failing_well, out, refuse
from monitor.cli.demo_channel import NAME, channel_lines, on_loopback, read_channel, with_slack
from monitor.cli.previewing import save_picture
from monitor.clock import utc_now
from monitor.config import Config, load
from monitor.core.hours import Attention
from monitor.story import OUTLETS, story_begins, story_lines


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    slack: Annotated[
        str,
        typer.Option(
            "--slack", metavar="URL", help="Post to a Slack stand-in on this machine as well.", show_default=False
        ),
    ] = "",
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="With --slack: draw the channel into FILE.png or FILE.svg. Default: one among the temporary files.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Tell the days before a crisis through the real pipeline: three outlets, a denial, everyday news. Takes under a minute.

    The outlets are invented; what they tell is retold from late November 2021. Nothing leaves this machine and nothing is kept.

    Example: crisis-monitor demo
    """
    if slack and not on_loopback(slack):
        raise refuse(f"--slack: {slack!r} is no http address of this machine; the demo talks to nobody else")
    with failing_well(), TemporaryDirectory() as directory, _serving() as station:
        config = _without_digests(load(_write_config(Path(directory), station), {}))
        asyncio.run(_tell(with_slack(config, slack) if slack else config, Path(directory), station))
        if slack:
            _show_channel(asyncio.run(read_channel(slack)), picture or _default_picture())


def _default_picture() -> Path:
    form = "png" if importlib.util.find_spec("vl_convert") else "svg"
    return Path(gettempdir()) / f"crisis-monitor-demo.{form}"


def _show_channel(posts: Sequence[Post], picture: Path) -> None:
    out.print("\n" + "\n".join(channel_lines(posts)), markup=False, highlight=False)
    save_picture(picture, svg_of(posts, f"#{NAME}"))
    err.print(f"\ndrawn: {picture}", markup=False, highlight=False)


@dataclass(kw_only=True)
class _Station:
    """A loopback server with one feed per outlet, and the clock of the story: it jumps to an hour, then runs on from there."""

    port: int
    now: datetime
    since: datetime = field(default_factory=utc_now)
    items: dict[str, list[str]] = field(default_factory=dict)

    def clock(self) -> datetime:
        return self.now + max(utc_now() - self.since, timedelta(0))

    def jump(self, now: datetime) -> None:
        self.now, self.since = now, utc_now()

    def publish(self, item: Mapping[str, str]) -> None:
        number = sum(map(len, self.items.values()))
        link = f"http://127.0.0.1:{self.port}/{item['outlet']}/{number}"
        self.items.setdefault(item["outlet"], []).append(
            f"<item><title>{escape(item['title'])}</title><description>{escape(item['summary'])}</description>"
            f"<link>{link}</link><guid>{link}</guid><pubDate>{format_datetime(self.now)}</pubDate></item>"
        )

    def document(self, outlet: str) -> str:
        items = "".join(self.items.get(outlet, []))
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{outlet}</title><link>http://127.0.0.1/</link>{items}</channel></rss>'


@contextmanager
def _serving() -> Iterator[_Station]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = station.document(self.path.strip("/").removesuffix(".xml")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    station = _Station(
        port=server.server_address[1],
        now=story_begins(utc_now()),
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield station
    finally:
        server.shutdown()
        server.server_close()


def _write_config(directory: Path, station: _Station) -> Path:
    feeds = [
        {
            "id": name,
            "url": f"http://127.0.0.1:{station.port}/{name}.xml",
            "allow_private": True,
            "language": "en",
            **facts,
        }
        for name, facts in OUTLETS.items()
    ]
    config = directory / "config"
    config.mkdir()
    (config / "feeds.yaml").write_text(yaml.safe_dump({"feeds": feeds}), encoding="utf-8")
    return config


def _without_digests(config: Config) -> Config:
    """Return the configuration with channels that are told of alerts alone: three days in half a minute would hold three digests."""
    channels = {name: replace(each, attention=Attention()) for name, each in config.channels.items()}
    return replace(config, channels=channels)


async def _tell(config: Config, data: Path, station: _Station) -> None:
    story = story_lines()
    start, holder = station.now, this_holder(utc_now())
    with open_storage(config, data / "data", {}) as storage:
        async with open_daemon(config, storage, out, holder, clock=station.clock) as daemon:
            err.print(
                f"four feeds on loopback, model {daemon.pipeline.understanding.version}; the clock jumps from hour to hour\n",
                highlight=False,
            )
            for hour, items in groupby(story, key=lambda item: item["hour"]):
                station.jump(start + timedelta(hours=hour))
                for item in items:
                    station.publish(item)
                    out.print(
                        f"{station.now:%a %H:%M}  {OUTLETS[item['outlet']]['outlet']}: {item['title']}",
                        style="dim",
                        markup=False,
                        highlight=False,
                    )
                await daemon.once(every=True)
            with storage.reading() as unit:
                counted = len(unit.open_alerts())
    out.print(
        f"\n{len(story)} items read, {counted} alerts open. Try `make run` for the world's feeds.", highlight=False
    )
