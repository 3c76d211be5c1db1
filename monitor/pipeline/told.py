"""Telling what people did with an alert: an edit and a line in the thread, in every channel where the alert stands."""

from __future__ import annotations

from datetime import datetime

from monitor.core.acts import VERDICT_EVENT, verdict_line
from monitor.core.alerts import Alert
from monitor.core.identity import digest
from monitor.core.messages import DeliveryState, Notification
from monitor.core.outbox import UNFINISHED
from monitor.core.ports import AlertView, Unit

_STANDING = frozenset(UNFINISHED | {DeliveryState.SENT})


def note_of(view: AlertView, trying: Notification) -> str:
    """Return the verdict that a reply tells of, "" where it tells of something else."""
    word, _, number = trying.event_kind.partition(" ")
    if word != VERDICT_EVENT or not number.isdecimal() or int(number) >= len(view.verdicts):
        return ""
    return verdict_line(view.verdicts[int(number)])


def tell_where_it_stands(unit: Unit, alert: Alert, event_kind: str, occasion: str, now: datetime) -> None:
    """Queue an edit and a reply wherever the alert has been posted or is about to be; nothing is posted because of an act."""
    rows = unit.notifications_of(alert.id)
    for name in dict.fromkeys(row.channel for row in rows if row.kind == "post" and row.state in _STANDING):
        for kind in ("update", "thread"):
            unit.add_notification(
                Notification(
                    id=0,
                    key=digest(alert.id, name, kind, event_kind, occasion),
                    subject=alert.id,
                    channel=name,
                    kind=kind,
                    event_kind=event_kind,
                    level=alert.level,
                    state=DeliveryState.PENDING,
                    created_at=now,
                    not_before=now,
                )
            )
