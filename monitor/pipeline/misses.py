"""A miss: an article that should have alerted and did not. Where it was lost is said, and its words are kept to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core import inquest
from monitor.core.alerts import Verdict
from monitor.core.model import SIGNALS, Article, Feed
from monitor.core.ports import Unit
from monitor.pipeline.decided import find


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """What somebody missed. signal and situation: "" for those that the article scores highest on."""

    url: str
    signal: str
    situation: str
    note: str
    by: str


def log_miss(unit: Unit, miss: Miss, feeds: Sequence[Feed], now: datetime) -> list[str]:
    """Keep a miss; return at which step it was lost and what it is good for, a line each."""
    article = next(iter(find(unit, miss.url, feeds)), None)
    signal, situation = miss.signal or _likeliest(article), miss.situation
    if article and not situation:
        situation = article.reading.situations.get(signal, "")
    finding = _finding(unit, feeds, miss.url, article, signal, situation)
    unit.add_verdict(
        Verdict(
            at=now,
            verdict="missed",
            article_id=article.id if article else "",
            url=miss.url,
            title=article.title if article else "",
            summary=article.summary if article else "",
            signal=signal,
            situation=situation,
            step=finding.step.value,
            note=miss.note,
            by=miss.by,
        )
    )
    kept = (
        "kept as a label; `crisis-monitor train` learns from it"
        if article
        else "logged; its words were never read, so nothing can be learnt from them"
    )
    return [f"lost at {finding.step.value}: {finding.explanation}", kept]


def _likeliest(article: Article | None) -> str:
    return max(SIGNALS, key=lambda signal: article.reading.scores.get(signal, 0.0)) if article else ""


def _finding(
    unit: Unit, feeds: Sequence[Feed], url: str, article: Article | None, signal: str, situation: str
) -> inquest.Finding:
    if article is not None:
        first = unit.articles([article.story_id]).get(article.story_id)
        return inquest.stored(article, unit.decisions_of_article(article.id), signal, situation, first)
    states = unit.feed_states()
    return inquest.not_stored(url, [(feed, states.get(feed.id)) for feed in feeds])
