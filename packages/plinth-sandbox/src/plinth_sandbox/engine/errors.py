"""Why a machine could not be set up, always with what to do about it."""

from __future__ import annotations


class SetUpError(Exception):
    """One cause and one remedy, in words for the person at the keyboard."""

    def __init__(self, cause: str, *, fix: str) -> None:
        super().__init__(f"{cause}\n  Fix: {fix}")
        self.cause = cause
        self.fix = fix


class ReleaseUnavailableError(Exception):
    """The vendor's release cannot be had here: no failure, the engine is built instead."""
