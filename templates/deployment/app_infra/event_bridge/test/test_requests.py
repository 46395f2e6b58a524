"""The pattern of the events that ask for predictions."""

from __future__ import annotations

import json
from pathlib import Path

from plinth_project.deployment.events import REQUESTS, pattern_faults
from plinth_project.deployment.foundation import read_foundation

ROOT = Path(__file__).parents[3]


def test_the_pattern_takes_events_of_the_use_case() -> None:
    assert list(pattern_faults(ROOT)) == []
    assert read_foundation(ROOT).event_source in json.loads((ROOT / REQUESTS).read_text())["source"]
