"""Whether a process of this process namespace is a running Pulumi engine."""

from __future__ import annotations

import os
from pathlib import Path


def is_engine(process_id: int) -> bool:
    """Returns whether the process is a running Pulumi engine. Another program may have got its process id."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs, as another user
    try:
        described = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # without /proc, assume that a running process is the engine
    _, _, rest = described.partition("(")
    name, _, state = rest.rpartition(") ")
    return name == "pulumi" and not state.startswith("Z")  # a zombie owns no lock
