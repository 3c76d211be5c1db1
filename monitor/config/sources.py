"""Which files are in force: those of the configuration directory, and the shipped ones for the rest."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.config.explain import Entry, known_files, part, validate
from monitor.config.files import FILES, Strict
from monitor.config.strict_yaml import Document, Path_, read
from monitor.core.errors import Problem
from monitor.shipped import shipped_directory


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Every file as read. files: by name, as their models; a file that does not fit its model is missing there."""

    directory: Path
    documents: Mapping[str, Document]
    files: Mapping[str, Strict]
    folders: Mapping[str, Path]
    stray: tuple[Problem, ...] = ()

    def section(self, name: str, key: str) -> dict[str | int, Any]:
        """Return the entries, as written, of a list or mapping at the top of a file; empty where it is neither."""
        data = self.documents[name].data
        found = data.get(key) if isinstance(data, dict) else None
        if isinstance(found, dict):
            return dict(found)
        return dict(enumerate(found)) if isinstance(found, list) else {}

    def entries(self, name: str, key: str, model: type[Entry]) -> Iterable[tuple[Path_, Entry]]:
        """Return the entries of a section that fit their model, with their paths: one bad entry does not hide the rest."""
        fitting = (((key, step), part(data, model)) for step, data in self.section(name, key).items())
        return [(path, entry) for path, entry in fitting if entry is not None]


def read_sources(directory: Path) -> Sources:
    """Read every file; nothing is raised."""
    folders = {name: _folder(directory, name) for name in known_files()}
    documents = {name: _read(folder / name) for name, folder in folders.items()}
    files = {name: validate(document, FILES[name]) for name, document in documents.items() if document.data is not None}
    return Sources(
        directory=directory,
        documents=documents,
        files={name: file for name, file in files.items() if file is not None},
        folders=folders,
        stray=tuple(_stray(directory)),
    )


def fingerprint(directory: Path) -> str:
    """Return a digest of the directory's own files; another one means that somebody edited them."""
    digest = hashlib.blake2b(digest_size=12)
    for name in known_files():
        try:
            body = (directory / name).read_bytes()
        except OSError:
            continue
        digest.update(f"{name}\x1f{len(body)}\x1f".encode() + body)
    return digest.hexdigest()


def _folder(directory: Path, name: str) -> Path:
    return directory if (directory / name).exists() else shipped_directory("config")


def _read(path: Path) -> Document:
    return read(path, str(path)) if path.exists() else Document(file=str(path), data={})


def _stray(directory: Path) -> Iterable[Problem]:
    if not directory.is_dir():
        message = (
            "is no directory: name an existing one with --config, or leave it out to use the shipped configuration"
        )
        yield Problem(file=str(directory), line=0, path="", message=message)
        return
    for path in sorted(directory.glob("*.y*ml")):
        close = difflib.get_close_matches(path.stem, [Path(name).stem for name in known_files()], n=1, cutoff=0.85)
        if close and path.name not in known_files():
            yield Problem(
                file=str(path), line=0, path="", message=f'is not read: rename it to "{close[0]}.yaml", or move it away'
            )
