"""A replay's report in a real browser: read from a file, filtered, without scripts, in the dark, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.test_page import CHROMIUM, CONTRAST, FLAGS
from tests.replay.test_run import TITLES, alerts, archive, run

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
HOSTILE = (
    "Armenia masses troops </script><script>document.title='owned'</script><img src=x onerror=alert(1)> near Azerbaijan"
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    start = datetime(2031, 1, 1, 6, tzinfo=UTC)
    (folder / "events.csv").write_text("date,countries,kind,detail\n2031-01-03,TGO,coup,attempted\n")
    news = archive(folder / "news.jsonl", [*TITLES * 12, HOSTILE], start)
    run(folder / "out", news, events=folder / "events.csv")
    assert len(alerts(folder / "out")) >= 3
    return folder / "out" / "report.html"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium for this module alone: no later test of the same worker may meet its event loop."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(chromium: Browser, report: Path) -> Iterator[Page]:
    """Open the report; whatever it asks for beyond itself, and whatever it complains of, is a fault."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    opened, faults = context.new_page(), []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: faults.append(request.url) if request.url != report.as_uri() else None)
    opened.goto(report.as_uri())
    yield opened
    context.close()
    assert faults == []


def shown(page: Page) -> int:
    return page.locator("details.alert:not([hidden])").count()


def test_the_report_shows_every_alert_with_its_curve_and_a_bar_for_each(page: Page, report: Path) -> None:
    told = alerts(report.parent)
    assert shown(page) == len(told)
    assert page.locator(".bar").count() == len(told)
    assert page.locator("#count").inner_text() == f"{len(told)} of {len(told)} alerts shown"
    assert all(page.locator(f"[id='c-{alert['id']}']").get_attribute("points") for alert in told)
    assert page.title() != "owned"


def test_alerts_are_filtered_by_level_signal_words_and_days(page: Page, report: Path) -> None:
    told = alerts(report.parent)
    page.select_option("#signal", "coup_warning")
    assert shown(page) == sum(alert["signal"] == "coup_warning" for alert in told) > 0
    page.click("button[type=reset]")
    page.wait_for_function("document.getElementById('signal').value === ''")
    page.fill("#text", "togo")
    assert shown(page) == sum("TGO" in alert["situation"]["countries"] for alert in told) > 0
    page.fill("#text", "")
    page.select_option("#level", "warning")
    assert shown(page) == sum(alert["level"] != "watch" for alert in told)
    page.select_option("#level", "watch")
    page.fill("#from", "2031-01-10")
    assert shown(page) == sum(alert["opened_at"] >= "2031-01-10" for alert in told) < len(told)
    heights = page.eval_on_selector_all("g.week rect", "all => all.map(r => Number(r.getAttribute('height')))")
    assert heights[0] == 0
    assert any(heights)


def test_the_gravest_come_first_when_asked(page: Page) -> None:
    page.select_option("#order", "gravest")
    ranks = page.eval_on_selector_all(
        "details.alert", "all => all.map(c => ({watch: 1, warning: 2, critical: 3})[c.dataset.level])"
    )
    assert ranks == sorted(ranks, reverse=True)


def test_a_bar_of_the_timeline_opens_its_alert(page: Page) -> None:
    bar = page.locator(".bar").first
    bar.dispatch_event("click")
    page.wait_for_function(f"document.getElementById('{bar.get_attribute('data-id')}').open")


def test_without_scripts_everything_can_still_be_read(chromium: Browser, report: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(report.as_uri())
    assert plain.locator("details.alert").count() == len(alerts(report.parent))
    assert not plain.locator("form").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_stand_out_from_their_ground(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words
    page.click("#all")
    assert page.evaluate(CONTRAST) == []


def test_every_part_has_a_name_that_can_be_read_aloud(page: Page) -> None:
    checks = (
        "document.documentElement.lang === 'en' && document.querySelectorAll('h1').length === 1",
        "[...document.querySelectorAll('input, select')].every(e => e.labels.length === 1)",
        "[...document.querySelectorAll('svg')].every(e => e.ariaHidden || e.ariaLabel)",
        "[...document.querySelectorAll('th')].every(e => e.scope)",
        "[...document.querySelectorAll('[tabindex=\"0\"]')].every(e => e.role === 'region' && e.ariaLabel)",
    )
    assert [check for check in checks if not page.evaluate(check)] == []


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_needs_sideways_scrolling_on_a_narrow_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.click("#all")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
