"""What no single value can tell: references between entries and files, and values that must fit one another."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from monitor.config import build, check_situations
from monitor.config.files import (
    ChannelEntry,
    FeedEntry,
    FeedsFile,
    LevelsEntry,
    MonitorFile,
    OutletEntry,
    OutletsFile,
    RuleEntry,
    RulesFile,
)
from monitor.config.sources import Sources
from monitor.config.strict_yaml import Path_, shown
from monitor.config.values import is_public_literal, nearest, parse_duration
from monitor.core.errors import Problem
from monitor.core.identity import fold

Finding = tuple[str, Path_, str]


def cross_check(sources: Sources, environ: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong across values, entries and files."""
    findings = itertools.chain(
        _monitor(sources, environ),
        _feeds(sources),
        _rules(sources),
        _channels(sources, environ),
        _outlets(sources),
        check_situations.check(sources),
    )
    return [sources.documents[name].problem(path, message) for name, path, message in findings]


def _monitor(sources: Sources, environ: Mapping[str, str]) -> Iterator[Finding]:
    name, file = "monitor.yaml", sources.files.get("monitor.yaml")
    data = sources.documents[name].data
    if isinstance(data, dict):
        for key in ("fallback_channel", "ops_channel", "drill_channel"):
            yield from _channel_reference(sources, name, (key,), data.get(key))
        if data.get("ops_channel") in _told_of_alerts(sources):
            said = (
                "is told of alerts: name a channel of its own here, so that faults and alerts do not drown each other"
            )
            yield name, ("ops_channel",), said
    if not isinstance(file, MonitorFile):
        return
    yield from ((name, ("database_url",), message) for message in database_problems(file.database_url, written=True))
    address = environ.get("CRISIS_MONITOR_DATABASE_URL", "")
    from_environment = list(database_problems(address, written=False)) if address else []
    yield from ((name, ("database_url",), f"CRISIS_MONITOR_DATABASE_URL {message}") for message in from_environment)
    yield from _app_token(file, sources.folders[name])
    if file.queue == "procrastinate" and not (address or file.database_url).startswith("postgresql"):
        yield (
            name,
            ("queue",),
            "procrastinate needs PostgreSQL: set CRISIS_MONITOR_DATABASE_URL to a postgresql+psycopg:// address, or queue: local",
        )


def _told_of_alerts(sources: Sources) -> set[str]:
    entries = [entry for _, entry in sources.entries("rules.yaml", "rules", RuleEntry)]
    file = sources.files.get("rules.yaml")
    common = file.defaults.notify if isinstance(file, RulesFile) else []
    return {name for entry in entries for name in (entry.notify or common)}


def _app_token(file: MonitorFile, folder: Path) -> Iterator[Finding]:
    name, entry = "monitor.yaml", file.slack
    if entry.app_token_file and "app_token_env" in entry.model_fields_set and entry.app_token_env:
        yield name, ("slack",), "must name its token by one of app_token_env and app_token_file, not by both"
    try:
        token = build.slack_app(entry, folder, {}).app_token if entry.app_token_file else "x"
    except (OSError, UnicodeDecodeError):
        yield (
            name,
            ("slack", "app_token_file"),
            "cannot be read: check the path, which is relative to this file, and its permissions",
        )
        return
    if not re.fullmatch(r"[\x21-\x7e]{1,1000}", token):
        yield name, ("slack", "app_token_file"), "must hold the token alone, on one line"


def database_problems(address: str, *, written: bool) -> Iterator[str]:
    """Say what is wrong with a database address, never repeating it. written: whether it stands in a file."""
    example = "write one such as sqlite:///crisis-monitor.db or postgresql+psycopg://user@host/name"
    try:
        url = make_url(address)
        backend, driver = url.get_backend_name(), url.get_driver_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        yield f"is no database address: {example}"
        return
    if backend not in {"sqlite", "postgresql"} or driver not in {"pysqlite", "psycopg"}:
        yield f"names the database {backend} with the driver {driver}, which is not supported: {example}"
    if written and (url.password is not None or "password" in url.query):
        yield "holds a password: put the whole address into CRISIS_MONITOR_DATABASE_URL, or the password into PGPASSFILE"


def _duplicates(sources: Sources, name: str, section: str, key: str, what: str) -> Iterator[Finding]:
    first: dict[str, int | str] = {}
    for step, entry in sources.section(name, section).items():
        value = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(value, str):
            continue
        if value in first:
            message = (
                f"{what} {shown(value)} is used twice (first in {section}[{first[value]}]): keep one, or change it"
            )
            yield name, (section, step, key), message
        first.setdefault(value, step)


def _feeds(sources: Sources) -> Iterator[Finding]:
    name = "feeds.yaml"
    feeds = list(sources.entries(name, "feeds", FeedEntry))
    yield from _duplicates(sources, name, "feeds", "id", "the id")
    yield from _duplicates(sources, name, "feeds", "url", "the address")
    file = sources.files.get(name)
    for path, feed in feeds:
        defaults = file.defaults if isinstance(file, FeedsFile) and "interval" not in feed.model_fields_set else feed
        if defaults.interval < parse_duration("1m") and not feed.allow_private:
            yield name, (*path, "interval"), "is shorter than 1m: publishers would block us; write 1m or more"
        if not feed.allow_private and not is_public_literal(urlsplit(feed.url).hostname or ""):
            message = "is not a public address: write allow_private: true for this feed if it is meant"
            yield name, (*path, "url"), message


