"""The tables, as SQLAlchemy Core sees them. `alembic/versions` builds the same; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment: kept with its zone on PostgreSQL, as naive UTC on SQLite, aware UTC in Python always."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; drop the zone where the database knows none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the method's contract
        """Give the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _moment(name: str, **options: Any) -> Column[datetime]:
    return Column(name, UtcDateTime(), **options)


feeds = Table(
    "feeds",
    metadata,
    Column("feed_id", String(200), primary_key=True),
    _moment("next_poll_at", nullable=False, index=True),
    Column("etag", Text, nullable=False, default=""),
    Column("last_modified", Text, nullable=False, default=""),
    Column("body_hash", String(64), nullable=False, default=""),
    _moment("checked_at"),
    Column("failures", Integer, nullable=False, default=0),
    Column("error", Text, nullable=False, default=""),
    _moment("first_ok_at"),
    _moment("last_ok_at"),
    _moment("last_new_at"),
    _moment("last_failed_at"),
    Column("pace_seconds", Float),
    Column("gaps", Integer, nullable=False, default=0),
    Column("permanent_url", Text, nullable=False, default=""),
    Column("items", Integer, nullable=False, default=0),
)

articles = Table(
    "articles",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("feed_id", String(200), nullable=False),
    Column("guid", Text, nullable=False),
    Column("guid_key", String(40), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("country", String(8), nullable=False),
    _moment("seen_at", nullable=False, index=True),
    _moment("published_at"),
    Column("date_note", String(16), nullable=False),
    Column("content_hash", String(40), nullable=False),
    Column("story_id", String(40), nullable=False, index=True),
    Column("weighed", Boolean, nullable=False),
    Column("unweighed", String(40), nullable=False),
    Column("language", String(8), nullable=False),
    Column("unread", Boolean, nullable=False),
    Column("model", String(80), nullable=False),
    Column("top_score", Float, nullable=False),
    Column("reading", JSON, nullable=False),
    Index("ix_articles_top_score_seen_at", "top_score", "seen_at"),
)

article_keys = Table(
    "article_keys",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("article_id", String(40), ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", String(40), ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    _moment("at", nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("article_id", String(40), ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("signal", String(40), primary_key=True),
    Column("situation", String(80), nullable=False),
    Column("story_id", String(40), nullable=False),
    Column("origin", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("weight", Float, nullable=False),
    _moment("at", nullable=False, index=True),
    Index("ix_reports_signal_situation_at", "signal", "situation", "at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("rule", String(200), nullable=False),
    Column("signal", String(40), nullable=False),
    Column("situation", String(80), nullable=False),
    Column("countries", JSON, nullable=False),
    Column("level", String(16), nullable=False),
    Column("highest", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _moment("opened_at", nullable=False),
    _moment("last_event_at", nullable=False),
    _moment("last_told_at", nullable=False),
    _moment("resolved_at"),
    _moment("quiet_since"),
    Column("repeats", Integer, nullable=False, default=0),
    Column("acknowledged_by", Text, nullable=False, default=""),
    _moment("acknowledged_at"),
    Index("ix_alerts_opened_at_id", "opened_at", "id"),
    Index("ix_alerts_rule_situation_opened_at", "rule", "situation", "opened_at"),
    Index("ix_alerts_signal_opened_at_id", "signal", "opened_at", "id"),
    Index("ix_alerts_situation_opened_at_id", "situation", "opened_at", "id"),
    Index(
        "uq_alerts_open",
        "rule",
        "situation",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

alert_articles = Table(
    "alert_articles",
    metadata,
    Column("alert_id", String(40), ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", String(40), primary_key=True),
    Column("score", Float, nullable=False),
    _moment("at", nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Index("ix_alert_articles_article_id", "article_id"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", String(40), ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True),
    _moment("at", nullable=False),
    Column("kind", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("standing", JSON, nullable=False),
    Column("config_hash", String(40), nullable=False),
    Column("model", String(80), nullable=False),
    Column("by", Text, nullable=False, default=""),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    _moment("at", nullable=False, index=True),
    Column("outcome", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("article_id", String(40), nullable=False, index=True),
    Column("signal", String(40), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("situation", String(80), nullable=False),
    Column("alert_id", String(40), nullable=False, index=True),
    Column("score", Float, nullable=False),
    Column("standing", JSON),
    Column("config_hash", String(40), nullable=False),
    Column("model", String(80), nullable=False),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("subject", String(40), nullable=False, index=True),
    Column("channel", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("event_kind", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _moment("created_at", nullable=False),
    _moment("not_before", nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("attempt_id", String(40), nullable=False, default=""),
    _moment("attempted_at"),
    _moment("lease_until"),
    _moment("sent_at"),
    Column("looks", Integer, nullable=False, default=0),
    _moment("doubt_since"),
    Column("error", Text, nullable=False, default=""),
    Index("ix_notifications_state_not_before", "state", "not_before"),
)

messages = Table(
    "messages",
    metadata,
    Column("subject", String(40), primary_key=True),
    Column("channel", String(200), primary_key=True),
    Column("channel_id", String(80), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("chart", String(80), nullable=False, default=""),
    Column("permalink", Text, nullable=False, default=""),
)

notices = Table(
    "notices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("channel", String(200), nullable=False),
    _moment("at", nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("sections", JSON, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("situation", String(80), nullable=False),
    Column("signal", String(40), nullable=False),
    Column("alert_id", String(40), nullable=False),
    Column("up_to", String(16), nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _moment("created_at", nullable=False),
    _moment("until", nullable=False, index=True),
    _moment("ended_at"),
    Column("ended_by", Text, nullable=False, default=""),
    Column("muted", Integer, nullable=False, default=0),
    Column("announced", Boolean, nullable=False, default=False),
)

acts = Table(
    "acts",
    metadata,
    Column("key", String(40), primary_key=True),
    _moment("at", nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("alert_id", String(40), nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("result", Text, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True),
    _moment("at", nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("article_id", String(40), nullable=False, index=True),
    Column("alert_id", String(40), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("signal", String(40), nullable=False),
    Column("situation", String(80), nullable=False),
    Column("step", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("token", Integer, nullable=False),
    _moment("until", nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", JSON, nullable=False),
)
