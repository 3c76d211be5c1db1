"""The desk: notices beside alerts, silences, what people did; deliveries belong to an alert or a notice"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PLAIN = (
    ("channel", sa.String(200), False),
    ("kind", sa.String(16), False),
    ("event_kind", sa.String(16), False),
    ("level", sa.String(16), False),
    ("state", sa.String(16), False),
    ("created_at", _MOMENT, False),
    ("not_before", _MOMENT, False),
    ("attempts", sa.Integer(), False),
    ("attempt_id", sa.String(40), False),
    ("attempted_at", _MOMENT, True),
    ("lease_until", _MOMENT, True),
    ("sent_at", _MOMENT, True),
    ("looks", sa.Integer(), False),
    ("doubt_since", _MOMENT, True),
    ("error", sa.Text(), False),
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.execute("ALTER TABLE alerts RENAME COLUMN told_reports TO repeats")
    op.drop_index("ix_notifications_alert_id", table_name="notifications")
    op.drop_index("ix_notifications_state_not_before", table_name="notifications")
    _free("notifications", "alert_id", "subject")
    op.create_index("ix_notifications_subject", "notifications", ["subject"], unique=False)
    op.create_index("ix_notifications_state_not_before", "notifications", ["state", "not_before"], unique=False)
    _free("messages", "alert_id", "subject")
    op.add_column("messages", sa.Column("permalink", sa.Text(), nullable=False, server_default=""))
    _create_notices()
    _create_silences()
    _create_acts()


def downgrade() -> None:
    """Take this revision back; deliveries of notices go with them."""
    for table in ("acts", "silences", "notices"):
        op.drop_table(table)
    op.drop_column("messages", "permalink")
    op.execute("DELETE FROM messages WHERE subject NOT IN (SELECT id FROM alerts)")
    op.execute("DELETE FROM notifications WHERE subject NOT IN (SELECT id FROM alerts)")
    op.drop_index("ix_notifications_subject", table_name="notifications")
    op.drop_index("ix_notifications_state_not_before", table_name="notifications")
    _bind("notifications", "subject", "alert_id")
    op.create_index("ix_notifications_alert_id", "notifications", ["alert_id"], unique=False)
    op.create_index("ix_notifications_state_not_before", "notifications", ["state", "not_before"], unique=False)
    _bind("messages", "subject", "alert_id")
    op.execute("ALTER TABLE alerts RENAME COLUMN repeats TO told_reports")


def _free(table: str, before: str, after: str) -> None:
    """Rename the reference of `table` to alerts and let it point elsewhere too."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(f"{table}_{before}_fkey", table, type_="foreignkey")
        op.alter_column(table, before, new_column_name=after)
    else:
        _rebuild(table, before, after)


def _bind(table: str, before: str, after: str) -> None:
    """Rename the subject of `table` and let it point to alerts alone."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, before, new_column_name=after)
        op.create_foreign_key(f"{table}_{after}_fkey", table, "alerts", [after], ["id"], ondelete="CASCADE")
    else:
        _rebuild(table, before, after, sa.ForeignKeyConstraint([after], ["alerts.id"], ondelete="CASCADE"))


def _rebuild(table: str, before: str, after: str, *constraints: sa.Constraint) -> None:
    """SQLite cannot drop a foreign key: build the table anew beside the old one, which nothing refers to, and move the rows."""
    build = _notifications if table == "notifications" else _messages
    columns = build(after)
    fresh = f"{table}_new"
    op.create_table(fresh, *columns, *constraints)
    names = [column.name for column in columns if isinstance(column, sa.Column)]
    taken = [before if name == after else name for name in names]
    op.execute(f"INSERT INTO {fresh} ({', '.join(names)}) SELECT {', '.join(taken)} FROM {table}")  # noqa: S608  # names of ours
    op.drop_table(table)
    op.rename_table(fresh, table)


def _notifications(subject: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column(subject, sa.String(40), nullable=False),
        *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in _PLAIN),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("key", name="uq_notifications_key"),
    ]


def _messages(subject: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(subject, sa.String(40), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("channel_id", sa.String(80), nullable=False),
        sa.Column("ts", sa.String(40), nullable=False),
        sa.Column("chart", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint(subject, "channel", name="pk_messages"),
    ]


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_at", "notices", ["at"], unique=False)


def _create_silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("situation", sa.String(80), nullable=False),
        sa.Column("signal", sa.String(40), nullable=False),
        sa.Column("alert_id", sa.String(40), nullable=False),
        sa.Column("up_to", sa.String(16), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("muted", sa.Integer(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_until", "silences", ["until"], unique=False)


def _create_acts() -> None:
    op.create_table(
        "acts",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("alert_id", sa.String(40), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_acts"),
    )
    op.create_index("ix_acts_alert_id", "acts", ["alert_id"], unique=False)
    op.create_index("ix_acts_at", "acts", ["at"], unique=False)
