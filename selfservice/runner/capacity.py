"""The number of stacks that this machine can run in parallel."""

from __future__ import annotations

import os

_BYTES_PER_OPERATION = 600 * 1024**2
"""Memory of one running stack, with a margin: engine, language host, program, policy host and one provider process."""


def default_jobs() -> int:
    """Returns the number of parallel stacks that processors and free memory allow; at least 1.

    There is one more than processors, because an operation waits for AWS and for its own state in between.
    """
    return max(1, min(_processors() + 1, _free_memory() // _BYTES_PER_OPERATION))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # macOS does not report free memory
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
