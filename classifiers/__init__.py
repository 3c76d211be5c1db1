"""Which news items report escalation: two stages, one calibrated decision; knows nothing of the daemon."""

from classifiers.canaries import CanaryResult
from classifiers.errors import ClassifierArtifactError, EncoderUnavailable
from classifiers.explain import Explanation, Phrase
from classifiers.labels import LABELS, SIGNALS
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
