# ruff: noqa: INP001  # a script of the documentation, no package
"""Write the reference sections of README.md anew: every command with its options, every key of the configuration.

    .venv/bin/python docs/reference.py [--check]

What a key means stands in docs/keys.yaml; types, limits and defaults come from the models that read the files, commands and
options from the command line itself. --check changes nothing and exits 1 where README.md is not current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import yaml
from typer.core import TyperArgument, TyperGroup, TyperOption

from monitor.cli import app
from monitor.config import json_schemas

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
_SHARED = ("--config", "--data", "--stack", "--help")
_PLACE = {"outlets": "NAME", "actors": "CODE", "situations": "KEY", "channels": "NAME"}
_INHERITED = {"feeds[]": "defaults", "rules[]": "defaults"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One key of a file. path: as in docs/keys.yaml. kind: type and limits in words. default: as written in the file, "" for none."""

    path: str
    kind: str
    default: str


def keys_of(schema: Mapping[str, Any]) -> list[Key]:
    """Return every key of a file, in file order; a key that an entry shares with `defaults` stands once, under `defaults`."""
    found = {key.path: key for key in _walk(schema, schema["$defs"], "")}
    return [key for path, key in found.items() if _shared_path(path) not in found]


def _shared_path(path: str) -> str:
    part, _, rest = path.partition(".")
    return f"{_INHERITED[part]}.{rest}" if part in _INHERITED else ""


def _walk(schema: Mapping[str, Any], defs: Mapping[str, Any], path: str) -> Iterator[Key]:
    required = set(schema.get("required", ()))
    for name, raw in schema.get("properties", {}).items():
        part = {**_resolved(raw, defs), **({"default": raw["default"]} if "default" in raw else {})}
        here = f"{path}.{name}".lstrip(".").replace(".levels.watch", ".levels.LEVEL")
        if name in ("warning", "critical") and path.endswith(".levels"):
            continue
        inner, suffix = _inner(name, part, defs)
        if inner is None or not inner.get("properties"):
            yield Key(path=here, kind=_kind(part, defs), default=_default(part, required=name in required))
        for nested in (inner, *(_resolved(choice, defs) for choice in part.get("oneOf", ()))):
            yield from _walk(nested or {}, defs, here + (suffix if nested is inner else ""))


def _inner(name: str, part: Mapping[str, Any], defs: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """Return the entries that a list or a mapping holds, and what stands for one of them in a path."""
    if part.get("type") == "array":
        entry = _resolved(part.get("items", {}), defs)
        return (entry, "[]") if "properties" in entry else (None, "")
    many = next(iter(part.get("patternProperties", {}).values()), None) or part.get("additionalProperties") or None
    if many:
        return _resolved(many, defs), f".{_PLACE[name]}"
    return (part, "") if "properties" in part else (None, "")


def _resolved(part: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    return defs[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part


def _kind(part: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    if "oneOf" in part or "anyOf" in part:
        return " or ".join(_kind(_resolved(each, defs), defs) for each in part.get("oneOf") or part["anyOf"])
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    if "description" in part and part.get("type") == "string":
        return str(part["description"]).split(", such as")[0].removeprefix("a ")
    words = {"array": "list of texts", "string": "text", "boolean": "true or false", "integer": "whole number"}
    return words.get(part.get("type", ""), str(part.get("type"))).replace("object", "mapping") + _limits(part)


def _limits(part: Mapping[str, Any]) -> str:
    low = (
        f" {part['minimum']}"
        if "minimum" in part
        else f" above {part['exclusiveMinimum']}"
        if "exclusiveMinimum" in part
        else ""
    )
    return f"{low} to {part['maximum']}" if low and "maximum" in part else low


def _default(part: Mapping[str, Any], *, required: bool) -> str:
    if required:
        return "required"
    value = part.get("default")
    if value in (None, "", [], {}):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def config_tables() -> str:
    """Return a table for each file. Raises ValueError where docs/keys.yaml and the models differ."""
    written: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "keys.yaml").read_text(encoding="utf-8"))
    return "\n".join(_table(name, keys_of(schema), written.get(name, {})) for name, schema in json_schemas().items())


def _table(name: str, keys: list[Key], meanings: Mapping[str, list[str]]) -> str:
    differing = {key.path for key in keys} ^ set(meanings)
    if differing:
        raise ValueError(f"docs/keys.yaml: {name}: {', '.join(sorted(differing))}: in one of file and models only")
    lines = [f"#### {name}", "", "| key | type | unit | default | meaning |", "|---|---|---|---|---|"]
    for key in keys:
        unit, meaning = meanings[key.path]
        lines.append(f"| `{key.path}` | {key.kind} | {unit} | {key.default} | {meaning} |")
    return "\n".join([*lines, ""])


def command_sections() -> str:
    """Return a section for each command: what it does, its arguments and options, its examples."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    shared = {option.opts[0]: option for each in group.commands.values() for option in _options(each)}
    lines = ["Options that several commands share:", "", "| option | meaning |", "|---|---|"]
    lines += [_option_row(shared[name]) for name in _SHARED if name in shared]
    for name in group.commands:
        lines += ["", *_command(name, group.commands[name])]
    return "\n".join([*lines, ""])


def _options(command: Any) -> list[TyperOption]:
    return [each for each in command.params if isinstance(each, TyperOption)]


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    own = [each for each in _options(command) if each.opts[0] not in _SHARED]
    shared = [each.opts[0] for each in _options(command) if each.opts[0] in _SHARED]
    told, *examples = re.split(r"^\s*Example: ", command.help or "", flags=re.MULTILINE)
    yield from (f"#### `crisis-monitor {name}`", "", re.sub(r"\s*\n\s*", " ", told.strip()), "")
    if arguments or own:
        yield from ("| argument or option | meaning |", "|---|---|")
        yield from (f"| `{each.metavar or each.name}` | {_cell(getattr(each, 'help', ''))} |" for each in arguments)
        yield from (_option_row(each) for each in own)
        yield ""
    yield from (f"Takes also {', '.join(f'`{each}`' for each in shared)}.", "") if shared else ()
    yield from ("```sh", *(each.strip() for each in examples), "```")


def _option_row(option: TyperOption) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag else f" {option.metavar or 'N'}"
    plain = option.default if isinstance(option.default, str | int) and not isinstance(option.default, bool) else ""
    said = f" Default: {plain}." if plain != "" and "Default" not in (option.help or "") else ""
    must = " Required." if option.required else ""
    return f"| {names}{value} | {_cell(option.help)}{said}{must} |"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def renewed(text: str) -> str:
    """Return README's text with both sections made anew. Raises ValueError where a marker is missing."""
    for marker, body in (("reference", config_tables()), ("commands", command_sections())):
        begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"{README.name} must hold {begin} and {end} once")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{body}{end}{rest.split(end)[1]}"
    return text


def main() -> int:
    """Renew README.md, or say whether it is current."""
    text = README.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        return int(renewed(text) != text)
    README.write_text(renewed(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
