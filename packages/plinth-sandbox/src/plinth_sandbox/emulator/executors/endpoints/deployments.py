"""Creation and update of endpoints: the new fleet starts, takes over the traffic, and replaces the old one.

Source: SageMaker Developer Guide, "Blue/Green Deployments" and "Auto-Rollback Configuration and Monitoring" (read
2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.executors.endpoints import fleets
from plinth_sandbox.emulator.executors.endpoints.describing import publish, show
from plinth_sandbox.emulator.executors.endpoints.endpoint import (
    Deployment,
    Endpoint,
    Fleet,
    endpoint_of,
    endpoints,
)
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.store.record import Place, now

DEPLOYMENT_CHANGED = "SageMaker Endpoint Deployment State Change"


def begin(endpoint: Endpoint, fleet: Fleet, configuration: Mapping[str, Any], runtime: Runtime) -> None:
    """Starts the fleet of a new or updated endpoint."""
    fleets.start(fleet, endpoint, runtime)
    endpoint.deployment = Deployment(configuration, fleet, now(), number=endpoint.fleets)
    show(endpoint, "Creating" if endpoint.fleet is None else "Updating")
    publish(endpoint, DEPLOYMENT_CHANGED)


def hear(outcome: Outcome, runtime: Runtime) -> None:
    """Continues the deployment that waits for a process to become healthy."""
    place = Place(outcome.account, outcome.region, "sagemaker")
    endpoint = endpoints(runtime.memory, place).get(endpoint_of(outcome.run))
    runtime.hosts.settle(outcome.run)
    deployment = endpoint.deployment if endpoint else None
    if endpoint is None or deployment is None:
        return
    variant = next((one for one in deployment.fleet.variants if one.run == outcome.run), None)
    if variant is None:
        return
    if outcome.state != "SUCCEEDED":
        _fail(endpoint, outcome.message, runtime)
        return
    variant.is_healthy = True
    if deployment.fleet.is_healthy:
        _finish(endpoint, runtime)


def _finish(endpoint: Endpoint, runtime: Runtime) -> None:
    """Gives all traffic to the new fleet and ends the old one."""
    deployment = endpoint.deployment
    assert deployment is not None
    old, endpoint.fleet, endpoint.deployment = endpoint.fleet, deployment.fleet, None
    endpoint.fleet.stage("", now())
    endpoint.record.values.pop("LastDeploymentConfig", None)
    if deployment.configuration:
        endpoint.record.values["LastDeploymentConfig"] = deployment.configuration
    show(endpoint, "InService")
    publish(endpoint, DEPLOYMENT_CHANGED)
    fleets.end(old, runtime)


def _fail(endpoint: Endpoint, reason: str, runtime: Runtime) -> None:
    """Ends the new fleet. An updated endpoint serves with its old one; a new one has failed."""
    deployment, endpoint.deployment = endpoint.deployment, None
    assert deployment is not None
    show(endpoint, "Failed" if endpoint.fleet is None else "InService", reason)
    publish(endpoint, DEPLOYMENT_CHANGED)
    fleets.end(deployment.fleet, runtime)
