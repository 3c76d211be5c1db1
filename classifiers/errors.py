"""What can go wrong with a shipped classifier artefact.

ClassifierArtifactError        an artefact is missing, damaged or made for something else
└─ EncoderUnavailable          the extra `[encoder]` is not installed
"""

from __future__ import annotations


class ClassifierArtifactError(Exception):
    """An artefact cannot be used; the message names the file and the remedy."""


class EncoderUnavailable(ClassifierArtifactError):  # noqa: N818 - a state of the installation, named so in the contract
    """The packages of the extra `[encoder]` are missing; the first stage works without them."""
