"""The kinds of value in the files: durations, sizes, countries, names. Each says itself what it wants."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import time, timedelta
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import pycountry
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from monitor.config.strict_yaml import shown
from monitor.core.hours import Weekly

_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SIZES = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_SLUG = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


def wrong(message: str) -> PydanticCustomError:
    """Return an error whose text is shown as it is."""
    return PydanticCustomError("value", "{text}", {"text": message})


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)` for the known name closest to `word`, "" where none is close."""
    names = {name.casefold(): name for name in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.55)
    return f' (did you mean "{names[found[0]]}"?)' if found else ""


def parse_duration(value: object) -> timedelta:
    """Return the time that `value` such as 90s, 30m, 6h or 14d stands for. Raises PydanticCustomError."""
    units = "a whole number and a unit s, m, h or d, such as 90s, 30m, 6h or 14d"
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        raise wrong(f"{value} has no unit: write {units}")
    match = re.fullmatch(r"([0-9]{1,9})([A-Za-zµ]*)", value) if isinstance(value, str) else None
    if match is None or match[2] not in _UNITS:
        raise wrong(f"{shown(value)} is no duration: write {units}")
    if (found := int(match[1]) * _UNITS[match[2]].total_seconds()) > timedelta(days=36_500).total_seconds():
        raise wrong(f"{shown(value)} is longer than 36500d")
    return timedelta(seconds=found)


def duration_text(value: timedelta) -> str:
    """Return `value` as written in the files, in the largest unit that is exact."""
    seconds = int(value.total_seconds())
    unit = next((unit for unit in "dhm" if seconds and seconds % int(_UNITS[unit].total_seconds()) == 0), "s")
    return f"{seconds // int(_UNITS[unit].total_seconds())}{unit}"


def parse_size(value: object) -> int:
    """Return the bytes that `value` such as 500KB or 10MB stands for. Raises PydanticCustomError."""
    units = "a whole number and a unit B, KB, MB or GB, such as 10MB"
    if isinstance(value, int) and not isinstance(value, bool):
        raise wrong(f"{value} has no unit: write {units}")
    match = re.fullmatch(r"([0-9]{1,12})([A-Za-z]+)", value) if isinstance(value, str) else None
    if match is None or match[2] not in _SIZES:
        raise wrong(f"{shown(value)} is no size: write {units}")
    return int(match[1]) * _SIZES[match[2]]


class Bytes(int):
    """A number of bytes, told from other numbers where it is written out."""


def size_text(value: int) -> str:
    """Return `value` as written in the files, in the largest unit that is exact."""
    unit = next(unit for unit in ("GB", "MB", "KB", "B") if value % _SIZES[unit] == 0)
    return f"{value // _SIZES[unit]}{unit}"


def _between(least: str, most: str) -> Callable[[object], timedelta]:
    low, high = parse_duration(least), parse_duration(most)

    def check(value: object) -> timedelta:
        found = parse_duration(value)
        if not low <= found <= high:
            raise wrong(f"{duration_text(found)} is not between {least} and {most}")
        return found

    return check


def duration(least: str, most: str) -> Any:
    """Return the type of a duration between two others."""
    schema = {
        "type": "string",
        "pattern": "^[0-9]+[smhd]$",
        "description": f"a duration from {least} to {most}, such as 30m",
    }
    written = PlainSerializer(duration_text, when_used="json")
    return Annotated[timedelta, BeforeValidator(_between(least, most)), written, WithJsonSchema(schema)]


def size(least: str, most: str) -> Any:
    """Return the type of a number of bytes between two others."""

    def check(value: object) -> int:
        found = parse_size(value)
        if not parse_size(least) <= found <= parse_size(most):
            raise wrong(f"{shown(value)} is not between {least} and {most}")
        return found

    schema = {
        "type": "string",
        "pattern": "^[0-9]+(B|KB|MB|GB)$",
        "description": f"a size from {least} to {most}, such as 10MB",
    }
    return Annotated[int, BeforeValidator(check), PlainSerializer(size_text, when_used="json"), WithJsonSchema(schema)]


@cache
def countries() -> frozenset[str]:
    """Return every ISO 3166 alpha-3 code, and XKX, the usual one for Kosovo."""
    return frozenset({country.alpha_3 for country in pycountry.countries} | {"XKX"})


def _country(value: object) -> object:
    if not isinstance(value, str) or value in countries():
        return value
    known = pycountry.countries.get(alpha_2=value.upper()) or pycountry.countries.get(name=value)
    hint = f' (did you mean "{known.alpha_3}"?)' if known else nearest(value, countries())
    raise wrong(f"{shown(value)} is no ISO 3166 alpha-3 country code{hint}")


