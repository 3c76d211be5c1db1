"""One object that does the day's work: take polls in, let time pass, tell what is known of an alert."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core import lifecycle, polling
from monitor.core.alerts import Alert
from monitor.core.errors import ParseError, StorageBroken, StorageError
from monitor.core.identity import Identity
from monitor.core.lifecycle import Step
from monitor.core.model import Article, FeedState
from monitor.core.ports import Storage, Understanding, Unit
from monitor.core.stories import Member
from monitor.pipeline import intake
from monitor.pipeline.intake import Candidate, Poll
from monitor.pipeline.state import Memory, Settings
from monitor.pipeline.weighing import Weighing


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a tick did.

    polls: documents taken in. new: articles stored. steps: what rules decided, only where something changed. touched: alerts that
    new reports touched, as they are now.
    """

    polls: int
    new: int
    steps: Sequence[Step]
    touched: Sequence[Alert] = ()


class Pipeline:
    """Decides nothing itself: asks the pure rules, and stores what they say, everything of one tick in one transaction."""

    def __init__(
        self, *, storage: Storage, understanding: Understanding, settings: Settings, rng: random.Random
    ) -> None:
        self.storage = storage
        self.understanding = understanding
        self.settings = settings
        self._rng = rng
        self._memory: Memory | None = None

    def forget(self) -> None:
        """Drop the memory; the next tick restores it from the database."""
        self._memory = None

    def take(self, polls: Sequence[Poll], now: datetime) -> Taken:
        """Take the polls of one tick in: store, weigh, decide, queue.

        When the database refuses the tick as a whole, each poll is tried alone, so that one feed cannot hold the others up; what is
        refused alone is raised as StorageError after the others are in.
        """
        try:
            return self._take(polls, now)
        except StorageError:
            self.forget()
            if len(polls) == 1:
                raise
        return self._take_each(polls, now)

    def _take_each(self, polls: Sequence[Poll], now: datetime) -> Taken:
        done: list[Taken] = []
        refused: StorageError | None = None
        for poll in polls:
            try:
                done.append(self._take([poll], now))
            except StorageBroken:
                self.forget()
                raise
            except StorageError as exc:
                self.forget()
                refused = exc
        if refused:
            raise refused
        return Taken(
            polls=len(done),
            new=sum(taken.new for taken in done),
            steps=[step for taken in done for step in taken.steps],
            touched=[alert for taken in done for alert in taken.touched],
        )

    def _take(self, polls: Sequence[Poll], now: datetime) -> Taken:
        with self.storage.reading() as unit:
            batch = intake.sort(polls, self.settings, unit)
        fresh = intake.read(batch.fresh, self.understanding, now)
        changed = intake.read(batch.changed, self.understanding, now)
        try:
            with self.storage.transaction() as unit:
                memory = self._restored(unit, now)
                unit.add_keys(batch.aliases)
                steps = self._store(unit, memory, fresh, now) + self._amend(unit, memory, changed, now)
                self._save_states(unit, polls, fresh, now)
        except BaseException:
            self.forget()
            raise
        changes = [step for step in steps if step.event]
        return Taken(
            polls=len(polls), new=len(fresh), steps=changes, touched=[step.alert for step in steps if step.alert]
        )

    def _restored(self, unit: Unit, now: datetime) -> Memory:
        if self._memory is None:
            self._memory = Memory.restore(unit, now)
        self._memory.expire(now)
        return self._memory

    def _store(self, unit: Unit, memory: Memory, fresh: Sequence[Candidate], now: datetime) -> list[Step]:
        """Store new articles in order of their age, so that the order of feeds within a tick does not matter."""
        built = [(intake.article_of(candidate, self.settings, now), candidate.item.identity) for candidate in fresh]
        built.sort(key=lambda pair: (pair[0].published_at or now, pair[0].id))
        placed: list[tuple[Article, Identity]] = [
            (intake.join_story(article, memory), identity) for article, identity in built
        ]
        if placed:
            memory.ledger.saw(now)
        articles = {article.id: article for article, _ in placed}
        reports = [report for article in articles.values() for report in intake.reports_of(article)]
        unit.add_articles(placed)
        unit.add_reports(reports)
        memory.ledger.add(reports)
        weighing = self._weighing(unit, memory, now)
        taken = weighing.weigh(reports, articles)
        unit.add_decisions(weighing.record(list(articles.values()), taken))
        return list(taken.values())

    def _weighing(self, unit: Unit, memory: Memory, now: datetime) -> Weighing:
        return Weighing(
            unit=unit, settings=self.settings, ledger=memory.ledger, now=now, model=self.understanding.version
        )

    def _amend(self, unit: Unit, memory: Memory, changed: Sequence[Candidate], now: datetime) -> list[Step]:
        """Let rewritten and withdrawn articles lower what they contributed; an edit never raises anything."""
        steps: list[Step] = []
        for candidate in changed:
            if candidate.former is None:
                continue
            after = _rewritten(candidate.former, candidate, self.settings, now)
            word = "withdrawn" if candidate.item.entry.withdrawn else "rewritten"
            unit.revise(after, word, now)
            unit.remove_reports([after.id])
            memory.ledger.remove(after.id)
            reports = intake.reports_of(after)
            unit.add_reports(reports)
            memory.ledger.add(reports)
            if after.story_id:
                memory.stories.add(Member.of(after))
            weighing = self._weighing(unit, memory, now)
            unit.add_decisions(weighing.record_revision(candidate.former, after, word))
            steps += weighing.retract(candidate.former, reports, word)
        return steps + (self._weighing(unit, memory, now).pass_time() if changed else [])

    def _save_states(self, unit: Unit, polls: Sequence[Poll], fresh: Sequence[Candidate], now: datetime) -> None:
        new = Counter(candidate.item.feed.id for candidate in fresh)
        for poll in polls:
            unit.save_feed_state(_state_after(poll, new[poll.feed.id], now, self._rng))

    def pass_time(self, now: datetime, only: Collection[str] | None = None) -> list[Step]:
        """Let time alone act on open alerts (or on those whose ids are in `only`): ease, fall quiet, resolve."""
        try:
            with self.storage.transaction() as unit:
                return self._weighing(unit, self._restored(unit, now), now).pass_time(only)
        except BaseException:
            self.forget()
            raise

    def next_change(self, alert: Alert, now: datetime) -> datetime | None:
        """Return when time alone will next change an open `alert`, None where it never will."""
        rule = self.settings.rule(alert.rule)
        if rule is None or self._memory is None:
            return now
        reports = self._memory.ledger.reports(alert.signal, alert.situation)
        return lifecycle.next_change(rule, reports, alert, now)


