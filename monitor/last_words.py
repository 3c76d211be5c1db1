"""What is said when nothing can be stored any more: from memory, to the operators alone, past the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.errors import NotifyError, StorageBroken
from monitor.core.messages import Channel
from monitor.core.ports import NoticeMessage, Notifier

log = structlog.get_logger(__name__)

TITLE = "crisis-monitor has stopped: its database cannot be used"
MEANING = "No feed is read and no alert is sent until it has been started again. This is no all-clear."


async def tell_operators(
    channel: Channel | None, notifiers: Mapping[str, Notifier], error: StorageBroken, now: datetime
) -> None:
    """Say in the operators' channel, where there is one, why the monitor stops; a channel that fails too is logged."""
    if channel is None:
        log.error("stopping; no ops_channel is configured to be told", reason=str(error))
        return
    notice = Notice(
        id=f"no-stopped-{now:%Y%m%dT%H%M%S}",
        kind=NoticeKind.OPS,
        channel=channel.name,
        at=now,
        title=TITLE,
        sections=(Section(heading="", lines=(str(error), MEANING)),),
    )
    try:
        await notifiers[channel.kind].send(
            channel, NoticeMessage(kind="post", marker=f"{notice.id}/post/1", notice=notice), None
        )
    except NotifyError as failure:
        log.error("the operators could not be told", channel=channel.name, error=str(failure), reason=str(error))
