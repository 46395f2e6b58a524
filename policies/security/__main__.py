"""Entry point of the policy pack. Serves the engine until the engine stops it."""

from __future__ import annotations

import sys
from pathlib import Path

# The engine runs this folder as a program, so the repository's packages are not on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.security.pack import policies
from policies.security.rule_list import PACK_NAME

PolicyPack(name=PACK_NAME, policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)
