"""The operations of Elastic Load Balancing that report what load balancers see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange

_REGISTERED = ("healthy", "unhealthy", "initial")
"""States of targets that moto knows. It has others for targets that are not registered."""
_UNHEALTHY = {"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"}
_INITIAL = {
    "State": "initial",
    "Reason": "Elb.InitialHealthChecking",
    "Description": "Initial health checks in progress",
}


def _describe_health(exchange: Exchange, runtime: Runtime) -> Answer:
    """Reports the result of the last health check of each pod."""
    arn = str(exchange.call.parameters["TargetGroupArn"])

    def amend(result: dict[str, Any]) -> None:
        for described in result["TargetHealthDescriptions"]:
            target = described["Target"]
            is_healthy = runtime.control_planes.target_states.get((arn, str(target["Id"]), int(target["Port"])))
            if described["TargetHealth"]["State"] not in _REGISTERED or not _is_address(str(target["Id"])):
                continue
            described["TargetHealth"] = (
                _INITIAL if is_healthy is None else {"State": "healthy"} if is_healthy else _UNHEALTHY
            )

    return exchange.amend(amend)


def _is_address(identifier: str) -> bool:
    return identifier.replace(".", "").isdigit()


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Load balancers start no runs."""
    del outcome, runtime


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"DescribeTargetHealth": _describe_health}
