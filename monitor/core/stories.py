"""Which articles are the same report: near-identical texts over a rolling 72 hours join one story.

This index holds texts word for word the same once case, punctuation and spacing are folded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.identity import fold

HORIZON = timedelta(hours=72)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """An article of a story. origin: the independent source it counts for."""

    article_id: str
    story_id: str
    origin: str
    owner: str
    title: str
    summary: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """The stored member nearest to a text. copy: the same text, so that its origin is the same; else another telling of the report."""

    member: Member
    similarity: float
    copy: bool


class StoryIndex:
    """Members of the last 72 hours, found by their text."""

    def __init__(self) -> None:
        self._by_text: dict[str, Member] = {}

    def find(self, title: str, summary: str, at: datetime) -> Match | None:
        """Return the nearest member that is near enough to be the same report, None where there is none."""
        member = self._by_text.get(fold(title))
        del summary
        if member is None or at - member.at > HORIZON:
            return None
        return Match(member=member, similarity=1.0, copy=True)

    def add(self, member: Member) -> None:
        """Take a member in."""
        self._by_text.setdefault(fold(member.title), member)

    def expire(self, now: datetime) -> None:
        """Drop members older than 72 hours."""
        self._by_text = {text: member for text, member in self._by_text.items() if now - member.at <= HORIZON}
