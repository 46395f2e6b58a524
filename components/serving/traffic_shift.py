"""How an endpoint moves its traffic to new instances, and what makes it go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

Strategy = Literal["all-at-once", "canary", "linear"]
_TYPES = {"all-at-once": "ALL_AT_ONCE", "canary": "CANARY", "linear": "LINEAR"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficShift:
    """A blue/green deployment (RT-04, RT-08). Limits: SageMaker API, BlueGreenUpdatePolicy and TrafficRoutingConfig."""

    strategy: Strategy
    """All traffic at once, a first part and then the rest (canary), or equal parts (linear)."""

    step_percentage: int | None = None
    """First part (canary, 1 to 50) or each part (linear, 10 to 50) of the fleet. None for all at once."""

    bake_seconds: int = 0
    """Wait after each part, in which alarms can go off, 0 to 3600."""

    termination_seconds: int = 0
    """Wait before the old instances end, 0 to 3600."""

    timeout_seconds: int = 3600
    """Time limit of the deployment, 600 to 28,800."""

    def __post_init__(self) -> None:
        least, most = (10, 50) if self.strategy == "linear" else (1, 50)
        if (self.strategy == "all-at-once") != (self.step_percentage is None):
            raise ValueError(f"step_percentage: {self.step_percentage} does not fit {self.strategy}")
        if self.step_percentage is not None and not least <= self.step_percentage <= most:
            raise ValueError(f"step_percentage: {self.step_percentage} is out of range ({least} to {most})")
        for name, value, lower, upper in (
            ("bake_seconds", self.bake_seconds, 0, 3600),
            ("termination_seconds", self.termination_seconds, 0, 3600),
            ("timeout_seconds", self.timeout_seconds, 600, 28_800),
        ):
            if not lower <= value <= upper:
                raise ValueError(f"{name}: {value} is out of range ({lower} to {upper})")

    def configuration(self, alarm_names: Sequence[pulumi.Input[str]]) -> aws.sagemaker.EndpointDeploymentConfigArgs:
        """Returns the deployment configuration of an endpoint, with the alarms that roll it back (RB-03)."""
        routing = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs
        canary = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationCanarySizeArgs
        linear = (
            aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationLinearStepSizeArgs
        )
        step = self.step_percentage or 0
        return aws.sagemaker.EndpointDeploymentConfigArgs(
            blue_green_update_policy=aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs(
                traffic_routing_configuration=routing(
                    type=_TYPES[self.strategy],
                    wait_interval_in_seconds=self.bake_seconds,
                    canary_size=canary(type="CAPACITY_PERCENT", value=step) if self.strategy == "canary" else None,
                    linear_step_size=linear(type="CAPACITY_PERCENT", value=step) if self.strategy == "linear" else None,
                ),
                termination_wait_in_seconds=self.termination_seconds,
                maximum_execution_timeout_in_seconds=self.timeout_seconds,
            ),
            auto_rollback_configuration=_rollback(alarm_names),
        )


def _rollback(
    alarm_names: Sequence[pulumi.Input[str]],
) -> aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs | None:
    if not alarm_names:
        return None
    alarm = aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs
    return aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(
        alarms=[alarm(alarm_name=name) for name in alarm_names]
    )
