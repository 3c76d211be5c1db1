"""Made-up notices for previews: what is told beside alerts, one of each kind. They are shown, never sent."""

from __future__ import annotations

from monitor.core.desk import Notice, NoticeKind, Section
from monitor.core.samples_story import START

_ALERTS = (
    "🔴 CRITICAL · Troop concentration · Russia – Ukraine (RUS-UKR): 8 independent origins, 9 outlets",  # noqa: RUF001  # a dash between names
    "🟠 WARNING · Coup warning · Ukraine (UKR): 4 independent origins, 5 outlets",
    "🟡 WATCH · Coup warning · Mali (MLI): 2 independent origins, 2 outlets",
)
_BLIND = Section(heading="Blind", lines=("Belarus since 27 November 03:00 UTC",))
_SAID: dict[NoticeKind, tuple[str, tuple[Section, ...]]] = {
    NoticeKind.DIGEST: (
        "Daily digest: 27 November 2021",
        (
            Section(heading="Open alerts (3)", lines=_ALERTS),
            Section(heading="Resolved since yesterday (1)", lines=("Coup warning · Guinea (GIN): reached watch",)),
            Section(
                heading="Silences in force (1)", lines=("MLI, up to warning, until 29 November 06:00 UTC: exercise (Ben), muted 4",)
            ),
            _BLIND,
        ),
    ),
    NoticeKind.STORM: ("Storm: 3 alerts within a minute", (Section(heading="", lines=_ALERTS),)),
    NoticeKind.RELEASE: ("Quiet hours are over: 2 alerts were held", (Section(heading="", lines=_ALERTS[1:]),)),
    NoticeKind.BUDGET: ("Over today's budget of 20: 2 alerts, ranked", (Section(heading="", lines=_ALERTS[1:]),)),
    NoticeKind.HANDOVER: ("Shift handover: 27 November 18:00 UTC", (Section(heading="Open alerts (3)", lines=_ALERTS), _BLIND)),
    NoticeKind.WEEKLY: (
        "How the monitor did: week to 28 November 2021",
        (
            Section(
                heading="By your verdicts",
                lines=("9 of 11 alerts judged true (82 %, interval 52 % to 95 %)", "1 miss reported", "Acknowledged after 6 minutes (median)"),
            ),
        ),
    ),
    NoticeKind.OPS: (
        "A feed has failed for three polls",
        (Section(heading="", lines=("Niamey Gazette: the server did not answer within 30 s; Niger cannot be seen",)),),
    ),
    NoticeKind.DRILL: ("DRILL · Drill begins: 26 November 2021, ten times as fast", (Section(heading="", lines=("Nothing below is real.",)),)),
}  # fmt: skip


def sample_notice(kind: NoticeKind) -> Notice:
    """Return an invented notice of a kind."""
    title, sections = _SAID[kind]
    return Notice(id="no-sample", kind=kind, channel="desk", at=START, title=title, sections=sections)
