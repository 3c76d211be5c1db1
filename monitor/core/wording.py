"""How an alert is put into words: one wording for the terminal, the fallback text of Slack and the page.

Plain text only: every channel escapes for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from monitor.core.acts import verdicts_line
from monitor.core.alerts import Alert, AlertState, Event, EventKind, Standing
from monitor.core.country_names import COUNTRY_NAMES
from monitor.core.model import Article
from monitor.core.ports import AlertView
from monitor.core.reasons import count, figures, latest, moment, ordinal, surge_words, why_now

SIGNAL_NAMES = {
    "troop_concentration": "Troop concentration",
    "coup_warning": "Coup warning",
    "military_response_threat": "Threat of a military response",
}
MAX_QUOTES = 3
_PHRASES = 2  # of a quote and stage
MAX_DATES = 4
CONTESTED = "contested"


def drill_mark(view: AlertView) -> str:
    """Return what begins every line that could be taken for an alert in an exercise, "" in earnest."""
    return "DRILL · " if view.drill else ""


def headline(view: AlertView) -> str:
    """Return level, signal and situation in one line."""
    alert = view.alert
    state = "RESOLVED" if alert.state is AlertState.RESOLVED else alert.level.value.upper()
    return f"{drill_mark(view)}{state} · {signal_name(alert.signal)} · {view.name} ({alert.situation})"


def reminder(view: AlertView, event: Event | None = None) -> str:
    """Say that nobody has taken an alert on. event: holds how long, and what to do."""
    if event:
        return f"{drill_mark(view)}{event.reason}"
    return f"{drill_mark(view)}Reminder: nobody has acknowledged this since {moment(view.alert.last_told_at)}"


def alert_lines(view: AlertView) -> list[str]:
    """Return the alert as plain lines with addresses: why now, who says so, who denies, which dates, what is not seen."""
    told = {each.url for each in said(view)}
    return [
        f"Why now: {why_now(view)}",
        weight_line(view),
        *(_at(f"“{each.text}” — {each.who}", each.url) for each in said(view)),
        *_aside(view),
        *(_at(f"Also open here: {text}", url) for text, url in siblings(view)),
        *(f"{label}: {text}" for label, text in notes(view)),
        *(_at(f"Source: {outlet}: {title}", url) for outlet, title, url in sources(view) if not (url and url in told)),
    ]


def _at(line: str, url: str) -> str:
    return f"{line} <{url}>" if url else line


def told_lines(view: AlertView) -> list[str]:
    """Return what must be known within ten seconds, as plain lines, the most needed first."""
    quoted = [f"“{each.text}” — {each.who}" for each in said(view)]
    return [f"Why now: {why_now(view)}", weight_line(view), *quoted, *_aside(view)]


def _aside(view: AlertView) -> list[str]:
    denied = [f"Denied: “{text}” — {who}" for text, who in denials(view)]
    return [*denied, *(f"{label}: {text}" for label, text in facts(view))]


def facts(view: AlertView) -> list[tuple[str, str]]:
    """Return (label, text) of what else there is to know at once: only what applies."""
    found = (
        ("Told here", view.told_here),
        ("State", state_line(view)),
        ("Silence", "; ".join(view.silences)),
        ("Claimed dates", claimed_line(view)),
        ("Happened before", recurrence_line(view)),
        ("Blind", blind_line(view)),
    )
    return [(label, text) for label, text in found if text]


def notes(view: AlertView) -> list[tuple[str, str]]:
    """Return (label, text) of what can wait: the phrases that drove the scores, the ladder, and the exact figures."""
    found = (("Phrases", phrases_line(view)), ("Ladder", ladder_line(view)), ("Figures", figures(view)))
    return [(label, text) for label, text in found if text]


def phrases_line(view: AlertView) -> str:
    """Say which phrases drove the scores of the reports quoted, for each stage by itself, "" where that is not known."""
    stages = {
        "raised the first stage's score": [phrase for each in said(view) for phrase in each.drove],
        "the encoder's score falls without": [phrase for each in said(view) for phrase in each.needed],
    }
    told = {what: ", ".join(f"“{phrase}”" for phrase in dict.fromkeys(own)) for what, own in stages.items()}
    return "; ".join(f"{what}: {phrases}" for what, phrases in told.items() if phrases)


def state_line(view: AlertView) -> str:
    """Say what people or time have made of the alert, "" while it is simply open. Nothing ever says that all is clear."""
    alert, words = view.alert, []
    if alert.state is AlertState.RESOLVED and alert.resolved_at:
        words.append(f"resolved {moment(alert.resolved_at)}, reached {alert.highest.value}; this is no all-clear")
    elif alert.highest.rank > alert.level.rank:
        words.append(f"eased from {alert.highest.value}")
    if alert.acknowledged_by:
        at = f" {moment(alert.acknowledged_at)}" if alert.acknowledged_at else ""
        words.append(f"acknowledged by {alert.acknowledged_by}{at}")
    if judged := verdicts_line(view.verdicts):
        words.append(judged)
    reopened = sum(event.kind is EventKind.REOPENED for event in view.events)
    if reopened:
        words.append("reopened once" if reopened == 1 else f"reopened {reopened} times")
    return "; ".join(words)


def weight_line(view: AlertView) -> str:
    """Return in one line how heavy the reports weigh."""
    return "; ".join(weights(view))


def weights(view: AlertView) -> list[str]:
    """Return how many independent origins stand against how many outlets, how unusual it is, how fragile, and whether contested."""
    standing = latest_standing(view)
    outlets = count(len({row.source for row in view.evidence if not row.withdrawn}), "outlet")
    words = [f"{count(standing.origins, 'independent origin')}, {outlets}", surge_words(standing)]
    if view.alert.state is AlertState.RESOLVED:
        words = [f"{outlets} in all"]
    if standing.fragile:
        words.append("fragile: falls without its strongest origin")
    if deniers := contested(view):
        words.append(f"{CONTESTED}: {' and '.join(deniers)} {'denies' if len(deniers) == 1 else 'deny'} it")
    gone = sum(row.withdrawn for row in view.evidence)
    if gone:
        words.append(f"{count(gone, 'report')} rewritten or withdrawn since")
    return words


def latest_standing(view: AlertView) -> Standing:
    """Return the standing of the latest event that weighed anything."""
    event = latest(view)
    return (
        event.standing if event else Standing(at=view.alert.opened_at, evidence=0.0, origins=0, stories=0, surge=None)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A sentence that carries the signal. speaker: "" where the text names none. url: http(s) of the report, or "".

    drove, needed: see `Quote`; the strongest phrase of each.
    """

    text: str
    speaker: str
    outlet: str
    url: str = ""
    drove: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """Who said so, and where."""
        return f"{self.speaker}, {self.outlet}" if self.speaker else self.outlet


