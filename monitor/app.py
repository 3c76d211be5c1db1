"""Wires everything once, in one straight line; closes in reverse."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

import structlog
from rich.console import Console

from monitor.adapters.classifier import READABLE, ModelUnderstanding, Stack, load_model, model_directory
from monitor.adapters.console import ConsoleNotifier
from monitor.adapters.country_names import subject_name
from monitor.adapters.fetch import FeedFetcher
from monitor.adapters.migrations import migrate
from monitor.adapters.parse import FeedParser
from monitor.adapters.slack import SlackNotifier, no_actions
from monitor.adapters.slack_buttons import Buttons
from monitor.adapters.storage import SqlStorage
from monitor.clock import utc_now
from monitor.config import Config, database_url
from monitor.core.errors import ClassifierError, LeaseLost, NotifyError, StorageBroken, StorageError
from monitor.core.messages import Channel
from monitor.core.ports import Clock, Limits, Message, Notifier
from monitor.core.samples import sample_view
from monitor.daemon import LEASE_LENGTH, Daemon, Writer
from monitor.desk import open_desk
from monitor.pipeline.delivery import Delivery
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.state import Settings
from monitor.reading.reader import Reader
from monitor.upkeep import LEASE, Upkeep
from monitor.web.app import build_app
from monitor.web.health import Vitals
from monitor.web.security import LINK_FILE, Door, check_place, host_allowed, standing_token
from monitor.web.server import open_socket, serving
from monitor.web.site import Library, Site

log = structlog.get_logger(__name__)
SLACK_TIMEOUT = timedelta(seconds=10)


def program_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("crisis-monitor")
    except PackageNotFoundError:
        return "0+checkout"


def settings_of(config: Config) -> Settings:
    """Return the configuration as far as the pipeline needs it; Slack channels without a token go to the console."""
    monitor = config.monitor
    return Settings(
        rules=config.rules,
        channels={name: _reachable(channel, monitor.fallback_channel) for name, channel in config.channels.items()},
        outlets=config.outlets,
        registry=config.registry,
        limits=Limits(max_age=monitor.polling.max_age, retention=monitor.retention),
        hash=config.hash,
        public_url=monitor.public_url,
        lookout=lookout_of(config),
        ops_channel=monitor.ops_channel,
    )


def lookout_of(config: Config) -> Lookout:
    """Return what tells which countries the configured feeds can see."""
    return Lookout(config.feeds, readable=READABLE, name_of=subject_name)


def _reachable(channel: Channel, fallback: str) -> Channel:
    """Send a Slack channel without a token to the console, and give a channel that names no fallback the general one."""
    kind = "console" if channel.kind == "slack" and not channel.token else channel.kind
    return replace(channel, kind=kind, fallback=channel.fallback or (fallback if fallback != channel.name else ""))


def make_directory(data: Path) -> None:
    """Make the data directory where it is missing. Raises StorageError where it cannot be had."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        said = exc.strerror or type(exc).__name__
        raise StorageError(f"{data}: no data can be kept there ({said}); give another directory with --data") from exc


@contextmanager
def open_storage(
    config: Config, data: Path, environ: Mapping[str, str], *, migrating: bool = True
) -> Iterator[SqlStorage]:
    """Open the database under `data` (or at the configured address), brought to the newest schema."""
    make_directory(data)
    storage = SqlStorage.open(database_url(config, data, environ))
    try:
        if migrating:
            migrate(storage, log.info)
        yield storage
    finally:
        storage.close()


def build_understanding(config: Config, stack: Stack = "auto", data: Path | None = None) -> ModelUnderstanding:
    """Load the model and the reader: the model promoted under `data` where there is one, else the shipped one.

    A promoted model that is damaged is named loudly and the shipped one is used. Raises ClassifierError.
    """
    own = model_directory(data) if data else None
    if own:
        try:
            return ModelUnderstanding(load_model(own, stack=stack), Reader(config.registry))
        except ClassifierError as error:
            log.error(
                "the promoted model cannot be used; the shipped one is in force", model=str(own), error=str(error)
            )
    return ModelUnderstanding(load_model(stack=stack), Reader(config.registry))


