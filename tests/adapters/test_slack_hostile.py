"""Ten thousand hostile messages and notices: Slack refuses none, none calls anybody, none links elsewhere, none loses its alert."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from monitor.adapters.slack_buttons import Buttons
from monitor.adapters.slack_notices import notice_parts, render_notice
from monitor.core.alerts import EventKind, Level
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.model import Quote, Reading
from monitor.core.ports import Message, NoticeMessage
from tests.adapters.test_slack_blocks import a_message, a_view, body_of, shown
from tests.builders import AT, HOUR, SIGNAL, an_alert, an_alert_article, an_article, an_event
from tests.hostile_text import NAUGHTY, texts, urls
from tests.servers.slack_rules import READABLE_TEXT, check_message, links, mentions, size

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
KINDS = ("post", "update", "thread", "reminder")
PERMALINK = "https://desk.slack.com/archives/C1/p1"


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
        assert {address for address, _ in links(body)} <= {row.url for row in rows} | {
            article.url for article in articles
        }


def _quoting(text: str) -> Reading:
    quote = Quote(text=text, speaker=text)
    return Reading(scores={SIGNAL: 0.9, "denial": 0.9}, quotes={SIGNAL: quote, "denial": quote}, denied_by=(text,))


@st.composite
def hostile_messages(draw: st.DrawFn) -> Message:
    """Return a message in which feeds, configuration and people wrote whatever they liked."""
    number = draw(st.integers(0, 14))
    word = draw(st.lists(texts(), min_size=6, max_size=6))
    link = draw(st.lists(urls(), min_size=4, max_size=4))
    rows = [
        an_alert_article(n, title=word[(n + 3) % 6], source=word[n % 6], url=link[n % 4], withdrawn=n % 7 == 6)
        for n in range(number)
    ]
    articles = [
        an_article(
            n,
            title=word[n % 6],
            url=link[(n + n // 4) % 4],
            outlet=word[(n + 1) % 6],
            reading=_quoting(word[(n + 2) % 6]),
        )
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
    events = [an_event(kind=kind, reason=word[n], at=AT + n * HOUR) for n, kind in enumerate(kinds)]
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
        drill=draw(st.booleans()),
        links={f"al-{n}": [PERMALINK, word[0], "javascript:alert(1)"][n % 3] for n in range(number)},
    )
    kind = draw(st.sampled_from(KINDS))
    return a_message(view, kind, possible_repeat=draw(st.booleans()), broadcast=kind == "thread")


@st.composite
def hostile_notices(draw: st.DrawFn) -> NoticeMessage:
    """Return any part of a notice in which everybody wrote whatever they liked."""
    word = draw(st.lists(texts(), min_size=4, max_size=4))
    lines = tuple(f"line-{n:02d} {word[n % 4]}" for n in range(draw(st.integers(0, 60))))
    middle = draw(st.integers(0, len(lines)))
    sections = (Section(heading=word[1], lines=lines[:middle]), Section(heading=word[3], lines=lines[middle:]))
    notice = Notice(
        id="no-1",
        kind=draw(st.sampled_from(list(NoticeKind))),
        channel="desk",
        at=AT,
        title=word[0],
        sections=sections,
    )
    part = draw(st.integers(0, len(notice_parts(notice)) - 1))
    return NoticeMessage(
        kind="thread" if part else "post",
        marker="no-1:k",
        notice=notice,
        part=part,
        possible_repeat=draw(st.booleans()),
    )


def assert_acceptable(message: Message) -> None:
    """Check a message against Slack's rules and against everything that feed text must not do."""
    body = body_of(message, actions=Buttons("test")(message), chart="F1")
    check_message(body, {"F1"})
    assert mentions(body, {"F1"}) == []
    assert size(body["text"]) <= READABLE_TEXT
    view, page = message.view, f"{message.view.public_url.rstrip('/')}/alerts/"
    known = {row.url for row in view.evidence} | {article.url for article in view.articles} | {PERMALINK, f"{page}al-1"}
    known |= {f"{page}{other.id}" for other in view.siblings}
    assert {address.replace("&amp;", "&") for address, _ in links(body, {"F1"})} <= known
    assert view.alert.id in shown(body)
    assert view.alert.id in body["text"] or message.kind == "thread"
    for said in (body["text"], shown(body)):
        assert ("DRILL · " in said) >= view.drill


def assert_notice_acceptable(message: NoticeMessage) -> None:
    """Check one part of a notice: taken by Slack, calling nobody, linking nowhere, every line of it there."""
    rendered = render_notice(message)
    body: dict[str, Any] = {"text": rendered.text, "blocks": [block.to_dict() for block in rendered.blocks]}
    check_message(body, ())
    assert mentions(body) == []
    assert links(body) == []
    assert size(body["text"]) <= READABLE_TEXT
    marks = [
        found.group()
        for text, _ in notice_parts(message.notice)[message.part]
        if (found := re.match(r"line-\d\d", text))
    ]
    assert re.findall(r"^line-\d\d", shown(body), re.MULTILINE) == marks


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=hostile_messages(), notice=hostile_notices())
def test_no_input_makes_a_message_that_slack_refuses_or_that_calls_anybody(
    message: Message, notice: NoticeMessage
) -> None:
    assert_acceptable(message)
    assert_notice_acceptable(notice)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(20))  # hypothesis remembers every example of a run: twenty runs stay small
def test_ten_thousand_hostile_messages_are_all_acceptable(batch: int) -> None:
    @seed(batch)
    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(message=hostile_messages(), notice=hostile_notices())
    def each(message: Message, notice: NoticeMessage) -> None:
        for kind in KINDS:
            assert_acceptable(replace(message, kind=kind, broadcast=kind == "thread"))
        assert_acceptable(replace(message, kind="thread", note=message.view.name))
        assert_notice_acceptable(notice)

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
    for kind in KINDS:
        assert_acceptable(a_message(view, kind))
    assert_acceptable(a_message(view, "thread", note=text))
    lines = tuple(f"line-{n:02d} {text}" for n in range(40))
    notice = Notice(
        id="no-1",
        kind=NoticeKind.DIGEST,
        channel="desk",
        at=AT,
        title=text,
        sections=(Section(heading=text, lines=lines),),
    )
    for part in range(len(notice_parts(notice))):
        assert_notice_acceptable(
            NoticeMessage(kind="thread" if part else "post", marker="no-1:k", notice=notice, part=part)
        )
