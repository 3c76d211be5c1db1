"""Queries of the desk: notices, what is held for them, silences, and what people did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa

from monitor.adapters import rows, schema
from monitor.adapters.storage_articles import Queries
from monitor.core.alerts import AlertState, Level
from monitor.core.desk import Act, Notice, NoticeKind, Section, Silence
from monitor.core.messages import DeliveryState, Notification


class DeskQueries(Queries):
    """Notices, silences, acts."""

    def add_notice(self, notice: Notice) -> bool:
        """Keep a notice; return False where its occasion has had one."""
        sections = [{"heading": section.heading, "lines": list(section.lines)} for section in notice.sections]
        row = {name: getattr(notice, name) for name in ("id", "channel", "at", "title")}
        values = {**row, "kind": notice.kind.value, "sections": sections}
        statement = self._insert(schema.notices).values(**values).on_conflict_do_nothing(index_elements=["id"])
        return self.connection.execute(statement.returning(schema.notices.c.id)).first() is not None

    def save_notice(self, notice: Notice) -> None:
        """Let a notice that is there say something else."""
        table = schema.notices
        sections = [{"heading": section.heading, "lines": list(section.lines)} for section in notice.sections]
        change = table.update().where(table.c.id == notice.id)
        self.connection.execute(change.values(at=notice.at, title=notice.title, sections=sections))

    def notice(self, notice_id: str) -> Notice | None:
        """Return one notice."""
        found = self._all(sa.select(schema.notices).where(schema.notices.c.id == notice_id))
        return _notice(found[0]) if found else None

    def notices_since(self, since: datetime) -> list[Notice]:
        """Return notices written since a moment, oldest first."""
        table = schema.notices
        return [
            _notice(row)
            for row in self._all(sa.select(table).where(table.c.at >= since).order_by(table.c.at, table.c.id))
        ]

    def held_channels(self) -> list[str]:
        """Return the channels for which something is held."""
        table = schema.notifications
        held = table.c.state == DeliveryState.HELD.value
        query = sa.select(table.c.channel).where(held).distinct().order_by(table.c.channel)
        return [row["channel"] for row in self._all(query)]

    def held_notifications(self, channel: str) -> list[Notification]:
        """Return what a channel's next digest shall list, oldest first."""
        table = schema.notifications
        held = (table.c.channel == channel, table.c.state == DeliveryState.HELD.value)
        return [rows.notification(row) for row in self._all(sa.select(table).where(*held).order_by(table.c.id))]

    def waiting_posts(self, channels: Sequence[str], now: datetime) -> list[Notification]:
        """Return first posts of alerts that are due in some channels and were never attempted, oldest first."""
        table = schema.notifications
        wanted = (
            table.c.channel.in_(channels),
            table.c.kind == "post",
            table.c.state == DeliveryState.PENDING.value,
            table.c.attempts == 0,
            table.c.not_before <= now,
            table.c.subject.like("al-%"),
        )
        return [rows.notification(row) for row in self._all(sa.select(table).where(*wanted).order_by(table.c.id))]

    def save_silence(self, silence: Silence) -> None:
        """Insert or replace one silence."""
        row = {field.name: getattr(silence, field.name) for field in fields(silence)}
        self._upsert(schema.silences, row | {"up_to": silence.up_to.value}, ["id"])

    def silence(self, silence_id: str) -> Silence | None:
        """Return one silence."""
        found = self._all(sa.select(schema.silences).where(schema.silences.c.id == silence_id))
        return _silence(found[0]) if found else None

    def silences(self, *, running_at: datetime | None = None, since: datetime | None = None) -> list[Silence]:
        """Return silences, soonest end first: those in force at a moment, those that ran since one, or all."""
        table = schema.silences
        query = sa.select(table).order_by(table.c.until, table.c.id)
        if running_at is not None:
            query = query.where(
                table.c.created_at <= running_at, table.c.until > running_at, table.c.ended_at.is_(None)
            )
        if since is not None:
            query = query.where(sa.func.coalesce(table.c.ended_at, table.c.until) >= since)
        return [_silence(row) for row in self._all(query)]

    def count_muted(self, silence_id: str, number: int = 1) -> None:
        """Count notifications that a silence kept back."""
        table = schema.silences
        change = table.update().where(table.c.id == silence_id).values(muted=table.c.muted + number)
        self.connection.execute(change)

    def add_act(self, act: Act) -> bool:
        """Keep what a person did; return False where the same click or command is known."""
        values = {field.name: getattr(act, field.name) for field in fields(act)}
        statement = self._insert(schema.acts).values(**values).on_conflict_do_nothing(index_elements=["key"])
        return self.connection.execute(statement.returning(schema.acts.c.key)).first() is not None

    def acts(self, *, alert_id: str = "", since: datetime | None = None) -> list[Act]:
        """Return what people did, oldest first: to one alert, or since a moment."""
        table = schema.acts
        query = sa.select(table).order_by(table.c.at, table.c.key)
        if alert_id:
            query = query.where(table.c.alert_id == alert_id)
        if since is not None:
            query = query.where(table.c.at >= since)
        return [Act(**row) for row in self._all(query)]

    def count_open(self) -> Mapping[Level, int]:
        """Return how many alerts are open at each level."""
        table = schema.alerts
        query = (
            sa.select(table.c.level, sa.func.count())
            .where(table.c.state == AlertState.OPEN.value)
            .group_by(table.c.level)
        )
        return {Level(level): int(number) for level, number in self.connection.execute(query)}


def _notice(row: sa.RowMapping) -> Notice:
    sections = tuple(Section(heading=each["heading"], lines=tuple(each["lines"])) for each in row["sections"])
    return Notice(**{**row, "kind": NoticeKind(row["kind"]), "sections": sections})


def _silence(row: sa.RowMapping) -> Silence:
    return Silence(**{**row, "up_to": Level(row["up_to"])})
