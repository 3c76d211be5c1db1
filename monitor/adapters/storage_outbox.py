"""Queries on the outbox, the living messages, the lease that lets one daemon work, and small facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from monitor.adapters import rows, schema
from monitor.adapters.storage_articles import Queries
from monitor.core.alerts import Level
from monitor.core.messages import DeliveryState, Notification, PostedMessage

_UNFINISHED = (DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNKNOWN.value)


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    table = schema.notifications
    free = sa.or_(table.c.state != DeliveryState.SENDING.value, table.c.lease_until <= now)
    return (table.c.state.in_(_UNFINISHED), table.c.not_before <= now, free)


class OutboxQueries(Queries):
    """Notifications, messages, leases, facts."""

    def add_notification(self, notification: Notification) -> None:
        """Queue a delivery; the same key is queued once."""
        statement = self._insert(schema.notifications).values(**rows.notification_row(notification))
        self.connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))

    def due_notifications(self, now: datetime, limit: int, channels: Sequence[str] | None = None) -> list[Notification]:
        """Return what may be attempted at `now`, in some channels or all: severity first, then age; pictures last.

        A lease that still runs is left alone.
        """
        table = schema.notifications
        level = {"critical": 0, "warning": 1}
        rank = sa.case((table.c.kind == "chart", 3), else_=sa.case(level, value=table.c.level, else_=2))
        query = sa.select(table).where(*_due(now))
        if channels is not None:
            query = query.where(table.c.channel.in_(channels))
        return [rows.notification(row) for row in self._all(query.order_by(rank, table.c.id).limit(limit))]

    def due_channels(self, now: datetime) -> list[str]:
        """Return the channels in which something may be attempted at `now`."""
        channel = schema.notifications.c.channel
        return [row["channel"] for row in self._all(sa.select(channel).where(*_due(now)).distinct().order_by(channel))]

    def unfinished_notifications(self) -> list[Notification]:
        """Return everything not yet sent nor given up, oldest first."""
        table = schema.notifications
        query = sa.select(table).where(table.c.state.in_(_UNFINISHED)).order_by(table.c.id)
        return [rows.notification(row) for row in self._all(query)]

    def notifications_of(self, subject: str) -> list[Notification]:
        """Return all deliveries of an alert or notice, oldest first."""
        table = schema.notifications
        query = sa.select(table).where(table.c.subject == subject).order_by(table.c.id)
        return [rows.notification(row) for row in self._all(query)]

    def save_notification(self, notification: Notification) -> None:
        """Store what became of a delivery."""
        table = schema.notifications
        values = rows.notification_row(notification)
        self.connection.execute(table.update().where(table.c.id == notification.id).values(**values))

    def message(self, subject: str, channel: str) -> PostedMessage | None:
        """Return the living message of an alert or notice in a channel."""
        table = schema.messages
        found = self._all(sa.select(table).where(table.c.subject == subject, table.c.channel == channel))
        return PostedMessage(**found[0]) if found else None

    def save_message(self, message: PostedMessage) -> None:
        """Remember where a living message stands."""
        row = {name: getattr(message, name) for name in PostedMessage.__slots__}
        self._upsert(schema.messages, row, ["subject", "channel"])

    def sent_since(self, channel: str, since: datetime) -> int:
        """Return how many first posts of alerts below critical a channel got since a moment."""
        table = schema.notifications
        where = (
            table.c.channel == channel,
            table.c.kind == "post",
            table.c.state == DeliveryState.SENT.value,
            table.c.sent_at >= since,
            table.c.level != Level.CRITICAL.value,
            table.c.subject.like("al-%"),
        )
        return int(self.connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

    def last_sent(self, channel: str) -> datetime | None:
        """Return when a channel last got anything."""
        table = schema.notifications
        query = sa.select(table.c.sent_at).where(
            table.c.channel == channel, table.c.state == DeliveryState.SENT.value, table.c.sent_at.is_not(None)
        )
        found = self._all(query.order_by(table.c.sent_at.desc()).limit(1))
        return found[0]["sent_at"] if found else None

    def dead_notifications(self, since: datetime) -> list[Notification]:
        """Return deliveries given up since a moment, oldest first."""
        table = schema.notifications
        query = (
            sa.select(table)
            .where(
                table.c.state == DeliveryState.DEAD.value,
                sa.func.coalesce(table.c.attempted_at, table.c.created_at) >= since,
            )
            .order_by(table.c.id)
        )
        return [rows.notification(row) for row in self._all(query)]

    def take_lease(self, name: str, holder: str, now: datetime, length: timedelta, *, dead: str = "") -> int | None:
        """Take or renew the lease `name`; return its fencing token, None while another holds it.

        dead: a holder known to have died, whose lease need not be waited for. The token rises by one each time the lease changes
        hands, so that a holder that slept past its lease can be told apart.
        """
        table = schema.leases
        first = self._insert(table).values(name=name, holder="", token=0, until=now - length)
        self.connection.execute(first.on_conflict_do_nothing(index_elements=["name"]))
        free = sa.or_(table.c.holder.in_([holder, dead]), table.c.until <= now)
        token = sa.case((table.c.holder == holder, table.c.token), else_=table.c.token + 1)
        change = table.update().where(table.c.name == name, free).values(holder=holder, token=token, until=now + length)
        if self.connection.execute(change).rowcount == 0:
            return None
        return int(self.connection.execute(sa.select(table.c.token).where(table.c.name == name)).scalar_one())

    def lease(self, name: str) -> tuple[str, int, datetime] | None:
        """Return (holder, token, until) of a lease."""
        table = schema.leases
        found = self._all(sa.select(table).where(table.c.name == name))
        return (found[0]["holder"], found[0]["token"], found[0]["until"]) if found else None

    def end_lease(self, name: str, holder: str, now: datetime) -> None:
        """Give a lease up at once, so that the next daemon need not wait."""
        table = schema.leases
        self.connection.execute(table.update().where(table.c.name == name, table.c.holder == holder).values(until=now))

    def fact(self, key: str) -> Any:
        """Return the value remembered under `key`, None where there is none."""
        found = self._all(sa.select(schema.meta).where(schema.meta.c.key == key))
        return found[0]["value"] if found else None

    def save_fact(self, key: str, value: Any) -> None:
        """Remember a small value (JSON) under `key`."""
        self._upsert(schema.meta, {"key": key, "value": value}, ["key"])
