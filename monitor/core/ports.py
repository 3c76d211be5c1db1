"""What the pipeline asks of the outside: one protocol per system, as narrow as the pipeline needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from monitor.core.alerts import Alert, Decision, Event, Verdict
from monitor.core.desk import Act, Notice, Silence
from monitor.core.history import HistoryFilter
from monitor.core.identity import Identity
from monitor.core.ladder import Climb
from monitor.core.messages import Channel, Notification, PostedMessage
from monitor.core.model import Article, Entry, Feed, FeedState, Fetched, ParsedFeed, Reading, Report, Validators

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One entry on its way in: whose feed, what identity, as what outlet.

    outlet and owner: the feed's, or those of the outlet that an aggregate names. origin: agency of a byline, else the owner.
    """

    feed: Feed
    entry: Entry
    identity: Identity
    outlet: str
    owner: str
    origin: str
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertArticle:
    """An article as evidence of an alert: what history shows even after the article itself has been pruned."""

    article_id: str
    title: str
    at: datetime
    source: str
    url: str
    score: float
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertView:
    """Everything a channel or page may show of one alert, read in one transaction.

    articles: with full readings where they are still kept, newest first. earlier: previous episodes of the same (rule,
    situation), newest first. siblings: open alerts of the same situation, or of one of its sides alone. denials: articles of the situation
    within the window that carry a denial. blind: names of countries of the situation no working feed covers, with since when.
    drill: an exercise, and every message must say so. told_here: why the alert is told in a channel that its rule does not name, "" else. links: address of the message of an alert in the channel that is told, by its id.
    """

    alert: Alert
    name: str
    events: Sequence[Event]
    evidence: Sequence[AlertArticle]
    articles: Sequence[Article]
    earlier: Sequence[Alert]
    siblings: Sequence[Alert]
    denials: Sequence[Article]
    curve: Sequence[tuple[datetime, float]] = ()
    blind: Sequence[tuple[str, datetime]] = ()
    ladder: Climb | None = None
    silences: Sequence[str] = ()
    public_url: str = ""
    drill: bool = False
    told_here: str = ""
    verdicts: Sequence[Verdict] = ()
    links: Mapping[str, str] = field(default_factory=dict)


class Fetcher(Protocol):
    """Gets feeds' documents."""

    async def fetch(self, feed: Feed, validators: Validators, now: datetime) -> Fetched:
        """Return one answered request. Raises FetchError."""
        ...


class Parser(Protocol):
    """Reads documents, apart from the rest of the program."""

    async def parse(self, body: bytes, content_type: str, base_url: str) -> ParsedFeed:
        """Return what the document holds. Raises ParseError."""
        ...


class Understanding(Protocol):
    """Scores and reads texts in batches."""

    version: str

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        """Return one reading per item, in order. Raises ClassifierError."""
        ...


