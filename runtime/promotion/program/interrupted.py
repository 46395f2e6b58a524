"""Creations of an engine that was stopped in the middle of them, as its state has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
_NAMED = (
    ENDPOINT,
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:lambda/function:Function",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    "aws:sagemaker/model:Model",
)
"""Types whose id is their argument ``name`` (AWS provider, "Import" of each resource)."""


@dataclass(frozen=True, kw_only=True)
class InterruptedCreation:
    """A resource that may exist in AWS although the engine has not heard of its creation."""

    type: str
    id: str
    resource: Mapping[str, Any]
    """The resource as the engine asked for it."""


def interrupted_creations(state: Mapping[str, Any]) -> list[InterruptedCreation]:
    """Returns the creations in an exported state of which nobody knows the end and whose id is known beforehand."""
    pending = (state.get("deployment") or {}).get("pending_operations") or []
    resources = [
        pending_operation["resource"] for pending_operation in pending if pending_operation["type"] == "creating"
    ]
    return [
        InterruptedCreation(type=resource["type"], id=resource["inputs"]["name"], resource=resource)
        for resource in resources
        if resource["type"] in _NAMED and "name" in resource.get("inputs", {})
    ]


def with_interrupted(state: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the state with these resources, as if the engine had heard that they exist, and without operations whose
    end nobody knows."""
    deployment = state["deployment"]
    found = [
        {**interrupted_creation.resource, "id": interrupted_creation.id, "outputs": {}}
        for interrupted_creation in interrupted_creations(state)
    ]
    resources = [*deployment["resources"], *found]
    return {**state, "deployment": {**deployment, "resources": resources, "pending_operations": []}}