def said(view: AlertView, limit: int = MAX_QUOTES) -> list[Said]:
    """Return up to `limit` sentences, one for each outlet, strongest first; denials are told apart."""
    signal = view.alert.signal
    found: dict[str, tuple[float, Said]] = {}
    denying = {article.id for article in view.denials}
    for article in (each for each in standing_articles(view) if each.id not in denying):
        score, quote = article.reading.scores.get(signal, 0.0), article.reading.quotes.get(signal)
        each = Said(
            text=quote.text if quote else article.title,
            speaker=quote.speaker if quote else "",
            outlet=article.outlet,
            url=safe_link(article.url),
            drove=quote.drove[:_PHRASES] if quote else (),
            needed=quote.needed[:_PHRASES] if quote else (),
        )
        if article.outlet not in found or score > found[article.outlet][0]:
            found[article.outlet] = (score, each)
    ranked = [each for _, each in sorted(found.values(), key=lambda row: -row[0])]
    distinct = {each.text: each for each in reversed(ranked)}
    return [each for each in ranked if distinct[each.text] is each][:limit]


def quotes(view: AlertView, limit: int = MAX_QUOTES) -> list[tuple[str, str]]:
    """Return up to `limit` (sentence, who said so where), one for each outlet, strongest first."""
    return [(each.text, each.who) for each in said(view, limit)]


def standing_articles(view: AlertView) -> list[Article]:
    """Return the articles that the alert still rests on: neither rewritten nor withdrawn since."""
    gone = {row.article_id for row in view.evidence if row.withdrawn}
    return [article for article in view.articles if article.id not in gone]


def denials(view: AlertView, limit: int = 2) -> list[tuple[str, str]]:
    """Return up to `limit` (sentence, who denies where)."""
    found: dict[str, tuple[str, str]] = {}
    for article in view.denials:
        quote = article.reading.quotes.get("denial")
        text = quote.text if quote else article.title
        parties = "/".join(_party(code) for code in article.reading.denied_by)
        speaker = quote.speaker if quote else ""
        denier = f"{speaker} ({parties})" if speaker and parties else speaker or parties
        who = ", ".join(part for part in (denier, article.outlet) if part)
        found.setdefault(text, (text, who))
    return list(found.values())[:limit]


