"""What may be spent by mistake or by a thief, and the tags by which it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import NOT_BY_EXCEPTION
from components.organization.guardrails.sagemaker_keys import actions_with

RESERVED_TAGS: Conditions = {"ForAnyValue:StringLike": {"aws:TagKeys": ["dp:*", "plinth:*"]}}
"""Bills, access by attribute and exceptions go by these."""

TAGGING = (
    "dynamodb:TagResource", "dynamodb:UntagResource", "ec2:DeleteTags", "ecr:TagResource", "ecr:UntagResource",
    "kms:TagResource", "kms:UntagResource", "s3:TagResource", "s3:UntagResource", "sagemaker:DeleteTags",
    "secretsmanager:TagResource", "secretsmanager:UntagResource", "tag:TagResources", "tag:UntagResources",
)  # fmt: skip

LASTING = (
    "sagemaker:CreateCluster", "sagemaker:CreateEndpoint", "sagemaker:CreateFeatureGroup",
    "sagemaker:CreateMlflowTrackingServer", "sagemaker:CreateNotebookInstance",
)  # fmt: skip
"""What costs by the hour until somebody deletes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ceilings:
    """The most that one request may ask of SageMaker."""

    runtime_hours: int
    serverless_concurrency: int
    refused_instances: Sequence[str]
    """Patterns of instance types; empty where all may be used."""


FOR_EXPERIMENTS = Ceilings(
    runtime_hours=24, serverless_concurrency=20, refused_instances=("ml.p4*", "ml.p5*", "ml.p6*", "ml.trn*")
)
"""A day, and accelerators up to those that cost about ten dollars an hour."""

FOR_RELEASES = Ceilings(runtime_hours=120, serverless_concurrency=200, refused_instances=())
"""SageMaker's own default quotas for a training job's hours and an endpoint's concurrency."""


def spend_within(ceilings: Ceilings) -> list[Statement]:
    """SCP-17: one request asks for so much time, concurrency and hardware, and no more."""
    found = [
        deny(
            "SCP17NoEndlessJobs",
            actions_with("MaxRuntimeInSeconds"),
            NOT_BY_EXCEPTION,
            {"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": str(ceilings.runtime_hours * 3600)}},
        ),
        deny(
            "SCP17NoBoundlessEndpoints",
            actions_with("ServerlessMaxConcurrency"),
            NOT_BY_EXCEPTION,
            {"NumericGreaterThan": {"sagemaker:ServerlessMaxConcurrency": str(ceilings.serverless_concurrency)}},
        ),
    ]
    if ceilings.refused_instances:
        refused: Conditions = {"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": list(ceilings.refused_instances)}}
        found.append(deny("SCP17NoLargeMachines", actions_with("InstanceTypes"), NOT_BY_EXCEPTION, refused))
    return found


def tag_what_lasts() -> list[Statement]:
    """SCP-17, where models are made: what costs until it is deleted says whose it is."""
    return [deny("SCP17TagWhatLasts", LASTING, {"Null": {"aws:RequestTag/plinth:team": "true"}})]


def keep_tags() -> list[Statement]:
    """SCP-17: reserved tags are set when a thing is made, and by the foundation; nobody else changes them later.

    Making a thing with tags asks for the same permission as tagging it, which only SageMaker and EC2 tell apart; the
    other services here make things that nobody but the foundation makes.
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
