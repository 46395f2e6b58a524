"""Prefixes of people's own work in the bucket of an environment's Studio, shared by roles and apps."""

from __future__ import annotations

SHARED = "shared/"
"""Prefix that everybody in the environment may read and write, for example for shared notebooks (EXP-02)."""


def home(user: str) -> str:
    """Returns the prefix that only one user may access."""
    return f"users/{user}/"
