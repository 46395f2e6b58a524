"""Offers a policy pack that the engine has started to the worker, which has imported its rules.

Python imports a module of this name at startup when its folder is on ``PYTHONPATH``. The worker puts it there for the
engine, which starts packs without a way to connect to a running one.

Uses the standard library alone, and imports nothing of the project.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def _give_way() -> None:
    """Import the ``sitecustomize`` that this one hides, if there is one."""
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    hiding = sys.modules.pop(__name__, None)
    try:
        __import__(__name__)
    except ImportError:
        if hiding is not None:
            sys.modules[__name__] = hiding


if __name__ == "sitecustomize":
    if os.environ.get("PLINTH_PACK_SOCKET"):
        import plinth_pack_launch  # type: ignore[import-not-found] # this module's folder is on the path

        plinth_pack_launch.hand_over(os.environ[plinth_pack_launch.VARIABLE])
    _give_way()
