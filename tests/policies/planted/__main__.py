"""A Pulumi program that plants what PLANTED names."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.policies.planted.violations import PROGRAMS

PROGRAMS[os.environ["PLANTED"]]()
