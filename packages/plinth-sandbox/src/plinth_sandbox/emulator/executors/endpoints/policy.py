"""Deployment policies: how much traffic the new fleet gets in each step, and how long each step is watched.

Source: SageMaker API, DeploymentConfig; SageMaker Developer Guide, "Blue/Green Deployments" (read 2026-11-22).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.executors.endpoints.endpoint import Fleet
from plinth_sandbox.emulator.executors.endpoints.validation import STEPS


@dataclass(frozen=True, slots=True)
class DeploymentPolicy:
    """The policy of one update."""

    shares: Sequence[float]
    """Shares of the traffic that the new fleet gets, one after another."""
    wait_seconds: int
    """Baking period of each step."""
    termination_seconds: int
    """Time that the old fleet runs on after the update."""
    timeout_seconds: int | None
    alarms: Sequence[str]

    @classmethod
    def of(cls, deployment: Mapping[str, Any], fleet: Fleet) -> DeploymentPolicy:
        """Returns the policy of a ``DeploymentConfig`` for a new fleet. Without one, all traffic shifts at once."""
        policy = deployment.get("BlueGreenUpdatePolicy", {})
        rolling, shift = deployment.get("RollingUpdatePolicy"), policy.get("TrafficRoutingConfiguration", {})
        given = rolling or shift
        timeout = (rolling or policy).get("MaximumExecutionTimeoutInSeconds")
        return cls(
            shares=_shares(given, "ROLLING" if rolling else shift.get("Type", "ALL_AT_ONCE"), fleet),
            wait_seconds=int(given.get("WaitIntervalInSeconds", 0)),
            termination_seconds=int(policy.get("TerminationWaitInSeconds", 0)),
            timeout_seconds=None if timeout is None else int(timeout),
            alarms=[str(one["AlarmName"]) for one in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])],
        )


def _shares(given: Mapping[str, Any], kind: str, fleet: Fleet) -> list[float]:
    if kind == "ALL_AT_ONCE":
        return [1.0]
    size = given["MaximumBatchSize" if kind == "ROLLING" else STEPS[kind][0]]
    # Sizes in instances are valid only if they are the same share of each variant.
    instances = min((one.instances or 1 for one in fleet.serving), default=1)
    share = size["Value"] / (100 if size["Type"] == "CAPACITY_PERCENT" else instances)
    if kind == "CANARY":
        return [share, 1.0]
    return [min(1.0, share * number) for number in range(1, math.ceil(1 / share - 1e-9) + 1)]
