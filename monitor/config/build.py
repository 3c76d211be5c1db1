"""From what the files say to the records that the program runs on. Everything here has been checked before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from monitor.config.files import (
    ChannelEntry,
    FeedDefaults,
    FeedsFile,
    MonitorFile,
    NotSituations,
    OutletsFile,
    RuleDefaults,
    RuleEntry,
    RulesFile,
    SituationsFile,
    SlackAppEntry,
)
from monitor.core.actors import Actor, NamedSituation, Outlet
from monitor.core.alerts import Conditions, Level, Rule
from monitor.core.hours import Attention, QuietHours
from monitor.core.identity import fold
from monitor.core.messages import Channel
from monitor.core.model import Feed, FeedKind
from monitor.core.outlets import Outlets


@dataclass(frozen=True, kw_only=True, slots=True)
class WebSettings:
    """Where the review page is served."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = 8080


@dataclass(frozen=True, kw_only=True, slots=True)
class PollingSettings:
    """How feeds are fetched. max_bytes: decoded size of one document. max_age: oldest item weighed on a first poll."""

    deadline: timedelta = timedelta(seconds=30)
    max_bytes: int = 10_000_000
    per_host: int = 2
    max_age: timedelta = timedelta(hours=48)
    contact: str = "mailto:you@example.org"


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackAppSettings:
    """The app behind the buttons. app_token: "" where none is set. allowed: ids of people and workspaces, empty for everybody."""

    app_token: str = field(default="", repr=False)
    allowed_users: tuple[str, ...] = ()
    allowed_teams: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartbeatSettings:
    """A sign of life. every: how often, 0 for never. url: asked each time, "" for none; such an address is a secret."""

    every: timedelta = timedelta(0)
    url: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorSettings:
    """monitor.yaml. database_url: as written there; `database_url()` says which one is used. Channels: names, "" for none."""

    database_url: str = field(default="sqlite:///crisis-monitor.db", repr=False)
    queue: str = "local"
    web: WebSettings = WebSettings()
    polling: PollingSettings = PollingSettings()
    evaluate_every: timedelta = timedelta(seconds=15)
    retention: timedelta = timedelta(days=400)
    fallback_channel: str = ""
    ops_channel: str = ""
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    drill_channel: str = ""
    public_url: str = ""
    slack: SlackAppSettings = SlackAppSettings()
    log_level: str = "info"


def monitor(file: MonitorFile, directory: Path, environ: Mapping[str, str]) -> MonitorSettings:
    """Return the settings of the daemon."""
    return MonitorSettings(
        database_url=file.database_url,
        queue=file.queue,
        web=WebSettings(**file.web.model_dump()),
        polling=PollingSettings(**file.polling.model_dump()),
        evaluate_every=file.evaluate_every,
        retention=file.retention,
        fallback_channel=file.fallback_channel,
        ops_channel=file.ops_channel,
        heartbeat=HeartbeatSettings(**file.heartbeat.model_dump()),
        drill_channel=file.drill_channel,
        public_url=file.public_url.rstrip("/"),
        slack=slack_app(file.slack, directory, environ),
        log_level=file.log_level,
    )


def slack_app(entry: SlackAppEntry, directory: Path, environ: Mapping[str, str]) -> SlackAppSettings:
    """Return the app behind the buttons. Raises OSError and UnicodeDecodeError for the file of its token."""
    if entry.app_token_file:
        token = (directory / entry.app_token_file).read_text(encoding="utf-8").strip()
    else:
        token = environ.get(entry.app_token_env or "", "").strip()
    return SlackAppSettings(
        app_token=token, allowed_users=tuple(entry.allowed_users), allowed_teams=tuple(entry.allowed_teams)
    )


def feeds(file: FeedsFile) -> tuple[Feed, ...]:
    """Return the feeds in file order; what a feed leaves out is taken from `defaults`."""
    return tuple(
        Feed(
            id=entry.id,
            url=entry.url,
            outlet=entry.outlet,
            owner=entry.owner or fold(entry.outlet),
            country=entry.country,
            allow_private=entry.allow_private,
            **_feed_knobs(file.defaults, entry),
        )
        for entry in file.feeds
    )


def _feed_knobs(defaults: FeedDefaults, entry: FeedDefaults) -> dict[str, Any]:
    chosen = {
        name: getattr(entry if name in entry.model_fields_set else defaults, name) for name in FeedDefaults.model_fields
    }
    return chosen | {"kind": FeedKind(chosen["kind"])}


