"""Queries behind the alert history: filters, keyset paging, looking an article up by id or address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from monitor.adapters import rows, schema
from monitor.adapters.storage_articles import Queries
from monitor.core.alerts import Alert, Decision, Level, Verdict
from monitor.core.history import HistoryFilter
from monitor.core.identity import normalise_url
from monitor.core.model import Article

_PLAIN = re.compile(r"[A-Za-z0-9]+")
__all__ = ["HistoryFilter", "HistoryQueries"]


def _like(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")


class HistoryQueries(Queries):
    """Alerts by filter; articles by id or address."""

    def history(self, wanted: HistoryFilter) -> list[Alert]:
        """Return alerts that pass the filter, newest first."""
        table = schema.alerts
        query = sa.select(table).where(*self._conditions(wanted)).order_by(table.c.opened_at.desc(), table.c.id.desc())
        return [rows.alert(row) for row in self._all(query.limit(wanted.limit))]

    def _conditions(self, wanted: HistoryFilter) -> list[sa.ColumnElement[bool]]:
        table = schema.alerts
        asked: list[sa.ColumnElement[bool]] = []
        if wanted.since:
            asked.append(table.c.opened_at >= wanted.since)
        if wanted.until:
            asked.append(table.c.opened_at < wanted.until)
        equal = ("signal", "state", "rule")
        asked.extend(table.c[name] == value for name in equal if (value := getattr(wanted, name)))
        if wanted.situation:
            asked.append(_situation_is(wanted.situation))
        if wanted.level:
            asked.append(table.c.highest.in_([level.value for level in Level if level.rank >= wanted.level.rank]))
        if wanted.text:
            asked.append(_mentions(wanted.text))
        if wanted.before:
            moment, alert_id = wanted.before
            earlier = sa.and_(table.c.opened_at == moment, table.c.id < alert_id)
            asked.append(sa.or_(table.c.opened_at < moment, earlier))
        return asked

    def find_articles(self, id_or_url: str) -> list[Article]:
        """Return articles with this id, or whose address is the same but for tracking and the like, newest first."""
        table = schema.articles
        by_id = self._all(sa.select(table).where(table.c.id == id_or_url))
        if by_id:
            return [rows.article(row) for row in by_id]
        wanted = normalise_url(id_or_url)
        if not wanted:
            return []
        # Stored addresses may be percent-encoded where `wanted` is not: only plain letters and digits are looked for in SQL.
        host, *rest = wanted.split("?", maxsplit=1)[0].split("/")
        plain = max(_PLAIN.findall(rest[-1] if rest else ""), key=len, default="")
        like = [table.c.url.like(f"%{_like(part)}%", escape="\\") for part in (host, plain)]
        query = sa.select(table).where(*like).order_by(table.c.seen_at.desc())
        return [article for article in map(rows.article, self._all(query)) if normalise_url(article.url) == wanted]

    def near_misses(self, since: datetime, limit: int) -> list[Decision]:
        """Return the strongest article decisions since a moment that alerted nobody, highest score first."""
        table = schema.decisions
        silent = (
            "below_min_probability",
            "below_threshold",
            "no_situation",
            "no_rule",
            "too_old",
            "first_poll_undated",
        )
        query = sa.select(table).where(table.c.at >= since, table.c.article_id != "", table.c.outcome.in_(silent))
        return [rows.decision(row) for row in self._all(query.order_by(table.c.score.desc(), table.c.id).limit(limit))]

    def add_verdict(self, verdict: Verdict) -> None:
        """Keep what a person said."""
        self.connection.execute(schema.verdicts.insert(), {name: getattr(verdict, name) for name in Verdict.__slots__})

    def verdicts(self) -> list[Verdict]:
        """Return all that people said, oldest first."""
        table = schema.verdicts
        return [_verdict(row) for row in self._all(sa.select(table).order_by(table.c.id))]

    def verdicts_of(self, alert_id: str) -> list[Verdict]:
        """Return all that people said of one alert, oldest first."""
        table = schema.verdicts
        query = sa.select(table).where(table.c.alert_id == alert_id).order_by(table.c.id)
        return [_verdict(row) for row in self._all(query)]


def _verdict(row: sa.RowMapping) -> Verdict:
    return Verdict(**{name: row[name] for name in Verdict.__slots__})


def _situation_is(pattern: str) -> sa.ColumnElement[bool]:
    column = schema.alerts.c.situation
    if "*" not in pattern and "?" not in pattern:
        return column == pattern
    sides: Sequence[str] = (pattern, "-".join(reversed(pattern.split("-"))))
    return sa.or_(*(column.like(_like(side), escape="\\") for side in sides))


def _mentions(text: str) -> sa.ColumnElement[bool]:
    alerts, shown = schema.alerts, schema.alert_articles
    wanted = f"%{_like(text.lower())}%"
    titles = sa.select(shown.c.alert_id).where(sa.func.lower(shown.c.title).like(wanted, escape="\\"))
    columns = (alerts.c.situation, alerts.c.rule, alerts.c.signal)
    return sa.or_(alerts.c.id.in_(titles), *(sa.func.lower(column).like(wanted, escape="\\") for column in columns))
