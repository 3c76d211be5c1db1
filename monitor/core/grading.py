"""How well a week went, from people's verdicts: what was right, what was missed, how fast we and people were. Honest about small numbers."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core import local_time
from monitor.core.alerts import Alert, Event, EventKind, Level, Verdict
from monitor.core.briefs import notice
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.messages import Channel
from monitor.core.reasons import count
from monitor.core.reminders import lasting, risen_at

WEEK = timedelta(days=7)
ENOUGH = 10
_Z = 1.959964
_SAID = ("true", "false", "unsure")


@dataclass(frozen=True, kw_only=True, slots=True)
class Graded:
    """An alert with what people said of it, "" for nothing. first_report: when we first read a report it rests on."""

    alert: Alert
    verdict: str
    first_report: datetime | None
    events: Sequence[Event]


def latest_verdicts(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Return what people say of each alert, by its id: of each person the latest verdict, of several the one most give.

    A tie is `unsure`: nobody's word stands above another's.
    """
    said = [each for each in verdicts if each.alert_id and each.verdict in _SAID]
    latest = {(each.alert_id, each.by): each.verdict for each in sorted(said, key=lambda each: each.at)}
    votes: dict[str, Counter[str]] = {}
    for (alert_id, _), verdict in latest.items():
        votes.setdefault(alert_id, Counter())[verdict] += 1
    return {alert_id: _most(cast) for alert_id, cast in votes.items()}


def _most(cast: Counter[str]) -> str:
    first, *others = cast.most_common(2)
    return "unsure" if others and others[0][1] == first[1] else first[0]


def wilson(right: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of Wilson for a share of `right` among `number`, both bounds 0 to 1."""
    if not number:
        return (0.0, 1.0)
    share, z2 = right / number, _Z * _Z
    middle = (share + z2 / (2 * number)) / (1 + z2 / number)
    half = _Z / (1 + z2 / number) * math.sqrt(share * (1 - share) / number + z2 / (4 * number * number))
    return (min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def precision(graded: Iterable[Graded]) -> str:
    """Say which share of judged alerts was right, with its interval; or that too few were judged."""
    judged = [each.verdict for each in graded if each.verdict in ("true", "false")]
    right = judged.count("true")
    if len(judged) < ENOUGH:
        return f"too few verdicts to grade ({right} true of {len(judged)}; {ENOUGH} are needed)"
    low, high = wilson(right, len(judged))
    return f"{right / len(judged):.0%} right ({right} of {len(judged)}; 95 % interval {low:.0%} to {high:.0%})"


def times_to_acknowledge(events: Sequence[Event]) -> list[timedelta]:
    """Return how long each acknowledgment came after the rise of level it answers."""
    found = []
    for number, event in enumerate(events):
        rose = risen_at(events[:number])
        if event.kind is EventKind.ACKNOWLEDGED and rose:
            found.append(event.at - rose)
    return found


def time_to_warning(graded: Graded) -> timedelta | None:
    """Return how long after the first report we read an alert reached warning, None where it did not."""
    reached = next((event.at for event in graded.events if event.level.rank >= Level.WARNING.rank), None)
    return max(reached - graded.first_report, timedelta(0)) if reached and graded.first_report else None


def weekly(
    channel: Channel,
    at: datetime,
    now: datetime,
    graded: Sequence[Graded],
    misses: Sequence[Verdict],
    *,
    drill: bool = False,
) -> Notice:
    """Return the grading of the week before `at`."""
    zone = channel.attention.time_zone
    first, last = local_time.local(at - WEEK, zone), local_time.local(at, zone)
    title = f"{'DRILL · ' if drill else ''}The week graded, {first:%d %B} to {last:%d %B}: {precision(graded)}"
    rules = sorted({each.alert.rule for each in graded})
    by_rule = [f"{rule}: {precision(each for each in graded if each.alert.rule == rule)}" for rule in rules]
    return notice(
        NoticeKind.WEEKLY,
        channel.name,
        at.isoformat(),
        now,
        title,
        Section(heading="Verdicts", lines=(_reviewed(graded), *by_rule)),
        Section(heading="Misses", lines=_misses(misses)),
        Section(heading="Speed", lines=(_speed(graded), _answers(graded))),
    )


def _median(spans: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=statistics.median(span.total_seconds() for span in spans))


def _reviewed(graded: Sequence[Graded]) -> str:
    said = Counter(each.verdict for each in graded if each.verdict)
    words = ", ".join(f"{said[verdict]} {verdict}" for verdict in _SAID)
    return f"{sum(said.values())} of {len(graded)} alerts opened in the week were reviewed: {words}"


def _misses(misses: Sequence[Verdict]) -> tuple[str, ...]:
    if not misses:
        return ("None was logged. `crisis-monitor missed` and `/crisis missed` log what should have alerted.",)
    steps = Counter(each.step or "unknown" for each in misses)
    lines = [
        f"{each.situation or 'no situation'}, {each.signal or 'no signal'}: {each.title or each.url}" for each in misses
    ]
    return (f"{len(misses)} logged, lost at: {', '.join(f'{step} {n}' for step, n in steps.most_common())}", *lines)


def _speed(graded: Sequence[Graded]) -> str:
    found = [span for each in graded if (span := time_to_warning(each)) is not None]
    if not found:
        return "No alert of the week reached warning."
    return (
        f"From the first report we read to warning: median {lasting(_median(found))} over {count(len(found), 'alert')}. "
        "How far that was ahead of what happened is for people to judge."
    )


def _answers(graded: Sequence[Graded]) -> str:
    found = sorted(span for each in graded for span in times_to_acknowledge(each.events))
    open_ = sum(each.alert.highest is Level.CRITICAL and not times_to_acknowledge(each.events) for each in graded)
    never = f" Critical and never acknowledged: {open_}." if open_ else ""
    if not found:
        return f"Nothing was acknowledged.{never}"
    ninth = found[math.ceil(0.9 * len(found)) - 1]
    return (
        f"Time to acknowledge: median {lasting(_median(found))}, nine in ten within {lasting(ninth)}, "
        f"over {count(len(found), 'acknowledgment')}.{never}"
    )
