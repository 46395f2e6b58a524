"""Commands that run modules of this installation, in environments that may have another one, or none."""

from __future__ import annotations

import sys

from plinth_sandbox.layout import INSTALLATION

_RUN = """\
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module(sys.argv[1], run_name="__main__", alter_sys=True)
"""


def program(module: str) -> list[str]:
    """Returns the command that runs a module of ``plinth_sandbox``: ``executors.athena``."""
    return [sys.executable, "-P", "-c", _RUN, INSTALLATION, f"plinth_sandbox.{module}"]
