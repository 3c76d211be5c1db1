"""Reading a configuration directory: all of it or nothing, with every problem at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from monitor.config import build
from monitor.config.checks import cross_check
from monitor.config.explain import known_files
from monitor.config.files import FeedsFile, MonitorFile, OutletsFile, RulesFile, SituationsFile
from monitor.config.sources import Sources, fingerprint, read_sources
from monitor.core.alerts import Rule
from monitor.core.errors import ConfigError, Problem
from monitor.core.messages import Channel
from monitor.core.model import Feed
from monitor.core.outlets import Outlets
from monitor.core.situations import Registry

SLACK_API_URL = "https://slack.com/api/"


@dataclass(frozen=True, kw_only=True, repr=False)
class Config:
    """Everything the configuration directory says, checked. hash: of all effective content but secrets."""

    directory: Path
    hash: str
    feeds: tuple[Feed, ...]
    rules: tuple[Rule, ...]
    channels: Mapping[str, Channel]
    outlets: Outlets
    registry: Registry
    monitor: build.MonitorSettings
    slack_api_url: str = SLACK_API_URL

    def __repr__(self) -> str:
        channels = ", ".join(
            f"{channel.name}: {channel.kind} {channel.target} token=***" for channel in self.channels.values()
        )
        return f"Config({self.directory}, hash={self.hash}, {len(self.feeds)} feeds, {len(self.rules)} rules, channels=[{channels}])"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reloaded:
    """What a look at the directory brought: the configuration to go on with, and why a new one was not taken."""

    config: Config
    fingerprint: str
    changed: bool = False
    problems: tuple[Problem, ...] = ()


def load(directory: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration in force. Raises ConfigError with all problems of all files."""
    sources = read_sources(directory)
    problems = _problems(sources, environ)
    if problems:
        raise ConfigError(problems)
    rules = cast(RulesFile, sources.files["rules.yaml"])
    situations = cast(SituationsFile, sources.files["situations.yaml"])
    return Config(
        directory=directory,
        hash=_hash(sources),
        feeds=build.feeds(cast(FeedsFile, sources.files["feeds.yaml"])),
        rules=build.rules(rules),
        channels=build.channels(rules, sources.folders["rules.yaml"], environ),
        outlets=build.outlets(cast(OutletsFile, sources.files["outlets.yaml"])),
        registry=Registry(
            actors={actor.code: actor for actor in build.actors(situations)},
            situations={named.key: named for named in build.situations(situations)},
        ),
        monitor=build.monitor(
            cast(MonitorFile, sources.files["monitor.yaml"]), sources.folders["monitor.yaml"], environ
        ),
        slack_api_url=environ.get("SLACK_API_URL", "").strip() or SLACK_API_URL,
    )


def check(directory: Path, environ: Mapping[str, str]) -> list[Problem]:
    """Return all that is wrong, in file order; the same checks as at start."""
    return _problems(read_sources(directory), environ)


def reload(current: Config, seen: str, environ: Mapping[str, str]) -> Reloaded:
    """Look at the directory again: a good edit is taken whole, a bad one is reported and changes nothing.

    seen: fingerprint of the last look. `changed` says whether the files differ from then.
    """
    found = fingerprint(current.directory)
    if found == seen:
        return Reloaded(config=current, fingerprint=found)
    try:
        return Reloaded(config=load(current.directory, environ), fingerprint=found, changed=True)
    except ConfigError as error:
        return Reloaded(config=current, fingerprint=found, changed=True, problems=error.problems)


def database_url(config: Config, data_dir: Path, environ: Mapping[str, str]) -> str:
    """Return the database to use: CRISIS_MONITOR_DATABASE_URL, else the written one; a relative SQLite path is under `data_dir`."""
    return build.database_address(config.monitor.database_url, data_dir, environ)


def _problems(sources: Sources, environ: Mapping[str, str]) -> list[Problem]:
    found = [problem for document in sources.documents.values() for problem in document.problems]
    found += cross_check(sources, environ)
    order = {document.file: index for index, document in enumerate(sources.documents.values())}
    unique = dict.fromkeys(sorted(found, key=lambda problem: (order[problem.file], problem.line)))
    return [*sources.stray, *unique, *_slack_address(environ)]


def _slack_address(environ: Mapping[str, str]) -> list[Problem]:
    address = environ.get("SLACK_API_URL", "").strip()
    if not address or address.startswith(("http://", "https://")):
        return []
    return [
        Problem(file="SLACK_API_URL", line=0, path="", message="is no http or https address: write one, or unset it")
    ]


def _hash(sources: Sources) -> str:
    content = {name: sources.files[name].model_dump(mode="json", by_alias=True) for name in known_files()}
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=6).hexdigest()
