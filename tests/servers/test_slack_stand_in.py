"""The stand-in refuses what Slack refuses: a test against a lenient one would prove nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn

TEXT = {"type": "mrkdwn", "text": "x"}


def _section(text: Any) -> dict[str, Any]:
    return {"type": "section", "text": text}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("no_text", {}),
    ("msg_too_long", {"text": "x" * 40_001}),
    ("invalid_blocks", {"blocks": [_section(TEXT)] * 51}),
    ("invalid_blocks", {"blocks": [_section({"type": "mrkdwn", "text": "x" * 3_001})]}),
    ("invalid_blocks", {"blocks": [_section({"type": "mrkdwn", "text": ""})]}),
    ("invalid_blocks", {"blocks": [_section({"type": "plain_text", "text": "x", "verbatim": True})]}),
    ("invalid_blocks", {"blocks": [{"type": "section"}]}),
    ("invalid_blocks", {"blocks": [{"type": "section", "fields": [TEXT] * 11}]}),
    ("invalid_blocks", {"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2_001}]}]}),
    ("invalid_blocks", {"blocks": [{"type": "header", "text": TEXT}]}),
    ("invalid_blocks", {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}),
    ("invalid_blocks", {"blocks": [{"type": "context", "elements": [TEXT] * 11}]}),
    ("invalid_blocks", {"blocks": [{"type": "context", "elements": []}]}),
    ("invalid_blocks", {"blocks": [{"type": "divider", "text": TEXT}]}),
    ("invalid_blocks", {"blocks": [{"type": "image", "alt_text": "x", "slack_file": {"id": "F404"}}]}),
    ("invalid_blocks", {"blocks": [{"type": "banner"}]}),
    ("invalid_blocks", {"blocks": [{"type": "actions", "elements": [{"type": "button", "action_id": "a"}]}]}),
    (
        "invalid_blocks",
        {
            "blocks": [
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": "a",
                            "text": {"type": "plain_text", "text": "x"},
                            "value": "v" * 2_001,
                        }
                    ],
                }
            ]
        },
    ),
    ("invalid_blocks", {"blocks": [{**_section(TEXT), "block_id": "b"}, {**_section(TEXT), "block_id": "b"}]}),
    ("msg_blocks_too_long", {"blocks": [_section({"type": "mrkdwn", "text": "x" * 2_700})] * 5}),
    ("invalid_metadata_format", {"text": "x", "metadata": {"event_payload": {}}}),
    ("invalid_metadata_schema", {"text": "x", "metadata": {"event_type": "e", "event_payload": []}}),
    ("channel_not_found", {"text": "x", "channel": "nowhere"}),
    ("thread_not_found", {"text": "x", "thread_ts": "1.000001"}),
    ("invalid_arguments", {"text": "<@U1>", "link_names": True}),
]


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=ManualClock()) as stand_in:
        stand_in.add_channel("desk")
        yield stand_in


def call(slack: SlackStandIn, method: str, body: dict[str, Any], token: str = "xoxb-1") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(f"{slack.base_url}{method}", json=body, headers=headers, trust_env=False)
    return {"status": answer.status_code, "retry_after": answer.headers.get("Retry-After"), **answer.json()}


@pytest.mark.parametrize(("code", "body"), REFUSED)
def test_what_slack_refuses_is_refused(slack: SlackStandIn, code: str, body: dict[str, Any]) -> None:
    answer = call(slack, "chat.postMessage", {"channel": "#desk", **body})

    assert (200, False, code) == (answer["status"], answer["ok"], answer["error"])
    assert slack.messages("desk") == []


def test_a_second_message_within_a_second_must_wait(slack: SlackStandIn) -> None:
    body = {"channel": "#desk", "text": "x"}

    assert call(slack, "chat.postMessage", body)["ok"]
    limited = call(slack, "chat.postMessage", body)
    assert (limited["status"], limited["retry_after"]) == (429, "1")


@pytest.mark.parametrize(
    ("token", "code"), [("", "not_authed"), ("nonsense", "invalid_auth"), ("xoxb-gone", "token_revoked")]
)
def test_a_bad_token_is_refused(slack: SlackStandIn, token: str, code: str) -> None:
    slack.revoked.add("xoxb-gone")

    assert code == call(slack, "auth.test", {}, token)["error"]


def test_a_missing_scope_an_archive_and_a_stranger_are_refused(slack: SlackStandIn) -> None:
    slack.add_channel("old", "C000000OLD", archived=True)
    slack.add_channel("theirs", "C0000THEIR", member=False)

    assert call(slack, "chat.postMessage", {"channel": "C000000OLD", "text": "x"})["error"] == "is_archived"
    assert call(slack, "chat.postMessage", {"channel": "C0000THEIR", "text": "x"})["error"] == "not_in_channel"
    slack.scopes.clear()
    assert call(slack, "conversations.history", {"channel": "C00000001"})["error"] == "missing_scope"


def test_metadata_comes_back_only_when_asked_for_and_messages_show_after_the_lag(slack: SlackStandIn) -> None:
    metadata = {"event_type": "e", "event_payload": {"a": "b"}}
    call(slack, "chat.postMessage", {"channel": "#desk", "text": "x", "metadata": metadata})
    history = {"channel": "C00000001"}

    assert "metadata" not in call(slack, "conversations.history", history)["messages"][0]
    asked = call(slack, "conversations.history", {**history, "include_all_metadata": True})
    assert metadata == asked["messages"][0]["metadata"]
    slack.history_lag = timedelta(seconds=5)
    assert call(slack, "conversations.history", history)["messages"] == []


def test_a_mention_that_fires_is_seen(slack: SlackStandIn) -> None:
    call(slack, "chat.postMessage", {"channel": "#desk", "text": "<!channel> and <https://evil.example|x>"})

    assert slack.pings() == ["<!channel>"]
    assert slack.links() == [("https://evil.example", "x")]
