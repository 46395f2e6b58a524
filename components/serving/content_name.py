"""Names that contain a digest of the content of a resource.

SageMaker cannot update a model or an endpoint configuration. A new content gets a new name, so that the old resource
stays until the endpoint has left it, and the same content gets the same name again after a rollback.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from settings.types.naming import named

_DIGITS = 8


def content_name(prefix: str, content: Mapping[str, Any]) -> str:
    """Returns ``<prefix>-<digest>``. Raises SettingsError if SageMaker allows no name of that length."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return named("SageMaker resource", prefix, sha256(text.encode()).hexdigest()[:_DIGITS])
