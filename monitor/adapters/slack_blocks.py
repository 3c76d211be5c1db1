"""One alert as Block Kit: reads in ten seconds, and stays within Slack's limits whatever the feeds wrote.

The limits of the parts add up to less than Slack takes in all, so no message needs to be measured as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, ImageBlock, SectionBlock
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject, SlackFile

from monitor.adapters.slack_text import cut, escape, host_of, link, plain, size, words
from monitor.adapters.text import one_line
from monitor.core import wording
from monitor.core.alerts import AlertState, Event, EventKind, Level
from monitor.core.ports import AlertArticle, AlertView, Message
from monitor.core.reasons import count, figures_of, moment, news_of, why_now, why_of
from monitor.core.wording import Said

TITLE, LINE, QUOTE, WHO, FACT, SOURCE = 150, 600, 300, 100, 300, 300
QUOTE_LINK = 400
SOURCES, SIBLINGS, DENIALS = 4, 4, 2
SECTION = 2_900
SMALL_SECTION = 2_000
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
    if message.kind == "thread" and message.note:
        return _noted(message)
    if message.kind == "thread" and message.event:
        return _reply(message, message.event)
    if message.kind == "reminder":
        return _reminder(message, actions)
    view = message.view
    blocks = [
        _title(view),
        section(_why(view)),
        *_lines([*map(_said, wording.said(view)), *(_denied(text, who) for text, who in wording.denials(view))]),
        *_lines([*(_fact(label, text) for label, text in wording.facts(view)), *_siblings(view)], SMALL_SECTION),
        *actions,
        *([_picture(view, chart)] if chart else []),
        *_sources(view),
        _context(message),
    ]
    return Rendered(text=_fallback(message), blocks=blocks)


def bare(message: Message) -> Rendered:
    """Return the little that can be said of an alert whose details cannot be rendered."""
    alert = message.view.alert
    line = f"{wording.drill_mark(message.view)}{alert.level.value.upper()} · {alert.signal} · {alert.situation} · alert {alert.id}"
    text = cut(f"{line}: its details could not be shown here; see `crisis-monitor history`", LINE)
    return Rendered(text=text, blocks=[section(text)])


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
        return section(f"*<{escape(page)}|{words(line, TITLE)}>*")
    return HeaderBlock(text=PlainTextObject(text=plain(line, TITLE), emoji=False))


def _why(view: AlertView) -> str:
    weight = [words(part, FACT) for part in wording.weights(view)]
    marked = [f"*{part}*" if part.startswith(wording.CONTESTED) else part for part in weight]
    return f"*{words(_sentence(why_now(view)), LINE)}*\n{'; '.join(marked)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _said(said: Said) -> str:
    outlet = link(said.url, said.outlet, QUOTE_LINK) if size(escape(said.url)) < QUOTE_LINK else words(said.outlet, WHO)
    who = f"{words(said.speaker, WHO)}, {outlet}" if said.speaker else outlet
    return f"> “{words(said.text, QUOTE)}” — {who}"


def _denied(text: str, who: str) -> str:
    return f"*Denied:* “{words(text, QUOTE)}” — {words(who, WHO)}"


def _fact(label: str, text: str) -> str:
    return f"*{label}:* {words(text, FACT)}"


def _siblings(view: AlertView) -> list[str]:
    """Return one line that links the other open alerts of the situation, most severe first."""
    found = wording.siblings(view)
    shown = [
        f"<{escape(url)}|{words(text, WHO)}>" if _may_link(url) else words(text, WHO) for text, url in found[:SIBLINGS]
    ]
    more = [f"{len(found) - SIBLINGS} more"] if len(found) > SIBLINGS else []
    return [f"*Also open here:* {', '.join([*shown, *more])}"] if found else []


def _may_link(url: str) -> bool:
    return bool(host_of(url)) and size(escape(url)) < QUOTE_LINK and one_line(url) == url


def _sources(view: AlertView) -> list[Block]:
    """Return the reports that no quote has linked yet, in small print; those that are not linked by name of their outlets."""
    linked = {said.url for said in wording.said(view)} | {article.url for article in view.denials[:DENIALS]}
    found = [row for row in wording.sources(view, limit=0) if not (row[2] and row[2] in linked)]
    lines = [
        f"• {link(url, title, SOURCE + size(escape(url)))} — {words(outlet, WHO)}"
        for outlet, title, url in found[:SOURCES]
    ]
    rest = found[SOURCES:]
    if rest:
        outlets = ", ".join(dict.fromkeys(outlet[:WHO] for outlet, _, _ in rest))
        lines.append(f"… and {count(len(rest), 'more report')}: {words(outlets, FACT)}")
    return [ContextBlock(elements=[_markup(text)]) for text in _fitting(lines, SECTION)[:1]]


def _lines(lines: Sequence[str], room: int = SECTION) -> list[Block]:
    return [section(text) for text in _fitting(lines, room)]


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """Return one text of as many whole lines as fit into `room`, and how many did not; nothing for no lines."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += size(line) + 1
        if used > room:
            kept.append(f"… {len(lines) - len(kept)} more")
            break
        kept.append(line)
    return ["\n".join(kept)] if kept else []


