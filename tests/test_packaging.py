"""The wheel carries all that the program needs, and runs where no checkout is; the lists of what is installed are safe."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.feeds import FeedServer
from tests.stories import BUILD_UP, COUP, THREAT, found_town

ROOT = Path(__file__).parent.parent
BUILT_FROM = ("monitor", "classifiers", "config", "alembic", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
OUTLETS = ("alpha", "bravo", "charlie", "delta")
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the tree."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed; requirements-dev.lock brings it")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, source / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a clean environment that holds the wheel; libraries come from the environment that runs the tests."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    for library in (path for place in sys.path if place.endswith("site-packages") for path in Path(place).iterdir()):
        ours = library.name.startswith(("crisis_monitor", "__editable__", "monitor", "classifiers", "__pycache__"))
        if not ours and library.suffix != ".pth" and not (packages / library.name).exists():
            (packages / library.name).symlink_to(library)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    command = home / "bin" / "crisis-monitor"
    command.write_text(f"#!{home}/bin/python\nfrom monitor.cli import main\nmain()\n", encoding="utf-8")
    command.chmod(0o755)
    return command


def run(installed: Path, *arguments: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command outside the checkout, with nothing of this process's environment."""
    known = {"PATH": os.environ["PATH"], **environ}
    command = [str(installed), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=known, capture_output=True, text=True, timeout=240, check=False)


def test_the_wheel_carries_everything_that_is_read_at_run_time(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    folders = {
        "config": "monitor/_shipped/config",
        "alembic": "monitor/_shipped/alembic",
        "monitor": "monitor",
        "classifiers": "classifiers",
    }
    for folder, place in folders.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{place}/{path.relative_to(ROOT / folder).as_posix()}" in held
    for name in ("classifiers/corpus/europe-coups1.jsonl", "classifiers/artifacts/model.json", "monitor/py.typed"):
        assert name in held
    for name in ("monitor/story.jsonl", "monitor/reading/lists/cities.tsv", "monitor/web/static/style.css"):
        assert name in held
    assert any(name.startswith("monitor/web/templates/") for name in held)
    assert any(name.startswith("monitor/_shipped/alembic/versions/") for name in held)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"monitor", "classifiers"}
    assert not [
        name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".pth", ".pickle", ".pkl", ".pyc"))
    ]


def test_the_wheel_names_command_licence_and_notices(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name.split("/", 1)[1]: name for name in archive.namelist() if ".dist-info/" in name}
        assert "crisis-monitor = monitor.cli:main" in archive.read(held["entry_points.txt"]).decode()
        assert {"licenses/LICENSE", "licenses/NOTICE"} <= set(held)
        assert "License-Expression: Apache-2.0" in archive.read(held["METADATA"]).decode()


def test_the_installed_command_uses_its_own_configuration(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "check-config", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "_shipped" in done.stdout
    assert "all good" in done.stdout


def test_the_installed_daemon_alerts_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    with FeedServer() as server:
        town = found_town(tmp_path / "config", server, OUTLETS, {"console": {}})
        at = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251  # the subprocess reads the real clock
        for number, outlet in enumerate(OUTLETS):
            town.publish(outlet, [BUILD_UP[number], COUP[number], THREAT[number]], at)
        told = run(installed, "run", "--once", "--all", "--config", town.config, cwd=tmp_path)
        assert told.returncode == 0, told.stderr
    shown = run(installed, "history", "--json", "--config", town.config, cwd=tmp_path)
    keys = sorted(json.loads(line)["situation"]["key"] for line in shown.stdout.splitlines())
    assert keys == ["IRN-ISR", "MLI", "RUS-UKR"], shown.stderr
    assert (tmp_path / "data" / "crisis-monitor.db").is_file()


def test_the_installed_command_needs_no_home_and_writes_in_its_data_alone(installed: Path, tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = run(installed, "migrate", cwd=elsewhere, CRISIS_MONITOR_DATA=str(data), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    assert (data / "crisis-monitor.db").is_file()
    assert list(elsewhere.iterdir()) == []


def test_loading_the_model_leaves_nothing_in_the_home_and_reports_to_nobody(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = run(installed, "doctor", cwd=tmp_path, HOME=str(home))
    assert "ok  model" in done.stdout, done.stderr
    assert list(home.rglob("*")) == []


# what is installed


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_hashes_everything_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) > 30
    for entry in entries:
        assert re.match(r"[a-z0-9.\-]+==\S+( ; [^\\]+)? \\\n", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_tests_run_on_what_the_daemon_runs_on() -> None:
    pins = [set(re.findall(r"^([a-z0-9.\-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS]
    assert pins[0] <= pins[1]


def project() -> dict[str, object]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def test_scikit_learn_is_held_to_one_minor_version() -> None:
    (asked,) = (each for each in project()["dependencies"] if each.startswith("scikit-learn"))  # type: ignore[attr-defined]  # a TOML list
    found = re.fullmatch(r"scikit-learn>=(\d+)\.(\d+)(?:\.\d+)?,<(\d+)\.(\d+)", asked)
    assert found
    assert (int(found[3]), int(found[4])) == (int(found[1]), int(found[2]) + 1)


def test_the_folder_of_migrations_is_no_package() -> None:
    assert not list((ROOT / "alembic").rglob("__init__.py"))


def test_imports_run_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.exists():
        pytest.skip("import-linter is not installed; requirements-dev.lock brings it")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# containers and units


def test_the_image_runs_without_root_and_installs_by_hash() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER (?!root|0)\S+", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert "HEALTHCHECK" in text
    assert re.search(r"^VOLUME /data", text, re.MULTILINE)
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for word in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
        assert word in compose


UNIT = ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "SystemCallFilter=@system-service")


def test_the_systemd_unit_is_held_tight() -> None:
    text = (ROOT / "deploy" / "crisis-monitor.service").read_text(encoding="utf-8")
    for line in (*UNIT, "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"):
        assert f"\n{line}\n" in text
    assert "\nMemoryMax=" in text


def test_systemd_rates_the_unit_as_safe() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = ROOT / "deploy" / "crisis-monitor.service"
    command = [analyze, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:]
