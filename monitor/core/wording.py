"""How an alert is put into words: one wording for the terminal, the fallback text of Slack and the page.

Plain text only: every channel escapes for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from monitor.core.model import Alert, AlertState, Article, Event, EventKind, Standing
from monitor.core.ports import AlertArticle, AlertView

SIGNAL_NAMES = {
    "troop_concentration": "Troop concentration",
    "coup_warning": "Coup warning",
    "military_response_threat": "Threat of a military response",
}
MAX_QUOTES = 4


def drill_mark(view: AlertView) -> str:
    """Return what begins every line that could be taken for an alert in an exercise, "" in earnest."""
    return "DRILL · " if view.drill else ""


def headline(view: AlertView) -> str:
    """Return level, signal and situation in one line."""
    alert = view.alert
    state = "RESOLVED" if alert.state is AlertState.RESOLVED else alert.level.value.upper()
    return (
        f"{drill_mark(view)}{state} · {SIGNAL_NAMES.get(alert.signal, alert.signal)} · {view.name} ({alert.situation})"
    )


def alert_lines(view: AlertView) -> list[str]:
    """Return the alert as plain lines: why now, who says so, who denies, which dates, what is not seen, where to read on."""
    return [
        *told_lines(view),
        *(
            f"Source: {outlet}: {title} <{url}>" if url else f"Source: {outlet}: {title}"
            for outlet, title, url in sources(view)
        ),
    ]


def told_lines(view: AlertView) -> list[str]:
    """Return everything about the alert but its sources, as plain lines, the most needed first."""
    return [
        f"Why now: {why_now(view)}",
        weight_line(view),
        *(f"“{text}” — {who}" for text, who in quotes(view)),
        *(f"Denied: “{text}” — {who}" for text, who in denials(view)),
        *(f"{label}: {text}" for label, text in facts(view)),
    ]


def facts(view: AlertView) -> list[tuple[str, str]]:
    """Return (label, text) of what else there is to know: only what applies."""
    found = (
        ("State", state_line(view)),
        ("Claimed dates", claimed_line(view)),
        ("Happened before", recurrence_line(view)),
        ("Ladder", ladder_line(view)),
        ("Also open here", sibling_line(view)),
        ("Blind", blind_line(view)),
    )
    return [(label, text) for label, text in found if text]


def state_line(view: AlertView) -> str:
    """Say what people or time have made of the alert, "" while it is simply open. Nothing ever says that all is clear."""
    alert, words = view.alert, []
    if alert.state is AlertState.RESOLVED and alert.resolved_at:
        words.append(f"resolved {alert.resolved_at:%d %B %H:%M} UTC: reports have thinned out, which is no all-clear")
    elif alert.highest.rank > alert.level.rank:
        words.append(f"eased from {alert.highest.value}")
    if alert.acknowledged_by:
        at = f" {alert.acknowledged_at:%d %B %H:%M} UTC" if alert.acknowledged_at else ""
        words.append(f"acknowledged by {alert.acknowledged_by}{at}")
    reopened = sum(event.kind is EventKind.REOPENED for event in view.events)
    if reopened:
        words.append(f"reopened {_count(reopened, 'time')}")
    return "; ".join(words)


def news_of(view: AlertView, event: Event) -> list[AlertArticle]:
    """Return the reports that came since the event before `event`, strongest first."""
    before = max((other.at for other in view.events if other.at < event.at), default=None)
    fresh = [
        row for row in view.evidence if not row.withdrawn and row.at <= event.at and (not before or row.at > before)
    ]
    return sorted(fresh, key=lambda row: (-row.score, row.at, row.article_id))


def why_now(view: AlertView) -> str:
    """Return the reason of the latest event."""
    return view.events[-1].reason if view.events else "no event is stored"


def weight_line(view: AlertView) -> str:
    """Return how many independent origins stand against how many outlets, how unusual it is, and how fragile."""
    standing = latest_standing(view)
    outlets = len({row.source for row in view.evidence if not row.withdrawn})
    words = [
        f"{_count(standing.origins, 'independent origin')} in {_count(outlets, 'outlet')}, evidence {standing.evidence:.1f}"
    ]
    words.append(
        "no baseline yet" if standing.surge is None else f"surge {standing.surge:.1f} standard deviations above usual"
    )
    if standing.fragile:
        words.append("fragile: would not hold without its strongest origin")
    if contested(view):
        words.append("contested: an accused party denies it")
    gone = sum(row.withdrawn for row in view.evidence)
    if gone:
        words.append(f"{_count(gone, 'report')} rewritten or withdrawn since")
    return "; ".join(words)


def latest_standing(view: AlertView) -> Standing:
    """Return the standing of the latest event that weighed anything."""
    return (
        view.events[-1].standing
        if view.events
        else Standing(at=view.alert.opened_at, evidence=0.0, origins=0, stories=0, surge=None)
    )


def quotes(view: AlertView, limit: int = MAX_QUOTES) -> list[tuple[str, str]]:
    """Return up to `limit` (sentence, who said so where), one for each outlet, strongest first."""
    signal = view.alert.signal
    found: dict[str, tuple[float, str, str]] = {}
    for article in view.articles:
        score = article.reading.scores.get(signal, 0.0)
        quote = article.reading.quotes.get(signal)
        text = quote.text if quote else article.title
        who = f"{quote.speaker}, {article.outlet}" if quote and quote.speaker else article.outlet
        if score > found.get(article.outlet, (0.0, "", ""))[0]:
            found[article.outlet] = (score, text, who)
    ranked = sorted(found.values(), key=lambda row: -row[0])
    distinct = {text: (text, who) for _, text, who in reversed(ranked)}
    return [pair for pair in (distinct.pop(text, None) for _, text, _ in ranked) if pair][:limit]


def denials(view: AlertView, limit: int = 2) -> list[tuple[str, str]]:
    """Return up to `limit` (sentence, who denies where)."""
    found: dict[str, tuple[str, str]] = {}
    for article in view.denials:
        quote = article.reading.quotes.get("denial")
        text = quote.text if quote else article.title
        who = ", ".join(
            part
            for part in (quote.speaker if quote else "", "/".join(article.reading.denied_by), article.outlet)
            if part
        )
        found.setdefault(text, (text, who))
    return list(found.values())[:limit]


def contested(view: AlertView) -> bool:
    """Say whether a party to the situation denies what is reported."""
    parties = set(view.alert.situation.split("-"))
    return any(parties & set(article.reading.denied_by) for article in view.denials)


def claimed_dates(view: AlertView) -> list[tuple[date, int]]:
    """Return the days that reports announce, with the number of days left at the latest event; days gone by are left out."""
    now = view.events[-1].at if view.events else view.alert.opened_at
    days = sorted({day for article in view.articles for day in article.reading.claimed_dates})
    return [(day, (day - now.date()).days) for day in days if day >= now.date()]


def claimed_line(view: AlertView) -> str:
    """Return the claimed dates with their countdown, "" where there are none."""
    days = [
        f"{day:%d %B %Y} ({'today' if left == 0 else 'in ' + _count(left, 'day')})"
        for day, left in claimed_dates(view)[:4]
    ]
    return ", ".join(days)


def recurrence_line(view: AlertView) -> str:
    """Say that it happened before, "" where it did not."""
    if not view.earlier:
        return ""
    year = view.alert.opened_at - timedelta(days=365)
    recent = [alert for alert in view.earlier if alert.opened_at >= year]
    last = max(view.earlier, key=lambda alert: alert.opened_at)
    times = f"{_ordinal(len(recent) + 1)} time in twelve months; " if recent else ""
    return f"{times}last opened {last.opened_at:%d %B %Y}, reached {last.highest.value}"


def ladder_line(view: AlertView) -> str:
    """Say on which rung of the ladder the situation stands, since when, and after which, "" where nothing is known."""
    climbed = view.ladder
    if climbed is None:
        return ""
    before = f", before that {climbed.before.value}" if climbed.before else ""
    easing = f"; talks, truce or withdrawal reported since {climbed.easing:%d %B %H:%M} UTC" if climbed.easing else ""
    return f"{climbed.rung.value} since {climbed.since:%d %B %H:%M} UTC{before}{easing}"


def sibling_line(view: AlertView) -> str:
    """Name the other open alerts of the situation, "" where there are none."""
    names = [
        f"{SIGNAL_NAMES.get(other.signal, other.signal)} ({other.level.value}, {other.id})" for other in view.siblings
    ]
    return ", ".join(names)


def blind_line(view: AlertView) -> str:
    """Say what cannot be seen, "" where all is covered. Nothing ever says that all is clear."""
    places = [f"{name} since {since:%d %B %H:%M} UTC" for name, since in view.blind]
    return ", ".join(places)


def sources(view: AlertView, limit: int = 8) -> list[tuple[str, str, str]]:
    """Return up to `limit` (outlet, title, http(s) address or ""), strongest first, one for each outlet first."""
    rows = sorted(
        (row for row in view.evidence if not row.withdrawn), key=lambda row: (-row.score, row.at, row.article_id)
    )
    seen: set[str] = set()
    first = [row for row in rows if not (row.source in seen or seen.add(row.source))]  # type: ignore[func-returns-value]  # add() returns None on purpose
    rest = [row for row in rows if row not in first]
    return [(row.source, row.title, safe_link(row.url)) for row in (first + rest)[:limit]]


def safe_link(url: str) -> str:
    """Return `url` if it is http(s) with a host and no credentials, else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    good = parts.scheme.lower() in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return url if good and not any(ch in url for ch in '<>|"\\ \n\r\t') else ""


def event_line(kind: EventKind, reason: str, at: datetime) -> str:
    """Return one transition in one line."""
    return f"{at:%Y-%m-%d %H:%M} UTC · {kind.value} · {reason}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def outlets_of(articles: Sequence[Article]) -> list[str]:
    """Return the outlets of articles, each once, in order."""
    return list(dict.fromkeys(article.outlet for article in articles))


def alert_order(alert: Alert) -> tuple[int, datetime]:
    """Return the order in which alerts are told: severity first, then age."""
    return (-alert.level.rank, alert.opened_at)
