"""Commands that keep it running: migrate, doctor, test-alert."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import typer

from monitor.adapters.classifier import ENGLISH, READABLE, load_model, model_directory
from monitor.adapters.country_names import country_name
from monitor.adapters.migrations import current, head, pending
from monitor.adapters.storage import SqlStorage
from monitor.app import build_understanding, lookout_of, make_directory, open_storage, send_test_alert
from monitor.cli.common import (
    EXIT_FAILED,
    ConfigOption,
    DataOption,
    err,
    failing_well,
    load_config,
    out,
    place,
    set_up_logging,
)
from monitor.clock import utc_now
from monitor.config import Config, database_url
from monitor.core import polling
from monitor.core.coverage import Cause
from monitor.core.errors import MonitorError
from monitor.desk import FACT

_MISSING = ": the first stage alone (the extra [encoder] is not installed, or this model was trained without)"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(migrate)
    app.command()(doctor)
    app.command("test-alert")(try_channels)


def migrate(config: ConfigOption = None, data: DataOption = None) -> None:
    """Bring the database to the newest schema: under a lock, after a backup, all or nothing.

    Example: crisis-monitor migrate --data /var/lib/crisis-monitor
    """
    set_up_logging()
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        with open_storage(loaded, where.data, os.environ) as storage:
            out.print(f"the database is at revision {current(storage.engine)}", highlight=False)


def doctor(config: ConfigOption = None, data: DataOption = None) -> None:
    """Check configuration, database, model, feeds and channels; say what is wrong and what to do. Exit 1 if anything is.

    Example: crisis-monitor doctor
    """
    with failing_well():
        where = place(config, data)
        loaded = load_config(where)
        good = [_tell("configuration", True, f"{where.config}: {len(loaded.feeds)} feeds, {len(loaded.rules)} rules")]
        good += _check_model(loaded, where.data)
        make_directory(where.data)
        good += _check_database(loaded, database_url(loaded, where.data, os.environ))
        good += [_check_channel(name, loaded) for name in loaded.channels]
    if not all(good):
        raise typer.Exit(EXIT_FAILED)


def _tell(what: str, good: bool, text: str) -> bool:
    out.print(
        f"{'ok ' if good else 'BAD'} {what}: {text}", style=None if good else "red", markup=False, highlight=False
    )
    return good


def _check_model(config: Config, data: Path) -> list[bool]:
    try:
        model = build_understanding(config, data=data).model
    except MonitorError as error:
        return [_tell("model", False, str(error))]
    silent = [canary for canary in model.canaries() if not canary.ok]
    told = [_tell("model", True, f"{model.version}, stack {model.stack}{_MISSING if model.stack == 'linear' else ''}")]
    told += _check_promoted(data)
    return [
        *told,
        _tell("languages", True, f"reads {', '.join(sorted(READABLE))}; any other is marked unread{_more()}"),
        _tell(
            "canaries",
            not silent,
            "all score as they should" if not silent else f"{len(silent)} do not: reinstall the model",
        ),
    ]


def _check_promoted(data: Path) -> list[bool]:
    """Say that a model promoted here is damaged: `run` goes on with the shipped one."""
    own = model_directory(data)
    if own is None:
        return []
    try:
        load_model(own)
    except MonitorError as error:
        return [_tell("promoted model", False, f"not in use, the shipped one is: {error}")]
    return [_tell("promoted model", True, f"{own} is in use")]


def _more() -> str:
    return " (the extra [multilingual] is not installed)" if READABLE == ENGLISH else ""


def _check_database(config: Config, url: str) -> list[bool]:
    storage = SqlStorage.open(url)
    try:
        if pending(storage.engine):
            return [
                _tell(
                    "database",
                    True,
                    f"at revision {current(storage.engine) or 'none'}; `crisis-monitor migrate` brings it to {head()}",
                )
            ]
        storage.check()
        told = [_tell("database", True, f"{storage.engine.dialect.name}, revision {head()}")]
        return [*told, _check_feeds(config, storage), _check_sight(config, storage), _check_socket(config, storage)]
    except MonitorError as error:
        return [_tell("database", False, str(error))]
    finally:
        storage.close()


def _check_feeds(config: Config, storage: SqlStorage) -> bool:
    now = utc_now()
    with storage.reading() as unit:
        states = unit.feed_states()
    bad = [
        feed.id
        for feed in config.feeds
        if feed.enabled
        and feed.id in states
        and polling.health(states[feed.id], feed, now) not in (polling.FeedHealth.OK, polling.FeedHealth.NEW)
    ]
    return _tell(
        "feeds",
        not bad,
        "none fails or is stale" if not bad else f"{len(bad)} fail or are stale: see `crisis-monitor feeds --bad`",
    )


def _check_sight(config: Config, storage: SqlStorage) -> bool:
    with storage.reading() as unit:
        lost = lookout_of(config).survey(unit, utc_now()).blind(Cause.FAILING)
    names = ", ".join(country_name(each.country) for each in lost)
    return _tell(
        "sight", not lost, f"blind: {names}; see `crisis-monitor feeds`" if lost else "no country's feeds are lost"
    )


def _check_socket(config: Config, storage: SqlStorage) -> bool:
    """Say whether people can act in Slack, as the running daemon noted it last."""
    if not config.monitor.slack.app_token:
        return _tell(
            "buttons", True, "no app token is set, so messages in Slack have no buttons; README, section Slack"
        )
    if not config.monitor.slack.app_token.startswith("xapp-"):
        return _tell(
            "buttons", False, "the app token must begin with xapp-; make one under Basic Information of the app"
        )
    with storage.reading() as unit:
        kept = unit.fact(FACT)
    if not isinstance(kept, dict):
        return _tell("buttons", True, "an app token is set; no daemon has used it with this database yet")
    if not kept["connected_since"]:
        return _tell(
            "buttons", False, f"no connection to Slack at {kept['at']}: {kept['error'] or 'the daemon was stopped'}"
        )
    last = kept["last_envelope"] or "none yet"
    return _tell(
        "buttons", True, f"connected since {kept['connected_since']}; last click or command {last}; as of {kept['at']}"
    )


def _check_channel(name: str, config: Config) -> bool:
    channel = config.channels[name]
    if channel.kind == "slack" and not channel.token:
        return _tell(f"channel {name}", True, "no Slack token is set, so alerts go to the console")
    return _tell(f"channel {name}", True, f"{channel.kind} {channel.target}; `crisis-monitor test-alert` tries it")


def try_channels(config: ConfigOption = None, data: DataOption = None) -> None:
    """Send a marked test message to every channel, to see that it arrives. It is not kept in the history.

    Example: SLACK_BOT_TOKEN=… crisis-monitor test-alert
    """
    with failing_well():
        loaded = load_config(place(config, data))
        failures = asyncio.run(send_test_alert(loaded, out, utc_now()))
    for name, reason in failures:
        err.print(f"channel {name}: {reason}", style="red", markup=False, highlight=False)
    if failures:
        raise typer.Exit(EXIT_FAILED)
    out.print(f"sent to {len(loaded.channels)} channel(s)", highlight=False)