def rules(file: RulesFile) -> tuple[Rule, ...]:
    """Return the rules in file order; what a rule leaves out is taken from `defaults`."""
    return tuple(rule(entry, file.defaults) for entry in file.rules)


def rule(entry: RuleEntry, defaults: RuleDefaults) -> Rule:
    """Return one rule with its defaults filled in."""
    chosen = {
        name: getattr(entry if name in entry.model_fields_set else defaults, name) for name in RuleDefaults.model_fields
    }
    wanted = chosen.pop("situations")
    levels = {level: getattr(entry.levels, level.value) for level in Level}
    return Rule(
        name=entry.name,
        signal=entry.signal,
        levels={level: Conditions(**asked.model_dump()) for level, asked in levels.items() if asked is not None},
        situations=tuple(wanted) if isinstance(wanted, list) else (),
        exclude=tuple(wanted.not_) if isinstance(wanted, NotSituations) else (),
        **chosen | {"notify": tuple(dict.fromkeys(chosen["notify"]))},
    )


def channels(file: RulesFile, directory: Path, environ: Mapping[str, str]) -> dict[str, Channel]:
    """Return the channels by name, each with its token where there is one."""
    return {name: _channel(name, entry, directory, environ) for name, entry in file.channels.items()}


def _channel(name: str, entry: ChannelEntry, directory: Path, environ: Mapping[str, str]) -> Channel:
    return Channel(
        name=name,
        kind="slack" if entry.slack else "console",
        target=entry.slack.channel if entry.slack else "",
        token=token(entry, directory, environ),
        min_level=Level(entry.min_level),
        budget_per_day=entry.budget_per_day,
        fallback=entry.fallback,
        attention=_attention(entry),
    )


def _attention(entry: ChannelEntry) -> Attention:
    quiet = entry.quiet_hours
    return Attention(
        time_zone=entry.time_zone,
        quiet=QuietHours(start=quiet.start, end=quiet.end) if quiet else None,
        digest=entry.digest,
        handover=tuple(sorted(set(entry.handover))),
        weekly=entry.weekly,
        remind_after=entry.remind_after,
        remind_times=entry.remind_times,
        escalate_to=entry.escalate_to,
        storm=entry.storm,
    )


def token(entry: ChannelEntry, directory: Path, environ: Mapping[str, str]) -> str:
    """Return the token of a channel, "" where its variable is not set. Raises OSError and UnicodeDecodeError for its file."""
    if entry.slack is None:
        return ""
    if entry.slack.token_file:
        return (directory / entry.slack.token_file).read_text(encoding="utf-8").strip()
    return environ.get(entry.slack.token_env or "", "").strip()


def outlets(file: OutletsFile) -> Outlets:
    """Return what is known of outlets."""
    return Outlets(
        {
            name: Outlet(
                name=name,
                owner=entry.owner or "",
                weight=entry.weight,
                aliases=tuple(entry.aliases),
                state_of=entry.state_of or "",
                agency=entry.agency,
            )
            for name, entry in file.outlets.items()
        }
    )


def actors(file: SituationsFile) -> tuple[Actor, ...]:
    """Return the actors in file order."""
    return tuple(
        Actor(code=code, names=tuple(entry.names), kind=entry.kind, members=tuple(entry.members), of=entry.of or "")
        for code, entry in file.actors.items()
    )


def situations(file: SituationsFile) -> tuple[NamedSituation, ...]:
    """Return the named situations in file order."""
    return tuple(
        NamedSituation(key=key, name=entry.name, aliases=tuple(entry.aliases), merge=tuple(entry.merge))
        for key, entry in file.situations.items()
    )


def database_address(written: str, data_dir: Path, environ: Mapping[str, str]) -> str:
    """Return the database to use: the environment's, else the written one, a relative SQLite path taken from `data_dir`."""
    address = environ.get("CRISIS_MONITOR_DATABASE_URL") or written
    url = make_url(address)
    path = url.database or ""
    if (
        url.get_backend_name() != "sqlite"
        or path in {"", ":memory:"}
        or path.startswith("file:")
        or Path(path).is_absolute()
    ):
        return address
    return url.set(database=str(data_dir / path)).render_as_string(hide_password=False)
