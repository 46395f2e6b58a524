"""Texts as the registry accepts them as metadata of a version."""

from __future__ import annotations

import re

_MOST_CHARACTERS = 256


def metadata_value(text: str) -> str:
    """Returns a text as values of metadata of a version may be: at most 256 letters, digits, spaces and
    ``_ . : / = + - @`` (SageMaker API, CreateModelPackage, CustomerMetadataProperties, read 2026-11-22)."""
    return re.sub(r"[^\w .:/=+@-]", "-", text)[:_MOST_CHARACTERS]
