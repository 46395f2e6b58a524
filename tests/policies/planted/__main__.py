"""Pulumi program that creates the resources of one entry of PROGRAMS, named by the environment variable PLANTED."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.policies.planted.violations import PROGRAMS

PROGRAMS[os.environ["PLANTED"]]()