def _rewritten(former: Article, candidate: Candidate, settings: Settings, now: datetime) -> Article:
    """Return the article in its new wording, with no score above its former one."""
    after = intake.article_of(candidate, settings, now)
    before = former.reading.scores
    capped = {label: min(score, before.get(label, 0.0)) for label, score in after.reading.scores.items()}
    return replace(
        former,
        title=after.title,
        summary=after.summary,
        content_hash=after.content_hash,
        weighed=former.weighed and after.weighed,
        reading=replace(
            after.reading, scores=capped, situations={**after.reading.situations, **former.reading.situations}
        ),
    )


def _state_after(poll: Poll, new: int, now: datetime, rng: random.Random) -> FeedState:
    """Return the feed's state after a poll; a page that had items and is empty now is an error, not calm."""
    if poll.error is not None:
        return polling.after_failure(poll.state, poll.feed, poll.error, now, rng)
    total = len(poll.parsed.entries) if poll.parsed else 0
    if poll.parsed and polling.emptied(poll.state, total):
        return polling.after_failure(
            poll.state, poll.feed, ParseError("the document holds no items any more"), now, rng
        )
    if poll.fetched is None:
        raise ValueError(f"the poll of {poll.feed.id} brought neither an answer nor an error")
    harvest = polling.Harvest(
        validators=poll.fetched.validators,
        new=new,
        total=total,
        unchanged=poll.parsed is None,
        ttl=poll.parsed.ttl if poll.parsed else None,
        max_age=poll.fetched.max_age,
        moved_to=poll.fetched.moved_to,
    )
    return polling.after_success(poll.state, poll.feed, now, rng, harvest)
