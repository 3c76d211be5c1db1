"""What people on watch may do, who may do it, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.core.alerts import Verdict
from monitor.core.desk import ActKind, Person

SNOOZE = timedelta(hours=4)
SILENCE = timedelta(hours=24)
VERDICTS = {ActKind.TRUE: "true", ActKind.FALSE_ALARM: "false", ActKind.UNSURE: "unsure"}
VERDICT_WORDS = {"true": "a true alarm", "false": "a false alarm", "unsure": "unsure"}
VERDICT_EVENT = "verdict"
_LONGEST_NAME = 80
_SLACK_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_ID = re.compile(r" \([UW][A-Z0-9]+\)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Permit:
    """Who may act. teams: ids of workspaces. users: ids of people, empty for everybody there. own: ids of the app's own users."""

    teams: frozenset[str]
    users: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


def refusal(person: Person, permit: Permit) -> str:
    """Return why `person` may not act and what would change that, "" where they may. Fails closed."""
    if not _SLACK_PERSON.fullmatch(person.id) or person.id == "USLACKBOT" or person.id in permit.own:
        return "only people may do this, not apps"
    teams = set(person.team.split())
    if not teams or not teams <= permit.teams:
        return "your workspace may not act on alerts; whoever runs the monitor can list it as slack.allowed_teams in monitor.yaml"
    if permit.users and person.id not in permit.users:
        return "you are not among those who may act on alerts; whoever runs the monitor can list you as slack.allowed_users in monitor.yaml"
    return ""


def who(person: Person) -> str:
    """Return a person as stored: name and id, so that two of one name are told apart."""
    return f"{shown(person)} ({person.id})" if _SLACK_PERSON.fullmatch(person.id) else shown(person)


def shown(person: Person) -> str:
    """Return a person's name for people: one line, never empty, never long."""
    name = " ".join(person.name.split())[:_LONGEST_NAME]
    return name or person.id or "somebody"


def name_of(by: str) -> str:
    """Return the name of whom `who` stored."""
    return _ID.sub("", by)


def current(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that count, in order: of one person on one alert or article the latest; misses all count."""
    kept: dict[object, Verdict] = {}
    for number, verdict in enumerate(verdicts):
        about = verdict.alert_id or ("" if verdict.verdict == "missed" else verdict.article_id)
        key = (about, verdict.by) if about and verdict.by else number
        kept.pop(key, None)
        kept[key] = verdict
    return list(kept.values())


def verdict_line(verdict: Verdict) -> str:
    """Return one verdict in one line."""
    note = f": {verdict.note}" if verdict.note else ""
    return f"marked {VERDICT_WORDS.get(verdict.verdict, verdict.verdict)} by {name_of(verdict.by)}{note}"


def verdicts_line(verdicts: Sequence[Verdict]) -> str:
    """Return who says what of an alert, "" where nobody has said anything."""
    told = []
    for word, words in VERDICT_WORDS.items():
        names = [name_of(verdict.by) for verdict in current(verdicts) if verdict.verdict == word]
        if names:
            told.append(f"marked {words} by {', '.join(names)}")
    return "; ".join(told)
