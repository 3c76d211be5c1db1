"""Writes a fitted encoder as an 8-bit ONNX file, with its tokenizer and a description.

Quantisation is dynamic and row by row: a weight matrix has one scale per output column, a word piece one scale for
its embedding, and each word piece's activations get a scale of their own while the graph runs (as in LLM.int8,
Dettmers et al., 2022, without its outlier part). onnxruntime's own dynamic quantisation takes one scale over the
whole batch; the logits of a text would then depend on what it is batched with.

Weights take 7 of their 8 bits: processors without VNNI instructions add products in pairs within 16 bits and clip what does
not fit, so that a text would score differently there. 255 * 64 * 2 fits.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from classifiers.encoder import FACTS_FILE, ONNX_FILE, TOKENIZER_FILE
from classifiers.encoder_bert import SentenceEncoder

_OPSET = 17
_LEVELS = 127.0
_WEIGHT_LEVELS = 64.0
_ZERO = 128  # what stands for 0 in an unsigned byte


def to_onnx(encoder: SentenceEncoder, path: Path) -> None:
    """Write the encoder in full precision: int64 `ids` and `mask` (n, length) in, `logits` (n, labels) out."""
    ids = torch.arange(1000, 1042).reshape(3, 14)
    sizes = {0: "n", 1: "length"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            encoder.eval(),
            (ids, torch.ones_like(ids)),
            path,
            input_names=["ids", "mask"],
            output_names=["logits"],
            dynamic_axes={"ids": sizes, "mask": sizes, "logits": {0: "n"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def _bytes(weights: NDArray[np.float32], axis: int, levels: float) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights as whole numbers within +-`levels` and their scales, one per slice along the other axis of a matrix."""
    scales = np.maximum(np.abs(weights).max(axis=axis, keepdims=True), 1e-12) / levels
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


class _Quantiser:
    """Rebuilds a graph node by node; matrices and the large embedding become bytes."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._weights = {item.name: item for item in graph.initializer}
        self._nodes: list[onnx.NodeProto] = []
        self._rows: dict[str, tuple[str, str]] = {}
        self._constant("q_levels", np.array(_LEVELS, np.float32))
        self._constant("q_least", np.array(1e-9, np.float32))
        self._constant("q_shift", np.array(_ZERO, np.float32))
        self._constant("q_zero", np.array(_ZERO, np.uint8))

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        self._graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], name=f"n_{output}", **attributes))
        return output

    def run(self) -> None:
        """Replace the graph's nodes and drop the weights no longer used."""
        for node in self._graph.node:
            if node.op_type == "MatMul" and node.input[1] in self._weights:
                self._matmul(node)
            elif node.op_type == "Gather" and self._large(node.input[0]):
                self._embedding(node)
            else:
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        used = {name for node in self._nodes for name in node.input}
        kept = [item for item in self._graph.initializer if item.name in used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)

    def _large(self, name: str) -> bool:
        return name in self._weights and self._weights[name].dims[0] > 512 * 2

    def _quantised_rows(self, name: str) -> tuple[str, str]:
        """Return the names of the bytes and of the scale per row of an activation; made once per activation."""
        if name not in self._rows:
            out = f"q_{name}"
            largest = self._add(
                "ReduceMax", [self._add("Abs", [name], f"{out}_abs")], f"{out}_max", axes=[-1], keepdims=1
            )
            scale = self._add("Div", [self._add("Max", [largest, "q_least"], f"{out}_top"), "q_levels"], f"{out}_scale")
            whole = self._add("Round", [self._add("Div", [name, scale], f"{out}_share")], f"{out}_whole")
            shifted = self._add("Add", [whole, "q_shift"], f"{out}_shifted")
            self._rows[name] = self._add("Cast", [shifted], f"{out}_bytes", to=onnx.TensorProto.UINT8), scale
        return self._rows[name]

    def _matmul(self, node: onnx.NodeProto) -> None:
        rows, scale = self._quantised_rows(node.input[0])
        out = node.output[0]
        values, columns = _bytes(numpy_helper.to_array(self._weights[node.input[1]]), 0, _WEIGHT_LEVELS)
        weight, column = self._constant(f"{out}_w", values), self._constant(f"{out}_c", columns[0])
        total = self._add("MatMulInteger", [rows, weight, "q_zero"], f"{out}_total")
        number = self._add("Cast", [total], f"{out}_number", to=onnx.TensorProto.FLOAT)
        self._add("Mul", [self._add("Mul", [number, scale], f"{out}_scaled"), column], out)

    def _embedding(self, node: onnx.NodeProto) -> None:
        out = node.output[0]
        values, scales = _bytes(numpy_helper.to_array(self._weights[node.input[0]]), 1, _LEVELS)
        table, scale = self._constant(f"{out}_w", values), self._constant(f"{out}_s", scales)
        picked = self._add("Gather", [table, node.input[1]], f"{out}_picked")
        number = self._add("Cast", [picked], f"{out}_number", to=onnx.TensorProto.FLOAT)
        self._add("Mul", [number, self._add("Gather", [scale, node.input[1]], f"{out}_scale")], out)


def quantise(source: Path, target: Path) -> None:
    """Write the ONNX file `source` with 8-bit weights to `target`."""
    model = onnx.load(source)
    _Quantiser(model.graph).run()
    onnx.checker.check_model(model)
    onnx.save(model, target)


def write_artifact(encoder: SentenceEncoder, tokenizer: Path, directory: Path, facts: Mapping[str, Any]) -> Path:
    """Write `encoder.onnx`, `tokenizer.json` and `encoder.json` to `directory`; return the last.

    facts: what `encoder.json` says beside the two files' SHA-256.
    """
    directory.mkdir(parents=True, exist_ok=True)
    full = directory / "encoder.full.onnx"
    to_onnx(encoder, full)
    quantise(full, directory / ONNX_FILE)
    full.unlink()
    shutil.copyfile(tokenizer, directory / TOKENIZER_FILE)
    hashes = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in (ONNX_FILE, TOKENIZER_FILE)}
    described = directory / FACTS_FILE
    described.write_text(json.dumps({**facts, "sha256": hashes}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return described
