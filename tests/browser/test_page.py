"""The page in a real browser: hostile words stay words, nothing runs, everything can be reached and read."""

from __future__ import annotations

import asyncio
import shutil
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.web.guard import Guard
from monitor.web.server import open_socket, serving
from tests.builders import AT
from tests.fakes import ManualClock
from tests.web_site import a_door, a_page, a_site, fill

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOSTILE = Path(__file__).parent.parent / "data" / "hostile"
PATHS = (
    "/",
    "/alerts/al-1",
    "/feeds",
    "/articles",
    "/articles/art-1",
    "/articles/art-3",
    "/near-misses",
    "/?text=<script>alert(1)</script>",
)
# Contrast of every element with text against the nearest background that is painted, by the formula of WCAG 2.
CONTRAST = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const lum = c => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
  const ground = e => { for (; e; e = e.parentElement) { const b = parse(getComputedStyle(e).backgroundColor); if (b[3]) return b; } return [255, 255, 255, 1]; };
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(`${e.tagName} ${e.className} ${e.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return bad;
}"""

ACCESSIBLE = (
    "[...document.querySelectorAll('input, select')].every(e => e.labels.length === 1)",
    "[...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope]'))",
    "[...document.querySelectorAll('svg')].every(s => s.ariaHidden || s.hasAttribute('aria-labelledby'))",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing; Debian and Ubuntu: sudo apt install chromium"),
]


@dataclass(kw_only=True)
class Watched:
    """A page, and what it did that it must not."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def on_dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_console(self, message: ConsoleMessage) -> None:
        self.faults.append(f"console: {message.text}")


def hostile_titles() -> dict[str, str]:
    """Return every hostile title and address, paired so that each is shown."""
    titles = [item.findtext("title", "") for item in ET.parse(HOSTILE / "xss_titles.xml").iter("item")]
    links = [item.findtext("link", "") for item in ET.parse(HOSTILE / "bad_links.xml").iter("item")]
    return {f"{titles[number % len(titles)]} ({number})": link for number, link in enumerate(links)}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve a page full of hostile words; yield its address and a standing token."""
    folder, clock = tmp_path_factory.mktemp("page"), ManualClock(AT)
    storage = SqlStorage.open(f"sqlite:///{folder / 'test.db'}")
    migrate(storage)
    fill(storage, hostile_titles())
    listening = open_socket("127.0.0.1", 0)
    base, token = f"http://127.0.0.1:{listening.getsockname()[1]}", "t" * 32
    desk = a_page(a_site(storage, clock), a_door(folder, clock, base, standing=token))
    done = threading.Event()
    ready = threading.Event()

    async def serve(app: Guard) -> None:
        async with serving(app, listening):
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve(desk)))
    thread.start()
    assert ready.wait(10)
    yield base, token
    done.set()
    thread.join(10)
    storage.close()


@pytest.fixture(scope="module")
def chromium(served: tuple[str, str]) -> Iterator[Browser]:
    """Start Chromium after the page, so that it is closed before it and leaves no connection open, and for this module alone: the plugin's own fixture lives as long as the session, and so does the event loop
    that it runs in this thread, in which no later test of the same worker could start one.
    """
    del served
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def watched(chromium: Browser, served: tuple[str, str]) -> Iterator[Watched]:
    base, token = served
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    seen = Watched(page=context.new_page(), base=base)
    seen.page.on("dialog", seen.on_dialog)
    seen.page.on("console", seen.on_console)
    seen.go(f"/enter?token={token}")
    seen.page.wait_for_url(f"{base}/")
    yield seen
    context.close()


def test_hostile_words_stay_words(watched: Watched) -> None:
    for path in PATHS:
        watched.go(path)
        assert watched.faults == []
        assert watched.page.locator("script, iframe, object, embed, img, [onerror], [onload]").count() == 0


def test_every_link_is_our_own_or_http_and_gives_nothing_away(watched: Watched) -> None:
    watched.go("/alerts/al-1")
    links = watched.page.eval_on_selector_all("a", "all => all.map(a => [a.href, a.getAttribute('href'), a.rel])")
    assert len(links) > 18
    for absolute, written, rel in links:
        assert absolute.startswith(("http://", "https://"))
        assert written.startswith(("/", "#")) or rel == "noopener noreferrer nofollow"
        assert "user:pw" not in absolute


def test_templates_in_titles_are_not_run(watched: Watched) -> None:
    watched.go("/alerts/al-1")
    text = watched.page.inner_text("main")
    assert "{{7*7}}" in text
    assert "<script>alert(1)</script>" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_enough(watched: Watched, scheme: Literal["light", "dark"]) -> None:
    watched.page.emulate_media(color_scheme=scheme)
    for path in PATHS:
        watched.go(path)
        assert watched.page.evaluate(CONTRAST) == [], path


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_needs_sideways_scrolling_on_a_narrow_screen(watched: Watched, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 700})
    for path in PATHS:
        watched.go(path)
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_keyboard_reaches_the_content_first_and_its_place_is_seen(watched: Watched) -> None:
    watched.go("/")
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert watched.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    watched.page.keyboard.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "content"


def test_every_page_has_one_heading_names_its_fields_and_captions_its_tables(watched: Watched) -> None:
    page = watched.page
    for path in PATHS:
        watched.go(path)
        assert page.locator("h1").count() == 1, path
        assert page.locator("html[lang=en]").count() == 1, path
        for rule in ACCESSIBLE:
            assert page.evaluate(rule), (path, rule)


def test_without_a_session_the_browser_is_told_how_to_enter(chromium: Browser, served: tuple[str, str]) -> None:
    page = chromium.new_page()
    page.goto(f"{served[0]}/alerts/al-1")
    assert "needs a session" in page.inner_text("main")
    page.close()


def test_a_script_put_in_by_force_does_not_run(watched: Watched) -> None:
    watched.go("/")
    watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    watched.page.wait_for_timeout(100)
    assert not any(fault.startswith("dialog") for fault in watched.faults)
    assert any("Content Security Policy" in fault for fault in watched.faults)
