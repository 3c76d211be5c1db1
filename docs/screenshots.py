# ruff: noqa: INP001  # a script of the documentation, no package
"""Write docs/page-alerts.png and docs/page-alert.png: a made-up story through the real pipeline, seen in a real browser.

    .venv/bin/python docs/screenshots.py [DIRECTORY]

The outlets and their words are invented, after the end of November 2021. Needs Chromium and the development dependencies.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright

from monitor.adapters.country_names import country_name
from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.config import load
from monitor.core.model import Entry, Feed, FeedState, Fetched, ParsedFeed, Quote, Reading, Validators
from monitor.core.ports import Item
from monitor.pipeline.delivery_state import DeliveryHealth
from monitor.pipeline.intake import Poll
from monitor.pipeline.lookout import Lookout
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.pulse import Pulse
from monitor.pipeline.state import Settings
from monitor.web.app import build_app
from monitor.web.health import Vitals
from monitor.web.security import Door, host_allowed
from monitor.web.server import open_socket, serving
from monitor.web.site import Site

START = datetime(2021, 11, 26, 6, tzinfo=UTC)
FEEDS = (
    Feed(
        id="northwatch",
        url="https://northwatch.example/feed",
        outlet="Northwatch Daily",
        owner="northwatch",
        country="GBR",
    ),
    Feed(
        id="meridian",
        url="https://meridian.example/feed",
        outlet="Meridian Broadcasting",
        owner="meridian",
        country="FRA",
    ),
    Feed(id="harbour", url="https://harbour.example/feed", outlet="Harbour Wire", owner="harbour", country="USA"),
    Feed(id="steppe", url="https://steppe.example/feed", outlet="Steppe Courier", owner="steppe", country="UKR"),
    Feed(id="sahel", url="https://sahel.example/feed", outlet="Sahel Today", owner="sahel", country="MLI"),
    Feed(
        id="agency",
        url="https://agency.example/feed",
        outlet="State Agency of the East",
        owner="agency",
        country="RUS",
        weight=0.5,
    ),
    Feed(id="niger", url="https://niger.example/feed", outlet="Niamey Gazette", owner="niger", country="NER"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One item of the story: when (hours after the start), where, its words, and what a reader makes of them."""

    hour: float
    feed: str
    title: str
    summary: str
    label: str
    score: float
    key: str = "RUS-UKR"
    speaker: str = ""
    dates: tuple[date, ...] = ()
    denied_by: tuple[str, ...] = ()


_TROOPS, _COUP, _THREAT = "troop_concentration", "coup_warning", "military_response_threat"
STORY = (
    Told(hour=1, feed="northwatch", title="Satellite pictures show tank columns parked two hours from the frontier", summary="Analysts count four new tented camps.", label=_TROOPS, score=0.91, speaker="independent analysts"),
    Told(hour=5, feed="meridian", title="Alliance chief calls the gathering of Russian forces near Ukraine large and unusual", summary="He asked for openness about their purpose.", label=_TROOPS, score=0.95, speaker="the alliance's secretary general"),
    Told(hour=6, feed="sahel", title="Barracks outside Bamako sealed off as talk of a putsch spreads", summary="Shops in the quarter closed early.", label=_COUP, score=0.78, key="MLI", speaker="a resident"),
    Told(hour=9, feed="harbour", title="Trains with artillery keep arriving in the border district, railway workers say", summary="Three loads a night, according to two of them.", label=_TROOPS, score=0.88, speaker="railway workers"),
    Told(hour=12, feed="steppe", title="President says a coup is being prepared for the first days of December", summary="He spoke of recordings and named no one in uniform.", label=_COUP, score=0.93, key="UKR", speaker="Ukraine's president", dates=(date(2021, 12, 1), date(2021, 12, 2))),
    Told(hour=14, feed="northwatch", title="Kyiv: plotters meant to seize power next week, president tells reporters", summary="", label=_COUP, score=0.9, key="UKR", speaker="Ukraine's president", dates=(date(2021, 12, 1),)),
    Told(hour=15, feed="agency", title="Kremlin dismisses reports of a build-up as hysteria", summary="Troops move on their own soil as they see fit, a spokesman said.", label="denial", score=0.94, speaker="a Kremlin spokesman", denied_by=("RUS",)),
    Told(hour=18, feed="harbour", title="Mali's officers deny plans to move against the government", summary="", label=_COUP, score=0.36, key="MLI", speaker="an army spokesman"),
    Told(hour=21, feed="meridian", title="Foreign ministers warn of serious consequences, including military ones, if Ukraine is attacked", summary="", label=_THREAT, score=0.72, speaker="a minister"),
    Told(hour=26, feed="steppe", title="Field hospitals set up beside the camps across the border, regional governor reports", summary="", label=_TROOPS, score=0.86, speaker="a regional governor"),
)  # fmt: skip


class ScriptedReader:
    """Reads each item as the script says, so that the pictures do not hang on a model's mood."""

    version = "first-stage-1"

    def read(self, items: Sequence[Item], now: datetime) -> list[Reading]:
        """Return the scripted readings."""
        del now
        told = {item.title: item for item in STORY}
        return [_reading(told[item.entry.title]) for item in items]


