"""What README.md says is what the program does: every command, option, key, outcome and variable, and links that lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from monitor.cli import app
from monitor.config import json_schemas
from monitor.core.alerts import EventKind, Level, Outcome, Rule
from monitor.core.lifecycle import repeat_after
from monitor.core.model import LABELS
from monitor.pipeline.commands import HELP

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
# of the system, not ours: kept for worker processes, for users' names, or for tests
FOREIGN = frozenset(
    {"PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "PYTHONPATH", "PYTHONIOENCODING", "HOME", "OMP_NUM_THREADS"}
)


def tracked(*suffixes: str) -> list[Path]:
    """Return the files of the project, without what is installed or made."""
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout: which files belong to the project is unknown")
    paths = (ROOT / line for line in found.stdout.splitlines())
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def section(title: str) -> str:
    """Return a section's text up to the next heading of the same depth."""
    depth = title.split(" ", maxsplit=1)[0]
    found = re.search(rf"^{re.escape(title)}$(.*?)(?=^{depth} |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def group() -> TyperGroup:
    found = get_command(app)
    assert isinstance(found, TyperGroup)
    return found


@pytest.mark.parametrize("command", list(group().commands))
def test_every_command_and_option_is_in_the_readme(command: str) -> None:
    told = section(f"#### `crisis-monitor {command}`")
    for parameter in group().commands[command].params:
        for name in parameter.opts if parameter.opts[0].startswith("-") else [parameter.metavar or parameter.name]:
            assert f"`{name}`" in told, f"{command}: {name}"
    assert re.search(rf"^(\S+=\S+ )?crisis-monitor {command}\b", told, re.MULTILINE), "no example"


def keys(schema: object) -> Iterator[str]:
    """Yield every name of a key that a schema allows."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


@pytest.mark.parametrize("file", list(json_schemas()))
def test_every_key_of_the_configuration_is_in_the_readme(file: str) -> None:
    told = section(f"#### {file}")
    for key in keys(json_schemas()[file]):
        assert re.search(rf"`[^`]*\b{key}\b[^`]*`", told), f"{file}: {key}"


def test_the_reference_sections_are_current() -> None:
    script = ROOT / "docs" / "reference.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run `python docs/reference.py`. {done.stderr}"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_explained(outcome: Outcome) -> None:
    assert f"| `{outcome.value}` |" in section("## Why was there an alert, or none?")


@pytest.mark.parametrize("word", [*LABELS, *Level, *(kind.value for kind in EventKind)])
def test_every_label_level_and_event_is_named(word: str) -> None:
    assert word in README


def variables() -> set[str]:
    """Return the names of environment variables that the program's code reads."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in tracked(".py") if "tests" not in path.parts)
    read = re.findall(r"""environ(?:\.get\(|\[|\.pop\()f?["']([A-Z][A-Z0-9_]+)["']""", text)
    named = re.findall(r"""["'](CRISIS_MONITOR_[A-Z_]+|SLACK_[A-Z_]+)["']""", text)
    assert "ORT_DISABLE_TELEMETRY" in text
    return {*read, *named, "ORT_DISABLE_TELEMETRY"} - FOREIGN


def test_every_environment_variable_is_in_the_readme() -> None:
    told = section("### Environment variables")
    assert {"CRISIS_MONITOR_CONFIG", "CRISIS_MONITOR_DATA", "CRISIS_MONITOR_DATABASE_URL"} <= variables()
    assert [name for name in sorted(variables()) if f"`{name}`" not in told] == []


def test_every_exit_code_is_explained() -> None:
    for code in range(4):
        assert f"**{code}** " in section("## Commands")


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_links_inside_the_project_lead_somewhere() -> None:
    headings = {slug(title) for title in re.findall(r"^#+ (.+)$", README, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)\s]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (ROOT / target).exists(), target


def test_files_and_modules_that_the_readme_names_exist() -> None:
    named = re.findall(r"`((?:monitor|classifiers|config|docs|tests|deploy|alembic|\.ci)/[\w./-]+)`", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_marker_opens_and_closes_once() -> None:
    for name in ("demo", "commands", "reference", "model-card", "thresholds"):
        assert README.count(f"<!-- {name}:begin -->") == README.count(f"<!-- {name}:end -->") == 1


def test_no_file_holds_a_path_of_a_machine_or_the_address_of_an_index() -> None:
    home = "root|home/[a-z]|Users/[A-Z]"
    forbidden = re.compile(
        rf"(?<![\w.~])/(?:{home}|work/)[\w/]|(?:pypi|pythonhosted|npmjs|registry)\.(?:org|io)", re.IGNORECASE
    )
    for path in tracked():
        if path.suffix in (".npz", ".onnx", ".png", ".gz") or "corpus" in path.parts or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found = forbidden.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {found[0] if found else ''}"


def test_the_app_manifest_asks_for_what_the_program_uses() -> None:
    found = re.search(r"```yaml\n(   display_information:.*?)```", section("## Slack"), re.DOTALL)
    assert found
    manifest = yaml.safe_load(textwrap.dedent(found[1]))
    assert [each["command"] for each in manifest["features"]["slash_commands"]] == ["/crisis"]
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    assert scopes == {"chat:write", "chat:write.public", "channels:read", "channels:history", "files:write", "commands"}


def test_every_slash_command_is_in_the_readme() -> None:
    told = section("### Acting on an alert")
    for line in HELP.splitlines():
        assert f"`{line.partition(':')[0].partition(' SIT')[0].partition(' ID')[0].partition(' URL')[0]}" in told, line


def test_the_readme_gives_the_times_of_updates_as_the_rules_have_them() -> None:
    rule = Rule(name="any", signal="coup_warning", levels={}, notify=())
    hours = [
        sum((repeat_after(rule, each) for each in range(number)), timedelta(0)) // timedelta(hours=1)
        for number in range(1, 6)
    ]
    told = f"{', '.join(str(each) for each in hours[:-1])} and {hours[-1]} hours after the level last rose"
    assert told in README
