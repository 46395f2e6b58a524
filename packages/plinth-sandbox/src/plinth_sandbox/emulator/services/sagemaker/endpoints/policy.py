"""Deployment policies: how much traffic the new fleet gets in each step, how long each step is watched, and what is
refused.

Source: SageMaker API, DeploymentConfig; SageMaker Developer Guide, "Blue/Green Deployments" (read 2026-11-22).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Fleet, Variant

_STEPS: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {"CANARY": ("CanarySize", 1, 50), "LINEAR": ("LinearStepSize", 10, 50)}
)
"""Members for the size of the first traffic shift, with their maximum per cent of the capacity (SageMaker API,
TrafficRoutingConfig)."""
_ROLLING = ("MaximumBatchSize", 5, 50)


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
            alarms=[
                str(alarm["AlarmName"]) for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
            ],
        )


def _shares(given: Mapping[str, Any], kind: str, fleet: Fleet) -> list[float]:
    if kind == "ALL_AT_ONCE":
        return [1.0]
    size = given["MaximumBatchSize" if kind == "ROLLING" else _STEPS[kind][0]]
    # Sizes in instances are valid only if they are the same share of each variant.
    instances = min((variant.instances or 1 for variant in fleet.serving), default=1)
    share = size["Value"] / (100 if size["Type"] == "CAPACITY_PERCENT" else instances)
    if kind == "CANARY":
        return [share, 1.0]
    return [min(1.0, share * number) for number in range(1, math.ceil(1 / share - 1e-9) + 1)]


def refuse(faults: Iterator[str]) -> None:
    """Raises the first fault as an error of SageMaker."""
    if fault := next(faults, None):
        raise AwsError("ValidationException", fault)


def unusual_deployments(deployment: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[str]:
    """Yields why a deployment to the variants of a configuration is refused."""
    shift = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    rolling = deployment.get("RollingUpdatePolicy")
    if shift and rolling:
        yield "Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be given."
    counts = [variant.get("InitialInstanceCount", 1) for variant in configuration["ProductionVariants"]]
    if shift.get("Type") in _STEPS:
        yield from _faults_of_step(shift, *_STEPS[shift["Type"]], counts)
    if rolling:
        yield from _faults_of_step(rolling, *_ROLLING, counts)


def _faults_of_step(said: Mapping[str, Any], member: str, least: int, most: int, counts: list[int]) -> Iterator[str]:
    step = said.get(member)
    if step is None:
        yield f"{member} is required."
        return
    shares = [step["Value"]] if step["Type"] == "CAPACITY_PERCENT" else [100 * step["Value"] / n for n in counts]
    if not all(least <= share <= most for share in shares):
        yield f"{member} must be {least} to {most} % of the instances of each variant."


def unusual_changes_of_scaled_variants(
    before: Sequence[Variant], configuration: Mapping[str, Any], scaled: Collection[str]
) -> Iterator[str]:
    """Yields changes of variants with automatic scaling that SageMaker refuses: removal, and another instance type.

    Source: SageMaker Developer Guide, "Update endpoints that use auto scaling" (read 2026-11-23), which has no wording
    of the error.
    """
    after = {
        str(production_variant["VariantName"]): production_variant.get("InstanceType")
        for production_variant in configuration["ProductionVariants"]
    }
    names = [
        variant.name
        for variant in before
        if variant.name in scaled and after.get(variant.name) != variant.definition.get("InstanceType")
    ]
    if names:
        yield (
            f"The variants {names} must be deregistered as scalable targets with Application Auto Scaling before they "
            "can be removed or have their instance type changed."
        )


def unusual_conversions(before: Sequence[Variant], configuration: Mapping[str, Any]) -> Iterator[str]:
    """Yields violations of the rules for conversion to serverless (SageMaker Developer Guide, "Deploy models with
    Amazon SageMaker Serverless Inference")."""
    on_instances = any(variant.instances is not None for variant in before)
    if on_instances and any("ServerlessConfig" in variant for variant in configuration["ProductionVariants"]):
        yield "An instance-based endpoint cannot be updated to a serverless one."