def _rules(sources: Sources) -> Iterator[Finding]:
    name = "rules.yaml"
    rules = list(sources.entries(name, "rules", RuleEntry))
    yield from _duplicates(sources, name, "rules", "name", "the name")
    if not sources.section(name, "rules") and name in sources.files:
        yield name, ("rules",), "has no rules, so nothing would ever alert: write at least one"
    for path, rule in rules:
        yield from ((name, (*path, *below), message) for below, message in level_problems(rule.levels))
    data = sources.documents[name].data
    with_references: list[tuple[Path_, object]] = (
        [(("defaults",), data.get("defaults"))] if isinstance(data, dict) else []
    )
    with_references += [(("rules", step), rule) for step, rule in sources.section(name, "rules").items()]
    for path, written in with_references:
        if isinstance(written, dict):
            yield from _references(sources, path, written)


def _references(sources: Sources, path: Path_, written: dict[str, object]) -> Iterator[Finding]:
    notify = written.get("notify")
    for index, channel in enumerate(notify if isinstance(notify, list) else []):
        yield from _channel_reference(sources, "rules.yaml", (*path, "notify", index), channel)
    wanted = written.get("situations")
    below: Path_ = ("situations",)
    if isinstance(wanted, dict):
        wanted, below = wanted.get("not"), ("situations", "not")
    for index, pattern in enumerate(wanted if isinstance(wanted, list) else []):
        problem = check_situations.pattern_problem(pattern, sources) if isinstance(pattern, str) else ""
        if problem:
            yield "rules.yaml", (*path, *below, index), problem


def level_problems(levels: LevelsEntry) -> Iterator[tuple[Path_, str]]:
    """Say which levels ask for nothing, and which ask less than a lower one."""
    given = [
        (level, getattr(levels, level)) for level in LevelsEntry.model_fields if getattr(levels, level) is not None
    ]
    if not given:
        yield ("levels",), "has no level: write at least one of watch, warning, critical"
    for level, asked in given:
        if not asked.model_fields_set:
            yield ("levels", level), "asks for nothing, so it would always hold: write evidence, origins or surge"
    for (lower, less), (higher, more) in itertools.pairwise(given):
        for condition, low in less.model_dump(exclude_none=True).items():
            high = getattr(more, condition)
            if high is None:
                yield (
                    ("levels", higher, condition),
                    f"is missing although {lower} asks for {low:g}: a higher level must not ask less; write {low:g} or more",
                )
            elif high < low:
                yield (
                    ("levels", higher, condition),
                    f"{high:g} is less than the {low:g} of {lower}: a higher level must not ask less; write {low:g} or more",
                )


def _channel_reference(sources: Sources, name: str, path: Path_, channel: object) -> Iterator[Finding]:
    known = [str(key) for key in sources.section("rules.yaml", "channels")]
    readable = isinstance(sources.documents["rules.yaml"].data, dict)
    if readable and isinstance(channel, str) and channel and channel not in known:
        listed = f"; the channels are {', '.join(known)}" if known else "; rules.yaml has no channels"
        yield name, path, f'there is no channel "{channel}"{nearest(channel, known) or listed}'


def _channels(sources: Sources, environ: Mapping[str, str]) -> Iterator[Finding]:
    name = "rules.yaml"
    channels = {str(path[-1]): (path, entry) for path, entry in sources.entries(name, "channels", ChannelEntry)}
    for channel, (path, entry) in channels.items():
        if (entry.slack is None) == (entry.console is None):
            yield name, path, "must be exactly one of slack and console: write slack: {...} or console: {}"
        if entry.slack and (entry.slack.token_env is None) == (entry.slack.token_file is None):
            yield name, (*path, "slack"), "must name its token by exactly one of token_env and token_file"
        elif entry.slack and entry.slack.token_file:
            yield from (
                (name, (*path, "slack", "token_file"), text)
                for text in _token_file(entry, sources.folders[name], environ)
            )
        quiet = entry.quiet_hours
        if quiet and quiet.start == quiet.end:
            yield (
                name,
                (*path, "quiet_hours"),
                "begins and ends at the same time: write two different times, or remove it",
            )
        for key in ("fallback", "escalate_to"):
            yield from _channel_reference(sources, name, (*path, key), getattr(entry, key))
            if _leads_back(channel, key, channels):
                yield name, (*path, key), "leads back to this channel: name another one, or remove it"


def _leads_back(channel: str, key: str, channels: Mapping[str, tuple[Path_, ChannelEntry]]) -> bool:
    seen, at = {channel}, getattr(channels[channel][1], key)
    while at in channels and at not in seen:
        seen.add(at)
        at = getattr(channels[at][1], key)
    return bool(at == channel)


def _token_file(entry: ChannelEntry, folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    try:
        token = build.token(entry, folder, environ)
    except OSError as exc:
        yield f"cannot be read ({exc.strerror}): check the path, which is relative to this file, and its permissions"
    except UnicodeDecodeError:
        yield "does not hold text: it must hold the token alone"
    else:
        if not re.fullmatch(r"[\x21-\x7e]{1,1000}", token):
            yield "must hold the token alone, on one line"


def _outlets(sources: Sources) -> Iterator[Finding]:
    name = "outlets.yaml"
    if not isinstance(sources.files.get(name), OutletsFile):
        return
    names: dict[str, str] = {}
    for path, entry in sources.entries(name, "outlets", OutletEntry):
        outlet = str(path[-1])
        written = [(path, outlet), *(((*path, "aliases", index), alias) for index, alias in enumerate(entry.aliases))]
        for place, text in written:
            if not fold(text):
                yield name, place, "has no letters or digits: an outlet could not be found by it"
            elif names.setdefault(fold(text), outlet) != outlet:
                yield name, place, f"{text!r} already stands for {names[fold(text)]!r}: keep one of them"
