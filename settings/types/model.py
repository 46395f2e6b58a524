"""What all settings have in common: strict, frozen, and without unknown fields."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

IMMUTABLE: dict[str, Any] = {"x-immutable": True}
"""Marks a field in the schema as fixed by the first deployment. ``changes`` enforces it."""


class Settings(BaseModel):
    """The base of every settings model."""

    FROM_FILE_NAME: ClassVar[frozenset[str]] = frozenset()
    """Fields that a file does not hold because its name says them."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