@cache
def _languages() -> frozenset[str]:
    return frozenset(language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2"))


def _language(value: object) -> object:
    if not isinstance(value, str) or value in _languages():
        return value
    known = pycountry.languages.get(alpha_3=value.lower()) or pycountry.languages.get(name=value.capitalize())
    hint = (
        f' (did you mean "{known.alpha_2}"?)' if known and hasattr(known, "alpha_2") else nearest(value, _languages())
    )
    raise wrong(f"{shown(value)} is no ISO 639-1 language code{hint}")


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_time(value: object) -> time:
    """Return the time of day that `value` such as "08:00" stands for. Raises PydanticCustomError."""
    if isinstance(value, time):
        return value
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if match is None:
        raise wrong(f'{shown(value)} is no time of day: write one in quotes, from "00:00" to "23:59"')
    return time(int(match[1]), int(match[2]))


def parse_weekly(value: object) -> Weekly:
    """Return the moment of the week that `value` such as "mon 08:00" stands for. Raises PydanticCustomError."""
    if isinstance(value, Weekly):
        return value
    day, _, clock = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if day not in DAYS:
        raise wrong(f'{shown(value)} is no moment of the week: write a day and a time in quotes, such as "mon 08:00"')
    return Weekly(day=DAYS.index(day), at=parse_time(clock))


def _time_zone(value: object) -> object:
    if isinstance(value, str) and value not in available_timezones():
        raise wrong(
            f"{shown(value)} is no IANA time zone{nearest(value, available_timezones())}, such as Europe/Berlin"
        )
    return value


def _optional(parse: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value in ("", None) else parse(value)


def _slack_id(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[UWTE][A-Z0-9]{2,}", value):
        raise wrong(f"{shown(value)} is no Slack id: write one such as U0123456789 (person) or T0123456789 (workspace)")
    return value


def is_public_literal(host: str) -> bool:
    """Say whether `host` is a name that may be public, or an address that is."""
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def _url(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong("is no address: write one such as https://news.example/rss.xml") from None
    if "@" in parts.netloc:
        raise wrong("an address must not hold a user name or password: remove what stands before the @")
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[\s\x00-\x1f\x7f]", value):
        raise wrong(f"{shown(value)} is no http or https address with a host, such as https://news.example/rss.xml")
    return value


def _optional_url(value: object) -> object:
    return value if value == "" else _url(value)


def _contact(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https?://[^\s/@]+(?:/[^\s@]*)?", value):
        raise wrong(
            'write an address that publishers can reach, such as "mailto:you@example.org" or "https://example.org/about"'
        )
    return value


def _variable(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise wrong(
            "is no name of an environment variable: write the name, such as SLACK_BOT_TOKEN, never the token itself"
        )
    return value


def _slack_channel(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"#[^\s#@,A-Z]{1,80}|[CGD][A-Z0-9]{7,}", value):
        raise wrong(
            f'{shown(value)} is no Slack channel: write "#name" in quotes (small letters) or an id such as C0123456789'
        )
    return value


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _host(value: object) -> object:
    named = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", value)
    if isinstance(value, str) and not named and not _is_address(value):
        raise wrong(f"{shown(value)} is no host: write a name or an IP address such as 127.0.0.1, without a port")
    return value


_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
TimeOfDay = Annotated[
    time,
    BeforeValidator(parse_time),
    PlainSerializer(lambda at: f"{at:%H:%M}", when_used="json"),
    WithJsonSchema(_CLOCK),
]
OptionalTime = Annotated[
    time | None,
    BeforeValidator(_optional(parse_time)),
    PlainSerializer(lambda at: f"{at:%H:%M}" if at else "", when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^(|([01][0-9]|2[0-3]):[0-5][0-9])$"}),
]
OptionalWeekly = Annotated[
    Weekly | None,
    BeforeValidator(_optional(parse_weekly)),
    PlainSerializer(lambda week: f"{DAYS[week.day]} {week.at:%H:%M}" if week else "", when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^(|({'|'.join(DAYS)}) ([01][0-9]|2[0-3]):[0-5][0-9])$"}),
]
TimeZone = Annotated[str, BeforeValidator(_time_zone), WithJsonSchema({"type": "string"})]
SlackId = Annotated[
    str, BeforeValidator(_slack_id), WithJsonSchema({"type": "string", "pattern": "^[UWTE][A-Z0-9]{2,}$"})
]
Duration = duration("1s", "36500d")
Country = Annotated[str, BeforeValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]
Language = Annotated[str, BeforeValidator(_language), WithJsonSchema({"type": "string", "pattern": "^[a-z]{2}$"})]
Url = Annotated[
    str, BeforeValidator(_url), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"})
]
OptionalUrl = Annotated[str, BeforeValidator(_optional_url), WithJsonSchema({"type": "string"})]
Contact = Annotated[
    str, BeforeValidator(_contact), WithJsonSchema({"type": "string", "pattern": "^(mailto:|https?://)"})
]
Variable = Annotated[
    str, BeforeValidator(_variable), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"})
]
SlackChannel = Annotated[str, BeforeValidator(_slack_channel), WithJsonSchema({"type": "string"})]
Host = Annotated[str, BeforeValidator(_host), WithJsonSchema({"type": "string"})]
Slug = Annotated[str, Field(pattern=_SLUG)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Positive = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1)]
