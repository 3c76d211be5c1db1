"""Where the pipeline lost a report that somebody missed: the first step at which it could have become an alert and did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from monitor.core.alerts import Decision, Outcome
from monitor.core.model import Article, Feed, FeedState


class Step(StrEnum):
    """The steps of an article's way, in order, at which it can be lost."""

    NO_FEED = "no_feed"
    FEED_FAILING = "feed_failing"
    NOT_IN_FEED = "not_in_feed"
    UNREAD = "unread"
    DATED_OUT = "dated_out"
    SCORED_LOW = "scored_low"
    NOT_PLACED = "not_placed"
    PLACED_ELSEWHERE = "placed_elsewhere"
    NO_RULE = "no_rule"
    COPY = "copy"
    BELOW_THRESHOLD = "below_threshold"
    ALERTED = "alerted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The step, what happened there, and what would help."""

    step: Step
    explanation: str


def not_stored(url: str, feeds: Sequence[tuple[Feed, FeedState | None]]) -> Finding:
    """Say why no article with this address was ever stored. Feeds are matched by the registrable end of their host."""
    host = _site(url)
    near = [(feed, state) for feed, state in feeds if feed.enabled and _site(feed.url) == host]
    if not near:
        return Finding(
            step=Step.NO_FEED, explanation=f"no enabled feed comes from {host or url}; add one to feeds.yaml"
        )
    failing = [f"{feed.id} ({state.error})" for feed, state in near if state and state.failures]
    if len(failing) == len(near):
        return Finding(step=Step.FEED_FAILING, explanation=f"every feed of {host} fails: {', '.join(failing)}")
    gaps = sum(state.gaps for _, state in near if state)
    hint = (
        f"; {gaps} polls found a page that was all new, so items may have rolled off: shorten its interval"
        if gaps
        else ""
    )
    names = ", ".join(feed.id for feed, _ in near)
    return Finding(step=Step.NOT_IN_FEED, explanation=f"the feeds of {host} ({names}) never showed it{hint}")


def _site(url: str) -> str:
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    short = len(labels) > 2 and len(labels[-2]) <= 3 and len(labels[-1]) == 2  # noqa: PLR2004  # co.uk, com.au and the like
    return ".".join(labels[-3:] if short else labels[-2:])


def stored(
    article: Article, decisions: Sequence[Decision], signal: str, situation: str, first: Article | None = None
) -> Finding:
    """Say at which step a stored article was lost for (signal, situation). first: the article that began its story."""
    own = [decision for decision in decisions if decision.signal == signal]
    return (
        _before_placing(article, own, signal) or _placing(article, signal, situation) or _weighing(own, article, first)
    )


def _before_placing(article: Article, own: Sequence[Decision], signal: str) -> Finding | None:
    reading = article.reading
    if reading.unread:
        language = reading.language or "unknown"
        return Finding(step=Step.UNREAD, explanation=f"its language ({language}) is one the model does not read")
    if article.unweighed:
        why = own[0].reason if own else f"it was not weighed: {article.unweighed}"
        return Finding(step=Step.DATED_OUT, explanation=why)
    if not own or all(decision.outcome is Outcome.BELOW_MIN_PROBABILITY for decision in own):
        score = reading.scores.get(signal, 0.0)
        why = own[0].reason if own else f"scored {score:.2f}, and nothing under 0.1 is weighed"
        return Finding(step=Step.SCORED_LOW, explanation=why)
    return None


def _placing(article: Article, signal: str, situation: str) -> Finding | None:
    placed = article.reading.situations.get(signal, "")
    if not placed:
        return Finding(step=Step.NOT_PLACED, explanation="no country or actor was found in its words")
    if placed != situation:
        return Finding(step=Step.PLACED_ELSEWHERE, explanation=f"it was placed in {placed}, not in {situation}")
    return None


def _weighing(own: Sequence[Decision], article: Article, first: Article | None) -> Finding:
    alerted = [decision for decision in own if decision.alert_id]
    if alerted:
        last = alerted[-1]
        return Finding(
            step=Step.ALERTED, explanation=f"it was part of alert {last.alert_id} ({last.outcome.value}: {last.reason})"
        )
    if all(decision.outcome is Outcome.NO_RULE for decision in own):
        return Finding(step=Step.NO_RULE, explanation=own[0].reason)
    if first and first.id != article.id and first.origin == article.origin:
        why = f"it tells again what {first.outlet} told ({first.id}: {first.title}), and counts once with it; {own[-1].reason}"
        return Finding(step=Step.COPY, explanation=why)
    return Finding(step=Step.BELOW_THRESHOLD, explanation=own[-1].reason)