def _reading(told: Told) -> Reading:
    signal = _TROOPS if told.label == "denial" else told.label
    return Reading(
        scores={
            _TROOPS: 0.4 if told.label == "denial" else 0.02,
            _COUP: 0.01,
            _THREAT: 0.03,
            "denial": 0.02,
            told.label: told.score,
        },
        situations={signal: told.key},
        quotes={told.label: Quote(text=told.title, speaker=told.speaker, score=told.score)},
        claimed_dates=told.dates,
        denied_by=told.denied_by,
        language="en",
        model=ScriptedReader.version,
    )


@dataclass(kw_only=True)
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


def tell(pipeline: Pipeline, clock: _Clock) -> None:
    """Let the story arrive hour by hour; the last feed of all falls silent on the way."""
    for told in STORY:
        clock.now = START + timedelta(hours=told.hour)
        pipeline.take([_poll(told, clock.now)], clock.now)
        pipeline.pass_time(clock.now)
    clock.now += timedelta(minutes=20)
    with pipeline.storage.transaction() as unit:
        for feed in FEEDS:
            unit.save_feed_state(_state(feed, clock.now))


def _state(feed: Feed, now: datetime) -> FeedState:
    lost = feed.id == "niger"
    return FeedState(
        feed_id=feed.id,
        next_poll_at=now + timedelta(minutes=4),
        failures=5 if lost else 0,
        error="the server did not answer within 30 s" if lost else "",
        first_ok_at=START,
        last_ok_at=now - (timedelta(hours=9) if lost else timedelta(minutes=6)),
        last_new_at=now - timedelta(hours=10 if lost else 2),
        items=20,
    )


def _poll(told: Told, now: datetime) -> Poll:
    feed = next(feed for feed in FEEDS if feed.id == told.feed)
    link = f"https://{feed.id}.example/{STORY.index(told)}"
    entry = Entry(guid=link, link=link, title=told.title, summary=told.summary, published=now - timedelta(minutes=8))
    fetched = Fetched(status=200, body=b"", content_type="", final_url=feed.url, validators=Validators())
    state = FeedState(feed_id=feed.id, next_poll_at=now, first_ok_at=START)
    return Poll(feed=feed, state=state, fetched=fetched, parsed=ParsedFeed(title="", language="en", entries=(entry,)))


async def _shoot(site: Site, folder: Path, alert: str, data: Path) -> None:
    listening = open_socket("127.0.0.1", 0)
    door = Door(base=f"http://127.0.0.1:{listening.getsockname()[1]}", link_file=data / "link", clock=site.clock)
    async with serving(build_app(site, door, host_allowed()), listening), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        link = door.new_link()
        await _pictures(browser, link, {"page-alerts.png": "/", "page-alert.png": f"/alerts/{alert}"}, folder)
        await browser.close()


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise SystemExit("Chromium is missing. Debian and Ubuntu: sudo apt install chromium")
    return found


async def _pictures(browser: Browser, link: str, wanted: dict[str, str], folder: Path) -> None:
    page = await browser.new_page(viewport={"width": 1100, "height": 860})
    await page.goto(link)
    await page.wait_for_url("**/")
    for name, path in wanted.items():
        await page.goto(link.split("/enter", maxsplit=1)[0] + path)
        await page.screenshot(path=str(folder / name))
        sys.stdout.write(f"{folder / name}: {(folder / name).stat().st_size // 1000} KB\n")


def main(folder: Path) -> None:
    """Tell the story, serve the page, take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        storage = SqlStorage.open(f"sqlite:///{scratch}/story.db")
        migrate(storage)
        config, clock = load(Path(__file__).parent.parent / "config", {}), _Clock(now=START)
        lookout = Lookout(FEEDS, readable={"en"}, name_of=country_name)
        settings = Settings(
            rules=config.rules,
            channels={},
            outlets=config.outlets,
            registry=config.registry,
            hash=config.hash,
            lookout=lookout,
        )
        pipeline = Pipeline(storage=storage, understanding=ScriptedReader(), settings=settings, rng=random.Random(0))  # noqa: S311  # jitter
        tell(pipeline, clock)
        with storage.reading() as unit:
            alert = next(alert.id for alert in unit.open_alerts() if alert.signal == _TROOPS)
        asyncio.run(_shoot(_site(storage, settings, lookout, clock), folder, alert, Path(scratch)))
        storage.close()


def _site(storage: SqlStorage, settings: Settings, lookout: Lookout, clock: _Clock) -> Site:
    calm = DeliveryHealth(pending=0, oldest=None, dead=(), repeats=0, held={}, late=False)
    return Site(
        library=storage,
        settings=lambda: settings,
        feeds=lambda: FEEDS,
        lookout=lambda: lookout,
        clock=clock,
        version="0.1.0",
        vitals=Vitals(
            started_at=START,
            evaluate_every=timedelta(seconds=15),
            pulse=Pulse(evaluated_at=clock.now),
            model=ScriptedReader.version,
            stack="linear",
            canaries=lambda: (),
            delivery=lambda: calm,
            lease="daemon",
            holder="here",
        ),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