def section(markup: str) -> SectionBlock:
    """Return a section whose links and mentions are only those that the markup spells out."""
    return SectionBlock(text=_markup(markup))


def _markup(markup: str) -> MarkdownTextObject:
    return MarkdownTextObject(text=markup, verbatim=True)


def _picture(view: AlertView, file_id: str) -> Block:
    return ImageBlock(slack_file=SlackFile(id=file_id), alt_text=curve_words(view))


def _context(message: Message) -> Block:
    view, alert = message.view, message.view.alert
    lines = [f"{label}: {text}" for label, text in wording.notes(view)]
    told = max(alert.opened_at, alert.last_event_at)
    lines.append(f"Alert {alert.id} · rule {alert.rule} · opened {moment(alert.opened_at)} · as of {moment(told)}")
    return _small_print(message, lines)


def _small_print(message: Message, lines: Sequence[str]) -> Block:
    repeated = [repeat_note(message)] if message.possible_repeat else []
    return ContextBlock(elements=[_markup("\n".join(words(line, FACT) for line in [*repeated, *lines]))])


def repeat_note(message: Message) -> str:
    """Say that a message may be there twice."""
    return f"possible repeat of alert {message.view.alert.id}: an earlier attempt may have arrived"


def _fallback(message: Message) -> str:
    view = message.view
    told = wording.told_lines(view)
    notes = [repeat_note(message)] if message.possible_repeat else []
    tail = [f"alert {view.alert.id}, rule {view.alert.rule}", *([page_of(view)] if page_of(view) else [])]
    also = [f"Also open here: {', '.join(text for text, _ in wording.siblings(view))}"] if view.siblings else []
    more = [f"{label}: {text}" for label, text in wording.notes(view)]
    cited = [f"Source: {outlet}: {plain_source(title, url)}" for outlet, title, url in wording.sources(view)]
    return fallback_text(
        [*notes, f"{mark(view)} {wording.headline(view)}", *told[:2], *tail, *told[2:], *also, *more, *cited]
    )


def plain_source(title: str, url: str) -> str:
    """Return a title with the host it is found at."""
    host = host_of(url)
    return f"{title[:QUOTE]} ({host})" if host else title[:QUOTE]


def fallback_text(lines: Sequence[str]) -> str:
    """Return lines as the text for notifications and screen readers, whole lines as far as they fit."""
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
    where = f"{wording.signal_name(view.alert.signal)} · {view.name} ({view.alert.situation})"
    why = why_of(view, event)
    fresh = news_of(view, event)[:NEWS] if event.kind is not EventKind.RESOLVED else []
    blocks = [
        section(f"*{what}* · {words(where, TITLE)}\n{words(_sentence(why), LINE)}"),
        *_lines([_news_line(row) for row in fresh]),
        _small_print(message, [f"Figures: {figures_of(event)}", f"Alert {view.alert.id} · {moment(event.at)}"]),
    ]
    notes = [repeat_note(message)] if message.possible_repeat else []
    cited = [f"{row.source}: {plain_source(row.title, row.url)}" for row in fresh]
    return Rendered(text=fallback_text([*notes, f"{what} · {where}", why, *cited]), blocks=blocks)


def _noted(message: Message) -> Rendered:
    """Return a reply that says one thing."""
    head, said = wording.headline(message.view), plain(message.note, LINE).strip()
    told = f"{wording.drill_mark(message.view)}{message.note}" if said else head
    notes = [repeat_note(message)] if message.possible_repeat else []
    return Rendered(text=fallback_text([*notes, told, head]), blocks=[section(words(told, LINE)), _context(message)])


def _reminder(message: Message, actions: Sequence[Block]) -> Rendered:
    view = message.view
    what, head, why = wording.reminder(view, message.event), f"{mark(view)} {wording.headline(view)}", why_now(view)
    notes = [repeat_note(message)] if message.possible_repeat else []
    told = f"*{words(what, LINE)}*\n{words(head, LINE)}\n{words(why, LINE)}"
    tail = f"alert {view.alert.id}, rule {view.alert.rule}"
    return Rendered(
        text=fallback_text([*notes, what, head, why, tail]), blocks=[section(told), *actions, _context(message)]
    )


def _news_line(row: AlertArticle) -> str:
    return f"• {link(row.url, row.title, SOURCE + size(escape(row.url)))} — {words(row.source, WHO)}"
