"""The Slack notifier against the stand-in: what it sends, what it finds again, and what it makes of every failure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from monitor.adapters.slack import EVENT_TYPE, SlackNotifier
from monitor.adapters.slack_errors import redact, refused
from monitor.core.alerts import Level
from monitor.core.errors import NotifyError
from monitor.core.messages import Channel, PostedMessage
from monitor.core.ports import Message
from monitor.core.samples import sample_view
from tests.desk import TOKEN, a_slack_channel
from tests.fakes import ManualClock
from tests.servers.slack import DOWN, DRIP, DROP, DROP_BEFORE, ERROR, GARBAGE, HANG, SlackStandIn

POST, UPDATE, HISTORY, LIST = "chat.postMessage", "chat.update", "conversations.history", "conversations.list"
T = TypeVar("T")
CLOCK = ManualClock()
VIEW = sample_view(CLOCK(), Level.WARNING)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=ManualClock()) as stand_in:
        stand_in.one_per_second = False
        stand_in.add_channel("desk")
        yield stand_in


@pytest.fixture
def notifier(slack: SlackStandIn) -> SlackNotifier:
    return SlackNotifier(base_url=slack.base_url, timeout=timedelta(seconds=2))


def a_message(kind: str = "post", marker: str = "al-test:k1", **changes: Any) -> Message:
    return Message(kind=kind, marker=marker, view=VIEW, event=VIEW.events[-1], **changes)


def run(work: Awaitable[T]) -> T:
    async def inner() -> T:
        return await work

    return asyncio.run(inner())


def post(notifier: SlackNotifier, channel: Channel | None = None, marker: str = "al-test:k1") -> PostedMessage:
    posted = run(notifier.send(channel or a_slack_channel(), a_message(marker=marker), None))
    assert posted
    return posted


def failure(work: Awaitable[object]) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        run(work)
    return caught.value


def test_a_post_carries_its_marker_unfurls_nothing_and_tells_where_it_stands(
    slack: SlackStandIn, notifier: SlackNotifier
) -> None:
    posted = post(notifier)

    (message,) = slack.messages("desk")
    assert (posted.subject, posted.channel, posted.channel_id) == ("al-test", "desk", "C00000001")
    assert posted.ts == message["ts"]
    sent = slack.calls(POST)[0].body
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["parse"], sent["link_names"]) == (
        False,
        False,
        "none",
        False,
    )
    assert sent["metadata"] == {
        "event_type": EVENT_TYPE,
        "event_payload": {"marker": "al-test:k1", "alert_id": "al-test"},
    }


def test_an_edit_changes_the_message_and_a_reply_goes_to_its_thread(
    slack: SlackStandIn, notifier: SlackNotifier
) -> None:
    posted = post(notifier)
    run(notifier.send(a_slack_channel(), a_message("update", "al-test:k2"), posted))
    run(notifier.send(a_slack_channel(), a_message("thread", "al-test:k3", broadcast=True), posted))

    (message,) = slack.messages("desk")
    assert "edited" in message
    assert [reply["broadcast"] for reply in message["replies"]] == [True]


def test_a_channel_name_is_resolved_once_over_all_pages(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.page_size = 2
    for number in range(5):
        slack.add_channel(f"more-{number}")
    channel = a_slack_channel(target="#more-4")
    post(notifier, channel)
    post(notifier, channel)

    assert len(slack.calls(LIST)) == 3
    assert {"C00000006"} == {call.body["channel"] for call in slack.calls(POST)}


def test_a_channel_id_needs_no_resolving(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    post(notifier, a_slack_channel(target="C00000001"))

    assert slack.calls(LIST) == []


@pytest.mark.parametrize("why", ["missing_scope", "ratelimited"])
def test_a_name_that_cannot_be_resolved_is_posted_to_by_name(
    slack: SlackStandIn, notifier: SlackNotifier, why: str
) -> None:
    slack.fail(LIST, why, times=9)

    assert post(notifier).channel_id == "C00000001"
    post(notifier)
    assert [call.body["channel"] for call in slack.calls(POST)] == ["#desk", "C00000001"]


@pytest.mark.parametrize("mode", [DROP, HANG, ERROR, DRIP, GARBAGE, DROP_BEFORE, DOWN, "fatal_error", "internal_error"])
def test_an_outcome_nobody_can_know_is_called_unknown_and_asked_for_once(
    slack: SlackStandIn, notifier: SlackNotifier, mode: str
) -> None:
    slack.fail(POST, mode)
    started = time.monotonic()
    error = failure(notifier.send(a_slack_channel(), a_message(), None))

    assert (error.unknown, error.permanent) == (True, False)
    assert len(slack.calls(POST)) == 1
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found", "is_archived", "not_in_channel", "invalid_auth", "token_revoked", "account_inactive",
        "invalid_blocks", "msg_too_long", "no_permission", "missing_scope", "restricted_action", "not_authed",
    ],
)  # fmt: skip
def test_what_slack_refuses_for_good_is_permanent_though_the_status_is_200(
    slack: SlackStandIn, notifier: SlackNotifier, code: str
) -> None:
    slack.fail(POST, code)
    error = failure(notifier.send(a_slack_channel(), a_message(), None))

    assert (error.permanent, error.unknown, error.code) == (True, False, code)
    assert code in str(error)


def test_any_other_refusal_is_tried_again(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.fail(POST, "team_is_migrating")
    error = failure(notifier.send(a_slack_channel(), a_message(), None))

    assert (error.permanent, error.unknown) == (False, False)


def test_a_429_says_how_long_to_wait(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.fail(POST, "429", retry_after=42)
    error = failure(notifier.send(a_slack_channel(), a_message(), None))

    assert (error.retry_after, error.unknown, error.permanent) == (timedelta(seconds=42), False, False)


def test_a_refused_connection_is_known_not_to_have_arrived(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.refuse()
    error = failure(notifier.send(a_slack_channel(), a_message(), None))

    assert (error.unknown, error.permanent, error.code) == (False, False, "unreachable")


def test_a_name_that_does_not_resolve_is_known_not_to_have_arrived() -> None:
    notifier = SlackNotifier(base_url="http://slack.invalid/api/", timeout=timedelta(seconds=3))
    error = failure(notifier.send(a_slack_channel(target="C00000001"), a_message(), None))

    assert (error.unknown, error.permanent) == (False, False)


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_an_edit_refused_for_good_names_the_reason(slack: SlackStandIn, notifier: SlackNotifier, code: str) -> None:
    posted = post(notifier)
    slack.fail(UPDATE, code)

    assert code == failure(notifier.send(a_slack_channel(), a_message("update"), posted)).code


def test_a_message_is_found_by_its_marker_over_many_pages(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.page_size = 2
    posted = [post(notifier, marker=f"al-test:k{number}") for number in range(7)]

    assert posted[0] == run(notifier.find(a_slack_channel(), "al-test:k0", slack.clock(), None))
    assert len(slack.calls(HISTORY)) == 4


def test_a_reply_is_found_in_the_thread(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    posted = post(notifier)
    run(notifier.send(a_slack_channel(), a_message("thread", "al-test:k2"), posted))

    found = run(notifier.find(a_slack_channel(), "al-test:k2", slack.clock(), posted))
    assert found
    assert found.ts == slack.messages("desk")[0]["replies"][0]["ts"]


def test_what_is_not_there_is_not_found(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    posted = post(notifier)
    gone = replace(posted, ts="1.000001")

    assert run(notifier.find(a_slack_channel(), "al-test:other", slack.clock(), posted)) is None
    assert run(notifier.find(a_slack_channel(), "al-test:other", slack.clock(), gone)) is None


@pytest.mark.parametrize("mode", ["missing_scope", "not_in_channel"])
def test_a_history_that_can_never_be_read_is_permanent(slack: SlackStandIn, notifier: SlackNotifier, mode: str) -> None:
    slack.fail(HISTORY, mode)

    assert failure(notifier.find(a_slack_channel(), "m", slack.clock(), None)).permanent


@pytest.mark.parametrize("mode", [DROP, HANG, ERROR, DOWN, GARBAGE, "429", "internal_error"])
def test_a_history_that_cannot_be_read_now_is_neither_permanent_nor_unknown(
    slack: SlackStandIn, notifier: SlackNotifier, mode: str
) -> None:
    slack.fail(HISTORY, mode)
    error = failure(notifier.find(a_slack_channel(), "m", slack.clock(), None))

    assert (error.permanent, error.unknown) == (False, False)


def test_a_message_that_is_not_ready_for_history_is_not_found_yet(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.history_lag = timedelta(seconds=5)
    post(notifier)

    assert run(notifier.find(a_slack_channel(), "al-test:k1", slack.clock(), None)) is None


def test_slack_sdk_never_retries_and_takes_no_proxy(
    notifier: SlackNotifier, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    post(notifier)

    (api,) = notifier._apis.values()
    assert api.retry_handlers == []
    assert api.proxy is None
    assert len(slack.messages("desk")) == 1


def test_each_token_has_its_own_client(notifier: SlackNotifier, slack: SlackStandIn) -> None:
    post(notifier)
    post(notifier, a_slack_channel(token="xoxb-other"))

    assert [call.token for call in slack.calls(POST)] == [TOKEN, "xoxb-other"]


@pytest.mark.parametrize(
    "text",
    [
        f"failed with {TOKEN} at once",
        "Authorization: Bearer xoxe.xoxp-1-abc_def",
        "xapp-1-A0-123-canary",
        "POST https://user:canary@hooks.slack.com/services/T0/B0/canary?x=canary failed",
    ],
)
def test_secrets_are_redacted(text: str) -> None:
    assert "canary" not in redact(text, TOKEN)
    assert "abc" not in redact(text, TOKEN)


def test_no_error_carries_the_token(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    slack.fail(POST, f"invalid_auth for {TOKEN}")
    error = failure(notifier.send(a_slack_channel(), a_message(), None))

    assert TOKEN not in str(error)
    assert TOKEN not in repr(a_slack_channel())


def test_a_fault_of_ours_in_rendering_still_names_the_alert(slack: SlackStandIn) -> None:
    def broken(message: Message) -> Any:
        del message
        raise RuntimeError("a bug")

    notifier = SlackNotifier(base_url=slack.base_url, timeout=timedelta(seconds=1), actions=broken)
    post(notifier)

    assert "al-test" in slack.messages("desk")[0]["text"]
    assert "could not be shown" in slack.messages("desk")[0]["text"]


def test_the_connection_can_be_checked_without_a_message(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    assert run(notifier.check(a_slack_channel())) == "Stand-in"
    slack.revoked.add(TOKEN)
    assert failure(notifier.check(a_slack_channel())).code == "token_revoked"


@pytest.mark.parametrize("token", ["", "xoxb-1\n2", "xoxb-\u0430"])
def test_what_cannot_be_a_token_is_refused_without_a_request(
    slack: SlackStandIn, notifier: SlackNotifier, token: str
) -> None:
    error = failure(notifier.send(a_slack_channel(token=token), a_message(), None))

    assert (error.permanent, error.code) == (True, "invalid_auth")
    assert slack.requests == []


def test_the_metadata_of_a_drill_says_so_and_no_other_does(slack: SlackStandIn, notifier: SlackNotifier) -> None:
    drill = replace(a_message(), view=replace(VIEW, drill=True))
    run(notifier.send(a_slack_channel(), drill, None))
    post(notifier)

    payloads = [message["metadata"]["event_payload"] for message in slack.messages("desk")]
    assert [payload.get("drill") for payload in payloads] == [True, None]


@pytest.mark.parametrize(
    ("method", "token"), [("apps.connections.open", "app token"), ("chat.postMessage", "bot token")]
)
def test_a_refused_token_is_called_by_its_name(method: str, token: str) -> None:
    error = refused(method, "invalid_auth", "", None, "")
    assert f"set a valid {token}" in str(error)
