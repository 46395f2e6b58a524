"""Test cases of guardrails on cost and tags."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import ANYBODY, EXCEPTIONS, RESERVED, RESERVED_FOR_DATA, case, keys

CASES = [
    case(
        "SCP17NoEndlessJobs",
        "sagemaker:CreateTrainingJob",
        **keys(sagemaker__MaxRuntimeInSeconds="86401"),
        passes=[*EXCEPTIONS, keys(sagemaker__MaxRuntimeInSeconds="86400"), keys()],
    ),
    case(
        "SCP17NoBoundlessEndpoints",
        "sagemaker:CreateEndpointConfig",
        **keys(sagemaker__ServerlessMaxConcurrency="21"),
        passes=[*EXCEPTIONS, keys(sagemaker__ServerlessMaxConcurrency="20"), keys()],
    ),
    case(
        "SCP17NoLargeMachines",
        "sagemaker:CreateTrainingJob",
        **keys(sagemaker__InstanceTypes=["ml.m5.large", "ml.p5.48xlarge"]),
        also=[
            keys(sagemaker__InstanceTypes=[instance_type])
            for instance_type in ("ml.p4d.24xlarge", "ml.p6-b200.48xlarge", "ml.trn1.32xlarge")
        ],
        passes=[*EXCEPTIONS, keys(sagemaker__InstanceTypes=["ml.g5.xlarge"]), keys()],
    ),
    case(
        "SCP17TagWhatLasts",
        "sagemaker:CreateEndpoint",
        also=ANYBODY,
        passes=[{"keys": {"aws:RequestTag/plinth:team": "fraud"}}, {"action": "sagemaker:CreateTrainingJob"}],
    ),
    case(
        "SCP17KeepTags",
        "kms:TagResource",
        **RESERVED,
        also=[RESERVED_FOR_DATA],
        passes=[*EXCEPTIONS, keys(aws__TagKeys=["purpose"])],
    ),
    case(
        "SCP17KeepTagsOfSageMaker",
        "sagemaker:AddTags",
        **RESERVED,
        passes=[
            *EXCEPTIONS,
            keys(aws__TagKeys=["plinth:team"], sagemaker__TaggingAction="CreateEndpoint"),
            keys(aws__TagKeys=["purpose"]),
        ],
    ),
    case(
        "SCP17KeepTagsOfInstances",
        "ec2:CreateTags",
        **RESERVED,
        passes=[*EXCEPTIONS, keys(aws__TagKeys=["plinth:team"], ec2__CreateAction="RunInstances")],
    ),
]
