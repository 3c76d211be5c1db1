"""Which news items report escalation: two stages, one calibrated decision; knows nothing of the daemon.

What scores is imported on first use: scikit-learn takes a second of CPU, and most commands score nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from classifiers.errors import ClassifierArtifactError, EncoderUnavailable
from classifiers.labels import LABELS, SIGNALS

if TYPE_CHECKING:
    from classifiers.canaries import CanaryResult
    from classifiers.explain import Explanation, Phrase
    from classifiers.model import TextModel

__all__ = [
    "LABELS",
    "SIGNALS",
    "CanaryResult",
    "ClassifierArtifactError",
    "EncoderUnavailable",
    "Explanation",
    "Phrase",
    "TextModel",
]

_HOMES = {
    "CanaryResult": "classifiers.canaries",
    "Explanation": "classifiers.explain",
    "Phrase": "classifiers.explain",
    "TextModel": "classifiers.model",
}


def __getattr__(name: str) -> Any:
    """Import what scores when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
