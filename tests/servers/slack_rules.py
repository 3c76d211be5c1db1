"""What Slack documents about the shape of a message, enforced: the stand-in refuses what Slack would refuse.

Lengths are counted in UTF-16 units, which is never less than what Slack counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BLOCKS = 50
MAX_TEXT = 40_000
READABLE_TEXT = 4_000
MAX_TOTAL = 13_200
MAX_METADATA = 16_000
MENTION = re.compile(r"<(?:![^>]*|@[A-Z0-9]+[^>]*|#C[A-Z0-9]+[^>]*)>")
LINK = re.compile(r"<((?:https?|mailto):[^|>]*)(?:\|([^>]*))?>")
LOOSE_MENTION = re.compile(r"(?<![\w.])@(channel|here|everyone)\b", re.IGNORECASE)
_KEYS = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text"},
    "divider": set[str](),
    "context": {"elements"},
    "actions": {"elements"},
    "image": {"alt_text", "image_url", "slack_file", "title"},
}


class Refused(Exception):  # noqa: N818  # an answer, not a fault of the stand-in
    """The answer `ok: false`. code: Slack's word. details: `response_metadata.messages`."""

    def __init__(self, code: str, *details: str) -> None:
        super().__init__(code, *details)
        self.code = code
        self.details = list(details)


