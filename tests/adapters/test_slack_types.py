"""A check against rules we did not write: every kind of block we make is one to Slack's own types, by TypeScript's compiler.

The types come from npm into a cache folder outside the tree; without npm, or without a registry that answers, the test is skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.slack_blocks import bare, render
from monitor.adapters.slack_buttons import Buttons
from monitor.adapters.slack_notices import bare_notice, notice_parts, render_notice
from monitor.core.alerts import Event, Level
from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.ports import AlertView, Message, NoticeMessage
from monitor.core.samples_notices import sample_notice
from monitor.core.samples_story import story_view
from tests.adapters.test_slack_blocks import a_message, a_view
from tests.builders import AT, an_alert, an_alert_article, an_article, an_event
from tests.hostile_text import NAUGHTY

TYPES, COMPILER = "2.19.0", "5.9.3"
CONFIG = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "types": [],
    "moduleResolution": "bundler",
    "module": "esnext",
}


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return the folder that holds Slack's types and the compiler, installed once."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crisis-monitor-tests"
    place = cache / f"slack-types-{TYPES}-typescript-{COMPILER}"
    if not place.exists():
        part = cache / f".{os.getpid()}"
        part.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--fetch-retries=1"]
        wanted = [f"@slack/types@{TYPES}", f"typescript@{COMPILER}"]
        done = subprocess.run(
            [npm, "install", "--prefix", str(part), *options, *wanted],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        if done.returncode:
            shutil.rmtree(part)
            pytest.skip(f"npm could not install Slack's types: {done.stderr.strip()[-300:]}")
        part.rename(place)
    return place / "node_modules"


def compiled(packages: Path, folder: Path, messages: Sequence[Any]) -> subprocess.CompletedProcess[str]:
    """Let TypeScript judge messages, each a list of blocks."""
    lines = ['import type { KnownBlock } from "@slack/types";']
    lines += [f"export const m{number}: KnownBlock[] = {json.dumps(blocks)};" for number, blocks in enumerate(messages)]
    (folder / "messages.ts").write_text("\n".join(lines), encoding="utf-8")
    paths = {"@slack/types": [str(packages / "@slack/types/dist/index.d.ts")]}
    (folder / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": {**CONFIG, "paths": paths}, "files": ["messages.ts"]})
    )
    command = ["node", str(packages / "typescript/bin/tsc"), "-p", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def a_hostile_view(text: str) -> AlertView:
    shown = text[:5_000]
    articles = [an_article(n, title=shown, outlet=f"{n}{shown}", url=shown) for n in range(9)]
    return a_view(
        alert=an_alert(rule=shown, acknowledged_by=shown),
        name=shown,
        events=[an_event(reason=shown)],
        evidence=[an_alert_article(n, title=shown, source=shown, url=shown) for n in range(12)],
        articles=articles,
        denials=articles,
        siblings=[an_alert(id="al-2", signal=shown)],
        blind=[(shown, AT)],
        public_url=shown,
        links={"al-2": shown},
    )


def told(view: AlertView, event: Event | None = None) -> Iterator[Any]:
    event = event or view.events[-1]
    for kind in ("post", "update", "thread", "reminder"):
        message = Message(
            kind=kind, marker="m", view=view, event=event, broadcast=kind == "thread", possible_repeat=True
        )
        yield render(message, Buttons("test")(message), "F1" if kind == "update" else "")
    yield render(replace(message, kind="thread", note=view.name))
    yield bare(message)


def noticed(notice: Notice) -> Iterator[Any]:
    for part in range(len(notice_parts(notice))):
        message = NoticeMessage(
            kind="thread" if part else "post", marker="m", notice=notice, part=part, possible_repeat=True
        )
        yield render_notice(message)
        yield bare_notice(message)


def everything() -> list[Any]:
    """Return the blocks of every kind of message."""
    views = [story_view(level, resolved=resolved) for level in Level for resolved in (False, True)]
    rendered = [each for view in views for event in view.events for each in told(view, event)]
    rendered += [each for text in NAUGHTY for each in told(a_hostile_view(text))]
    rendered += [each for kind in NoticeKind for each in noticed(sample_notice(kind))]
    lines = tuple(f"{n} {text[:400]}" for n, text in enumerate(NAUGHTY))
    long = Notice(
        id="no-1",
        kind=NoticeKind.STORM,
        channel="desk",
        at=AT,
        title=NAUGHTY[2],
        sections=(Section(heading=NAUGHTY[2], lines=lines),),
    )
    rendered += noticed(long)
    return [[block.to_dict() for block in each.blocks] for each in rendered]


@pytest.mark.slow
def test_every_block_we_make_is_one_to_slacks_own_types(packages: Path, tmp_path: Path) -> None:
    messages = everything()
    kinds = {block["type"] for blocks in messages for block in blocks}
    done = compiled(packages, tmp_path, messages)

    assert len(messages) > 150
    assert kinds == {"section", "header", "context", "actions", "image"}
    assert done.returncode == 0, done.stdout[:3000]


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "section", "text": {"type": "mrkdwn", "txt": "a"}},
        {"type": "header", "text": {"type": "mrkdwn", "text": "a"}},
        {"type": "image", "image_id": "F1", "alt_text": "a"},
    ],
    ids=["misspelt key", "mark-up in a header", "unknown key"],
)
def test_the_compiler_refuses_what_is_no_block(packages: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    good = [block.to_dict() for block in render(a_message(a_view())).blocks]

    assert "error TS" in compiled(packages, tmp_path, [good, [wrong]]).stdout
