"""Findings of the policy pack in the event log of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runtime.promotion.program.event_log import events_of


def refusals(log: Path) -> list[str]:
    """Returns the mandatory findings in a log, each once and with the id of its rule first."""
    return list(dict.fromkeys(_refusals(log)))


def _refusals(log: Path) -> Iterator[str]:
    for finding in events_of(log, "policyEvent"):
        if finding["enforcementLevel"] == "mandatory":
            # The lines before are the description of the policy.
            yield finding["message"].strip().splitlines()[-1]