def build_pipeline(config: Config, storage: SqlStorage, stack: Stack = "auto", data: Path | None = None) -> Pipeline:
    """Build the pipeline on an open database."""
    return Pipeline(
        storage=storage,
        understanding=build_understanding(config, stack, data),
        settings=settings_of(config),
        rng=random.Random(),  # noqa: S311  # jitter
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who holds the daemon's lease: host, process, and when it started."""

    host: str
    process: int
    started: str

    def __str__(self) -> str:
        return f"{self.host}:{self.process}:{self.started}"


def this_holder(now: datetime) -> Holder:
    """Return the name under which this process takes the lease."""
    return Holder(host=socket.gethostname(), process=os.getpid(), started=f"{now:%Y%m%dT%H%M%S.%f}")


def take_lease(storage: SqlStorage, holder: Holder, now: datetime) -> bool:
    """Take the daemon's lease and fence all writing by it; return whether it was free, expired or left by a dead process here."""
    with storage.reading() as unit:
        held = unit.lease(LEASE)
    dead = held[0] if held and _is_dead(held[0], holder.host) else ""
    with storage.transaction() as unit:
        token = unit.take_lease(LEASE, str(holder), now, LEASE_LENGTH, dead=dead)
    if token is not None:
        storage.fence(LEASE, str(holder), token)
    return token is not None


def _is_dead(name: str, host: str) -> bool:
    """Say whether the holder ran on this host and its process is gone."""
    try:
        where, process, _ = name.split(":", 2)
        os.kill(int(process), 0)
    except ValueError:
        return False
    except ProcessLookupError:
        return where == host
    except PermissionError:
        return False
    return False


@asynccontextmanager
async def open_daemon(
    config: Config,
    storage: SqlStorage,
    console: Console,
    holder: Holder,
    *,
    stack: Stack = "auto",
    clock: Clock = utc_now,
    data: Path | None = None,
    charts: bool = False,
) -> AsyncIterator[Daemon]:
    """Wire the daemon on an open database; close what it holds in reverse.

    charts: whether an evidence curve follows each first post; one round alone does not wait for pictures.
    """
    writer, fetcher = Writer(), build_fetcher(config)
    parser = FeedParser(deadline=config.monitor.polling.deadline)
    pipeline = build_pipeline(config, storage, stack, data)
    delivery = Delivery(
        storage=storage,
        settings=pipeline.settings,
        notifiers=build_notifiers(config, console),
        clock=clock,
        in_writer=writer,
        charts=charts,
    )
    daemon = Daemon(
        storage=storage,
        pipeline=pipeline,
        delivery=delivery,
        fetcher=fetcher,
        parser=parser,
        feeds=config.feeds,
        clock=clock,
        writer=writer,
        evaluate_every=config.monitor.evaluate_every,
    )
    upkeep = _equip(daemon, config, storage, holder, data)
    try:
        await upkeep.canaries()
        yield daemon
    finally:
        await delivery.close()
        await fetcher.aclose()
        parser.close()
        writer.close()
        _end_lease(storage, holder)


def build_fetcher(config: Config) -> FeedFetcher:
    """Return what fetches feeds as configured."""
    polling = config.monitor.polling
    return FeedFetcher(
        contact=polling.contact,
        deadline=polling.deadline,
        max_bytes=polling.max_bytes,
        per_host=polling.per_host,
        version=program_version(),
    )


def _equip(daemon: Daemon, config: Config, storage: SqlStorage, holder: Holder, data: Path | None) -> Upkeep:
    """Give the daemon its upkeep and, where there is a data directory, its desk; return the upkeep."""
    upkeep = Upkeep(
        daemon=daemon,
        config=config,
        storage=storage,
        holder=str(holder),
        clock=daemon.clock,
        environ=os.environ,
        settings_of=settings_of,
    )
    desk = open_desk(lambda: upkeep.config, daemon, data) if data else None
    daemon.extra_jobs = [*upkeep.jobs(), *(desk.jobs() if desk else ())]
    daemon.companions = desk.companions() if desk else ()
    daemon.socket = desk.socket.state if desk else None
    return upkeep


def _end_lease(storage: SqlStorage, holder: Holder) -> None:
    try:
        with storage.transaction() as unit:
            unit.end_lease(LEASE, str(holder), utc_now())
    except (LeaseLost, StorageBroken):  # it runs out by itself
        return


def check_page(config: Config, environ: Mapping[str, str]) -> str:
    """Return the page's standing token. Raises InputError where the page may not be served as configured."""
    web, token = config.monitor.web, standing_token(environ)
    if web.enabled:
        check_place(web.host, config.monitor.public_url, token)
    return token


@asynccontextmanager
async def open_page(
    config: Config, daemon: Daemon, holder: Holder, data: Path, environ: Mapping[str, str]
) -> AsyncIterator[str]:
    """Serve the review page beside a running daemon; yield the one-time link to it. Raises InputError."""
    web, public = config.monitor.web, config.monitor.public_url
    token = check_page(config, environ)
    listening = open_socket(web.host, web.port)
    host = f"[{web.host}]" if ":" in web.host else web.host
    base = public or f"http://{host}:{listening.getsockname()[1]}"
    door = Door(base=base, link_file=data / LINK_FILE, clock=daemon.clock, standing=token)
    page = build_app(site_of(config, daemon, str(holder)), door, host_allowed(web.host, public))
    async with serving(page, listening):
        yield door.new_link()


def site_of(config: Config, daemon: Daemon, holder: str) -> Site:
    """Return what the page may know of a daemon."""
    pipeline, understanding = daemon.pipeline, daemon.pipeline.understanding
    model = understanding.model if isinstance(understanding, ModelUnderstanding) else None
    return Site(
        library=cast(Library, daemon.storage),
        settings=lambda: pipeline.settings,
        feeds=lambda: daemon.feeds,
        lookout=lambda: pipeline.settings.lookout or lookout_of(config),
        clock=daemon.clock,
        version=program_version(),
        vitals=Vitals(
            started_at=daemon.clock(),
            evaluate_every=config.monitor.evaluate_every,
            pulse=daemon.pulse,
            model=understanding.version,
            stack=model.stack if model else "unknown",
            canaries=model.canaries if model else lambda: (),
            delivery=daemon.delivery.health,
            lease=LEASE,
            holder=holder,
            socket=daemon.socket,
        ),
    )


async def wait_for_lease(storage: SqlStorage, holder: Holder, stop: asyncio.Event, said: Callable[[str], None]) -> bool:
    """Stand by until the lease is free; return False when asked to stop before."""
    told = False
    while not take_lease(storage, holder, utc_now()):
        if not told:
            said("another daemon works on this database; standing by to take over")
            told = True
        try:
            await asyncio.wait_for(stop.wait(), 2.0)
        except TimeoutError:
            continue
        return False
    return True


async def send_test_alert(config: Config, console: Console, now: datetime) -> list[tuple[str, str]]:
    """Send a marked test message to every channel; return (channel, reason) of those that refused it."""
    settings, failures = settings_of(config), []
    notifiers = build_notifiers(config, console)
    message = Message(kind="post", marker=f"test:{now:%Y%m%dT%H%M%S}", view=sample_view(now))
    for channel in settings.channels.values():
        try:
            await notifiers[channel.kind].send(channel, message, None)
        except NotifyError as error:
            failures.append((channel.name, str(error)))
    return failures


def build_notifiers(config: Config, console: Console) -> dict[str, Notifier]:
    """Return a notifier for each kind of channel."""
    app_token = config.monitor.slack.app_token
    actions = Buttons(app_token) if app_token else no_actions
    slack = SlackNotifier(base_url=config.slack_api_url, timeout=SLACK_TIMEOUT, actions=actions)
    return {"slack": slack, "console": ConsoleNotifier(console)}
