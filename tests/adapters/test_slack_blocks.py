"""The message: everything a person on watch needs, in ten seconds, within Slack's limits whatever the feeds wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.slack_blocks import bare, render
from monitor.adapters.slack_notices import render_notice
from monitor.core.alerts import AlertState, EventKind, Level
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.model import Quote, Reading
from monitor.core.ports import AlertView, Message, NoticeMessage
from tests.builders import AT, DAY, HOUR, SIGNAL, a_standing, an_alert, an_alert_article, an_article, an_event
from tests.servers.slack_rules import check_message, links

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"


def a_view(**changes: Any) -> AlertView:
    """Return a view of the default alert, opened just now."""
    base: dict[str, Any] = {
        "alert": an_alert(),
        "name": "Ukraine",
        "events": [an_event(reason="3 independent origins, evidence 2.6 of 2.0")],
        "evidence": [an_alert_article(1)],
        "articles": [an_article(1)],
        "earlier": [],
        "siblings": [],
        "denials": [],
    }
    return AlertView(**{**base, **changes})


def a_message(view: AlertView, kind: str = "post", **changes: Any) -> Message:
    """Return a message about `view`'s latest event."""
    return Message(kind=kind, marker="al-1:k", view=view, event=view.events[-1] if view.events else None, **changes)


def body_of(message: Message, **options: Any) -> dict[str, Any]:
    """Return what would be sent."""
    rendered = render(message, **options)
    return {"text": rendered.text, "blocks": [block.to_dict() for block in rendered.blocks]}


def shown(body: dict[str, Any]) -> str:
    """Return all words of the blocks."""
    found: list[str] = []
    for block in body["blocks"]:
        parts = [block.get("text"), *(block.get("elements", []) if block["type"] == "context" else [])]
        found += [part["text"] for part in parts if part]
    return "\n".join(found)


def a_rich_view() -> AlertView:
    """Return the crisis of the end of November 2021, in our own words."""
    denial = Reading(
        scores={"denial": 0.9},
        quotes={"denial": Quote(text="This is hysteria whipped up on purpose", speaker="a spokesman")},
        denied_by=("RUS",),
    )
    said = Reading(
        scores={SIGNAL: 0.93},
        quotes={SIGNAL: Quote(text="Forces of unusual size stand near the border", speaker="the secretary general")},
        claimed_dates=(date(2021, 12, 1), date(2021, 12, 2)),
    )
    articles = [
        an_article(n, outlet=f"Outlet {n}", reading=said, url=f"https://outlet{n}.example/a?b=1&c=2")
        for n in range(1, 4)
    ]
    rows = [an_alert_article(n, source=f"Outlet {n}", url=f"https://outlet{n}.example/a?b=1&c=2") for n in range(1, 13)]
    standing = a_standing(origins=3, evidence=4.2, surge=3.1, fragile=True)
    return a_view(
        alert=an_alert(level=Level.CRITICAL, highest=Level.CRITICAL, acknowledged_by="ana", acknowledged_at=AT),
        events=[an_event(kind=EventKind.ESCALATED, reason="a third independent origin", standing=standing)],
        evidence=rows,
        articles=articles,
        earlier=[an_alert(id="al-0", opened_at=AT - 200 * DAY, highest=Level.WARNING)],
        siblings=[an_alert(id="al-9", signal="coup_warning", level=Level.WARNING)],
        denials=[an_article(99, outlet="State wire", reading=denial)],
        blind=[("Belarus", AT - 5 * HOUR)],
        public_url="https://desk.example/",
    )


def test_the_message_says_all_of_it() -> None:
    body = body_of(a_message(a_rich_view()))

    check_message(body, ())
    expected = [
        "🔴 CRITICAL", "Troop concentration", "Ukraine (RUS-UKR)", "*A third independent origin*",
        "3 independent origins, 12 outlets; well above usual here", "fragile", "*contested: Russia denies it*",
        "> “Forces of unusual size stand near the border” — the secretary general, <https://outlet1.example/a?b=1&amp;c=2|Outlet 1> (outlet1.example)",
        "*Denied:* “This is hysteria whipped up on purpose” — a spokesman (Russia), State wire",
        "1 December 2021 (in 5 days), 2 December 2021 (in 6 days)",
        "*Happened before:* second time in twelve months: last 10 May 2021, reached warning",
        "*Also open here:* <https://desk.example/alerts/al-9|Coup warning (warning)>", "*Blind:* Belarus since 26 November 07:00 UTC",
        "acknowledged by ana", "(outlet10.example) — Outlet 10", "… and 7 more reports: Outlet ", "Alert al-1 · rule build-up",
        "Figures: evidence 4.20; surge 3.1 standard deviations",
    ]  # fmt: skip
    words = shown(body)
    assert [line for line in expected if line not in words] == []
    for line in ("CRITICAL", "third independent origin", "hysteria", "Blind", "1 December", "outlet1.example", "al-1"):
        assert line in body["text"]


