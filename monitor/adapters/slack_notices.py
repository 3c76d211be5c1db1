"""Notices in Block Kit: digests, briefs, storms. What one message cannot hold continues in its thread, and nothing is left out."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, HeaderBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject

from monitor.adapters.slack_blocks import LINE, MARKS, SECTION, TITLE, Rendered, fallback_text, section
from monitor.adapters.slack_text import cut, plain, size, words
from monitor.core.desk import Notice
from monitor.core.ports import NoticeMessage

PART = 8_000
_AROUND = 4  # what stands around a line at most: its break, and a colour with a space or the stars of a heading
Line = tuple[str, bool]


def notice_parts(notice: Notice) -> list[list[Line]]:
    """Return the lines of each message of a notice as (text, whether it is a heading), in order."""
    parts: list[list[Line]] = [[]]
    used = 0
    for part in notice.sections:
        lines = [(part.heading, True)] if part.heading else []
        for line in [*lines, *((text, False) for text in part.lines)]:
            length = size(words(line[0], LINE)) + _AROUND
            if used + length > PART:
                parts.append([])
                used = 0
            parts[-1].append(line)
            used += length
    return parts


def render_notice(message: NoticeMessage) -> Rendered:
    """Return one part of a notice as Slack takes it."""
    notice, parts = message.notice, notice_parts(message.notice)
    more = f" ({message.part + 1} of {len(parts)})" if len(parts) > 1 else ""
    repeated = f"possible repeat of notice {notice.id}: an earlier attempt may have arrived"
    named = notice.title if plain(notice.title, TITLE).strip() else f"notice {notice.id}"
    title = HeaderBlock(text=PlainTextObject(text=plain(f"{named}{more}", TITLE), emoji=False))
    blocks: list[Block] = [title] if message.part == 0 else []
    if message.possible_repeat:
        blocks.append(section(words(repeated, LINE)))
    blocks += [section(text) for text in _chunks(parts[message.part])]
    said = [*([repeated] if message.possible_repeat else []), f"{named}{more}"]
    return Rendered(text=fallback_text([*said, *(text for text, _ in parts[message.part])]), blocks=blocks or [title])


def bare_notice(message: NoticeMessage) -> Rendered:
    """Return the little that can be said of a notice that cannot be rendered."""
    text = cut(f"notice {message.notice.id} ({message.notice.kind.value}) could not be shown here", LINE)
    return Rendered(text=text, blocks=[section(text)])


def _chunks(lines: list[Line]) -> list[str]:
    chunks: list[str] = []
    for text, heading in lines:
        said = words(text, LINE).strip()
        shown = f"*{said}*" if heading else f"{_mark(text)}{said}"
        if not said:
            continue
        if chunks and not heading and size(chunks[-1]) + size(shown) + 1 <= SECTION:
            chunks[-1] += f"\n{shown}"
        else:
            chunks.append(shown)
    return chunks


def _mark(line: str) -> str:
    """Return the colour of a line that begins with the word of a level, "" for any other."""
    word = line.removeprefix("DRILL · ")
    return next((f"{mark} " for level, mark in MARKS.items() if word.startswith(f"{level.value.upper()} · ")), "")
