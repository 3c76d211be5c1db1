"""Reads the weights back from a written encoder, so that training can go on from a shipped artefact.

The bytes of a matrix times its scales are what the graph computes with; what was lost in rounding stays lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from classifiers.errors import ClassifierArtifactError

_PARTS = ("positions", "norm", "layers", "head")
_BIAS = ".bias"
_FIXED = "onnx::"  # how the exporter names what it worked out beforehand: here the one row of token types

Arrays = dict[str, NDArray[Any]]


def weights_of(path: Path) -> dict[str, Tensor]:
    """Return the parameters in `path`, an ONNX file written by `encoder_export.py`, by their names in the module.

    Raises ClassifierArtifactError where the file is not one of ours.
    """
    graph = onnx.load(path).graph
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    named = {name: value for name, value in stored.items() if name.split(".")[0] in _PARTS}
    named |= dict(_matrices(graph, stored)) | dict(_tables(graph, stored))
    rows = [value for name, value in stored.items() if name.startswith(_FIXED) and value.ndim == 1]
    if "words.weight" not in named or len(rows) != 1:
        raise ClassifierArtifactError(f"{path} is no encoder of ours; name an encoder.onnx that training wrote")
    named["types.weight"] = np.stack([rows[0], np.zeros_like(rows[0])])
    return {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in named.items()}


def _matrices(graph: onnx.GraphProto, stored: Arrays) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield name and values (out, in) of every quantised matrix, told by the bias that is added to its product."""
    for node in graph.node:
        bias = next((name for name in node.input if name.endswith(_BIAS)), None)
        product = next((name for name in node.input if f"{name}_c" in stored), None)
        if node.op_type == "Add" and bias and product:
            values = stored[f"{product}_w"].astype(np.float32) * stored[f"{product}_c"]
            yield bias.removesuffix(_BIAS) + ".weight", values.T


def _tables(graph: onnx.GraphProto, stored: Arrays) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield name and values of the quantised table of word pieces."""
    for node in graph.node:
        out = node.output[0].removesuffix("_picked")
        if node.op_type == "Gather" and f"{out}_s" in stored and node.output[0].endswith("_picked"):
            yield "words.weight", stored[f"{out}_w"].astype(np.float32) * stored[f"{out}_s"]
