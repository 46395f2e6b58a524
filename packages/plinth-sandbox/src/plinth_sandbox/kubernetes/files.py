"""Files of configuration, which only their owner can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plinth_sandbox.private import private_file


def write_json(path: Path, content: Any) -> Path:
    """Writes a value as JSON, and returns the path."""
    return write_text(path, json.dumps(content, indent=2))


def write_text(path: Path, content: str) -> Path:
    """Writes a text, and returns the path."""
    with private_file(path, "w") as file:
        file.write(content)
    return path
