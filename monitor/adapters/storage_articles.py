"""Queries on feeds, articles, their keys and their reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from monitor.adapters import rows, schema
from monitor.core.identity import Identity
from monitor.core.model import Article, FeedState, Report

CHUNK = 500
T = TypeVar("T")
_upserts: dict[
    tuple[str, str, tuple[str, ...]], Any
] = {}  # statements by table, dialect and columns: building one costs more than running it


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Cut `values` into lists short enough for one statement's parameters."""
    held = list(values)
    for start in range(0, len(held), CHUNK):
        yield held[start : start + CHUNK]


class Queries:
    """A connection inside a transaction, and the statements every subject shares."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def _insert(self, table: sa.Table) -> Any:
        make: Callable[[sa.Table], Any] = (
            postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        )
        return make(table)

    def _upsert(self, table: sa.Table, row: Mapping[str, Any], key: Sequence[str]) -> None:
        statement = _upserts.get((table.name, self.connection.dialect.name, tuple(row)))
        if statement is None:
            insert = self._insert(table)
            changed = {name: insert.excluded[name] for name in row if name not in key}
            statement = insert.on_conflict_do_update(index_elements=list(key), set_=changed)
            _upserts[table.name, self.connection.dialect.name, tuple(row)] = statement
        self.connection.execute(statement, dict(row))

    def _all(self, statement: Any) -> Sequence[sa.RowMapping]:
        return self.connection.execute(statement).mappings().all()


class ArticleQueries(Queries):
    """Feeds, articles, keys, reports."""

    def feed_states(self) -> dict[str, FeedState]:
        """Return the state of every feed that was ever polled or scheduled."""
        return {row["feed_id"]: rows.feed_state(row) for row in self._all(sa.select(schema.feeds))}

    def save_feed_state(self, state: FeedState) -> None:
        """Insert or replace one feed's state."""
        self._upsert(schema.feeds, rows.feed_state_row(state), ["feed_id"])

    def due_feeds(self, now: datetime, limit: int) -> list[FeedState]:
        """Return the feeds whose poll is due, longest waiting first."""
        table = schema.feeds
        query = (
            sa.select(table)
            .where(table.c.next_poll_at <= now)
            .order_by(table.c.next_poll_at, table.c.feed_id)
            .limit(limit)
        )
        return [rows.feed_state(row) for row in self._all(query)]

    def move_poll(self, feed_id: str, next_poll_at: datetime) -> None:
        """Set when a feed is polled next."""
        table = schema.feeds
        self.connection.execute(table.update().where(table.c.feed_id == feed_id).values(next_poll_at=next_poll_at))

    def known(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the article id of every key that is stored."""
        table, found = schema.article_keys, {}
        for some in chunks(keys):
            for row in self._all(sa.select(table).where(table.c.key.in_(some))):
                found[row["key"]] = row["article_id"]
        return found

    def by_guid(self, guid_keys: Sequence[str]) -> dict[str, list[Article]]:
        """Return the articles stored under each of the GUID keys."""
        table, found = schema.articles, defaultdict(list)
        for some in chunks(key for key in guid_keys if key):
            for row in self._all(sa.select(table).where(table.c.guid_key.in_(some)).order_by(table.c.seen_at)):
                found[row["guid_key"]].append(rows.article(row))
        return dict(found)

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """Return the articles that are still kept, by id."""
        table, found = schema.articles, {}
        for some in chunks(ids):
            for row in self._all(sa.select(table).where(table.c.id.in_(some))):
                found[row["id"]] = rows.article(row)
        return found

    def add_articles(self, articles: Sequence[tuple[Article, Identity]]) -> None:
        """Insert new articles and the keys that make them known; a key already stored stays with its article."""
        if not articles:
            return
        self.connection.execute(schema.articles.insert(), [rows.article_row(*pair) for pair in articles])
        self.add_keys({key: article.id for article, identity in articles for key in identity.keys})

    def add_keys(self, keys: Mapping[str, str]) -> None:
        """Let further keys stand for stored articles."""
        for some in chunks(keys.items()):
            statement = self._insert(schema.article_keys).on_conflict_do_nothing()
            self.connection.execute(statement, [{"key": key, "article_id": article} for key, article in some])

    def revise(self, article: Article, kind: str, at: datetime) -> None:
        """Keep an article's former wording and store its present one, with its new reading."""
        table = schema.articles
        former = self._all(sa.select(table.c.title, table.c.summary).where(table.c.id == article.id))
        held = [{"article_id": article.id, "at": at, "kind": kind, **row} for row in former]
        self.connection.execute(schema.revisions.insert(), held)
        fresh = rows.article_row(
            article, Identity(article_id=article.id, keys=(), guid_key="", content_hash=article.content_hash)
        )
        changed = ("title", "summary", "content_hash", "top_score", "reading", "model", "weighed", "unweighed")
        values = {name: fresh[name] for name in changed}
        self.connection.execute(table.update().where(table.c.id == article.id).values(**values))

    def revisions(self, article_id: str) -> list[dict[str, Any]]:
        """Return former wordings, oldest first: `at`, `kind`, `title`, `summary`."""
        table = schema.revisions
        return [
            dict(row)
            for row in self._all(sa.select(table).where(table.c.article_id == article_id).order_by(table.c.id))
        ]

    def add_reports(self, reports: Sequence[Report]) -> None:
        """Insert what new articles contribute."""
        if reports:
            self.connection.execute(
                schema.reports.insert(), [{name: getattr(r, name) for name in Report.__slots__} for r in reports]
            )

    def remove_reports(self, article_ids: Sequence[str]) -> None:
        """Take back what articles contributed: they were rewritten or withdrawn."""
        table = schema.reports
        for some in chunks(article_ids):
            self.connection.execute(table.delete().where(table.c.article_id.in_(some)))

    def reports_since(self, since: datetime) -> list[Report]:
        """Return all reports from `since` on, in order of time and article."""
        table = schema.reports
        query = sa.select(table).where(table.c.at >= since).order_by(table.c.at, table.c.article_id, table.c.signal)
        return [rows.report(row) for row in self._all(query)]

    def reports_of_situation(self, situation: str, since: datetime) -> list[Report]:
        """Return the reports of all labels on one situation from `since` on, in order of time and article."""
        table = schema.reports
        query = sa.select(table).where(table.c.situation == situation, table.c.at >= since)
        return [rows.report(row) for row in self._all(query.order_by(table.c.at, table.c.article_id, table.c.signal))]

    def story_members_since(self, since: datetime) -> list[Article]:
        """Return the articles that joined a story from `since` on, in order of arrival."""
        table = schema.articles
        query = (
            sa.select(table)
            .where(table.c.story_id != "", table.c.seen_at >= since)
            .order_by(table.c.seen_at, table.c.id)
        )
        return [rows.article(row) for row in self._all(query)]

    def history_since(self) -> datetime | None:
        """Return when the first stored article was seen, None in an empty database."""
        moment: datetime | None = self.connection.execute(sa.select(sa.func.min(schema.articles.c.seen_at))).scalar()
        return moment

    def denials(self, signal: str, situation: str, since: datetime, until: datetime) -> list[Article]:
        """Return articles of the time span that deny `signal` in `situation`, newest first."""
        table = schema.articles
        query = sa.select(table).where(table.c.seen_at > since, table.c.seen_at <= until, table.c.story_id != "")
        found = map(rows.article, self._all(query.order_by(table.c.seen_at.desc(), table.c.id)))
        return [article for article in found if _denies(article, signal, situation)]

    def prune(self, before: datetime) -> int:
        """Delete articles (with keys, reports, decisions) older than `before` that no alert shows; return how many."""
        table, shown = schema.articles, schema.alert_articles
        old = table.c.seen_at < before
        kept = table.c.id.not_in(sa.select(shown.c.article_id))
        gone = self.connection.execute(table.delete().where(old, kept)).rowcount
        self.connection.execute(
            schema.decisions.delete().where(schema.decisions.c.at < before, schema.decisions.c.alert_id == "")
        )
        return gone


def _denies(article: Article, signal: str, situation: str) -> bool:
    """Say whether an article more likely than not denies, and what it denies is this signal in this situation."""
    scores = article.reading.scores
    return (
        scores.get("denial", 0.0) >= 0.5  # noqa: PLR2004  # more likely than not
        and scores.get(signal, 0.0) >= 0.2  # noqa: PLR2004  # a denial's words speak of what they deny, but less surely
        and article.reading.situations.get(signal) == situation
    )
