"""A picture of a message: what Slack shows, wrapped, within its edges, and well formed whatever stands in it."""

from __future__ import annotations

import itertools
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.adapters.slack_markup import Run, readable, runs
from monitor.adapters.slack_picture import LEFT, RIGHT, WIDTH, Post, png_of, svg_of
from monitor.adapters.text_width import width
from monitor.cli.previewing import notifier
from monitor.core.alerts import Level
from monitor.core.errors import InputError
from monitor.core.ports import Message
from monitor.core.samples_story import story_view
from tests.hostile_text import NAUGHTY

SVG = "{http://www.w3.org/2000/svg}"


def blocks_of(level: Level = Level.CRITICAL, *, chart: str = "") -> list[dict[str, Any]]:
    message = Message(kind="post", marker="m", view=story_view(level))
    return list(notifier().content(message, chart)["blocks"])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def drawn(blocks: Sequence[dict[str, Any]], **options: Any) -> ET.Element:
    return ET.fromstring(svg_of([Post(blocks=blocks, at="09:00")], **options))


def rows_of(picture: ET.Element) -> dict[float, list[tuple[float, float, str]]]:
    """Return (left, right, text) of all text by the height it stands at."""
    rows: dict[float, list[tuple[float, float, str]]] = {}
    for each in picture.iter(f"{SVG}text"):
        x, size, words = float(each.attrib["x"]), float(each.attrib["font-size"]), each.text or ""
        end = x + width(words.rstrip(), size, bold="font-weight" in each.attrib)
        rows.setdefault(float(each.attrib["y"]), []).append((x, end, words))
    return rows


@pytest.mark.parametrize("level", Level)
def test_no_text_leaves_its_column_and_none_overlaps_another(level: Level) -> None:
    for row in rows_of(drawn(blocks_of(level))).values():
        row.sort()
        assert row[0][0] >= LEFT - 52
        assert max(end for _, end, _ in row) <= WIDTH - RIGHT + 1
        assert all(before[1] <= after[0] + 1 for before, after in itertools.pairwise(row))


def test_rows_are_far_enough_apart_to_be_read() -> None:
    heights = sorted(rows_of(drawn(blocks_of())))

    assert min(after - before for before, after in itertools.pairwise(heights[2:])) >= 12


def test_the_words_of_the_message_are_all_there_with_bold_links_buttons_and_the_colour_as_a_disc() -> None:
    picture = drawn(blocks_of())
    words = "".join(text for row in rows_of(picture).values() for _, _, text in row)
    fills = {each.attrib.get("fill") for each in picture.iter(f"{SVG}circle")}

    for expected in (
        "CRITICAL",
        "Happened before:",
        "Acknowledge",
        "Meridian Broadcasting",
        "Blind:",
        "1 December 2021",
    ):
        assert expected in words
    assert "🔴" not in words
    assert "#dd2e44" in fills
    assert [t.text for t in picture.iter(f"{SVG}text") if t.attrib["fill"] == "#1264a3" and t.text == "Ridge Tribune"]


def test_a_picture_shows_the_chart_or_its_words() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + (720).to_bytes(4) + (240).to_bytes(4)
    blocks = blocks_of(chart="F1")

    assert [each.attrib["height"] for each in drawn(blocks, pictures={"F1": png}).iter(f"{SVG}image")] == ["186.7"]
    assert "Picture: Evidence in effective reports" in svg_of([Post(blocks=blocks, at="")])


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_hostile_text_draws_well_formed_rows_within_the_column(text: str) -> None:
    shown = text[:3000]
    header = {"type": "header", "text": {"type": "plain_text", "text": shown}}
    picture = drawn([header, section(shown), {"type": "context", "elements": [{"type": "mrkdwn", "text": shown}]}])

    for row in rows_of(picture).values():
        assert max(end for _, end, _ in row) <= WIDTH - RIGHT + 1


def test_a_thread_stands_below_its_message() -> None:
    reply = Post(blocks=[section("news")], at="10:00")
    rows = rows_of(ET.fromstring(svg_of([Post(blocks=[section("first")], at="09:00", replies=[reply])], "#escalation")))
    at = {text: y for y, row in rows.items() for _, _, text in row}

    assert at["#escalation"] < at["first"] < at["1 reply"] < at["news"]


def test_mark_up_is_read_back_as_people_see_it() -> None:
    assert runs("*Denied:* a &lt;b&gt; <https://x.example/?a=1&amp;b=2|X &amp; Y>") == [
        Run(text="Denied:", bold=True),
        Run(text=" a <b> "),
        Run(text="X & Y", link="https://x.example/?a=1&b=2"),
    ]
    assert readable([section("*a* <https://x.example|b>"), {"type": "divider"}]) == [
        "a b <https://x.example>",
        "",
        "-" * 20,
    ]


def test_without_the_library_that_draws_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError, match=r"pip install 'crisis-monitor\[charts\]', or name the picture .svg"):
        png_of("<svg/>")
