"""The message: everything a person on watch needs, in ten seconds, within Slack's limits whatever the feeds wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from monitor.adapters.slack_blocks import bare, render
from monitor.core.model import AlertState, EventKind, Level, Quote, Reading
from monitor.core.ports import AlertView, Message
from tests.builders import AT, DAY, HOUR, SIGNAL, a_standing, an_alert, an_alert_article, an_article, an_event
from tests.hostile_text import NAUGHTY, texts, urls
from tests.servers.slack_rules import READABLE_TEXT, check_message, links, mentions, size

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
    found = []
    for block in body["blocks"]:
        found += [each["text"] for each in [block.get("text"), *block.get("elements", [])] if each]
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
    articles = [an_article(n, outlet=f"Outlet {n}", reading=said) for n in range(1, 4)]
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
        "🔴 CRITICAL", "Troop concentration", "Ukraine (RUS-UKR)", "*Why now:* a third independent origin",
        "3 independent origins in 12 outlets", "surge 3.1", "fragile", "contested",
        "“Forces of unusual size stand near the border” — the secretary general, Outlet 1",
        "*Denied:* “This is hysteria whipped up on purpose” — a spokesman, RUS, State wire",
        "01 December 2021 (in 5 days), 02 December 2021 (in 6 days)", "*Happened before:* 2nd time in twelve months",
        "*Also open here:* Coup warning (warning, al-9)", "*Blind:* Belarus since 26 November 07:00 UTC",
        "acknowledged by ana", "(outlet1.example) — Outlet 1", "… and 4 more", "alert al-1 · rule build-up",
    ]  # fmt: skip
    words = shown(body)
    assert [line for line in expected if line not in words] == []
    for line in ("CRITICAL", "third independent origin", "hysteria", "Blind", "01 December", "outlet1.example", "al-1"):
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
    assert "two more reports" in words
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


def test_the_hostile_feed_calls_nobody() -> None:
    raw = (HOSTILE / "slack_mentions.xml").read_text(encoding="utf-8")
    titles = [each.replace("&lt;", "<").replace("&gt;", ">") for each in re.findall("<title>([^<]*)", raw)]
    rows = [an_alert_article(n, title=title, source=title) for n, title in enumerate(titles)]
    articles = [an_article(n, title=title, outlet=title, reading=_quoting(title)) for n, title in enumerate(titles)]
    for title in titles:
        view = a_view(evidence=rows, articles=articles, denials=articles, events=[an_event(reason=title)], name=title)
        body = body_of(a_message(view))
        check_message(body, ())
        assert mentions(body) == []
        assert {address for address, _ in links(body)} <= {row.url for row in rows}


def _quoting(text: str) -> Reading:
    quote = Quote(text=text, speaker=text)
    return Reading(scores={SIGNAL: 0.9, "denial": 0.9}, quotes={SIGNAL: quote, "denial": quote}, denied_by=(text,))


@st.composite
def hostile_messages(draw: st.DrawFn) -> Message:
    """Return a message in which feeds, configuration and people wrote whatever they liked."""
    number = draw(st.integers(0, 14))
    word = draw(st.lists(texts(), min_size=6, max_size=6))
    rows = [
        an_alert_article(n, title=draw(texts()), source=word[n % 6], url=draw(urls()), withdrawn=n % 7 == 6)
        for n in range(number)
    ]
    articles = [
        an_article(n, title=word[n % 6], outlet=word[(n + 1) % 6], reading=_quoting(word[(n + 2) % 6]))
        for n in range(number)
    ]
    alert = an_alert(
        signal=draw(st.sampled_from([SIGNAL, "coup_warning", word[0]])),
        situation=draw(st.sampled_from(["RUS-UKR", word[1]])),
        rule=word[2],
        level=draw(st.sampled_from(list(Level))),
        acknowledged_by=word[3],
    )
    kinds = draw(st.lists(st.sampled_from(list(EventKind)), min_size=1, max_size=4))
    events = [an_event(kind=kind, reason=draw(texts()), at=AT + n * HOUR) for n, kind in enumerate(kinds)]
    view = a_view(
        alert=alert,
        name=word[4],
        events=events,
        evidence=rows,
        articles=articles,
        denials=articles[:3],
        siblings=[replace(alert, id=f"al-{n}") for n in range(number)],
        earlier=[replace(alert, id="al-0", opened_at=AT - timedelta(days=9))] * (number % 2),
        blind=[(word[5], AT)] * number,
        public_url=draw(st.sampled_from(["", "https://desk.example", word[5]])),
        curve=[(AT, 1.0), (AT + HOUR, 3.0)],
    )
    kind = draw(st.sampled_from(["post", "update", "thread"]))
    return a_message(view, kind, possible_repeat=draw(st.booleans()), broadcast=kind == "thread")


def assert_acceptable(message: Message) -> None:
    """Check a message against Slack's rules and against everything that feed text must not do."""
    body = body_of(message, chart="F1")
    check_message(body, {"F1"})
    assert mentions(body, {"F1"}) == []
    assert size(body["text"]) <= READABLE_TEXT
    known = {row.url for row in message.view.evidence} | {f"{message.view.public_url.rstrip('/')}/alerts/al-1"}
    assert {address.replace("&amp;", "&") for address, _ in links(body, {"F1"})} <= known
    assert message.view.alert.id in body["text"] or message.kind == "thread"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=hostile_messages())
def test_no_input_makes_a_message_that_slack_refuses_or_that_calls_anybody(message: Message) -> None:
    assert_acceptable(message)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(20))  # hypothesis remembers every example of a run: twenty runs stay small
def test_ten_thousand_hostile_messages_are_all_acceptable(batch: int) -> None:
    @seed(batch)
    @settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(message=hostile_messages())
    def each(message: Message) -> None:
        assert_acceptable(message)

    each()


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_each_naughty_string_everywhere_at_once_is_acceptable(text: str) -> None:
    rows = [an_alert_article(n, title=text, source=text, url=text) for n in range(30)]
    articles = [an_article(n, title=text, outlet=text, reading=_quoting(text)) for n in range(30)]
    events = [an_event(reason=text), an_event(reason=text, at=AT + HOUR, kind=EventKind.UPDATED)]
    view = a_view(
        alert=an_alert(rule=text, acknowledged_by=text),
        name=text,
        events=events,
        evidence=rows,
        articles=articles,
        denials=articles,
        blind=[(text, AT)] * 40,
        public_url=text,
    )
    for kind in ("post", "update", "thread"):
        assert_acceptable(a_message(view, kind))


@pytest.mark.parametrize("kind", ["post", "update", "thread", "bare"])
def test_in_a_drill_every_message_says_so_in_its_header_and_its_text(kind: str) -> None:
    message = a_message(a_view(drill=True), kind if kind != "bare" else "post")
    rendered = bare(message) if kind == "bare" else render(message)
    first = rendered.blocks[0].to_dict()["text"]["text"]

    assert "DRILL · " in first.splitlines()[0]
    assert "DRILL · " in rendered.text.splitlines()[0]
    assert "DRILL" not in shown(body_of(replace(message, view=a_view())))
