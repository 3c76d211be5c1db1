"""One alert as Block Kit: reads in ten seconds, and stays within Slack's limits whatever the feeds wrote.

The limits of the parts add up to less than Slack takes in all, so no message needs to be measured as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, ImageBlock, SectionBlock
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject, SlackFile

from monitor.adapters.slack_text import cut, escape, host_of, link, plain, size, words
from monitor.core import wording
from monitor.core.model import AlertState, Event, EventKind, Level
from monitor.core.ports import AlertArticle, AlertView, Message

TITLE, LINE, QUOTE, WHO, FACT, SOURCE = 150, 600, 300, 100, 300, 300
SECTION = 2_900
FALLBACK = 3_000
FALLBACK_LINE = 400
NEWS = 5
MARKS = {Level.WATCH: "🟡", Level.WARNING: "🟠", Level.CRITICAL: "🔴"}
_RESOLVED_MARK = "⚪"
_EVENT_WORDS = {
    EventKind.OPENED: "Opened at",
    EventKind.UPDATED: "Update, still",
    EventKind.ESCALATED: "Escalated to",
    EventKind.EASED: "Eased to",
    EventKind.RESOLVED: "Resolved, last at",
    EventKind.REOPENED: "Reopened at",
    EventKind.ACKNOWLEDGED: "Acknowledged at",
    EventKind.SILENCED: "Silenced at",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """What is posted: blocks for the eye, and a text that says it all for notifications and screen readers."""

    text: str
    blocks: Sequence[Block]


def render(message: Message, actions: Sequence[Block] = (), chart: str = "") -> Rendered:
    """Return `message` as Slack takes it. actions: blocks with buttons. chart: id of an uploaded picture, "" for none."""
    if message.kind == "thread" and message.event:
        return _reply(message, message.event)
    view = message.view
    blocks = [
        _title(view),
        _section(_why(view)),
        *_lines([_said(text, who) for text, who in wording.quotes(view)]),
        *_lines([f"*Denied:* {_said(text, who)}" for text, who in wording.denials(view)]),
        *_lines([f"*{label}:* {words(text, FACT)}" for label, text in wording.facts(view)]),
        *_lines(_sources(view)),
        *([_picture(view, chart)] if chart else []),
        *actions,
        _context(message),
    ]
    return Rendered(text=_fallback(message), blocks=blocks)


def bare(message: Message) -> Rendered:
    """Return the little that can be said of an alert whose details cannot be rendered."""
    alert = message.view.alert
    line = f"{wording.drill_mark(message.view)}{alert.level.value.upper()} · {alert.signal} · {alert.situation} · alert {alert.id}"
    text = cut(f"{line}: its details could not be shown here; see `crisis-monitor history`", LINE)
    return Rendered(text=text, blocks=[_section(text)])


def mark(view: AlertView) -> str:
    """Return the colour of an alert as a character; the word always stands beside it."""
    return _RESOLVED_MARK if view.alert.state is AlertState.RESOLVED else MARKS[view.alert.level]


def page_of(view: AlertView) -> str:
    """Return the alert's address on the review page, "" where no public URL is set."""
    address = f"{view.public_url.rstrip('/')}/alerts/{view.alert.id}" if view.public_url else ""
    return address if host_of(address) else ""


def curve_words(view: AlertView) -> str:
    """Return the evidence curve in words: the alternative text of its picture."""
    if not view.curve:
        return "Evidence over time: no data."
    peak_at, peak = max(view.curve, key=lambda point: point[1])
    (start, first), (end, last) = view.curve[0], view.curve[-1]
    return (
        f"Evidence in effective reports from {start:%d %B %H:%M} to {end:%d %B %H:%M} UTC: "
        f"{first:.1f} at first, highest {peak:.1f} on {peak_at:%d %B %H:%M}, {last:.1f} at the end."
    )


def _title(view: AlertView) -> Block:
    line, page = f"{mark(view)} {wording.headline(view)}", page_of(view)
    if page:
        return _section(f"*<{escape(page)}|{words(line, TITLE)}>*")
    return HeaderBlock(text=PlainTextObject(text=plain(line, TITLE), emoji=False))