class Unit(Protocol):
    """One transaction: all of it is committed, or none."""

    def feed_states(self) -> dict[str, FeedState]: ...
    def save_feed_state(self, state: FeedState) -> None: ...
    def unread_feeds(self, since: datetime) -> frozenset[str]:
        """Return the ids of feeds most of whose items since then are in languages the model does not read."""
        ...

    def due_feeds(self, now: datetime, limit: int) -> list[FeedState]: ...
    def move_poll(self, feed_id: str, next_poll_at: datetime) -> None: ...
    def known(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the article id of every key that is stored."""
        ...

    def by_guid(self, guid_keys: Sequence[str]) -> dict[str, list[Article]]: ...
    def articles(self, ids: Iterable[str]) -> dict[str, Article]: ...
    def add_articles(self, articles: Sequence[tuple[Article, Identity]]) -> None: ...
    def add_keys(self, keys: Mapping[str, str]) -> None: ...
    def revise(self, article: Article, kind: str, at: datetime) -> None: ...
    def add_reports(self, reports: Sequence[Report]) -> None: ...
    def remove_reports(self, article_ids: Sequence[str]) -> None: ...
    def reports_since(self, since: datetime) -> list[Report]: ...
    def reports_of_situation(self, situation: str, since: datetime) -> list[Report]: ...
    def story_members_since(self, since: datetime) -> list[Article]: ...
    def history_since(self) -> datetime | None: ...
    def denials(self, signal: str, situation: str, since: datetime, until: datetime) -> list[Article]: ...
    def last_alert(self, rule: str, situation: str) -> Alert | None: ...
    def open_alerts(self) -> list[Alert]: ...
    def alert(self, alert_id: str) -> Alert | None: ...
    def earlier_alerts(self, alert: Alert, limit: int) -> list[Alert]: ...
    def save_alert(self, alert: Alert) -> None: ...
    def add_event(self, event: Event) -> None: ...
    def events(self, alert_id: str) -> list[Event]: ...
    def events_since(self, since: datetime) -> list[Event]: ...
    def add_alert_articles(self, alert_id: str, articles: Sequence[AlertArticle]) -> None: ...
    def alert_articles(self, alert_id: str) -> list[AlertArticle]: ...
    def alerts_of_article(self, article_id: str) -> list[str]: ...
    def add_decisions(self, decisions: Sequence[Decision]) -> None: ...
    def add_notification(self, notification: Notification) -> None: ...
    def due_notifications(
        self, now: datetime, limit: int, channels: Sequence[str] | None = None
    ) -> list[Notification]: ...
    def due_channels(self, now: datetime) -> list[str]: ...
    def unfinished_notifications(self) -> list[Notification]: ...
    def notifications_of(self, subject: str) -> list[Notification]: ...
    def save_notification(self, notification: Notification) -> None: ...
    def message(self, subject: str, channel: str) -> PostedMessage | None: ...
    def save_message(self, message: PostedMessage) -> None: ...
    def sent_since(self, channel: str, since: datetime) -> int:
        """Return how many first posts of alerts below critical a channel got since a moment."""
        ...

    def last_sent(self, channel: str) -> datetime | None: ...
    def dead_notifications(self, since: datetime) -> list[Notification]: ...
    def held_channels(self) -> list[str]: ...
    def held_notifications(self, channel: str) -> list[Notification]: ...
    def waiting_posts(self, channels: Sequence[str], now: datetime) -> list[Notification]: ...
    def add_notice(self, notice: Notice) -> bool:
        """Keep a notice; return False where its occasion has had one."""
        ...

    def save_notice(self, notice: Notice) -> None:
        """Let a notice that is there say something else."""
        ...

    def notice(self, notice_id: str) -> Notice | None: ...
    def notices_since(self, since: datetime) -> list[Notice]: ...
    def save_silence(self, silence: Silence) -> None: ...
    def silence(self, silence_id: str) -> Silence | None: ...
    def silences(self, *, running_at: datetime | None = None, since: datetime | None = None) -> list[Silence]: ...
    def count_muted(self, silence_id: str, number: int = 1) -> None: ...
    def add_act(self, act: Act) -> bool:
        """Keep what a person did; return False where the same click or command is known."""
        ...

    def acts(self, *, alert_id: str = "", since: datetime | None = None) -> list[Act]: ...
    def claim(self, alert_id: str, name: str, at: datetime) -> bool:
        """Note who acknowledges an alert, unless somebody has; return whether it was free."""
        ...

    def add_verdict(self, verdict: Verdict) -> None: ...
    def verdicts(self) -> list[Verdict]: ...
    def verdicts_of(self, alert_id: str) -> list[Verdict]: ...
    def revisions(self, article_id: str) -> list[dict[str, Any]]: ...
    def history(self, wanted: HistoryFilter) -> list[Alert]: ...
    def find_articles(self, id_or_url: str) -> list[Article]: ...
    def decisions_of_article(self, article_id: str) -> list[Decision]: ...
    def decisions_of_alert(self, alert_id: str) -> list[Decision]: ...
    def fact(self, key: str) -> Any: ...
    def save_fact(self, key: str, value: Any) -> None: ...


class Storage(Protocol):
    """The database: transactions, and nothing remembered outside of it."""

    def transaction(self) -> AbstractContextManager[Unit]:
        """Open a writing transaction. Raises StorageError, after rolling back."""
        ...

    def reading(self) -> AbstractContextManager[Unit]:
        """Open a transaction that only reads. Raises StorageError."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message about an alert.

    marker: `alert id/kind/attempt family`, put into the message's metadata so that history can be asked whether it arrived.
    broadcast: a thread reply that is also shown in the channel. possible_repeat: say that it may be a repeat. note: what a thread reply
    says where no event stands behind it.
    """

    kind: str
    marker: str
    view: AlertView
    event: Event | None = None
    broadcast: bool = False
    possible_repeat: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeMessage:
    """One part of a notice. kind: `post` for the first, `thread` for the rest. part: its number, from 0."""

    kind: str
    marker: str
    notice: Notice
    part: int = 0
    possible_repeat: bool = False


Sendable = Message | NoticeMessage


class Notifier(Protocol):
    """A channel's service. Every method raises NotifyError."""

    async def send(self, channel: Channel, message: Sendable, posted: PostedMessage | None) -> PostedMessage | None:
        """Post, edit or reply; return the living message after a post."""
        ...

    def parts(self, notice: Notice) -> int:
        """Return in how many messages `notice` is told: one post, the rest in its thread."""
        ...

    async def find(
        self, channel: Channel, marker: str, since: datetime, posted: PostedMessage | None
    ) -> PostedMessage | None:
        """Return the message that carries `marker`, None where history shows none."""
        ...


@runtime_checkable
class Linker(Protocol):
    """A channel's service whose messages have addresses."""

    async def permalink(self, channel: Channel, posted: PostedMessage) -> str:
        """Return where people can open a message, "" where that is not known. Raises NotifyError."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Numbers of monitor.yaml that the pipeline needs.

    max_age: oldest item weighed on a feed's first poll.
    """

    max_age: timedelta = timedelta(hours=48)
    retention: timedelta = timedelta(days=400)
