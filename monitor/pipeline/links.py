"""Alerts of one situation link each other's messages: learn where a message can be opened, then tell its siblings.

Best effort, beside the lanes: no message waits for it, and nothing is told or retried loudly when it fails. The next message of the
same alert tries again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import structlog

from monitor.core import outbox
from monitor.core.errors import NotifyError
from monitor.core.messages import Channel, DeliveryState, Notification, PostedMessage
from monitor.core.ports import Clock, Linker, Notifier, Storage, Unit
from monitor.core.situations import akin

_UNDER_WAY = frozenset({DeliveryState.SENDING, DeliveryState.UNKNOWN})
log = structlog.get_logger(__name__)


def wants_link(row: Notification, posted: PostedMessage | None) -> bool:
    """Say whether the address of the message that `row` has just shown is still to be learnt."""
    shown = row.kind in ("post", "update", "thread") and not outbox.tells_notice(row)
    return shown and posted is not None and not posted.permalink


async def learn_link(
    storage: Storage,
    notifier: Notifier,
    channel: Channel,
    posted: PostedMessage,
    in_writer: Callable[[Callable[[], object]], Awaitable[object]],
    clock: Clock,
) -> int:
    """Ask where a message can be opened, keep it, and queue the edits that show it; return how many rows moved: none."""
    if not isinstance(notifier, Linker):
        return 0
    try:
        address = await notifier.permalink(channel, posted)
    except NotifyError as error:
        log.info("a message's address is not known yet", subject=posted.subject, reason=str(error))
        return 0
    if address:
        await in_writer(lambda: _keep(storage, posted, address, clock()))
    return 0


def _keep(storage: Storage, posted: PostedMessage, address: str, now: datetime) -> None:
    with storage.transaction() as unit:
        current, alert = unit.message(posted.subject, posted.channel), unit.alert(posted.subject)
        if current is None or alert is None or current.ts != posted.ts or current.permalink:
            return
        unit.save_message(replace(current, permalink=address))
        for other in unit.open_alerts():
            if (
                akin(other.situation, alert.situation)
                and other.id != alert.id
                and _stands(unit, other.id, posted.channel)
            ):
                unit.add_notification(outbox.sibling_shown(other.id, current, now))


def _stands(unit: Unit, alert_id: str, channel: str) -> bool:
    """Say whether an alert's message is in a channel, or on its way without the link; one not yet put together will have it."""
    rows = unit.notifications_of(alert_id)
    under_way = any(row.kind == "post" and row.channel == channel and row.state in _UNDER_WAY for row in rows)
    return under_way or unit.message(alert_id, channel) is not None


def links_of(unit: Unit, alert_ids: list[str], channel: str) -> dict[str, str]:
    """Return the address of each alert's message in a channel, as far as it is known."""
    found = {alert_id: unit.message(alert_id, channel) for alert_id in alert_ids} if channel else {}
    return {alert_id: message.permalink for alert_id, message in found.items() if message and message.permalink}
