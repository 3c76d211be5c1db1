"""What the validator found, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.config.files import FILES, Strict, WrittenSchema
from monitor.config.strict_yaml import Document, Path_, shown
from monitor.config.values import nearest

_WANTED = {
    "int_type": "a whole number such as 3, without quotes",
    "int_from_float": "a whole number such as 3",
    "float_type": "a number such as 2.0, without quotes",
    "bool_type": "true or false, without quotes",
    "string_type": "text; put it in quotes",
    "list_type": "a list such as [one, two]",
    "dict_type": "keys and values such as {key: value}",
    "model_type": "keys and values such as {key: value}",
}
_LIMITS = {
    "greater_than": ("gt", "is not above"),
    "greater_than_equal": ("ge", "is below"),
    "less_than": ("lt", "is not below"),
    "less_than_equal": ("le", "is above"),
}
Entry = TypeVar("Entry", bound=Strict)

_SECRETS = frozenset(
    {"token", "bot_token", "slack_token", "webhook", "webhook_url", "password", "secret", "app_token", "api_key"}
)


def validate(document: Document, model: type[Strict]) -> Strict | None:
    """Return the file as its model; None where it does not fit, with every reason noted in `document`."""
    try:
        return model.model_validate(document.data)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            _note(document, model, error)
    return None


def part(data: Any, model: type[Entry]) -> Entry | None:
    """Return one part of a file as its model, None where it does not fit."""
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _note(document: Document, model: type[Strict], error: ErrorDetails) -> None:
    path = written_path(error["loc"])
    if error["input"] is None and error["type"] != "missing":
        return  # an empty or refused value: already noted where it was read
    document.note(path, _message(error, path, model))


def written_path(loc: Path_) -> Path_:
    """Return where the file has what the validator calls `loc`."""
    return tuple(
        step for step in loc if not (isinstance(step, str) and step.startswith(("<", "[key]"))) and step != "[key]"
    )


def _message(error: ErrorDetails, path: Path_, model: type[Strict]) -> str:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), keys_at(model, path[:-1]))
    if kind == "missing":
        return "is missing: add it"
    if kind in _WANTED:
        return f"{_described(value)} is not what is wanted here: write {_WANTED[kind]}"
    if kind == "literal_error":
        options = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f"{shown(value)} is none of {', '.join(options)}{nearest(str(value), options)}"
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"{shown(value)} {words} {context[name]:g}"
    return _about_text(error)


def _about_text(error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    if kind in {"string_too_short", "too_short"}:
        return "is empty: write at least one character or entry"
    if kind == "string_too_long":
        return f"is longer than {error.get('ctx', {}).get('max_length')} characters"
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} is no name: use letters, digits, -, _ and ., beginning with a letter or digit"
    return error["msg"]


def _described(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    kind = {bool: "boolean", int: "number", float: "number", str: "text"}[type(value)]
    return f"the {kind} {shown(value) if kind != 'boolean' else str(value).lower()}"


def _unknown_key(key: str, known: list[str]) -> str:
    if key in _SECRETS:
        return "a secret never stands in this file: put it into an environment variable or a file and name that with token_env or token_file"
    hint = nearest(key, known)
    return (
        f"unknown key{hint}"
        if hint
        else f"unknown key: use one of {', '.join(sorted(known))}"
        if known
        else "unknown key: remove it"
    )


def keys_at(model: type[Strict], path: Path_) -> list[str]:
    """Return the keys that may stand in the mapping at `path` of a file."""
    schema = model.model_json_schema(schema_generator=WrittenSchema)
    places: list[Mapping[str, Any]] = [schema]
    for step in path:
        places = [below for place in places for below in _below(schema, place, step)]
    return [key for place in places for form in _forms(schema, place) for key in form.get("properties", {})]


def _forms(schema: Mapping[str, Any], place: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in place:
        return _forms(schema, schema["$defs"][place["$ref"].rsplit("/", 1)[-1]])
    choices = [*place.get("anyOf", ()), *place.get("oneOf", ())]
    return [form for choice in choices for form in _forms(schema, choice)] or [place]


def _below(schema: Mapping[str, Any], place: Mapping[str, Any], step: str | int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for form in _forms(schema, place):
        named = (
            form.get("properties", {}).get(step) or form.get("additionalProperties")
            if isinstance(step, str)
            else form.get("items")
        )
        found += [named] if isinstance(named, dict) else []
    return found


def known_files() -> tuple[str, ...]:
    """Return the names of the files of a configuration directory, in the order they are reported."""
    return tuple(FILES)
