"""From polled documents to stored articles: normalise, drop what is known, read, place, join a story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.admission import admit
from monitor.core.alerts import Outcome
from monitor.core.errors import FeedError
from monitor.core.identity import Identity, identify, same_by_guid, same_by_url
from monitor.core.model import LABELS, Article, Feed, FeedState, Fetched, ParsedFeed, Reading, Report
from monitor.core.ports import Item, Understanding, Unit
from monitor.core.stories import Member
from monitor.pipeline.state import Memory, Settings

RELEVANT = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """What one poll of one feed brought: a parsed document, an unchanged one (parsed is None) or an error."""

    feed: Feed
    state: FeedState
    fetched: Fetched | None = None
    parsed: ParsedFeed | None = None
    error: FeedError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An item that is new, or whose known article (`former`) now reads otherwise."""

    item: Item
    first_poll: bool
    former: Article | None = None
    reading: Reading | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """A batch sorted: what is new or changed, and further keys under which stored articles came again."""

    fresh: Sequence[Candidate]
    changed: Sequence[Candidate]
    aliases: dict[str, str]


def items_of(poll: Poll, settings: Settings) -> list[Item]:
    """Return the items of a document, each with its identity and its source."""
    entries = poll.parsed.entries if poll.parsed else ()
    found = []
    for entry, identity in zip(entries, identify(entries, poll.feed.owner), strict=True):
        source = settings.outlets.source(poll.feed, entry)
        found.append(
            Item(
                feed=replace(poll.feed, country=source.country),
                entry=entry,
                identity=identity,
                outlet=source.outlet,
                owner=source.owner,
                origin=source.origin,
                weight=source.weight,
            )
        )
    return found


def sort(polls: Sequence[Poll], settings: Settings, unit: Unit) -> Sorted:
    """Tell new items from known ones, within the batch too; the keys of the database decide."""
    arrived = [
        (item, poll.state.first_ok_at is None)
        for poll in polls
        for item in items_of(poll, settings)
        if _says_anything(item)
    ]
    known = unit.known([key for item, _ in arrived for key in item.identity.keys])
    by_guid = unit.by_guid([item.identity.guid_key for item, _ in arrived])
    stored = unit.articles(set(known.values()))
    batch = _Batch(known=known, by_guid=by_guid, stored=stored)
    for item, first_poll in arrived:
        batch.take(item, first_poll=first_poll)
    return Sorted(fresh=list(batch.fresh.values()), changed=list(batch.changed.values()), aliases=batch.aliases)


def _says_anything(item: Item) -> bool:
    return bool(item.entry.title or item.entry.summary)


class _Batch:
    """The items of one tick as they are sorted, so that an item repeated within the tick is one article."""

    def __init__(self, *, known: dict[str, str], by_guid: dict[str, list[Article]], stored: dict[str, Article]) -> None:
        self._known, self._by_guid, self._stored = dict(known), by_guid, stored
        self.fresh: dict[str, Candidate] = {}
        self.changed: dict[str, Candidate] = {}
        self.aliases: dict[str, str] = {}

    def take(self, item: Item, *, first_poll: bool) -> None:
        """Sort one item in."""
        article_id = self._same_as(item)
        if article_id is None:
            item = self._named(item)
            self.fresh[item.identity.article_id] = Candidate(item=item, first_poll=first_poll)
            self._known.update(dict.fromkeys(item.identity.keys, item.identity.article_id))
            return
        former = self._stored.get(article_id)
        for key in item.identity.keys:
            if former and key not in self._known:
                self.aliases[key] = article_id
            self._known.setdefault(key, article_id)
        if former and _tells_otherwise(item, former):
            self.changed[article_id] = Candidate(item=item, first_poll=first_poll, former=former)

    def _named(self, item: Item) -> Item:
        """Return a new item by keys of its own: without its link, where that is another article's."""
        taken = item.identity.url_key in self._known
        return replace(item, identity=item.identity.without_url()) if taken else item

    def _same_as(self, item: Item) -> str | None:
        for key in item.identity.keys:
            if key in self._known and (key != item.identity.url_key or self._is_retold(item, self._known[key])):
                return self._known[key]
        for article in self._by_guid.get(item.identity.guid_key, ()):
            if same_by_guid(item.entry, article):
                self._stored.setdefault(article.id, article)
                return article.id
        return None

    def _is_retold(self, item: Item, article_id: str) -> bool:
        """Say whether an item with a known link is the article behind it; within a tick a link is always its first item's."""
        former = self._stored.get(article_id)
        return former is None or same_by_url(item.entry, former)


