"""Which articles are the same report: near-identical texts over a rolling 72 hours join one story.

Candidates come from an inverted index of words (rarest first, as in prefix filtering, Chaudhuri et al. 2006) and from sketches of
the summaries' shingles; `story_measure` then decides exactly. What `find` answers depends on the members of the last 72 hours
alone, not on their order, so that an index rebuilt from the database answers as the one before it did.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.core.identity import fold
from monitor.core.story_measure import COPY_WORDS, SAME_TEXT, Likeness, compare, summaries_agree
from monitor.core.story_text import Text, read_title, sketch, summary_words
from monitor.core.story_words import LOOSE

K = TypeVar("K")
HORIZON = timedelta(hours=72)
COMMON = 300
WIDEST = 4
MEASURED = 24
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

    member: Member
    likeness: Likeness
    agree: float | None
    exact: bool
    words: int

    @property
    def same(self) -> bool:
        """Whether this candidate tells the same report."""
        if self.agree is not None and self.agree >= SAME_SUMMARY:
            return not self.likeness.conflict
        return self.likeness.same

    @property
    def copy(self) -> bool:
        """Whether this candidate is the same text."""
        if self.agree is not None and self.agree >= SAME_SUMMARY:
            return True
        if self.agree is not None and self.agree < OTHER_SUMMARY and self.words < COPY_WORDS:
            return False
        return self.exact or (self.words >= COPY_WORDS and self.likeness.similarity >= SAME_TEXT)

    @property
    def rank(self) -> tuple[float, float, str]:
        """Order of preference, best first; what arrived first wins among equals."""
        return (-max(self.likeness.similarity, self.agree or 0.0), self.member.at.timestamp(), self.member.article_id)


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
        judged = [self._judge(text, words, self._held[key], title) for key in self._candidates(text, words)]
        good = sorted((each for each in judged if each.same), key=lambda each: each.rank)
        best = next((each for each in good if not _contradicted(each, judged)), None)
        if best is None:
            return None
        return Match(member=best.member, similarity=-best.rank[0], copy=best.copy)

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
        """Return the ids of the members that share most of the rarest words, and of those whose summary has a common sketch."""
        shared: Counter[str] = Counter()
        for posting in self._postings(text):
            shared.update(posting)
        for mark in sketch(words) if self._by_sketch else ():
            shared.update(self._by_sketch.get(mark, ()))
        if len(shared) <= MEASURED:
            return list(shared)
        return heapq.nsmallest(MEASURED, shared, key=lambda key: (-shared[key], key))

    def _postings(self, text: Text) -> Iterable[set[str]]:
        """Yield the members of each rare word, and for common words the members of each two together."""
        every = set(text.tokens)
        telling = {word for word in every if word not in LOOSE} or every
        held = [(len(self._by_word[word]), word) for word in telling if word in self._by_word]
        held.sort()
        common = [self._by_word[word] for count, word in held if count > COMMON]
        yield from (self._by_word[word] for count, word in held if count <= COMMON)
        if len(common) == 1 and len(held) == 1:
            yield common[0]
        for place, one in enumerate(common[:WIDEST]):
            yield from (one & other for other in common[place + 1 : WIDEST])

    @staticmethod
    def _judge(text: Text, words: Sequence[str], held: _Held, title: str) -> _Judged:
        member = held.member
        agree = summaries_agree(words, summary_words(member.summary)) if words and held.sketch else None
        likeness = compare(text, held.title)
        return _Judged(
            member=member,
            likeness=likeness,
            agree=agree,
            exact=likeness.similarity == 1.0 or fold(title) == fold(member.title),
            words=min(len(set(text.tokens)), len(set(held.title.tokens))),
        )


def _contradicted(good: _Judged, judged: Sequence[_Judged]) -> bool:
    """Say whether the same story holds a text that is as near but names other things: then a vaguer text must not join the two."""
    return any(
        other.likeness.conflict
        and other.member.story_id == good.member.story_id
        and other.likeness.similarity >= good.likeness.similarity
        for other in judged
    )


def _forget(index: dict[K, set[str]], keys: Iterable[K], article_id: str) -> None:
    for key in keys:
        index[key].discard(article_id)
        if not index[key]:
            del index[key]
