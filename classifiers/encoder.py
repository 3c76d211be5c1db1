"""The second stage at run time: texts in, one logit per label out, from the shipped 8-bit ONNX file.

The only file that needs the extra `[encoder]` (onnxruntime, tokenizers); both are imported when an encoder is
loaded. How the artefact is made: `encoder_training.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import ClassifierArtifactError, EncoderUnavailable
from classifiers.labels import LABELS
from classifiers.parts import sentences

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FORMAT = 1
ONNX_FILE, TOKENIZER_FILE, FACTS_FILE = "encoder.onnx", "tokenizer.json", "encoder.json"
FILES = (ONNX_FILE, TOKENIZER_FILE, FACTS_FILE)

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"  # of onnxruntime, which else writes a device id to the home and uploads events
_BATCH_PIECES = 256  # word pieces, padding counted, that run through the graph at once
_FEWEST_PIECES = 3  # [CLS], a word, [SEP]
_START, _END = 101, 102  # [CLS] and [SEP] of the vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facts:
    """What `encoder.json` says; max_pieces: longest text read at once, [CLS] and [SEP] counted."""

    version: str
    max_pieces: int
    sha256: dict[str, str]


class Encoder:
    """A fine-tuned sentence encoder.

    labels: the columns of `logits`. version: of the artefact, for people. sha256: of the ONNX file, hex.
    A text's logits depend on nothing but the text: every word piece is quantised by itself, so neither the batch
    nor its order changes them (to within float rounding, 1e-5).
    """

    labels: tuple[str, ...] = LABELS

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, facts: _Facts) -> None:
        """Wire a loaded graph and tokenizer; use `load`."""
        self._session = session
        self._tokenizer = tokenizer
        self._limit = facts.max_pieces
        self.version = facts.version
        self.sha256 = facts.sha256[ONNX_FILE]

    @classmethod
    def load(cls, directory: Path, *, threads: int = 1) -> Encoder:
        """Load `encoder.onnx`, `tokenizer.json` and `encoder.json` from `directory`.

        threads: that one call of `logits` may use. Neither file can run code when loaded.
        Raises EncoderUnavailable if the extra is not installed, ClassifierArtifactError if a file is missing,
        unreadable, of another format, with other labels or of another hash.
        """
        facts = _facts(directory)
        model, vocabulary = (_checked(directory / name, facts) for name in (ONNX_FILE, TOKENIZER_FILE))
        os.environ.setdefault(_NO_TELEMETRY, "1")  # read when the library is imported
        try:
            import onnxruntime  # noqa: PLC0415 - an extra, and slow to import
            from tokenizers import Tokenizer  # noqa: PLC0415 - the same
        except ImportError as exc:
            message = (
                f"{directory / ONNX_FILE} needs the extra [encoder] ({exc}): pip install 'crisis-monitor[encoder]'"
            )
            raise EncoderUnavailable(message) from exc
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_buffer(vocabulary)
            tokenizer.no_truncation()
            tokenizer.no_padding()
            encoder = cls(session, tokenizer, facts)
            tried = encoder.logits(["a word"])
        except Exception as exc:  # onnxruntime and tokenizers raise their own, undeclared kinds
            raise _refused(directory, f"cannot be loaded: {exc}") from exc
        if tried.shape != (1, len(LABELS)) or not np.isfinite(tried).all():
            raise _refused(directory, "gives no finite number for each label")
        return encoder

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return raw log-odds, float32 of shape (n, 6), columns in `labels` order; any text length.

        A text longer than the encoder reads is cut at its sentences; each label takes its strongest part.
        """
        found = np.full((len(texts), len(self.labels)), -np.inf, dtype=np.float32)
        rows = [(owner, row) for owner, text in enumerate(texts) for row in self._pieces(text)]
        rows.sort(key=lambda entry: len(entry[1]))
        for batch in _batches(rows):
            scores = self._run([row for _, row in batch])
            np.maximum.at(found, [owner for owner, _ in batch], scores)
        return found

    def _run(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        scores: NDArray[np.float32] = self._session.run(["logits"], {"ids": ids, "mask": mask})[0]
        return scores

    def _pieces(self, text: str) -> list[list[int]]:
        """Return the word-piece ids of a text, in as many rows as its length asks for."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # the tokenizer refuses lone surrogates
        ids: list[int] = self._tokenizer.encode(text).ids
        return [ids] if len(ids) <= self._limit else list(self._packed(text))

    def _packed(self, text: str) -> Iterator[list[int]]:
        """Yield rows of whole sentences, as full as the limit allows; a longer sentence is cut where it must be."""
        room = self._limit - 2
        row: list[int] = []
        for sentence in sentences(text):
            ids: list[int] = self._tokenizer.encode(sentence, add_special_tokens=False).ids
            if row and len(row) + len(ids) > room:
                yield [_START, *row, _END]
                row = []
            row += ids
            while len(row) > room:
                yield [_START, *row[:room], _END]
                row = row[room:]
        if row:
            yield [_START, *row, _END]


def _batches(rows: Sequence[tuple[int, list[int]]]) -> Iterator[Sequence[tuple[int, list[int]]]]:
    """Yield runs of `rows` (owner, ids), which ascend in length, of at most `_BATCH_PIECES` padded pieces."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or len(rows[end][1]) * (end + 1 - start) > _BATCH_PIECES:
            yield rows[start:end]
            start = end


def _refused(path: Path, problem: str) -> ClassifierArtifactError:
    return ClassifierArtifactError(f"{path}: {problem}; install crisis-monitor again or train the encoder anew")


def hash_of(directory: Path) -> str:
    """Return the sha256 of the encoder in `directory`, as its facts give it. Raises ClassifierArtifactError."""
    return _facts(directory).sha256[ONNX_FILE]


def _facts(directory: Path) -> _Facts:
    """Read `encoder.json` and hold it against what this version can use."""
    path = directory / FACTS_FILE
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        form, labels = stored["format"], tuple(stored["labels"])
        facts = _Facts(version=stored["version"], max_pieces=stored["max_pieces"], sha256=stored["sha256"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as exc:
        raise _refused(path, f"missing or unreadable ({exc!r})") from exc
    if form != FORMAT:
        raise _refused(path, f"format {form!r}, not {FORMAT}")
    if labels != LABELS:
        raise _refused(path, f"labels {labels}, not {LABELS}")
    if not (isinstance(facts.sha256, dict) and {ONNX_FILE, TOKENIZER_FILE} <= facts.sha256.keys()):
        raise _refused(path, "lacks the sha256 of its files")
    if not isinstance(facts.max_pieces, int) or facts.max_pieces < _FEWEST_PIECES:
        raise _refused(path, f"max_pieces {facts.max_pieces!r} is no length that can be read")
    return facts


def _checked(path: Path, facts: _Facts) -> bytes:
    """Return the file's bytes if their SHA-256 is the one described."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise _refused(path, f"missing or unreadable ({exc!r})") from exc
    if hashlib.sha256(content).hexdigest() != facts.sha256.get(path.name):
        raise _refused(path, f"is not the file that {FACTS_FILE} describes")
    return content
