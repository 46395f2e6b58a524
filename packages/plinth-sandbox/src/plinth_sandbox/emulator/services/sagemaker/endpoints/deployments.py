"""Creation and update of endpoints: the new fleet starts, takes over the traffic in steps, and replaces the old one.

After each step, the alarms of the deployment are watched for a baking period on the sandbox's clock. If one is in the
state ALARM, all traffic returns to the old fleet.

Source: SageMaker Developer Guide, "Blue/Green Deployments" and "Auto-Rollback Configuration and Monitoring" (read
2026-11-22).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.services.sagemaker.endpoints import fleets
from plinth_sandbox.emulator.services.sagemaker.endpoints.alarms import rollback_reason
from plinth_sandbox.emulator.services.sagemaker.endpoints.describing import publish, show
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import (
    Deployment,
    Endpoint,
    Fleet,
    endpoint_of,
    endpoints,
)
from plinth_sandbox.emulator.services.sagemaker.endpoints.policy import DeploymentPolicy
from plinth_sandbox.emulator.store.record import Place, now

DEPLOYMENT_CHANGED = "SageMaker Endpoint Deployment State Change"
_WATCH = timedelta(seconds=10)
"""Time between two looks at the alarms of a deployment."""


def begin(endpoint: Endpoint, fleet: Fleet, configuration: Mapping[str, Any], runtime: Runtime) -> None:
    """Starts the fleet of a new or updated endpoint."""
    fleets.start(fleet, endpoint, runtime)
    policy = DeploymentPolicy.of(configuration if endpoint.fleet else {}, fleet)
    endpoint.deployment = Deployment(configuration, fleet, now(), policy.shares)
    if policy.timeout_seconds is not None:
        endpoint.deployment.ends = runtime.clock.now() + timedelta(seconds=policy.timeout_seconds)
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
    variant = next((candidate for candidate in deployment.fleet.variants if candidate.run == outcome.run), None)
    if variant is None:
        return
    if outcome.state != "SUCCEEDED":
        _fail(endpoint, outcome.message, runtime)
        return
    variant.is_healthy = True
    if deployment.fleet.is_healthy:
        _shift(endpoint, runtime)


def _shift(endpoint: Endpoint, runtime: Runtime) -> None:
    """Gives the new fleet its next share of the traffic, and begins a baking period."""
    deployment = endpoint.deployment
    assert deployment is not None
    if endpoint.fleet is None:
        _finish(endpoint, runtime)
        return
    deployment.step += 1
    deployment.fleet.stage("ActivatingTraffic", now())
    show(endpoint, "Updating")
    publish(endpoint, DEPLOYMENT_CHANGED)
    policy = DeploymentPolicy.of(deployment.configuration, deployment.fleet)
    deployment.until = runtime.clock.now() + timedelta(seconds=policy.wait_seconds)
    if policy.wait_seconds:
        deployment.fleet.stage("Baking", now())
        show(endpoint, "Updating")
        publish(endpoint, DEPLOYMENT_CHANGED)
    _watch(endpoint, runtime)


def _watch(endpoint: Endpoint, runtime: Runtime) -> None:
    """Looks at the alarms, and ends the baking period, the deployment, or neither."""
    deployment = endpoint.deployment
    if deployment is None or deployment.until is None:
        return
    at, policy = runtime.clock.now(), DeploymentPolicy.of(deployment.configuration, deployment.fleet)
    if reason := rollback_reason(endpoint, policy.alarms, runtime):
        _fail(endpoint, reason, runtime)
    elif deployment.ends is not None and at >= deployment.ends:
        _fail(endpoint, f"The deployment took longer than {policy.timeout_seconds} seconds.", runtime)
    elif at < deployment.until:
        times = [deployment.until, at + _WATCH, *([deployment.ends] if deployment.ends else [])]
        # Alarms are evaluated first: deadlines at the same time pass in the order of their names.
        name = f"endpoint {endpoint.record.arn}"
        runtime.deadlines.set(name, min(times), functools.partial(_watch, endpoint, runtime))
    elif deployment.step + 1 < len(deployment.shares):
        _shift(endpoint, runtime)
    else:
        _finish(endpoint, runtime)


def _finish(endpoint: Endpoint, runtime: Runtime) -> None:
    """Replaces the old fleet, which runs on for as long as the policy says."""
    deployment = endpoint.deployment
    assert deployment is not None
    old, endpoint.fleet, endpoint.deployment = endpoint.fleet, deployment.fleet, None
    endpoint.fleet.stage("", now())
    endpoint.record.values.pop("LastDeploymentConfig", None)
    if deployment.configuration:
        endpoint.record.values["LastDeploymentConfig"] = deployment.configuration
    show(endpoint, "InService")
    publish(endpoint, DEPLOYMENT_CHANGED)
    seconds = DeploymentPolicy.of(deployment.configuration, endpoint.fleet).termination_seconds
    if old is not None and seconds:
        name = f"endpoint {endpoint.record.arn} fleet {endpoint.fleets}"
        endpoint.leaving[name] = old
        at = runtime.clock.now() + timedelta(seconds=seconds)
        runtime.deadlines.set(name, at, functools.partial(_leave, endpoint, name, runtime))
    else:
        fleets.end(old, runtime)


def _leave(endpoint: Endpoint, name: str, runtime: Runtime) -> None:
    runtime.deadlines.cancel(name)
    fleets.end(endpoint.leaving.pop(name, None), runtime)


def _fail(endpoint: Endpoint, reason: str, runtime: Runtime) -> None:
    """Ends the new fleet. An updated endpoint serves with its old one; a new one has failed."""
    deployment, endpoint.deployment = endpoint.deployment, None
    assert deployment is not None
    show(endpoint, "Failed" if endpoint.fleet is None else "InService", reason)
    publish(endpoint, DEPLOYMENT_CHANGED)
    fleets.end(deployment.fleet, runtime)


def end(endpoint: Endpoint, runtime: Runtime) -> None:
    """Ends everything that runs for an endpoint that is deleted."""
    for name in list(endpoint.leaving):
        _leave(endpoint, name, runtime)
    fleets.end(endpoint.fleet, runtime)
