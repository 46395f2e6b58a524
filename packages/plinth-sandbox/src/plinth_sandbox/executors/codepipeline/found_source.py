"""Result of a source action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class SourceFailedError(Exception):
    """The source cannot be read. The action fails with this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class FoundSource:
    """The content of a source, and what a pipeline knows of it."""

    content: bytes
    revision: str
    """Commit or object version."""
    summary: str
    """Message of the commit, or version of the object."""
    created: float
    """Seconds since the epoch."""
    variables: Mapping[str, str]
    """Output variables of the action."""
