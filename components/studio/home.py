"""Where people's own work lies in the bucket of an environment's Studio. Written once; roles and apps follow it."""

from __future__ import annotations

SHARED = "shared/"
"""What everybody of the environment reads and writes: notebooks to look at together (EXP-02)."""


def home(user: str) -> str:
    """The prefix that is one person's alone."""
    return f"users/{user}/"