def size(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(kw_only=True)
class _Check:
    """One walk over the blocks of a message. total: length of all texts so far."""

    files: Collection[str]
    total: int = 0
    problems: list[str] = field(default_factory=list)
    texts: list[tuple[str, str, bool]] = field(default_factory=list)

    def say(self, where: str, what: str) -> None:
        self.problems.append(f"{what} [json-pointer:{where}]")

    def keys(self, where: str, thing: Mapping[str, Any], known: Collection[str], needed: Collection[str] = ()) -> None:
        for key in thing.keys() - set(known):
            self.say(f"{where}/{key}", "no more items allowed: unknown key")
        for key in set(needed) - thing.keys():
            self.say(where, f"missing required field: {key}")

    def string(self, where: str, value: object, most: int, least: int = 1) -> None:
        if not isinstance(value, str):
            self.say(where, "must be a string")
        elif size(value) > most:
            self.say(where, f"must be less than {most + 1} characters")
        elif size(value) < least:
            self.say(where, f"must be more than {least - 1} characters")
        else:
            self.total += size(value)

    def text(self, where: str, thing: object, most: int, kinds: Collection[str] = ("plain_text", "mrkdwn")) -> None:
        if not isinstance(thing, dict) or thing.get("type") not in kinds:
            self.say(where, f"must be a text object of {sorted(kinds)}")
            return
        flag = "emoji" if thing["type"] == "plain_text" else "verbatim"
        self.keys(where, thing, {"type", "text", flag}, {"text"})
        if flag in thing and not isinstance(thing[flag], bool):
            self.say(f"{where}/{flag}", "must be a boolean")
        self.string(f"{where}/text", thing.get("text"), most)
        if isinstance(thing.get("text"), str):
            self.texts.append((thing["type"], thing["text"], bool(thing.get("verbatim"))))

    def block(self, where: str, block: object) -> None:
        if not isinstance(block, dict) or block.get("type") not in _KEYS:
            self.say(where, "unsupported block type")
            return
        self.keys(where, block, {"type", "block_id"} | _KEYS[block["type"]])
        if "block_id" in block:
            self.string(f"{where}/block_id", block["block_id"], 255)
        check: Callable[[str, Mapping[str, Any]], None] = getattr(self, f"_{block['type']}")
        check(where, block)

    def _section(self, where: str, block: Mapping[str, Any]) -> None:
        fields = block.get("fields", [])
        if "text" not in block and not fields:
            self.say(where, "missing required field: text or fields")
        if "text" in block:
            self.text(f"{where}/text", block["text"], 3_000)
        if not isinstance(fields, list) or len(fields) > 10:
            self.say(f"{where}/fields", "no more than 10 items allowed")
            return
        for number, each in enumerate(fields):
            self.text(f"{where}/fields/{number}", each, 2_000)
        if "accessory" in block:
            self.element(f"{where}/accessory", block["accessory"])

    def _header(self, where: str, block: Mapping[str, Any]) -> None:
        self.text(f"{where}/text", block.get("text"), 150, ("plain_text",))

    def _divider(self, where: str, block: Mapping[str, Any]) -> None:
        """Nothing is asked of a line."""

    def _context(self, where: str, block: Mapping[str, Any]) -> None:
        elements = block.get("elements")
        if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
            self.say(f"{where}/elements", "between 1 and 10 items allowed")
            return
        for number, each in enumerate(elements):
            place = f"{where}/elements/{number}"
            if isinstance(each, dict) and each.get("type") == "image":
                self.element(place, each)
            else:
                self.text(place, each, 3_000)

    def _actions(self, where: str, block: Mapping[str, Any]) -> None:
        elements = block.get("elements")
        if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
            self.say(f"{where}/elements", "between 1 and 25 items allowed")
            return
        for number, each in enumerate(elements):
            self.element(f"{where}/elements/{number}", each)

    def _image(self, where: str, block: Mapping[str, Any]) -> None:
        self.string(f"{where}/alt_text", block.get("alt_text"), 2_000)
        if ("image_url" in block) == ("slack_file" in block):
            self.say(where, "exactly one of image_url and slack_file is required")
        if "image_url" in block:
            self.string(f"{where}/image_url", block["image_url"], 3_000)
        file = block.get("slack_file")
        if "slack_file" in block and (not isinstance(file, dict) or file.get("id") not in self.files):
            self.say(f"{where}/slack_file", "invalid slack file")
        if "title" in block:
            self.text(f"{where}/title", block["title"], 2_000, ("plain_text",))

    def element(self, where: str, thing: object) -> None:
        kind = thing.get("type") if isinstance(thing, dict) else None
        if not isinstance(thing, dict) or kind not in ("button", "overflow", "image"):
            self.say(where, "unsupported element")
        elif kind == "button":
            self._button(where, thing)
        elif kind == "overflow":
            self._overflow(where, thing)
        else:
            self.keys(where, thing, {"type", "image_url", "slack_file", "alt_text"}, {"alt_text"})

    def _button(self, where: str, thing: Mapping[str, Any]) -> None:
        known = {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}
        self.keys(where, thing, known, {"text", "action_id"})
        self.text(f"{where}/text", thing.get("text"), 75, ("plain_text",))
        for key, most in (("action_id", 255), ("url", 3_000), ("value", 2_000), ("accessibility_label", 75)):
            if key in thing:
                self.string(f"{where}/{key}", thing[key], most)
        if thing.get("style", "primary") not in ("primary", "danger"):
            self.say(f"{where}/style", "must be primary or danger")

    def _overflow(self, where: str, thing: Mapping[str, Any]) -> None:
        self.keys(where, thing, {"type", "action_id", "options", "confirm"}, {"action_id", "options"})
        options = thing.get("options")
        if not isinstance(options, list) or not 1 <= len(options) <= 5:
            self.say(f"{where}/options", "between 1 and 5 items allowed")
            return
        for number, each in enumerate(options):
            self.keys(f"{where}/options/{number}", each, {"text", "value", "description", "url"}, {"text", "value"})
            self.text(f"{where}/options/{number}/text", each.get("text"), 75)
            self.string(f"{where}/options/{number}/value", each.get("value"), 150)


def check_message(body: Mapping[str, Any], files: Collection[str]) -> None:
    """Raise Refused for whatever Slack would not take. files: ids of uploaded files."""
    text, blocks = body.get("text", ""), body.get("blocks", [])
    if not isinstance(text, str) or not (text or blocks or body.get("attachments")):
        raise Refused("no_text")
    if size(text) > MAX_TEXT:
        raise Refused("msg_too_long")
    _check_blocks(blocks, files)
    _check_metadata(body.get("metadata"))


def _check_blocks(blocks: object, files: Collection[str]) -> _Check:
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if len(blocks) > MAX_BLOCKS:
        raise Refused("invalid_blocks", f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]")
    check = _Check(files=files)
    for number, block in enumerate(blocks):
        check.block(f"/blocks/{number}", block)
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(ids) != len(set(ids)):
        check.say("/blocks", "block_id must be unique")
    if check.problems:
        raise Refused("invalid_blocks", *check.problems)
    if check.total > MAX_TOTAL:
        raise Refused("msg_blocks_too_long")
    return check


def _check_metadata(metadata: object) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict) or metadata.keys() - {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata)) > MAX_METADATA:
        raise Refused("metadata_too_large")


def mentions(body: Mapping[str, Any], files: Collection[str] = ()) -> list[str]:
    """Return everything in a message that would call people or link to a channel."""
    check = _check_blocks(body.get("blocks", []), files)
    marked = [text for kind, text, _ in check.texts if kind == "mrkdwn"] + [str(body.get("text", ""))]
    loose = [text for kind, text, verbatim in check.texts if kind == "mrkdwn" and not verbatim]
    loose.append(str(body.get("text", "")))
    found = [match.group() for text in marked for match in MENTION.finditer(text)]
    return found + [match.group() for text in loose for match in LOOSE_MENTION.finditer(text)]


def links(body: Mapping[str, Any], files: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return every (address, label) that a message would show as a link."""
    check = _check_blocks(body.get("blocks", []), files)
    marked = [text for kind, text, _ in check.texts if kind == "mrkdwn"] + [str(body.get("text", ""))]
    return [(match.group(1), match.group(2) or "") for text in marked for match in LINK.finditer(text)]
