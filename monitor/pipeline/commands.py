"""The slash command: short answers to short questions, for the person who asks alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core import acts, silences
from monitor.core.alerts import Alert, Level
from monitor.core.desk import Act, Command
from monitor.core.errors import InputError
from monitor.core.model import SIGNALS, Feed
from monitor.core.ports import Clock, Storage, Unit
from monitor.core.reasons import count, moment
from monitor.core.situations import display_name
from monitor.core.wording import alert_order, signal_name
from monitor.pipeline.decided import why_lines
from monitor.pipeline.misses import Miss, log_miss
from monitor.pipeline.silencing import end_silence, list_silences, make_silence
from monitor.pipeline.state import Settings

SHOWN = 20
DEFAULT_SPAN = timedelta(hours=6)
_SPAN = re.compile(r"(?P<number>[1-9][0-9]{0,4})(?P<unit>[mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
HELP = """/crisis status: what is open, blind and waiting
/crisis why ID-or-URL: why there was an alert, or none
/crisis missed URL [signal] [situation]: log what should have alerted
/crisis silence SITUATION-or-ALERT [6h] [critical] [reason]: mute it up to warning, or with the word critical all of it
/crisis silences: what is muted; /crisis silences end ID: end one
/crisis digest: what is held back for the next digest, and what is open
/crisis drill [speed]: play a made-up day into the drill channel, every message marked; /crisis drill stop: end it
/crisis help: this list"""

Work = Callable[["Commands", Unit, Command, datetime], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Answers commands. feeds: as configured now. drill: begins or ends an exercise and says so; raises InputError."""

    storage: Storage
    settings: Callable[[], Settings]
    feeds: Callable[[], Sequence[Feed]]
    clock: Clock
    drill: Callable[[Sequence[str]], str]

    def answer(self, command: Command) -> str:
        """Return what to tell whoever asked. Raises StorageError; then nothing has happened."""
        verb = command.words[0].lower() if command.words else "help"
        if verb in _READING and not _ends(command):
            with self.storage.reading() as unit:
                return "\n".join(_READING[verb](self, unit, command, self.clock()))
        if verb in _WRITING:
            return self._write(_WRITING[verb], verb, command)
        return HELP if verb == "help" else f"There is no {verb!r}. This is what there is:\n{HELP}"

    def _write(self, work: Work, verb: str, command: Command) -> str:
        """Carry out a command once, however often it comes."""
        now = self.clock()
        with self.storage.transaction() as unit:
            known = next((act for act in unit.acts(since=now - timedelta(days=1)) if act.key == command.key), None)
            if known:
                return known.result
            try:
                told = "\n".join(work(self, unit, command, now))
            except InputError as error:
                return f"Nothing was changed: {error}."
            by = acts.who(command.person)
            unit.add_act(Act(key=command.key, at=now, kind=verb, alert_id="", person=by, result=told))
            return told

    def status(self, unit: Unit, _: Command, now: datetime) -> list[str]:
        """Say what is open, blind, silenced and waiting. Nothing here says that all is clear."""
        settings = self.settings()
        lost = settings.lookout.lost(settings.lookout.survey(unit, now)) if settings.lookout else []
        waiting, running = len(unit.unfinished_notifications()), len(list_silences(unit, now))
        return [
            *self._open(unit),
            *(f"Blind: {line}" for line in lost[:SHOWN]),
            *([f"… and {len(lost) - SHOWN} more are blind"] if len(lost) > SHOWN else []),
            f"{count(running, 'silence')} in force, {count(waiting, 'message')} waiting to be sent",
        ]

    def _open(self, unit: Unit) -> list[str]:
        found = sorted(unit.open_alerts(), key=alert_order)
        tally = [(level, sum(alert.level is level for alert in found)) for level in reversed(Level)]
        told = ", ".join(f"{number} {level.value}" for level, number in tally if number)
        more = [f"… and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        head = f"{count(len(found), 'alert')} open: {told}" if found else "No alert is open. That is no all-clear."
        return [head, *(self._line(alert) for alert in found[:SHOWN]), *more]

    def _line(self, alert: Alert) -> str:
        name = display_name(alert.situation, self.settings().registry)
        taken = f"acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else "not acknowledged"
        since = f"since {moment(alert.opened_at)}"
        return f"{alert.level.value.upper()} · {signal_name(alert.signal)} · {name} ({alert.situation}) · {since} · {taken} · {alert.id}"

    def why(self, unit: Unit, command: Command, _: datetime) -> list[str]:
        """Return the decision record of an article or an alert."""
        if len(command.words) != 2:  # noqa: PLR2004  # why X
            return ["Say which: /crisis why ID-or-URL"]
        wanted = _address(command.words[1])
        return why_lines(unit, wanted, self.feeds()) or [
            f"Nothing is known of {wanted}. If it should have alerted: /crisis missed URL signal situation"
        ]

    def silences(self, unit: Unit, _: Command, now: datetime) -> list[str]:
        """List what is muted."""
        running = list_silences(unit, now)
        return [silences.list_line(each, now) for each in running] or ["No silence is in force."]

    def digest(self, unit: Unit, _: Command, now: datetime) -> list[str]:
        """List what each channel's next digest will tell, and what is open."""
        del now
        lines = []
        for name in self.settings().channels:
            held = unit.held_notifications(name)
            ids = list(dict.fromkeys(row.subject for row in held))
            alerts = [alert for alert in (unit.alert(subject) for subject in ids) if alert]
            lines.append(f"Held back in {name}: {count(len(alerts), 'alert') if alerts else 'nothing'}")
            lines += [self._line(alert) for alert in sorted(alerts, key=alert_order)]
        return [*lines, *self._open(unit)]

    def missed(self, unit: Unit, command: Command, now: datetime) -> list[str]:
        """Log a miss."""
        words = command.words[1:]
        if not words:
            raise InputError("say which: /crisis missed URL [signal] [situation]")
        signal = next((word for word in words[1:] if word in SIGNALS), "")
        others = [word for word in words[1:] if word != signal]
        if len(others) > 1 or any(word.islower() for word in others):
            raise InputError(f"write /crisis missed URL [{'|'.join(SIGNALS)}] [situation such as MLI]")
        by = acts.who(command.person)
        miss = Miss(url=_address(words[0]), signal=signal, situation="".join(others), note="", by=by)
        return log_miss(unit, miss, self.feeds(), now)

    def silence(self, unit: Unit, command: Command, now: datetime) -> list[str]:
        """Mute a situation or one alert."""
        words = list(command.words[1:])
        if not words:
            raise InputError("say what: /crisis silence SITUATION-or-ALERT [6h] [critical] [reason]")
        target = words.pop(0)
        span = _span(words.pop(0)) if words and _SPAN.fullmatch(words[0]) else DEFAULT_SPAN
        up_to = Level.CRITICAL if words and words[0].lower() == Level.CRITICAL.value else Level.WARNING
        if up_to is Level.CRITICAL:
            words.pop(0)
        alert = target if target.startswith("al-") else ""
        if alert and unit.alert(alert) is None:
            raise InputError(f"there is no alert {alert}")
        made = make_silence(
            unit,
            situation="" if alert else target,
            signal="",
            alert_id=alert,
            up_to=up_to,
            author=acts.shown(command.person),
            reason=" ".join(words) or "asked for with /crisis silence",
            span=span,
            now=now,
        )
        return [
            f"Silenced. {silences.list_line(made, now)}",
            silences.reach_line(made, unit.open_alerts()),
            f"To end it: /crisis silences end {made.id}",
        ]

    def exercise(self, _: Unit, command: Command, __: datetime) -> list[str]:
        """Begin or end a drill."""
        return [self.drill(command.words[1:])]

    def end(self, unit: Unit, command: Command, now: datetime) -> list[str]:
        """End a silence."""
        wanted = command.words[2] if len(command.words) > 2 else ""  # noqa: PLR2004  # silences end ID
        ended = end_silence(unit, wanted, acts.shown(command.person), now)
        if ended is None:
            raise InputError(f"there is no silence {wanted or '(no id given)'}; /crisis silences lists them")
        return [silences.list_line(ended, now)]


def _ends(command: Command) -> bool:
    return [word.lower() for word in command.words[:2]] == ["silences", "end"]


def _span(word: str) -> timedelta:
    found = _SPAN.fullmatch(word)
    return timedelta(**{_UNITS[found["unit"]]: int(found["number"])}) if found else DEFAULT_SPAN


def _address(word: str) -> str:
    """Return an address without the angle brackets and label that Slack may put around it."""
    return word.removeprefix("<").removesuffix(">").partition("|")[0]


_READING: Mapping[str, Work] = {
    "status": Commands.status,
    "why": Commands.why,
    "silences": Commands.silences,
    "digest": Commands.digest,
}
_WRITING: Mapping[str, Work] = {
    "missed": Commands.missed,
    "silence": Commands.silence,
    "silences": Commands.end,
    "drill": Commands.exercise,
}
