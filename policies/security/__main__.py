"""Entry point of the policy pack. Serves the engine until the engine stops it, or is killed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

# The engine runs this folder as a program, so the repository's packages are not on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.rule_list import PACK_NAME
from policies.security.pack import policies


def _end_with_the_engine() -> None:
    """Exits when standard input ends: the engine holds its other end, and never writes (plugin.go, execPlugin)."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


threading.Thread(target=_end_with_the_engine, daemon=True).start()
PolicyPack(name=PACK_NAME, policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)
