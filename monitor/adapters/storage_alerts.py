"""Queries on alerts, their events and articles, and on decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from monitor.adapters import rows, schema
from monitor.adapters.storage_articles import Queries
from monitor.core.alerts import Alert, AlertState, Decision, Event
from monitor.core.ports import AlertArticle


class AlertQueries(Queries):
    """Alerts, events, evidence, decisions."""

    def last_alert(self, rule: str, situation: str) -> Alert | None:
        """Return the latest episode of (rule, situation), open or resolved."""
        table = schema.alerts
        query = sa.select(table).where(table.c.rule == rule, table.c.situation == situation)
        return self._one_alert(query.order_by(table.c.opened_at.desc(), table.c.id).limit(1))

    def open_alerts(self) -> list[Alert]:
        """Return all open alerts, oldest first."""
        table = schema.alerts
        query = sa.select(table).where(table.c.state == AlertState.OPEN.value).order_by(table.c.opened_at, table.c.id)
        return [rows.alert(row) for row in self._all(self._held(query))]

    def alert(self, alert_id: str) -> Alert | None:
        """Return one alert."""
        return self._one_alert(sa.select(schema.alerts).where(schema.alerts.c.id == alert_id))

    def _one_alert(self, query: sa.Select[tuple[object, ...]]) -> Alert | None:
        found = self._all(self._held(query))
        return rows.alert(found[0]) if found else None

    def _held(self, query: sa.Select[tuple[object, ...]]) -> sa.Select[tuple[object, ...]]:
        """Lock what a writing transaction reads, so that nobody's acknowledgement is overwritten; SQLite locks as a whole anyway."""
        return query.with_for_update() if self.connection.info.get("writing") else query

    def earlier_alerts(self, alert: Alert, limit: int) -> list[Alert]:
        """Return previous episodes of the alert's signal and situation, newest first."""
        table = schema.alerts
        same = sa.and_(
            table.c.signal == alert.signal, table.c.situation == alert.situation, table.c.opened_at < alert.opened_at
        )
        query = sa.select(table).where(same).order_by(table.c.opened_at.desc(), table.c.id).limit(limit)
        return [rows.alert(row) for row in self._all(query)]

    def save_alert(self, alert: Alert) -> None:
        """Insert or replace one alert."""
        self._upsert(schema.alerts, rows.alert_row(alert), ["id"])

    def claim(self, alert_id: str, name: str, at: datetime) -> bool:
        """Note who acknowledges an alert, unless somebody has; return whether it was free. Of two at once one is told so."""
        table = schema.alerts
        free = (table.c.id == alert_id, table.c.acknowledged_by == "")
        change = table.update().where(*free).values(acknowledged_by=name, acknowledged_at=at)
        return self.connection.execute(change.returning(table.c.id)).first() is not None

    def add_event(self, event: Event) -> None:
        """Append a transition."""
        self.connection.execute(schema.events.insert(), rows.event_row(event))

    def events(self, alert_id: str) -> list[Event]:
        """Return an alert's transitions in order."""
        table = schema.events
        return [
            rows.event(row)
            for row in self._all(sa.select(table).where(table.c.alert_id == alert_id).order_by(table.c.id))
        ]

    def events_since(self, since: datetime) -> list[Event]:
        """Return the transitions of all alerts since a moment, in order."""
        table = schema.events
        query = sa.select(table).where(table.c.at >= since).order_by(table.c.id)
        return [rows.event(row) for row in self._all(query)]

    def add_alert_articles(self, alert_id: str, articles: Sequence[AlertArticle]) -> None:
        """Add to what an alert rests on; an article that is there already is replaced."""
        for article in articles:
            row = {name: getattr(article, name) for name in AlertArticle.__slots__}
            self._upsert(schema.alert_articles, {"alert_id": alert_id, **row}, ["alert_id", "article_id"])

    def alert_articles(self, alert_id: str) -> list[AlertArticle]:
        """Return what an alert rests on, in order of time."""
        table = schema.alert_articles
        query = sa.select(table).where(table.c.alert_id == alert_id).order_by(table.c.at, table.c.article_id)
        return [rows.alert_article(row) for row in self._all(query)]

    def alerts_of_article(self, article_id: str) -> list[str]:
        """Return the ids of the alerts that rest on an article."""
        table = schema.alert_articles
        query = sa.select(table.c.alert_id).where(table.c.article_id == article_id).order_by(table.c.alert_id)
        return [row["alert_id"] for row in self._all(query)]

    def add_decisions(self, decisions: Sequence[Decision]) -> None:
        """Append decisions."""
        if decisions:
            self.connection.execute(schema.decisions.insert(), [rows.decision_row(decision) for decision in decisions])

    def decisions_of_article(self, article_id: str) -> list[Decision]:
        """Return what was decided about an article, in order."""
        table = schema.decisions
        return [
            rows.decision(row)
            for row in self._all(sa.select(table).where(table.c.article_id == article_id).order_by(table.c.id))
        ]

    def decisions_of_alert(self, alert_id: str) -> list[Decision]:
        """Return what was decided about an alert, in order."""
        table = schema.decisions
        return [
            rows.decision(row)
            for row in self._all(sa.select(table).where(table.c.alert_id == alert_id).order_by(table.c.id))
        ]

    def decisions_on(self, signal: str, situation: str, since: datetime, until: datetime) -> list[Decision]:
        """Return what was decided on (signal, situation) from `since` to `until`, both included, in order."""
        table = schema.decisions
        query = sa.select(table).where(table.c.signal == signal, table.c.situation == situation)
        query = query.where(table.c.at >= since, table.c.at <= until).order_by(table.c.at, table.c.id)
        return [rows.decision(row) for row in self._all(query)]
