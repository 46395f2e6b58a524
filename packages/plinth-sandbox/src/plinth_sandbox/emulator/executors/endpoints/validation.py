"""Deployments and conversions that SageMaker refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.endpoints.endpoint import Variant

STEPS: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {"CANARY": ("CanarySize", 1, 50), "LINEAR": ("LinearStepSize", 10, 50)}
)
"""Members for the size of the first traffic shift, with their maximum per cent of the capacity (SageMaker API,
TrafficRoutingConfig)."""
_ROLLING = ("MaximumBatchSize", 5, 50)


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
    if shift.get("Type") in STEPS:
        yield from _faults_of_step(shift, *STEPS[shift["Type"]], counts)
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


def unusual_conversions(before: Sequence[Variant], configuration: Mapping[str, Any]) -> Iterator[str]:
    """Yields violations of the rules for conversion to serverless (SageMaker Developer Guide, "Deploy models with
    Amazon SageMaker Serverless Inference")."""
    on_instances = any(variant.instances is not None for variant in before)
    if on_instances and any("ServerlessConfig" in variant for variant in configuration["ProductionVariants"]):
        yield "An instance-based endpoint cannot be updated to a serverless one."
