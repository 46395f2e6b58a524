"""Findings of the policy pack in the event log of the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path


def refusals(log: Path) -> list[str]:
    """Returns the mandatory findings in a log, each once and with the id of its rule first."""
    return list(dict.fromkeys(_refusals(log))) if log.exists() else []


def _refusals(log: Path) -> Iterator[str]:
    for line in log.read_text().splitlines():
        finding = json.loads(line).get("policyEvent")
        if finding is not None and finding["enforcementLevel"] == "mandatory":
            # The lines before are the description of the policy.
            yield finding["message"].strip().splitlines()[-1]
