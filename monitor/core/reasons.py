"""Why an alert speaks now, in one line of human words: what changed, how far, since when.

The exact figures against their limits are the reason stored with each event; `figures` keeps them for the small print.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core.alerts import Event, EventKind, Standing
from monitor.core.ports import AlertArticle, AlertView
from monitor.core.reminders import lasting as exactly

_FIGURES = re.compile(r"(?:^|: )(?P<figures>evidence \d.* for (?:watch|warning|critical))$")
_ASIDE = frozenset({EventKind.ACKNOWLEDGED, EventKind.SILENCED})
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SURGES = (
    (5.0, "far above usual here"),
    (2.0, "well above usual here"),
    (1.0, "above usual here"),
    (-1.0, "as usual here"),
)
_NAMED = 3
_MULTIPLE, _LEAST_MEAN = 2.0, 0.25


def why_now(view: AlertView) -> str:
    """Return what changed last, in words; people's acts are no news of the world."""
    event = latest(view)
    return why_of(view, event) if event else "no event is stored"


def latest(view: AlertView) -> Event | None:
    """Return the latest event that weighed reports, else the latest of all, None where there is none."""
    weighed = [event for event in view.events if event.kind not in _ASIDE]
    return next(reversed(weighed or view.events), None)


def why_of(view: AlertView, event: Event) -> str:
    """Return in words what `event` changed; a reason that holds no figures is given as it was stored."""
    say = {
        EventKind.OPENED: _opened,
        EventKind.REOPENED: _reopened,
        EventKind.ESCALATED: _escalated,
        EventKind.UPDATED: _updated,
        EventKind.EASED: _eased,
        EventKind.RESOLVED: _resolved,
    }.get(event.kind)
    return say(view, event) if say and _FIGURES.search(event.reason) else event.reason


def figures(view: AlertView) -> str:
    """Return the exact figures of the latest weighing against what its level asks."""
    event = latest(view)
    return figures_of(event) if event else ""


def figures_of(event: Event) -> str:
    """Return the exact figures of one weighing."""
    found, surge = _FIGURES.search(event.reason), event.standing.surge
    exact = found["figures"] if found else f"evidence {event.standing.evidence:.2f}"
    return exact if surge is None or "surge" in exact else f"{exact}; surge {surge:.1f} standard deviations"


def news_of(view: AlertView, event: Event) -> list[AlertArticle]:
    """Return the reports that came since the event before `event`, strongest first."""
    earlier = (other.at for other in view.events if other.at < event.at and other.kind not in _ASIDE)
    before = max(earlier, default=None)
    fresh = [
        row for row in view.evidence if not row.withdrawn and row.at <= event.at and (not before or row.at > before)
    ]
    return sorted(fresh, key=lambda row: (-row.score, row.at, row.article_id))


def surge_words(standing: Standing) -> str:
    """Return how unusual the inflow of the last day is for this situation."""
    if standing.surge is None:
        return "too little history to say how unusual"
    words = next((text for least, text in _SURGES if standing.surge >= least), "below usual here")
    times = standing.inflow / standing.mean if standing.mean >= _LEAST_MEAN else 0.0
    return f"{words}, {times:.0f} times the daily mean" if times >= _MULTIPLE and standing.surge >= 1 else words


def count(number: int, word: str) -> str:
    """Return a number with its noun."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def ordinal(number: int) -> str:
    """Return a number as its place in a row: in words up to the tenth."""
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def lasting(span: timedelta) -> str:
    """Return a length of time in hours, from two days on in days."""
    hours = round(span.total_seconds() / 3600)
    if hours <= 1:
        return "an hour"
    return count(hours, "hour") if hours < 48 else count(round(hours / 24), "day")  # noqa: PLR2004  # two days


def _gone(span: timedelta) -> str:
    """Return a length of time that has passed: where it is less than an hour nobody is told of an hour."""
    return exactly(span) if span < timedelta(hours=1) else lasting(span)


def _before(view: AlertView, event: Event) -> Event | None:
    earlier = [other for other in view.events if other.at < event.at and other.kind not in _ASIDE]
    return earlier[-1] if earlier else None


def _opened(view: AlertView, event: Event) -> str:
    told = [row for row in view.evidence if row.at <= event.at and not row.withdrawn]
    origins = event.standing.origins
    since = f" within {lasting(event.at - min(row.at for row in told))}" if told else ""
    newest = f": {max(told, key=lambda row: row.at).source}" if told else ""
    source = "a first source reports it" if origins == 1 else f"a {ordinal(origins)} independent source{since}{newest}"
    return source if event.level.rank == 1 else f"straight to {event.level.value}: {source}"


def _reopened(view: AlertView, event: Event) -> str:
    before = _before(view, event)
    gap = f" {_gone(event.at - before.at)} after it was resolved" if before else ""
    return f"reports again{gap}: {_origins(event, None)}, evidence {event.standing.evidence:.1f}"


def _escalated(view: AlertView, event: Event) -> str:
    before = _before(view, event)
    rise = f"rose from {before.level.value} to {event.level.value}" if before else f"rose to {event.level.value}"
    return f"{rise}: {_weighed(event, before)}{_from(news_of(view, event))}"


def _updated(view: AlertView, event: Event) -> str:
    fresh = news_of(view, event)
    what = count(len(fresh), "new report") if fresh else "new reports"
    return f"{what}{_from(fresh, ' from ')}: {_weighed(event, _before(view, event))}"


def _eased(view: AlertView, event: Event) -> str:
    before = _before(view, event)
    fall = f"eased from {before.level.value} to {event.level.value}" if before else f"eased to {event.level.value}"
    last = max((row.at for row in view.evidence if row.at <= event.at), default=None)
    quiet = f"no new report for {lasting(event.at - last)}, " if last and event.at - last >= timedelta(hours=1) else ""
    return f"{fall}: {quiet}{_evidence(event, before)}"


def _resolved(view: AlertView, event: Event) -> str:
    since = view.alert.quiet_since
    quiet = f"too few reports for {_gone(event.at - since)}" if since and since < event.at else "too few reports"
    return f"{quiet}, {_evidence(event, _before(view, event))}"


def _weighed(event: Event, before: Event | None) -> str:
    return f"{_origins(event, before)}, {_evidence(event, before)}"


def _origins(event: Event, before: Event | None) -> str:
    now, then = event.standing.origins, before.standing.origins if before else None
    return count(now, "independent origin") + (f" (was {then})" if then is not None and then != now else "")


def _evidence(event: Event, before: Event | None) -> str:
    now, then = f"{event.standing.evidence:.1f}", f"{before.standing.evidence:.1f}" if before else ""
    return f"evidence {now}" + (f" (was {then})" if then and then != now else "")


def _from(fresh: Sequence[AlertArticle], lead: str = "; new: ") -> str:
    outlets = list(dict.fromkeys(row.source for row in fresh))
    more = f" and {len(outlets) - _NAMED} more" if len(outlets) > _NAMED else ""
    return f"{lead}{', '.join(outlets[:_NAMED])}{more}" if outlets else ""


def moment(at: datetime) -> str:
    """Return a moment as people write it: `1 December 14:00 UTC`."""
    return f"{at.day} {at:%B %H:%M} UTC"
