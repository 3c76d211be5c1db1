"""Who may look: deny by default, one-time links, sessions, and the headers that every answer carries.

The page is for one desk: whoever can read the link on the console, or the file it stands in, may enter. A link works once; a
session lasts twelve hours and changes its secret every hour. Only hashes of secrets are held.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from monitor.core.errors import InputError
from monitor.core.ports import Clock

log = structlog.get_logger(__name__)
COOKIE = "crisis_monitor_session"
SESSION = timedelta(hours=12)
ROTATE = timedelta(hours=1)
GRACE = timedelta(minutes=1)  # requests already on their way may still carry the former secret
LINK_FILE = "page-link"
TOKEN_VARIABLE = "CRISIS_MONITOR_PAGE_TOKEN"  # noqa: S105  # the name of a variable
SHORTEST_TOKEN = 24
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """born: when the person entered. issued: when its present secret was made. until: when that secret ends."""

    born: datetime
    issued: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """A request that may pass; `secret` is to be set as the session's new cookie, "" where the present one stays."""

    secret: str = ""


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Door:
    """Lets in by one-time link, or by the standing token where one is configured; knows the sessions.

    base: address under which people reach the page. link_file: where the present link stands, readable by its owner alone.
    """

    def __init__(self, *, base: str, link_file: Path, clock: Clock, standing: str = "") -> None:
        self._base = base.rstrip("/")
        self._file = link_file
        self._clock = clock
        self._standing = _hash(standing) if standing else ""
        self._once = ""
        self._sessions: dict[str, Session] = {}
        self.secure = self._base.startswith("https://")

    def new_link(self) -> str:
        """Make a new one-time link, which ends the one before, and write it to its file. Raises InputError."""
        token = secrets.token_urlsafe(32)
        link = f"{self._base}/enter?token={token}"
        try:
            _write_private(self._file, link + "\n")
        except OSError as exc:
            raise InputError(f"{self._file}: the link to the page cannot be written there: {exc.strerror}") from exc
        self._once = _hash(token)
        return link

    def enter(self, token: str) -> str | None:
        """Return the secret of a new session for a good token, None for any other. A one-time token is used up."""
        given = _hash(token)
        once = bool(self._once) and hmac.compare_digest(given, self._once)
        standing = bool(self._standing) and hmac.compare_digest(given, self._standing)
        if not (once or standing):
            return None
        if once:
            self._once = ""
            self._renew()
        now = self._clock()
        self._sessions = {key: held for key, held in self._sessions.items() if held.until > now}
        return self._issue(now, now)

    def _renew(self) -> None:
        try:
            self.new_link()
        except InputError as error:
            log.error("no new link to the page could be written", error=str(error))

    def admit(self, secret: str) -> Entered | None:
        """Return whether a session's secret is good, with a new secret where it is time for one."""
        now, key = self._clock(), _hash(secret)
        held = self._sessions.get(key)
        if not secret or held is None or held.until <= now:
            return None
        if now - held.issued < ROTATE or held.until <= now + GRACE:
            return Entered()
        self._sessions[key] = Session(born=held.born, issued=held.issued, until=now + GRACE)
        return Entered(secret=self._issue(held.born, now))

    def _issue(self, born: datetime, now: datetime) -> str:
        secret = secrets.token_urlsafe(32)
        self._sessions[_hash(secret)] = Session(born=born, issued=now, until=born + SESSION)
        return secret

    def cookie(self, secret: str) -> str:
        """Return the Set-Cookie line of a session's secret."""
        line = f"{COOKIE}={secret}; Path=/; Max-Age={int(SESSION.total_seconds())}; HttpOnly; SameSite=Strict"
        return f"{line}; Secure" if self.secure else line


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def standing_token(environ: Mapping[str, str]) -> str:
    """Return the token that opens the page again and again, "" where none is set. Raises InputError for an unusable one."""
    file = environ.get(f"{TOKEN_VARIABLE}_FILE", "")
    try:
        token = Path(file).read_text(encoding="utf-8").strip() if file else environ.get(TOKEN_VARIABLE, "").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{TOKEN_VARIABLE}_FILE: {file} cannot be read") from exc
    if token and len(token) < SHORTEST_TOKEN:
        raise InputError(
            f"{TOKEN_VARIABLE} is shorter than {SHORTEST_TOKEN} characters; `openssl rand -base64 32` makes one"
        )
    return token


def check_place(host: str, public_url: str, token: str) -> None:
    """Refuse to serve beyond this machine without a public address and a standing token. Raises InputError."""
    if is_loopback(host):
        return
    missing = [
        *(() if public_url else ("public_url in monitor.yaml (the address people use)",)),
        *(() if token else (f"{TOKEN_VARIABLE} or {TOKEN_VARIABLE}_FILE in the environment",)),
    ]
    if missing:
        raise InputError(
            f"monitor.yaml: web.host: {host} can be reached from other machines; set {' and '.join(missing)}, or use 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_address(host: str) -> bool:
    """Say whether a host is given as a numeric address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def host_allowed(*names: str) -> Callable[[str], bool]:
    """Return a check of the Host header: names of this machine and `names` (hosts or URLs) only, so that no rebinding works."""
    known = {"127.0.0.1", "localhost", "::1"}
    for name in names:
        host = urlsplit(name).hostname if "://" in name else name
        if host and host not in ("0.0.0.0", "::"):  # noqa: S104  # nobody's name
            known.add(host.strip("[]").lower())

    def allowed(header: str) -> bool:
        return host_of(header) in known

    return allowed


def host_of(header: str) -> str:
    """Return the host of a Host header in lower case, without its port; "" for a header that is none."""
    if any(ch in header for ch in "/@?#\\ ,"):
        return ""
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""
