"""Errors of the set-up. Each names its remedy."""

from __future__ import annotations


class SetUpError(Exception):
    """One cause and one remedy, worded for the user."""

    def __init__(self, cause: str, *, fix: str) -> None:
        super().__init__(f"{cause}\n  Fix: {fix}")
        self.cause = cause
        self.fix = fix


class ReleaseUnavailableError(Exception):
    """The vendor's release cannot be downloaded. This is not a failure: the engine is built from source instead."""
