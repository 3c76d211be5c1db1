"""The configuration: five YAML files, read strictly, all or nothing."""

from monitor.config.build import MonitorSettings, PollingSettings, WebSettings
from monitor.config.load import Config, Reloaded, check, database_url, load, reload
from monitor.config.schema import json_schemas, schema_text, write_schemas
from monitor.config.sources import fingerprint

__all__ = [
    "Config",
    "MonitorSettings",
    "PollingSettings",
    "Reloaded",
    "WebSettings",
    "check",
    "database_url",
    "fingerprint",
    "json_schemas",
    "load",
    "reload",
    "schema_text",
    "write_schemas",
]
