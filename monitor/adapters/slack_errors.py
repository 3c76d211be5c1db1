"""What Slack's answers and failures mean: for ever, for now, or nobody knows."""

from __future__ import annotations

import re
from datetime import timedelta

from monitor.core.errors import NotifyError

_FINAL_WORDS = """
    access_denied account_inactive as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message
    cant_update_message channel_not_found channel_type_not_supported deprecated_endpoint edit_window_closed
    ekm_access_denied enterprise_is_restricted feature_not_enabled invalid_arg_name invalid_arguments
    invalid_array_arg invalid_auth invalid_blocks invalid_blocks_format invalid_channel invalid_charset
    invalid_form_data invalid_metadata_format invalid_metadata_schema invalid_post_type is_archived is_inactive
    message_not_found messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large method_deprecated
    method_not_supported_for_channel_type missing_scope msg_blocks_too_long msg_too_long no_permission no_text
    not_allowed not_allowed_token_type not_authed not_in_channel restricted_action
    restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
    restricted_action_thread_only_channel team_access_not_granted team_not_found thread_not_found token_expired
    token_revoked too_many_attachments two_factor_setup_required unknown_method
"""
PERMANENT = frozenset(_FINAL_WORDS.split())
MAYBE_DONE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_timeout"})
LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNREACHABLE = "unreachable"
DEFAULT_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
_TOKEN = re.compile(r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|(?i:bearer)\s+[^\s,;'\"]+")
_URL = re.compile(r"((?:https?|wss?)://)([^\s/?#'\"]*@)?([^\s/?#'\"]+)[^\s'\"]*")
_APP_METHOD = "apps.connections.open"
_REMEDIES = {
    "not_in_channel": "invite the app into the channel",
    "channel_not_found": "check the channel's name or id, and invite the app into it if it is private",
    "is_archived": "unarchive the channel or name another one",
    "invalid_auth": "set a valid bot token",
    "token_revoked": "install the app again and set the new bot token",
    "token_expired": "set a fresh bot token",
    "account_inactive": "install the app again and set the new bot token",
    "not_authed": "set a bot token",
    "missing_scope": "add the scope to the app and install it again",
}


def redact(text: str, *secrets: str) -> str:
    """Return `text` without tokens, and with addresses cut down to their host."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "(secret)")
    return _URL.sub(r"\1\3/…", _TOKEN.sub("(secret)", text))


def refused(method: str, code: str, details: str, retry_after: timedelta | None, secret: str) -> NotifyError:
    """Return the error for an answer that says `ok: false`."""
    if code in LIMITED:
        return limited(method, retry_after)
    said_of = _REMEDIES.get(code, "")
    if method == _APP_METHOD:
        said_of = said_of.replace("bot token", "app token (xapp-…, scope connections:write)")
    remedy = f"; {said_of}" if said_of else ""
    said = redact(f"{code}{': ' + details if details else ''}", secret)
    return NotifyError(
        f"Slack refused {method}: {said}{remedy}",
        permanent=code in PERMANENT,
        unknown=code in MAYBE_DONE,
        retry_after=retry_after,
        code=code,
    )


def limited(method: str, retry_after: timedelta | None) -> NotifyError:
    """Return the error for a request made too soon."""
    wait = min(retry_after or DEFAULT_WAIT, LONGEST_WAIT)
    return NotifyError(
        f"Slack asks to wait {wait.total_seconds():g} s before {method}", retry_after=wait, code="ratelimited"
    )


def unreachable(method: str, why: str, secret: str) -> NotifyError:
    """Return the error for a request that never left."""
    return NotifyError(f"Slack could not be reached for {method}: {redact(why, secret)}", code=UNREACHABLE)


def uncertain(method: str, why: str, secret: str, retry_after: timedelta | None = None) -> NotifyError:
    """Return the error for a request that may have been carried out."""
    return NotifyError(
        f"nobody knows whether {method} was carried out: {redact(why, secret)}",
        unknown=True,
        retry_after=retry_after,
        code="uncertain",
    )
