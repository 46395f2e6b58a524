"""How an update of an endpoint moves traffic, read from the event log of the engine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runtime.promotion.program.event_log import events_of
from runtime.promotion.program.interrupted import ENDPOINT

CONFIGURATION = "endpointConfigName"
"""Property of an endpoint whose change moves traffic to a new fleet."""
MOST_STEPS = 10
"""Steps of a linear shift whose size is a number of instances: a step has 10 % of a fleet or more (SageMaker API,
TrafficRoutingConfig)."""


def announcements(log: Path) -> Iterator[str]:
    """Yields a sentence for each endpoint to which the update after this preview gives a new fleet: the steps of its
    traffic, and the time that they take. None for an update without waits."""
    for event in events_of(log, "resourcePreEvent"):
        metadata = event["metadata"]
        if metadata["type"] != ENDPOINT or metadata["op"] != "update":
            continue
        inputs = metadata["new"]["inputs"]
        policy = inputs.get("deploymentConfig", {}).get("blueGreenUpdatePolicy")
        if policy is not None and CONFIGURATION in metadata.get("diffs", ()) and (shift := _shift(policy)):
            yield f"endpoint {inputs.get('name', '')}: {shift}"


def _shift(policy: Mapping[str, Any]) -> str | None:
    """Returns the steps and their waits, or None if there is no wait."""
    routing = policy["trafficRoutingConfiguration"]
    wait, termination = int(routing["waitIntervalInSeconds"]), int(policy.get("terminationWaitInSeconds", 0))
    steps = _steps(routing)
    if not (seconds := steps * wait + termination):
        return None
    counted = "1 step," if steps == 1 else f"{steps} steps, each"
    return (
        f"traffic moves to the new fleet in {counted} followed by {wait} s in which an alarm rolls it back; "
        f"the deployment takes {math.ceil(seconds / 60)} min longer than the start of the fleet"
    )


def _steps(routing: Mapping[str, Any]) -> int:
    """Returns the number of steps, or the largest possible one. A canary is a part and then the rest."""
    if routing["type"] != "LINEAR":
        return 2 if routing["type"] == "CANARY" else 1
    size = routing["linearStepSize"]
    return math.ceil(100 / int(size["value"])) if size["type"] == "CAPACITY_PERCENT" else MOST_STEPS