def _tells_otherwise(item: Item, former: Article) -> bool:
    """Say whether a known article now reads otherwise in the feed it came from, or was withdrawn.

    Another feed of the same owner may word the same article in its own way for ever: that is no rewriting.
    """
    if item.entry.withdrawn:
        return former.weighed
    return former.content_hash != item.identity.content_hash and former.feed_id == item.feed.id


def read(candidates: Sequence[Candidate], understanding: Understanding, now: datetime) -> list[Candidate]:
    """Let the model read every candidate, in one batch."""
    readings = understanding.read([candidate.item for candidate in candidates], now) if candidates else []
    return [replace(candidate, reading=reading) for candidate, reading in zip(candidates, readings, strict=True)]


def article_of(candidate: Candidate, settings: Settings, now: datetime) -> Article:
    """Build the article of a candidate that has been read."""
    item, reading = candidate.item, candidate.reading or Reading()
    limits = settings.limits
    admission = admit(
        item.entry, now, first_poll=candidate.first_poll, max_age=limits.max_age, window=settings.window()
    )
    why = Outcome.UNREAD if reading.unread else admission.unweighed
    return Article(
        id=item.identity.article_id,
        feed_id=item.feed.id,
        guid=item.entry.guid,
        url=item.entry.link,
        title=item.entry.title or item.entry.summary[:200],
        summary=item.entry.summary,
        outlet=item.outlet,
        owner=item.owner,
        origin=item.origin,
        weight=item.weight,
        country=item.feed.country,
        seen_at=now,
        published_at=admission.published_at,
        date_note=admission.note,
        reading=reading,
        weighed=why is None and not item.entry.withdrawn,
        unweighed=why.value if why else "",
        content_hash=item.identity.content_hash,
    )


def join_story(article: Article, memory: Memory) -> Article:
    """Give a relevant article its story, and the origin of the text it copies."""
    relevant = max(article.reading.scores.values(), default=0.0) >= RELEVANT
    match = memory.stories.find(article.title, article.summary, article.seen_at, article.outlet)
    if not relevant and match is None:
        return article
    story_id = match.member.story_id if match else article.id
    origin = match.member.origin if match and match.copy else article.origin
    joined = replace(article, story_id=story_id, origin=origin)
    memory.stories.add(Member.of(joined))
    return joined


def reports_of(article: Article) -> list[Report]:
    """Return what an article contributes: one report per label it carries at all, where it has a situation and may count.

    Reports of signals are evidence; those of context labels say where on the ladder a situation stands.
    """
    if not article.weighed:
        return []
    at = min(article.seen_at, article.published_at or article.seen_at)
    return [
        Report(
            article_id=article.id,
            story_id=article.story_id or article.id,
            origin=article.origin,
            signal=signal,
            situation=article.reading.situations[signal],
            score=article.reading.scores[signal],
            weight=article.weight,
            at=at,
        )
        for signal in LABELS
        if article.reading.scores.get(signal, 0.0) >= RELEVANT and signal in article.reading.situations
    ]


def identities(candidates: Sequence[Candidate]) -> list[Identity]:
    """Return the identities of candidates, in order."""
    return [candidate.item.identity for candidate in candidates]
