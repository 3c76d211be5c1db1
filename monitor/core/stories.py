"""Which articles are the same report: near-identical texts over a rolling 72 hours join one story.

Candidates come from an inverted index of words (rarest first, as in prefix filtering, Chaudhuri et al. 2006) and from sketches of
the summaries' shingles; `story_measure` then decides exactly. What `find` answers depends on the members of the last 72 hours
alone, not on their order, so that an index rebuilt from the database answers as the one before it did.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import TypeVar

from monitor.core.model import Article
from monitor.core.story_measure import Likeness, compare, same_wording, summaries_agree
from monitor.core.story_text import Text, read_title, sketch, summary_words
from monitor.core.story_words import LOOSE

K = TypeVar("K")
HORIZON = timedelta(hours=72)
COMMON = 100
WIDEST = 3
MEASURED = 8
CLOSE_BEHIND = 3
CERTAIN = 0.9
ABOUT_AS_NEAR = 0.7
LEAST_WORDS = 0.4
SAME_SUMMARY = 0.6
OTHER_SUMMARY = 0.15


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """An article of a story. origin: the independent source it counts for. outlet: as its titles may name it, "" where unknown."""

    article_id: str
    story_id: str
    origin: str
    owner: str
    title: str
    summary: str
    at: datetime
    outlet: str = ""

    @classmethod
    def of(cls, article: Article) -> Member:
        """Return what the index needs of an article that has joined its story."""
        return cls(
            article_id=article.id,
            story_id=article.story_id,
            origin=article.origin,
            owner=article.owner,
            title=article.title,
            summary=article.summary,
            at=article.seen_at,
            outlet=article.outlet,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """The stored member nearest to a text. copy: the same text, so that its origin is the same; else another telling of the report."""

    member: Member
    similarity: float
    copy: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    member: Member
    title: Text
    sketch: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """A candidate measured. agree: how far the summaries are the same, None where one of them does not tell."""

    held: _Held
    likeness: Likeness
    agree: float | None

    @property
    def same(self) -> bool:
        """Whether this candidate tells the same report."""
        if self.agree is not None and self.agree >= SAME_SUMMARY:
            return not self.likeness.conflict
        return self.likeness.same

    @property
    def rank(self) -> tuple[float, datetime, str]:
        """Order of preference, best first; what arrived first wins among equals."""
        near = max(self.likeness.similarity, self.agree or 0.0)
        return (-near, self.held.member.at, self.held.member.article_id)


class StoryIndex:
    """Members of the last 72 hours, found by their text."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._by_sketch: dict[int, set[str]] = defaultdict(set)
        self._ages: list[tuple[datetime, str]] = []

    def find(self, title: str, summary: str, at: datetime, outlet: str = "") -> Match | None:
        """Return the nearest member that is near enough to be the same report, None where there is none.

        outlet: name of the text's own outlet, which its title may end with.
        """
        self.expire(at)
        text, words = read_title(title, outlet), summary_words(summary)
        judged = [_judge(text, words, self._held[key]) for key in self._candidates(text, words)]
        good = sorted((each for each in judged if each.same), key=lambda each: each.rank)
        best = next((each for each in good if not _contradicted(each, judged)), None)
        if best is None:
            return None
        return Match(member=best.held.member, similarity=-best.rank[0], copy=_is_copy(title, best))

    def add(self, member: Member) -> None:
        """Take a member in; one that is held already is replaced by its present wording."""
        self._drop(member.article_id)
        held = _Held(
            member=member,
            title=read_title(member.title, member.outlet),
            sketch=sketch(summary_words(member.summary)),
        )
        self._held[member.article_id] = held
        heapq.heappush(self._ages, (member.at, member.article_id))
        for word in set(held.title.tokens):
            self._by_word[word].add(member.article_id)
        for mark in held.sketch:
            self._by_sketch[mark].add(member.article_id)

    def expire(self, now: datetime) -> None:
        """Drop members older than 72 hours."""
        while self._ages and now - self._ages[0][0] > HORIZON:
            at, article_id = heapq.heappop(self._ages)
            held = self._held.get(article_id)
            if held and held.member.at == at:
                self._drop(article_id)

    def __len__(self) -> int:
        return len(self._held)

    def _drop(self, article_id: str) -> None:
        held = self._held.pop(article_id, None)
        if held is None:
            return
        _forget(self._by_word, set(held.title.tokens), article_id)
        _forget(self._by_sketch, held.sketch, article_id)

    def _candidates(self, text: Text, words: Sequence[str]) -> list[str]:
        """Return the ids of the members that share most words, and of those whose summary has a common sketch."""
        telling = (text.bag - LOOSE) or text.bag
        postings = sorted((self._by_word[word] for word in telling if word in self._by_word), key=len)
        rare = [posting for posting in postings if len(posting) <= COMMON]
        common = postings[len(rare) :]
        needed = math.ceil(LEAST_WORDS * len(telling))
        shared: Counter[str] = Counter()
        for posting in rare:
            shared.update(posting)
        if len(common) >= needed:
            dict.update(shared, dict.fromkeys(_in_two(common[:WIDEST]).difference(shared), 0))
        hopeful = {key for key, count in shared.items() if count >= needed - len(common)}
        for posting in common:
            shared.update(posting & hopeful)
        near = _foremost(shared, needed)
        return near + self._sketched(words, near)

    def _sketched(self, words: Sequence[str], known: Sequence[str]) -> list[str]:
        """Return the ids of further members whose summary shares a mark with these words'."""
        marks = sketch(words) if self._by_sketch else ()
        found = {key for mark in marks for key in self._by_sketch.get(mark, ())}
        return sorted(found.difference(known))[:MEASURED]


def _in_two(postings: Sequence[set[str]]) -> set[str]:
    """Return what stands in at least two of the postings, or in the only one."""
    if len(postings) == 1:
        return set(postings[0])
    return set().union(*(one & other for one, other in combinations(postings, 2)))


def _foremost(shared: Mapping[str, int], asked: int) -> list[str]:
    """Return the keys that share most words, at least `asked`; among equals in order of their ids, whatever the order of arrival."""
    least = max(asked, max(shared.values(), default=0) - CLOSE_BEHIND)
    found = [key for key, count in shared.items() if count >= least]
    return found if len(found) <= MEASURED else sorted(found, key=lambda key: (-shared[key], key))[:MEASURED]


def _judge(text: Text, words: Sequence[str], held: _Held) -> _Judged:
    agree = summaries_agree(words, summary_words(held.member.summary)) if words and held.sketch else None
    return _Judged(held=held, likeness=compare(text, held.title), agree=agree)


def _is_copy(title: str, match: _Judged) -> bool:
    """Say whether a match is the same text, rather than another telling of the report."""
    if match.agree is not None and match.agree >= SAME_SUMMARY:
        return True
    return same_wording(title, match.held.member.title, apart=match.agree is not None and match.agree < OTHER_SUMMARY)


def _contradicted(good: _Judged, judged: Sequence[_Judged]) -> bool:
    """Say whether the same story holds a text about as near that names other things: a vaguer text must not join the two."""
    if -good.rank[0] >= CERTAIN:
        return False
    return any(
        other.likeness.conflict
        and other.held.member.story_id == good.held.member.story_id
        and other.likeness.similarity >= ABOUT_AS_NEAR * good.likeness.similarity
        for other in judged
    )


def _forget(index: dict[K, set[str]], keys: Iterable[K], article_id: str) -> None:
    for key in keys:
        index[key].discard(article_id)
        if not index[key]:
            del index[key]
