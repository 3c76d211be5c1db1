"""A made-up alert for previews: the end of November 2021, retold by invented outlets, at any level. It is shown, never sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from monitor.core.alerts import Alert, AlertState, Event, EventKind, Level, Standing
from monitor.core.ladder import Climb, Rung
from monitor.core.model import Article, DateNote, Quote, Reading
from monitor.core.ports import AlertArticle, AlertView

START = datetime(2021, 11, 26, 6, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_HALF_LIFE, _WINDOW = timedelta(hours=24), timedelta(hours=72)
_SIGNAL, _KEY = "troop_concentration", "RUS-UKR"
_POINTS = 72


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """One report. hour: after the start. dates: that it claims. drove, needed: see `Quote`."""

    hour: float
    outlet: str
    text: str
    speaker: str
    score: float
    dates: tuple[date, ...] = ()
    drove: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


_REPORTS = (
    _Told(hour=0, outlet="Northwatch Daily", text="Satellite pictures show tank columns parked two hours from the frontier", speaker="independent analysts", score=0.91, drove=("tank columns", "the frontier"), needed=("tank columns parked",)),
    _Told(hour=7, outlet="Meridian Broadcasting", text="We see large and unusual concentrations of Russian forces close to Ukraine", speaker="the alliance's secretary general", score=0.97, drove=("concentrations of", "forces close to"), needed=("concentrations of Russian forces",)),
    _Told(hour=9, outlet="Harbour Wire", text="Trains with artillery keep arriving in the border district, three loads a night", speaker="railway workers", score=0.88),
    _Told(hour=11, outlet="Ridge Tribune", text="More than ninety thousand soldiers stand within reach of the border", speaker="the head of military intelligence", score=0.93, dates=(date(2022, 1, 31),)),
    _Told(hour=20, outlet="Steppe Courier", text="Field hospitals were set up beside the camps overnight", speaker="a regional governor", score=0.9),
    _Told(hour=22, outlet="Canal Seven", text="Reservists in two districts were told to report within 48 hours", speaker="two officials", score=0.86),
    _Told(hour=24, outlet="Baltic Ledger", text="Fuel depots now fill three camps along Ukraine's border", speaker="", score=0.84),
    _Told(hour=26, outlet="Gulf Evening Post", text="Everything needed for an attack early in December is in place", speaker="the defence minister", score=0.95, dates=(date(2021, 12, 1), date(2021, 12, 2))),
    _Told(hour=27, outlet="Northern Cross Radio", text="Landing ships have left the Black Sea base for exercises without an end date", speaker="a naval spokesman", score=0.81),
)  # fmt: skip
_STEPS = {Level.WATCH: (7.0, 2, 1.71), Level.WARNING: (11.0, 4, 3.29), Level.CRITICAL: (27.0, 8, 6.05)}
_ASKED = {Level.WATCH: (1.2, 2), Level.WARNING: (2.4, 3), Level.CRITICAL: (6.0, 5)}
_SURGES = {Level.WATCH: 1.6, Level.WARNING: 3.2, Level.CRITICAL: 8.1}


def story_view(level: Level = Level.WATCH, *, resolved: bool = False) -> AlertView:
    """Return an invented alert that has just reached `level`, or that has resolved after it."""
    events = _events(level, resolved=resolved)
    told = [each for each in _REPORTS if START + each.hour * _HOUR <= events[-1].at]
    articles = [_article(number, each) for number, each in enumerate(told)]
    grave = level is not Level.WATCH
    return AlertView(
        alert=_alert(level, events, resolved=resolved),
        name="Russia – Ukraine",  # noqa: RUF001  # a dash between names
        events=events,
        evidence=[_row(article) for article in articles],
        articles=articles[::-1],
        earlier=[_other("al-sample-april", datetime(2021, 4, 12, 9, tzinfo=UTC), highest=Level.CRITICAL)],
        siblings=[_other("al-sample-threat", START + 10 * _HOUR, signal="military_response_threat")] if grave else [],
        denials=[_denial()] if grave else [],
        curve=_curve(told, events[-1].at),
        blind=[("Belarus", START + 21 * _HOUR)] if level is Level.CRITICAL and not resolved else [],
        ladder=Climb(rung=Rung.CONCENTRATION, since=START + 7 * _HOUR, before=Rung.THREAT),
        links={"al-sample-threat": "https://example.slack.com/archives/C0123456789/p1637920800000100"},
    )


def _events(level: Level, *, resolved: bool) -> list[Event]:
    steps = [each for each in Level if each.rank <= level.rank]
    events = []
    for each in steps:
        hour, origins, evidence = _STEPS[each]
        least, asked = _ASKED[each]
        rise = f"{steps[steps.index(each) - 1].value} to {each.value}: " if each is not Level.WATCH else ""
        reason = (
            f"{rise}evidence {evidence:.2f} of {least:g}, independent origins {origins} of {asked} for {each.value}"
        )
        kind = EventKind.ESCALATED if rise else EventKind.OPENED
        events.append(_event(START + hour * _HOUR, kind, each, reason, _standing(each, hour, origins, evidence)))
    if resolved:
        at, lowest = events[-1].at + 62 * _HOUR, Level.WATCH
        left = [amount for told in _REPORTS if told.hour <= _STEPS[level][0] and (amount := _left(told, at))]
        since = f"quiet since {at - 24 * _HOUR:%Y-%m-%dT%H:%M:%SZ}"
        reason = f"{since}: evidence {sum(left):.2f} of 1.2, independent origins {len(left)} of 2 for watch"
        standing = Standing(
            at=at, evidence=sum(left), origins=len(left), stories=len(left), surge=-0.4, mean=0.9, sd=0.6
        )
        events.append(_event(at, EventKind.RESOLVED, lowest, reason, standing))
    return events


def _standing(level: Level, hour: float, origins: int, evidence: float) -> Standing:
    return Standing(
        at=START + hour * _HOUR,
        evidence=evidence,
        origins=origins,
        stories=origins,
        surge=_SURGES[level],
        inflow=evidence,
        mean=0.9,
        sd=0.8,
        fragile=level is Level.WATCH,
    )


def _event(at: datetime, kind: EventKind, level: Level, reason: str, standing: Standing) -> Event:
    return Event(alert_id="al-sample", at=at, kind=kind, level=level, reason=reason, standing=standing)


def _alert(level: Level, events: Sequence[Event], *, resolved: bool) -> Alert:
    last = events[-1].at
    return Alert(
        id="al-sample",
        rule="troop-build-up",
        signal=_SIGNAL,
        situation=_KEY,
        countries=("RUS", "UKR"),
        level=Level.WATCH if resolved else level,
        highest=level,
        state=AlertState.RESOLVED if resolved else AlertState.OPEN,
        opened_at=events[0].at,
        last_event_at=last,
        last_told_at=last,
        resolved_at=last if resolved else None,
        quiet_since=last - 24 * _HOUR if resolved else None,
        acknowledged_by="Ana" if resolved else "",
        acknowledged_at=events[0].at + _HOUR if resolved else None,
    )


def _other(name: str, opened: datetime, *, signal: str = _SIGNAL, highest: Level = Level.WARNING) -> Alert:
    return Alert(
        id=name,
        rule="troop-build-up",
        signal=signal,
        situation=_KEY,
        countries=("RUS", "UKR"),
        level=highest,
        highest=highest,
        state=AlertState.OPEN,
        opened_at=opened,
        last_event_at=opened,
        last_told_at=opened,
    )


def _article(number: int, told: _Told) -> Article:
    quote = Quote(text=told.text, speaker=told.speaker, score=told.score, drove=told.drove, needed=told.needed)
    reading = Reading(scores={_SIGNAL: told.score}, quotes={_SIGNAL: quote}, claimed_dates=told.dates)
    return _published(f"art-sample-{number}", told.outlet, told.text, START + told.hour * _HOUR, reading)


def _denial() -> Article:
    quote = Quote(text="This is hysteria whipped up on purpose", speaker="a Kremlin spokesman", score=0.9)
    reading = Reading(scores={"denial": 0.9}, quotes={"denial": quote}, denied_by=("RUS",))
    return _published("art-sample-denial", "State Agency of the East", quote.text, START + 10 * _HOUR, reading)


def _published(name: str, outlet: str, title: str, at: datetime, reading: Reading) -> Article:
    host = "".join(letter for letter in outlet.lower() if letter.isalpha())
    return Article(
        id=name,
        feed_id=host,
        guid="",
        url=f"https://{host}.example/{name.rpartition('-')[2]}",
        title=title,
        summary="",
        outlet=outlet,
        owner=outlet,
        origin=outlet,
        weight=1.0,
        seen_at=at,
        published_at=at,
        date_note=DateNote.NONE,
        reading=reading,
    )


def _row(article: Article) -> AlertArticle:
    return AlertArticle(
        article_id=article.id,
        title=article.title,
        at=article.seen_at,
        source=article.outlet,
        url=article.url,
        score=article.reading.scores[_SIGNAL],
    )


def _curve(told: Sequence[_Told], until: datetime) -> list[tuple[datetime, float]]:
    """Return the evidence of single reports over time: each decays by half in a day and leaves after three."""
    start = START - 12 * _HOUR
    moments = [start + (until - start) / _POINTS * number for number in range(_POINTS + 1)]
    return [(at, sum(_left(each, at) for each in told)) for at in moments]


def _left(told: _Told, at: datetime) -> float:
    age = at - (START + told.hour * _HOUR)
    return told.score * 2.0 ** -(age / _HALF_LIFE) if timedelta(0) <= age < _WINDOW else 0.0
