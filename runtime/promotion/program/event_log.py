"""Reads the event log of the engine: a JSON document in each line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def events_of(log: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Yields the events of a kind, such as ``policyEvent``. An engine that did not start has written no log."""
    for line in log.read_text().splitlines() if log.exists() else ():
        if (found := json.loads(line).get(kind)) is not None:
            yield found
