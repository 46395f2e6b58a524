"""Comparison of what an environment serves with what was promoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import boto3

from runtime.promotion.plan import Plan


def faults_of_served(session: boto3.Session, outputs: Mapping[str, Any], plan: Plan) -> list[str]:
    """Returns how the endpoint differs from the plan. The answer comes from SageMaker, not from Pulumi's state."""
    if (name := outputs.get("endpoint_name")) is None:
        return []
    sagemaker = session.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    return list(_faults(sagemaker, endpoint, plan))


def _faults(sagemaker: Any, endpoint: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    if (status := endpoint["EndpointStatus"]) != "InService":
        yield f"endpoint {endpoint['EndpointName']} is {status}: {endpoint.get('FailureReason', 'no reason given')}"
    configuration = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    versions = {
        container.get("ModelPackageName", "no version of the registry")
        for variant in configuration["ProductionVariants"]
        for container in _containers(sagemaker.describe_model(ModelName=variant["ModelName"]))
    }
    if plan.model_package not in versions:
        yield f"endpoint {endpoint['EndpointName']} serves {', '.join(sorted(versions))}"


def _containers(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = model.get("Containers") or [model["PrimaryContainer"]]
    return found