def test_the_title_links_to_the_review_page_where_there_is_one() -> None:
    assert ("https://desk.example/alerts/al-1", "🔴 CRITICAL · Troop concentration · Ukraine (RUS-UKR)") in links(
        body_of(a_message(a_rich_view()))
    )
    assert body_of(a_message(a_view()))["blocks"][0]["type"] == "header"


@pytest.mark.parametrize(("level", "mark"), [(Level.WATCH, "🟡"), (Level.WARNING, "🟠"), (Level.CRITICAL, "🔴")])
def test_each_level_has_its_colour_and_its_word(level: Level, mark: str) -> None:
    assert body_of(a_message(a_view(alert=an_alert(level=level))))["text"].startswith(f"{mark} {level.value.upper()} ·")


def test_a_resolved_alert_says_so_and_never_that_all_is_clear() -> None:
    alert = an_alert(state=AlertState.RESOLVED, resolved_at=AT + DAY)
    body = body_of(a_message(a_view(alert=alert), "update"))

    assert body["text"].startswith("⚪ RESOLVED ·")
    assert "no all-clear" in body["text"]


def test_a_possible_repeat_says_so_first_and_in_the_context() -> None:
    for kind in ("post", "thread"):
        body = body_of(a_message(a_view(), kind, possible_repeat=True))
        assert body["text"].startswith("possible repeat of alert al-1")
        assert "possible repeat of alert al-1" in body["blocks"][-1]["elements"][0]["text"]


def test_a_reply_tells_only_what_is_new() -> None:
    events = [an_event(at=AT), an_event(at=AT + HOUR, kind=EventKind.UPDATED, reason="two more reports")]
    rows = [an_alert_article(1, title="old", at=AT), an_alert_article(2, title="fresh", at=AT + HOUR)]
    words = shown(body_of(a_message(a_view(events=events, evidence=rows), "thread")))

    assert "*🟡 Update, still WATCH*" in words
    assert "Two more reports" in words
    assert "fresh" in words
    assert "old" not in words


def test_a_picture_has_words_beside_it() -> None:
    view = a_view(curve=[(AT, 0.5), (AT + HOUR, 2.5)])
    body = body_of(a_message(view, "update"), chart="F1")

    check_message(body, {"F1"})
    (image,) = [block for block in body["blocks"] if block["type"] == "image"]
    assert "highest 2.5 on 26 November 13:00" in image["alt_text"]


def test_what_cannot_be_rendered_is_still_named() -> None:
    rendered = bare(a_message(a_view()))

    assert "WATCH" in rendered.text
    assert "al-1" in rendered.text


@pytest.mark.parametrize("kind", ["post", "update", "thread", "bare"])
def test_in_a_drill_every_message_says_so_in_its_header_and_its_text(kind: str) -> None:
    message = a_message(a_view(drill=True), kind if kind != "bare" else "post")
    rendered = bare(message) if kind == "bare" else render(message)
    first = rendered.blocks[0].to_dict()["text"]["text"]

    assert "DRILL · " in first.splitlines()[0]
    assert "DRILL · " in rendered.text.splitlines()[0]
    assert "DRILL" not in shown(body_of(replace(message, view=a_view())))


def test_a_line_of_a_list_begins_with_the_colour_of_its_level() -> None:
    lines = ("CRITICAL · Troop concentration", "DRILL · WATCH · Coup warning", "Warning signs", "WATCHING")
    notice = Notice(
        id="no-1",
        kind=NoticeKind.DIGEST,
        channel="desk",
        at=AT,
        title="Digest",
        sections=(Section(heading="", lines=lines),),
    )
    rendered = render_notice(NoticeMessage(kind="post", marker="no-1:k", notice=notice))

    assert rendered.blocks[1].to_dict()["text"]["text"].split("\n") == [
        "🔴 CRITICAL · Troop concentration", "🟡 DRILL · WATCH · Coup warning", "Warning signs", "WATCHING",
    ]  # fmt: skip