def _why(view: AlertView) -> str:
    return f"*Why now:* {words(wording.why_now(view), LINE)}\n{words(wording.weight_line(view), LINE)}"


def _said(text: str, who: str) -> str:
    return f"“{words(text, QUOTE)}” — {words(who, WHO)}"


def _sources(view: AlertView) -> list[str]:
    shown = wording.sources(view)
    rows = [f"• {link(url, title, SOURCE + size(escape(url)))} — {words(outlet, WHO)}" for outlet, title, url in shown]
    more = sum(not row.withdrawn for row in view.evidence) - len(shown)
    return [*rows, f"… and {more} more"] if more > 0 else rows


def _lines(lines: Sequence[str]) -> list[Block]:
    """Return one section of as many whole lines as fit, and how many did not."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += size(line) + 1
        if used > SECTION:
            kept.append(f"… {len(lines) - len(kept)} more")
            break
        kept.append(line)
    return [_section("\n".join(kept))] if kept else []


def _section(markup: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=markup, verbatim=True))


def _picture(view: AlertView, file_id: str) -> Block:
    return ImageBlock(slack_file=SlackFile(id=file_id), alt_text=curve_words(view))


def _context(message: Message) -> Block:
    alert = message.view.alert
    told = max(alert.opened_at, alert.last_event_at)
    notes = [
        f"alert {alert.id} · rule {alert.rule} · opened {alert.opened_at:%d %B %H:%M} UTC · as of {told:%d %B %H:%M} UTC"
    ]
    if message.possible_repeat:
        notes.insert(0, repeat_note(message))
    return ContextBlock(elements=[MarkdownTextObject(text=words(note, FACT), verbatim=True) for note in notes])


def repeat_note(message: Message) -> str:
    """Say that a message may be there twice."""
    return f"possible repeat of alert {message.view.alert.id}: an earlier attempt may have arrived"


def _fallback(message: Message) -> str:
    view = message.view
    notes = [repeat_note(message)] if message.possible_repeat else []
    tail = [f"alert {view.alert.id}, rule {view.alert.rule}", *([page_of(view)] if page_of(view) else [])]
    cited = [f"Source: {outlet}: {plain_source(title, url)}" for outlet, title, url in wording.sources(view)]
    head = f"{mark(view)} {wording.headline(view)}"
    return _joined([*notes, head, *wording.told_lines(view)[:2], *tail, *wording.told_lines(view)[2:], *cited])


def plain_source(title: str, url: str) -> str:
    """Return a title with the host it is found at."""
    host = host_of(url)
    return f"{title[:QUOTE]} ({host})" if host else title[:QUOTE]


def _joined(lines: Sequence[str]) -> str:
    kept: list[str] = []
    used = 0
    for line in lines:
        shown = plain(line, FALLBACK_LINE)
        used += size(shown) + 1
        if used > FALLBACK:
            return "\n".join([*kept, "…"])
        kept.append(shown)
    return "\n".join(kept)


def _reply(message: Message, event: Event) -> Rendered:
    view = message.view
    what = f"{MARKS[event.level]} {wording.drill_mark(view)}{_EVENT_WORDS[event.kind]} {event.level.value.upper()}"
    where = f"{wording.SIGNAL_NAMES.get(view.alert.signal, view.alert.signal)} · {view.name} ({view.alert.situation})"
    fresh = wording.news_of(view, event)[:NEWS] if event.kind is not EventKind.RESOLVED else []
    blocks = [
        _section(f"*{what}* · {words(where, TITLE)}\n{words(event.reason, LINE)}"),
        *_lines([_news_line(row) for row in fresh]),
        _context(message),
    ]
    notes = [repeat_note(message)] if message.possible_repeat else []
    cited = [f"{row.source}: {plain_source(row.title, row.url)}" for row in fresh]
    return Rendered(text=_joined([*notes, f"{what} · {where}", event.reason, *cited]), blocks=blocks)


def _news_line(row: AlertArticle) -> str:
    return f"• {link(row.url, row.title, SOURCE + size(escape(row.url)))} — {words(row.source, WHO)}"
