"""Clicks on disk from before they are answered until they are carried out: a crash in between loses none.

One small file each, readable by the owner alone: an answer's address in it is good for half an hour.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slack_sdk.socket_mode.request import SocketModeRequest

from monitor.core.identity import digest

FOLDER = "clicks"
_LARGEST = 1_000_000
_KEPT = ("user", "team", "container", "channel", "actions", "response_url", "type", "trigger_id")
_KEPT_OF_COMMANDS = ("command", "text", "user_id", "user_name", "team_id", "channel_id")


class Spool:
    """Requests under a folder of the data directory."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def keep(self, request: SocketModeRequest) -> None:
        """Write a request down so that it survives. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = {key: request.payload[key] for key in (*_KEPT, *_KEPT_OF_COMMANDS) if key in request.payload}
        body = {"type": request.type, "envelope_id": request.envelope_id, "payload": kept}
        path = self._path(request)
        beside = path.with_suffix(".part")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(body, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def forget(self, request: SocketModeRequest) -> None:
        """Remove a request that was carried out."""
        with contextlib.suppress(OSError):
            self._path(request).unlink(missing_ok=True)

    def left(self) -> Iterator[SocketModeRequest]:
        """Yield what an earlier run wrote down and did not finish, oldest first; what cannot be read is set aside."""
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob("*.json"), key=_age):
            request = _read(path)
            if request is None:
                with contextlib.suppress(OSError):
                    path.replace(path.with_suffix(".bad"))
            else:
                yield request

    def _path(self, request: SocketModeRequest) -> Path:
        return self._folder / f"{digest('envelope', request.envelope_id)[:32]}.json"


def _age(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except OSError:
        return 0, path.name


def _read(path: Path) -> SocketModeRequest | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        body: Any = json.loads(path.read_text(encoding="utf-8"))
        return SocketModeRequest.from_dict(body) if isinstance(body.get("payload"), dict) else None
    except (OSError, ValueError, AttributeError):
        return None
