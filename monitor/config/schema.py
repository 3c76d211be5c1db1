"""JSON Schemas of the files, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.config.files import FILES, WrittenSchema


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each file, by file name."""
    return {
        name: _finished(name, model.model_json_schema(by_alias=True, schema_generator=WrittenSchema))
        for name, model in FILES.items()
    }


def _finished(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = _without_null(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | plain | {"title": name}


def _without_null(schema: Any) -> Any:
    """Drop `null` choices: an empty value is refused."""
    if isinstance(schema, list):
        return [_without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _without_null(value) for key, value in schema.items() if not (key == "default" and value is None)}
    choices = [choice for choice in parts.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1 and len(parts["anyOf"]) > 1:
        return {key: value for key, value in parts.items() if key != "anyOf"} | choices[0]
    return parts


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as it stands in config/schema."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder` as `NAME.schema.json`."""
    for name, schema in json_schemas().items():
        (folder / f"{Path(name).stem}.schema.json").write_text(schema_text(schema), encoding="utf-8")
