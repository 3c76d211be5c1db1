"""`preview`: exactly what would be posted, and nothing is."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.cli import app
from monitor.core.alerts import Level
from monitor.core.desk import NoticeKind
from tests.builders import an_alert, an_alert_article, an_event
from tests.servers.slack_rules import check_message, links, mentions

SECRET = "xoxb-preview-canary"


def preview(folder: Path, *options: str) -> Result:
    environ = {"SLACK_BOT_TOKEN": SECRET, "COLUMNS": "200"}
    return CliRunner().invoke(app, ["preview", "--data", str(folder), *options], env=environ)


def posted(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("options", [(), ("--resolved",)], ids=["open", "resolved"])
@pytest.mark.parametrize("level", Level)
def test_the_json_is_a_message_that_slack_takes_and_holds_no_secret(
    tmp_path: Path, level: Level, options: tuple[str, ...]
) -> None:
    result = preview(tmp_path, "--json", "--level", level.value, *options)
    body = posted(result)

    check_message(body, ())
    assert mentions(body) == []
    assert ("RESOLVED" if options else level.value.upper()) in body["text"]
    assert body["unfurl_links"] is False
    assert SECRET not in result.output
    assert all(address.startswith("https://") for address, _ in links(body))


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_can_be_seen_beforehand(tmp_path: Path, kind: NoticeKind) -> None:
    check_message(posted(preview(tmp_path, "--json", "--notice", kind.value)), ())


def test_the_text_says_what_blocks_and_notification_say(tmp_path: Path) -> None:
    shown = preview(tmp_path, "--level", "critical").stdout

    for words in (
        "CRITICAL",
        "> “We see large",
        "[Acknowledge] [False alarm]",
        "In notifications and for screen readers:",
    ):
        assert words in shown


def test_a_stored_alert_is_shown_as_it_stands_and_an_unknown_one_is_not_found(tmp_path: Path) -> None:
    storage = SqlStorage.open(f"sqlite:///{tmp_path / 'crisis-monitor.db'}")
    migrate(storage)
    with storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.add_event(an_event(reason="told from the database"))
        unit.add_alert_articles("al-1", [an_alert_article(1, title="Stored title")])
    storage.close()

    body = posted(preview(tmp_path, "al-1", "--json"))
    assert "told from the database" in body["text"]
    assert "Stored title" in body["text"]
    unknown = preview(tmp_path, "al-2")
    assert unknown.exit_code == 3
    assert "no stored alert" in unknown.output


def test_a_picture_can_be_drawn_as_svg_and_as_png(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    for name in ("alert.svg", "alert.png"):
        assert preview(tmp_path, "--picture", str(tmp_path / name)).exit_code == 0

    drawn = ET.parse(tmp_path / "alert.svg").getroot()
    assert any(each.tag.endswith("image") for each in drawn.iter())
    assert (tmp_path / "alert.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_of_another_form_or_in_no_place_is_refused(tmp_path: Path) -> None:
    assert preview(tmp_path, "--picture", "alert.gif").exit_code == 2
    refused = preview(tmp_path, "--picture", str(tmp_path / "missing" / "alert.svg"))
    assert refused.exit_code == 2
    assert "cannot be written" in refused.output
