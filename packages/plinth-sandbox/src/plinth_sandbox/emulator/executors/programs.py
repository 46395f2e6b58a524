"""Commands that run modules of this installation, in environments that may have another one, or none."""

from __future__ import annotations

import sys

from plinth_sandbox.layout import INSTALLATION

_RUN = """\
import runpy, sys
installation, module = sys.argv[1:3]
del sys.argv[1:3]
sys.path.insert(0, installation)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def program(module: str) -> list[str]:
    """Returns the command that runs a module of ``plinth_sandbox``: ``executors.athena``. Arguments may follow."""
    return [sys.executable, "-P", "-c", _RUN, INSTALLATION, f"plinth_sandbox.{module}"]
