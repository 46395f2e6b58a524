"""Finds credentials in requests, so that no record, message or page repeats them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from settings.types.redaction import HIDDEN, looks_secret, names_secret

_SEARCHED = 2048
"""Characters after which the search of a long text starts again, because :func:`looks_secret` only reads its start."""


def recordable(text: str) -> str:
    """Returns the text of a request as a runner records it: none of it if it contains a credential."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = text
    return HIDDEN if _looks_secret(text) or holds_credential(content) else text


def holds_credential(content: Any) -> bool:
    """Returns whether a key or a value looks like a credential, or the key of a text names a secret."""
    pending = [content]
    while pending:
        part = pending.pop()
        if isinstance(part, str) and _looks_secret(part):
            return True
        if isinstance(part, Mapping):
            if any(_is_secret(key, value) for key, value in part.items()):
                return True
            pending += part.values()
        elif isinstance(part, list | tuple):
            pending += part
    return False


def _is_secret(key: object, value: object) -> bool:
    return isinstance(key, str) and (_looks_secret(key) or (names_secret(key) and isinstance(value, str)))


def _looks_secret(text: str) -> bool:
    return any(looks_secret(text[start:]) for start in range(0, len(text), _SEARCHED))
