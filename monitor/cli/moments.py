"""`why SITUATION --at WHEN`: every rule's standing on a situation at a past moment, put into lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from monitor.adapters.storage import SqlUnit
from monitor.adapters.storage_history import HistoryFilter
from monitor.config import Config
from monitor.core.alerts import Rule
from monitor.core.evidence import RETAINED
from monitor.core.moment import LATE, Moment, Record, Seen, look
from monitor.core.records import iso
from monitor.core.simulate import covers
from monitor.core.situations import display_name, situation_key
from monitor.core.wording import SIGNAL_NAMES

_KEY = re.compile(r"[A-Z][A-Z0-9_]+(-[A-Z][A-Z0-9_]+)?")
SHOWN = 10


def is_key(text: str) -> bool:
    """Say whether `text` has the form of a situation key, such as MLI or RUS-UKR."""
    return _KEY.fullmatch(text) is not None


def situation_lines(unit: SqlUnit, config: Config, key: str, at: datetime) -> list[str]:
    """Return how every rule stood on a situation at `at`; nothing where nothing on it is stored up to a day later."""
    situation = situation_key(key.split("-"), config.registry)
    rules = [rule for rule in config.rules if rule.enabled and covers(rule, situation)]
    records = {signal: record_of(unit, signal, situation, at) for signal in dict.fromkeys(r.signal for r in rules)}
    if not any(record.decisions or record.alerts for record in records.values()):
        return []
    folded = f" ({key} is part of it)" if set(situation.split("-")) != set(key.split("-")) else ""
    lines = [f"{display_name(situation, config.registry)} ({situation}){folded} at {iso(at)}"]
    for rule in rules:
        lines += _moment_lines(look(rule, records[rule.signal], at), config.hash)
    return lines


def record_of(unit: SqlUnit, signal: str, situation: str, at: datetime) -> Record:
    """Read all that is stored on (signal, situation) around `at`."""
    decisions = unit.decisions_on(signal, situation, at - RETAINED, at + LATE)
    ids = sorted({decision.article_id for decision in decisions if decision.article_id})
    alerts = unit.history(HistoryFilter(signal=signal, situation=situation, limit=None))
    return Record(
        signal=signal,
        situation=situation,
        decisions=decisions,
        articles=unit.articles(ids),
        alerts=[(alert, unit.events(alert.id)) for alert in alerts if alert.opened_at <= at],
        history_since=unit.history_since(),
    )


def _moment_lines(moment: Moment, config_hash: str) -> list[str]:
    rule = moment.rule
    lines = [
        f"rule {rule.name} ({SIGNAL_NAMES[rule.signal]})",
        f"  verdict   {moment.verdict()}",
        *(f"  level     {level.value}: {text}" for level, text in moment.levels()),
    ]
    if moment.last:
        last = moment.last
        other = "" if last.config_hash == config_hash else "; the limits above are those of the present configuration"
        lines.append(
            f"  decided   {iso(last.at)} {last.outcome.value}: {last.reason} [config {last.config_hash}, model {last.model}{other}]"
        )
    counted = [seen for seen in moment.seen if seen.counted]
    return [
        *lines,
        *_seen_lines("counted  ", counted, rule),
        *_seen_lines("uncounted", [s for s in moment.seen if not s.counted], rule),
    ]


def _seen_lines(word: str, seen: Sequence[Seen], rule: Rule) -> list[str]:
    lines = [
        f"  {word} {iso(each.at)} {each.article.outlet}: {each.article.title} (score {each.score:.2f}, weight {each.article.weight:g},"
        f" origin {each.article.origin}): {each.why}"
        for each in seen[:SHOWN]
    ]
    more = len(seen) - SHOWN
    return [*lines, f"  {word} and {more} more of rule {rule.name}'s window"] if more > 0 else lines
