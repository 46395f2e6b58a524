"""Comparison of what an environment serves with what was promoted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from runtime.promotion.errors import PromotionError
from runtime.promotion.plan import Plan

NO_VERSION = "no version of the registry"
_CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack")
"""Statuses in which SageMaker refuses another update (SageMaker API, DescribeEndpoint)."""
_POLL_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Served:
    """Versions and endpoint that an environment serves. They are read from SageMaker, not from Pulumi's state."""

    versions: frozenset[str]
    """ARNs of the versions behind all variants, shadows included."""
    endpoint: Mapping[str, Any] | None
    """Answer of DescribeEndpoint; None if the program has no endpoint."""

    def faults(self, outputs: Mapping[str, Any], plan: Plan, baseline: str | None) -> Iterator[str]:
        """Yields how it differs from the plan. Beside the version of the plan, only ``baseline`` may answer: the
        version of the last robust state, with which a trial compares."""
        for name, wanted in (("version_arn", plan.model_package), ("commit", plan.commit)):
            if (found := outputs.get(name)) != wanted:
                yield f"the program has the output {name} {found}"
        if self.endpoint is not None:
            name, status = self.endpoint["EndpointName"], self.endpoint["EndpointStatus"]
            if status != "InService":
                yield f"endpoint {name} is {status}: {self.endpoint.get('FailureReason', 'no reason given')}"
            if plan.model_package not in self.versions or self.versions - {plan.model_package, baseline}:
                yield f"endpoint {name} serves {', '.join(sorted(self.versions))}"
        elif self.versions != {plan.model_package}:
            yield f"the pipeline predicts with {', '.join(sorted(self.versions))}"


def served(session: boto3.Session, outputs: Mapping[str, Any]) -> Served:
    """Returns what the deployed program serves, by its output ``endpoint_name`` or ``pipeline_name``."""
    sagemaker = session.client("sagemaker")
    if (name := outputs.get("endpoint_name")) is not None:
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
        return Served(versions=frozenset(_versions_of_endpoint(sagemaker, endpoint)), endpoint=endpoint)
    if (name := outputs.get("pipeline_name")) is not None:
        return Served(versions=frozenset(_versions_of_pipeline(sagemaker, name)), endpoint=None)
    return Served(versions=frozenset({str(outputs.get("version_arn"))}), endpoint=None)


def wait_until_settled(released: Callable[[], boto3.Session], endpoint: str, version: str) -> Mapping[str, Any] | None:
    """Waits until no deployment of an endpoint is under way. An interrupted action leaves one behind.

    Returns the answer of DescribeEndpoint, or None if there is no such endpoint.

    ``released`` opens a session of the release role. Its credentials last an hour, and a deployment takes up to eight.
    The time limit of the action ends the waiting.

    Raises: PromotionError if the deployment was one of ``version``, the ARN of the version to deploy, and was rolled
    back. To deploy it again would expose callers to a failure that is already known.
    """
    is_ours = False
    while (found := described(sagemaker := released().client("sagemaker"), endpoint)) is not None:
        if found["EndpointStatus"] not in _CHANGING:
            break
        pending = found.get("PendingDeploymentSummary")
        is_ours = is_ours or (pending is not None and version in _versions_of_endpoint(sagemaker, pending))
        time.sleep(_POLL_SECONDS)
    if is_ours and found is not None and (reason := found.get("FailureReason")):
        raise PromotionError(f"the interrupted deployment of endpoint {endpoint} was rolled back: {reason}")
    return found


def failure_since(session: boto3.Session, before: Mapping[str, Any]) -> str:
    """Returns the reason that SageMaker gives if a deployment of an endpoint has failed since it was described; empty
    if none has. After a failure, the reason stays until the next deployment."""
    now = described(session.client("sagemaker"), before["EndpointName"])
    if now is None or now["LastModifiedTime"] == before["LastModifiedTime"]:
        return ""
    return str(now.get("FailureReason", ""))


def described(sagemaker: Any, endpoint: str) -> Mapping[str, Any] | None:
    """Returns the answer of DescribeEndpoint, or None if the endpoint does not exist."""
    try:
        found: Mapping[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if "Could not find endpoint" in error.response["Error"]["Message"]:
            return None
        raise
    return found


def _versions_of_pipeline(sagemaker: Any, name: str) -> Iterator[str]:
    """Yields the versions of the model that is the default of the pipeline's parameter ``ModelName``."""
    definition = json.loads(sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"])
    for parameter in definition["Parameters"]:
        if parameter["Name"] == "ModelName":
            yield from _versions_of_model(sagemaker, parameter["DefaultValue"])


def _versions_of_endpoint(sagemaker: Any, endpoint: Mapping[str, Any]) -> Iterator[str]:
    configuration = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    for variant in [*configuration["ProductionVariants"], *configuration.get("ShadowProductionVariants", [])]:
        yield from _versions_of_model(sagemaker, variant["ModelName"])


def _versions_of_model(sagemaker: Any, name: str) -> Iterator[str]:
    model = sagemaker.describe_model(ModelName=name)
    for container in model.get("Containers") or [model["PrimaryContainer"]]:
        yield container.get("ModelPackageName", NO_VERSION)
