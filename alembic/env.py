"""Runs migrations on the connection that the program hands over; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from monitor.adapters.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("migrations run through `crisis-monitor migrate`, which brings the connection")
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
context.run_migrations()