def contested(view: AlertView) -> list[str]:
    """Return the names of the accused that deny what is reported: parties to the situation; of a coup whoever denies a hand in it.

    A coup's situation is the country at stake, and those accused of plotting it often sit elsewhere.
    """
    denying = sorted({code for article in view.denials for code in article.reading.denied_by})
    parties = denying if view.alert.signal == "coup_warning" else view.alert.situation.split("-")
    return [_party(code) for code in parties if code in denying]


def _party(code: str) -> str:
    return COUNTRY_NAMES.get(code, code)


def claimed_dates(view: AlertView) -> list[tuple[date, int]]:
    """Return the days that reports announce, with the number of days left at the latest event; days gone by are left out."""
    now = view.events[-1].at if view.events else view.alert.opened_at
    days = sorted({day for article in standing_articles(view) for day in article.reading.claimed_dates})
    return [(day, (day - now.date()).days) for day in days if day >= now.date()]


def claimed_line(view: AlertView) -> str:
    """Return the claimed dates with their countdown, "" where there are none."""
    return ", ".join(f"{long_day(day)} ({_countdown(left)})" for day, left in claimed_dates(view)[:MAX_DATES])


def _countdown(left: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def long_day(day: date) -> str:
    """Return a day as people write it: `1 December 2021`."""
    return f"{day.day} {day:%B %Y}"


def recurrence_line(view: AlertView) -> str:
    """Say that it happened before, "" where it did not."""
    if not view.earlier:
        return ""
    year = view.alert.opened_at - timedelta(days=365)
    recent = [alert for alert in view.earlier if alert.opened_at >= year]
    last = max(view.earlier, key=lambda alert: alert.opened_at)
    times = f"{ordinal(len(recent) + 1)} time in twelve months: " if recent else ""
    return f"{times}last {long_day(last.opened_at)}, reached {last.highest.value}"


def ladder_line(view: AlertView) -> str:
    """Say on which rung of the ladder the situation stands, since when, and after which, "" where nothing is known."""
    climbed = view.ladder
    if climbed is None:
        return ""
    before = f", before that {climbed.before.value}" if climbed.before else ""
    easing = f"; talks, truce or withdrawal reported since {moment(climbed.easing)}" if climbed.easing else ""
    return f"{climbed.rung.value} since {moment(climbed.since)}{before}{easing}"


def siblings(view: AlertView) -> list[tuple[str, str]]:
    """Return (signal and level, address of its message or page or "") of the other open alerts of the situation."""
    pages = f"{view.public_url.rstrip('/')}/alerts/" if view.public_url else ""
    return [
        (
            f"{signal_name(other.signal)}{_elsewhere(view, other)} ({other.level.value})",
            safe_link(view.links.get(other.id, "") or (f"{pages}{other.id}" if pages else "")),
        )
        for other in sorted(view.siblings, key=alert_order)
    ]


def _elsewhere(view: AlertView, other: Alert) -> str:
    return "" if other.situation == view.alert.situation else f" in {other.situation}"


def signal_name(signal: str) -> str:
    """Return a signal's name for people."""
    return SIGNAL_NAMES.get(signal, signal)


def blind_line(view: AlertView) -> str:
    """Say what cannot be seen, "" where all is covered. Nothing ever says that all is clear."""
    return ", ".join(f"{name} since {moment(since)}" for name, since in view.blind)


def sources(view: AlertView, limit: int = 8) -> list[tuple[str, str, str]]:
    """Return (outlet, title, http(s) address or ""), strongest first, one for each outlet first; limit: 0 for all."""
    rows = sorted(
        (row for row in view.evidence if not row.withdrawn), key=lambda row: (-row.score, row.at, row.article_id)
    )
    first = list({row.source: row for row in reversed(rows)}.values())[::-1]
    chosen = {row.article_id for row in first}
    ranked = first + [row for row in rows if row.article_id not in chosen]
    return [(row.source, row.title, safe_link(row.url)) for row in ranked[: limit or None]]


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


def alert_order(alert: Alert) -> tuple[int, datetime]:
    """Return the order in which alerts are told: severity first, then age."""
    return (-alert.level.rank, alert.opened_at)
