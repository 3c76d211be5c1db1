# ruff: noqa: INP001  # a script of the documentation, no package
"""Write docs/slack-*.png: the made-up alert of `crisis-monitor preview` at each level, resolved, and a digest.

    .venv/bin/python docs/slack_pictures.py [DIRECTORY]

Drawn offline, without a browser; needs the extra `charts`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WANTED = {
    "slack-watch.png": ("--level", "watch"),
    "slack-warning.png": ("--level", "warning"),
    "slack-critical.png": ("--level", "critical"),
    "slack-resolved.png": ("--level", "critical", "--resolved"),
    "slack-digest.png": ("--notice", "digest"),
}


def main(folder: Path) -> None:
    """Draw them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, options in WANTED.items():
        command = [sys.executable, "-m", "monitor.cli", "preview", *options, "--picture", str(folder / name)]
        subprocess.run(command, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL, check=True)  # noqa: S603  # our own program


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
