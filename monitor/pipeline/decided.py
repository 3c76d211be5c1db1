"""What was decided about an article or an alert, and why, in lines: the decision record as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.alerts import Decision
from monitor.core.identity import url_keys
from monitor.core.model import LABELS, Article, Feed
from monitor.core.ports import Unit
from monitor.core.records import iso
from monitor.core.wording import event_line


def find(unit: Unit, id_or_url: str, feeds: Sequence[Feed]) -> list[Article]:
    """Return the articles with this id or address; an address under which a stored article came again leads to that article."""
    found = unit.find_articles(id_or_url)
    if found:
        return found
    again = unit.known(url_keys(id_or_url, [feed.owner for feed in feeds]))
    return list(unit.articles(again.values()).values())


def why_lines(unit: Unit, id_or_url: str, feeds: Sequence[Feed]) -> list[str]:
    """Return the decision record of the articles or the alert that `id_or_url` names; nothing when none does."""
    alert = unit.alert(id_or_url)
    if alert:
        lines = [
            f"alert {alert.id}: rule {alert.rule}, {alert.signal} in {alert.situation}, {alert.level.value}, {alert.state.value}"
        ]
        lines += [f"  {event_line(event.kind, event.reason, event.at)}" for event in unit.events(alert.id)]
        lines += [
            f"  rests on {row.article_id}: {row.source}: {row.title} (score {row.score:.2f})"
            for row in unit.alert_articles(alert.id)
        ]
        return lines
    return [line for article in find(unit, id_or_url, feeds) for line in article_lines(unit, article)]


def article_lines(unit: Unit, article: Article) -> list[str]:
    """Return one article's way through the pipeline, a line for each step."""
    reading = article.reading
    published = iso(article.published_at) if article.published_at else "no usable date"
    lines = [
        f"article {article.id}: {article.title}",
        f"  seen      {iso(article.seen_at)} in feed {article.feed_id} ({article.outlet}); published {published} {article.date_note.value}".rstrip(),
    ]
    if reading.unread:
        lines.append(
            f"  unread    language {reading.language or 'unknown'}: the model does not read it; it counts as blindness, not as calm"
        )
    else:
        scores = ", ".join(f"{label} {reading.scores.get(label, 0.0):.3f}" for label in LABELS)
        lines.append(f"  scored    {scores} (model {reading.model})")
    lines += [
        f"  quote     {label}: “{quote.text}”" + (f" — {quote.speaker}" if quote.speaker else "")
        for label, quote in reading.quotes.items()
    ]
    places = ", ".join(f"{place.code} ({place.role.value})" for place in reading.places) or "none"
    situations = ", ".join(f"{key} ({label})" for label, key in reading.situations.items()) or "none"
    lines.append(f"  placed    {places}; situations {situations}")
    if article.story_id:
        first = "starts it" if article.story_id == article.id else f"joins {article.story_id}"
        lines.append(f"  joined    story {first}, origin {article.origin}, weight {article.weight:g}")
    decisions = unit.decisions_of_article(article.id)
    lines += [_decision_line(decision) for decision in decisions]
    if not decisions and not reading.unread:
        lines.append("  decided   low_score: every signal scores under 0.1, so no rule was asked")
    lines += [
        f"  edited    {iso(row['at'])}: {row['kind']}; it read before: {row['title']}"
        for row in unit.revisions(article.id)
    ]
    return lines


def _decision_line(decision: Decision) -> str:
    rule = f"rule {decision.rule}, " if decision.rule else ""
    alert = f" -> alert {decision.alert_id}" if decision.alert_id else ""
    where = f" in {decision.situation}" if decision.situation else ""
    versions = f"config {decision.config_hash}, model {decision.model}"
    return f"  decided   {iso(decision.at)} {decision.signal}{where} ({decision.score:.2f}): {rule}{decision.outcome.value}: {decision.reason}{alert} [{versions}]"
