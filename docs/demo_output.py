# ruff: noqa: INP001  # a script of the documentation, no package
"""Put what `make demo` prints between the demo markers of README.md.

    .venv/bin/python docs/demo_output.py

The demo's story begins three days ago, so days of the week and dates are those of the last time this was run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- demo:begin -->", "<!-- demo:end -->"
WIDTH = "110"


def printed() -> str:
    """Return what the demo prints on standard output; the port of its loopback server is the one thing changed."""
    environ = {"PATH": os.environ["PATH"], "COLUMNS": WIDTH, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "tests.servers.demo"]
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)  # noqa: S603  # our own program
    text = re.sub(r"(?<=127\.0\.0\.1:)\d+", "40000", done.stdout)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def main() -> None:
    """Renew the section."""
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    README.write_text(f"{head}{BEGIN}\n```text\n{printed()}\n```\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
