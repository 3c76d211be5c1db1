"""`run`: the daemon, or one round of its work."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

import typer

from monitor.adapters.storage import SqlStorage
from monitor.app import (
    Holder,
    build_notifiers,
    check_page,
    open_daemon,
    open_page,
    open_storage,
    settings_of,
    this_holder,
    wait_for_lease,
)
from monitor.cli.common import (
    ConfigOption,
    DataOption,
    Place,
    StackOption,
    err,
    failing_well,
    load_config,
    out,
    place,
    set_up_logging,
)
from monitor.clock import utc_now
from monitor.config import Config
from monitor.core.errors import StorageBroken
from monitor.core.messages import Notification
from monitor.core.records import iso
from monitor.daemon import Daemon
from monitor.last_words import tell_operators
from monitor.web.security import LINK_FILE

LEASE_WAIT_SECONDS = 60.0


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(run)


def run(
    once: Annotated[
        bool, typer.Option("--once", help="Poll what is due, evaluate, deliver for up to a minute, then exit.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="With --once: poll every enabled feed, due or not.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
    stack: StackOption = "auto",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log more.")] = False,
) -> None:
    """Migrate, then poll, classify, evaluate, deliver and serve the review page, until stopped.

    Example: crisis-monitor run
    Example: crisis-monitor run --once --all --config my-config --data /var/lib/crisis-monitor
    """
    set_up_logging(verbose=verbose)
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        set_up_logging(verbose=verbose, level=loaded.monitor.log_level)
        _say_channels(loaded)
        if not once:
            check_page(loaded, os.environ)
        try:
            with open_storage(loaded, where.data, os.environ) as storage:
                storage.check()
                asyncio.run(_run(loaded, where, storage, once=once, every=every, stack=stack))
        except StorageBroken as error:
            asyncio.run(_tell_operators(loaded, error))
            raise


async def _tell_operators(config: Config, error: StorageBroken) -> None:
    channel = settings_of(config).channels.get(config.monitor.ops_channel)
    await tell_operators(channel, build_notifiers(config, out), error, utc_now())


def _say_channels(config: Config) -> None:
    for channel in config.channels.values():
        if channel.kind == "slack" and not channel.token:
            err.print(
                f"channel {channel.name}: no Slack token is set, so its alerts go to this console",
                style="yellow",
                highlight=False,
            )


async def _run(config: Config, where: Place, storage: SqlStorage, *, once: bool, every: bool, stack: str) -> None:
    stop, holder = asyncio.Event(), this_holder(utc_now())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    if not await _lease(storage, holder, stop, once=once):
        raise typer.Exit(1 if once else 0)
    async with open_daemon(config, storage, out, holder, stack=stack, data=where.data, charts=not once) as daemon:  # type: ignore[arg-type]  # the model checks the word
        err.print(
            f"model {daemon.pipeline.understanding.version}; {len([f for f in config.feeds if f.enabled])} feeds; {len(config.rules)} rules",
            highlight=False,
        )
        if once:
            began = utc_now()
            _print_pending(await daemon.once(every=every))
            _print_held(storage)
            _print_dead(storage, began)
        else:
            async with _page(daemon, config, where, holder):
                await _run_until(daemon, stop)
                err.print("stopped; the next start goes on from here", highlight=False)


async def _lease(storage: SqlStorage, holder: Holder, stop: asyncio.Event, *, once: bool) -> bool:
    waiting = wait_for_lease(storage, holder, stop, lambda text: err.print(text, style="yellow"))
    if not once:
        return await waiting
    try:
        return await asyncio.wait_for(waiting, LEASE_WAIT_SECONDS)
    except TimeoutError:
        err.print("another daemon still works on this database; stop it, or give this run its own --data", style="red")
        return False


@asynccontextmanager
async def _page(daemon: Daemon, config: Config, where: Place, holder: Holder) -> AsyncIterator[None]:
    if not config.monitor.web.enabled:
        yield
        return
    async with open_page(config, daemon, holder, where.data, os.environ) as link:
        err.print(f"review page, entered once by this link: {link}", markup=False, highlight=False)
        err.print(f"the next link stands in {where.data / LINK_FILE}", markup=False, highlight=False)
        yield


async def _run_until(daemon: Daemon, stop: asyncio.Event) -> None:
    running = asyncio.create_task(daemon.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    daemon.stop()
    stopping.cancel()
    await running


def _print_dead(storage: SqlStorage, since: datetime) -> None:
    """Say loudly what could not be delivered for good in this run."""
    with storage.reading() as unit:
        dead = unit.dead_notifications(since)
    for row in dead:
        err.print(
            f"NOT DELIVERED: {row.subject} to {row.channel} ({row.kind}): {row.error}",
            style="bold red",
            markup=False,
            highlight=False,
        )


def _print_held(storage: SqlStorage) -> None:
    """Say what waits for a list: quiet hours or the day's budget hold it, and no run waits for that."""
    with storage.reading() as unit:
        rows = [row for name in unit.held_channels() for row in unit.held_notifications(name)]
    for row in rows:
        out.print(
            f"held for the digest at {iso(row.not_before)}: {row.subject} to {row.channel} ({row.error})",
            markup=False,
            highlight=False,
        )


def _print_pending(left: list[Notification]) -> None:
    if not left:
        out.print("nothing is pending", highlight=False)
    for row in left:
        out.print(
            f"pending: {row.subject} to {row.channel} ({row.kind}, {row.state.value}, {row.attempts} attempts) {row.error}",
            markup=False,
            highlight=False,
        )
