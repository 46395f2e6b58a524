"""How long tests wait for the cluster."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 600


def eventually(find: Callable[[], Any]) -> Any:
    """Returns the first result that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found
