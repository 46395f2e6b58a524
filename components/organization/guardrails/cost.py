"""Guardrails on spending by mistake or abuse, and on the tags used for cost allocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import NOT_BY_EXCEPTION
from components.organization.guardrails.sagemaker_keys import actions_with

RESERVED_TAGS: Conditions = {"ForAnyValue:StringLike": {"aws:TagKeys": ["dp:*", "plinth:*"]}}
"""Condition on reserved tag keys, which decide cost allocation, attribute-based access and exceptions."""

TAGGING = (
    "dynamodb:TagResource", "dynamodb:UntagResource", "ec2:DeleteTags", "ecr:TagResource", "ecr:UntagResource",
    "kms:TagResource", "kms:UntagResource", "s3:TagResource", "s3:UntagResource", "sagemaker:DeleteTags",
    "secretsmanager:TagResource", "secretsmanager:UntagResource", "tag:TagResources", "tag:UntagResources",
)  # fmt: skip

CHARGED_BY_THE_HOUR = (
    "sagemaker:CreateCluster", "sagemaker:CreateEndpoint", "sagemaker:CreateFeatureGroup",
    "sagemaker:CreateMlflowTrackingServer", "sagemaker:CreateNotebookInstance",
)  # fmt: skip
"""Actions that create resources charged by the hour until they are deleted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestLimits:
    """Limits on what a single request may ask of SageMaker."""

    runtime_hours: int
    serverless_concurrency: int
    refused_instances: Sequence[str]
    """Patterns of denied instance types. Empty if all types are allowed."""


EXPERIMENT_LIMITS = RequestLimits(
    runtime_hours=24, serverless_concurrency=20, refused_instances=("ml.p4*", "ml.p5*", "ml.p6*", "ml.trn*")
)
"""Limits for experimentation: one day, and accelerators up to about ten US dollars an hour."""

RELEASE_LIMITS = RequestLimits(runtime_hours=120, serverless_concurrency=200, refused_instances=())
"""Limits for release environments: SageMaker's default quotas for training job hours and endpoint concurrency."""


def limit_requests(limits: RequestLimits) -> list[Statement]:
    """Builds SCP-17: limits the runtime, concurrency and instance types of a single request."""
    found = [
        deny(
            "SCP17NoEndlessJobs",
            actions_with("MaxRuntimeInSeconds"),
            NOT_BY_EXCEPTION,
            {"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": str(limits.runtime_hours * 3600)}},
        ),
        deny(
            "SCP17NoBoundlessEndpoints",
            actions_with("ServerlessMaxConcurrency"),
            NOT_BY_EXCEPTION,
            {"NumericGreaterThan": {"sagemaker:ServerlessMaxConcurrency": str(limits.serverless_concurrency)}},
        ),
    ]
    if limits.refused_instances:
        refused: Conditions = {"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": list(limits.refused_instances)}}
        found.append(deny("SCP17NoLargeMachines", actions_with("InstanceTypes"), NOT_BY_EXCEPTION, refused))
    return found


def require_team_tag() -> list[Statement]:
    """Builds SCP-17 for accounts that create models: resources charged until deletion must carry the team tag."""
    return [deny("SCP17TagWhatLasts", CHARGED_BY_THE_HOUR, {"Null": {"aws:RequestTag/plinth:team": "true"}})]


def protect_tags() -> list[Statement]:
    """Builds SCP-17: reserved tags are set on creation and changed later only by the foundation.

    Creating a resource with tags requires the same permission as tagging an existing one. Only SageMaker and EC2
    distinguish the two; resources of the other services listed here are created by the foundation alone.
    """
    return [
        deny("SCP17KeepTags", TAGGING, NOT_BY_EXCEPTION, RESERVED_TAGS),
        deny(
            "SCP17KeepTagsOfSageMaker",
            ["sagemaker:AddTags"],
            NOT_BY_EXCEPTION,
            RESERVED_TAGS,
            {"Null": {"sagemaker:TaggingAction": "true"}},
        ),
        deny(
            "SCP17KeepTagsOfInstances",
            ["ec2:CreateTags"],
            NOT_BY_EXCEPTION,
            RESERVED_TAGS,
            {"Null": {"ec2:CreateAction": "true"}},
        ),
    ]
