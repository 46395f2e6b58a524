"""Emulators that are forks of a process with their imports, for tests that start many of them.

A program of :mod:`multiprocessing` starts that process: the context ``forkserver`` imports :data:`PRELOADED` once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection

PRELOADED = ("plinth_sandbox.emulator.__main__", "plinth_sandbox.emulator.forks.preloaded")
"""Modules that the forks have imported. The process of the tests does not import them."""


def serve(options: Sequence[str], environment: Mapping[str, str], said: Connection, errors: str) -> None:
    """Serves as ``python -m plinth_sandbox.emulator`` does, with the options and the environment of another process.

    What the emulator prints goes to ``said``, and its log to the end of the file ``errors``.
    """
    from plinth_sandbox.emulator.__main__ import main

    os.environ.clear()
    os.environ.update(environment)
    os.dup2(said.fileno(), 1)
    log = os.open(errors, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 2)
    main(args=list(options))
