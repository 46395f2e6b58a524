"""The base class of all settings models: strict, frozen, and without unknown fields."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

IMMUTABLE: dict[str, Any] = {"x-immutable": True}
"""Marks a field in the schema as immutable after the first deployment. ``immutable_fields`` enforces it."""


class Settings(BaseModel):
    """Base class of every settings model."""

    FROM_FILE_NAME: ClassVar[frozenset[str]] = frozenset()
    """Fields whose values come from the file's name, so the file does not contain them."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
