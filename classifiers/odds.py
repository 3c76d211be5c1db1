"""Probabilities and log-odds; needs nothing but arrays, so that reading it costs no command a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LIMIT = 30.0


def sigmoid(logits: Floats) -> Floats:
    """Return probabilities of log-odds, same shape."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -_LIMIT, _LIMIT))), dtype=np.float64)


def logit(probabilities: Floats) -> Floats:
    """Return log-odds of probabilities, same shape; 0 and 1 become large but finite."""
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p / (1 - p)), dtype=np.float64)
