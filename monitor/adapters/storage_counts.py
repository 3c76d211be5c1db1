"""Counts over whole tables, for health, metrics and coverage."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from classifiers.drift import EDGES, Spread
from monitor.adapters import schema
from monitor.adapters.storage_articles import Queries

SCORE_STEPS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_UNREAD_NEEDS = 3  # items; fewer tell nothing about a feed's language


class CountQueries(Queries):
    """How many of what."""

    def unread_feeds(self, since: datetime) -> frozenset[str]:
        """Return the ids of feeds most of whose items since then are in languages the model does not read."""
        table = schema.articles
        unread = sa.func.sum(sa.case((table.c.unread, 1), else_=0))
        query = (
            sa.select(table.c.feed_id)
            .where(table.c.seen_at >= since)
            .group_by(table.c.feed_id)
            .having(sa.func.count() >= _UNREAD_NEEDS, unread * 2 > sa.func.count())
        )
        return frozenset(row["feed_id"] for row in self._all(query))

    def count_alerts(self) -> dict[tuple[str, str], int]:
        """Return the number of alerts by (highest level, state)."""
        return self._counted(schema.alerts.c.highest, schema.alerts.c.state)

    def count_notifications(self) -> dict[tuple[str, str], int]:
        """Return the number of deliveries by (channel, state)."""
        return self._counted(schema.notifications.c.channel, schema.notifications.c.state)

    def _counted(self, *columns: sa.Column[Any]) -> dict[tuple[str, str], int]:
        query = sa.select(*columns, sa.func.count().label("number")).group_by(*columns)
        return {(row[columns[0].name], row[columns[1].name]): row["number"] for row in self._all(query)}

    def count_articles(self) -> int:
        """Return the number of stored articles."""
        return int(self.connection.execute(sa.select(sa.func.count()).select_from(schema.articles)).scalar_one())

    def score_histogram(self, since: datetime) -> dict[str, list[tuple[float, int]]]:
        """Return, per language, how many read articles since then score at most each of `SCORE_STEPS` on their strongest signal."""
        table = schema.articles
        sums = [
            sa.func.sum(sa.case((table.c.top_score <= step, 1), else_=0)).label(f"to{number}")
            for number, step in enumerate(SCORE_STEPS)
        ]
        query = sa.select(table.c.language, *sums).where(table.c.seen_at >= since, table.c.unread.is_(False))
        return {
            row["language"]: [(step, int(row[f"to{number}"])) for number, step in enumerate(SCORE_STEPS)]
            for row in self._all(query.group_by(table.c.language))
        }

    def score_spreads(self, since: datetime, until: datetime) -> dict[tuple[str, str], Spread]:
        """Return how the strongest signals' scores of read articles are spread, by (language, feed id); `until` excluded."""
        table = schema.articles
        below = [
            sa.func.sum(sa.case((table.c.top_score < edge, 1), else_=0)).label(f"below{number}")
            for number, edge in enumerate(EDGES[1:-1])
        ]
        seen = [table.c.seen_at >= since, table.c.seen_at < until, table.c.unread.is_(False)]
        query = sa.select(
            table.c.language,
            table.c.feed_id,
            sa.func.count().label("all"),
            sa.func.avg(table.c.top_score).label("mean"),
            *below,
        )
        spreads = {}
        for row in self._all(query.where(*seen).group_by(table.c.language, table.c.feed_id)):
            steps = [0, *(int(row[f"below{number}"]) for number in range(len(below))), int(row["all"])]
            counts = tuple(high - low for low, high in pairwise(steps))
            spreads[row["language"], row["feed_id"]] = Spread(counts=counts, mean=float(row["mean"]))
        return spreads
