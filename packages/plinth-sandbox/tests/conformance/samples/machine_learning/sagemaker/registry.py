"""Samples of the SageMaker model registry."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import PROVIDER_TAG, tags

_CONSUMER = "222222222222"


def _policy(*actions: str) -> str:
    """Resource policy that lets another account use the model packages of the group."""
    group = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/needed-{n}/*"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{_CONSUMER}:root"},
        "Action": list(actions),
        "Resource": group,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _admitted(aws: Aws, it: Kept) -> list[str]:
    found = aws("sagemaker").get_model_package_group_policy(ModelPackageGroupName=it.id)
    actions: list[str] = json.loads(found["ResourcePolicy"])["Statement"][0]["Action"]
    return actions


def _let_others_approve(aws: Aws, it: Kept) -> Any:
    return aws("sagemaker").put_model_package_group_policy(
        ModelPackageGroupName=it.id, ResourcePolicy=_policy("sagemaker:UpdateModelPackage")
    )


_READ, _DEPLOY = "sagemaker:DescribeModelPackage", "sagemaker:CreateModel"

SAMPLES = [
    Sample(
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        inputs={
            "modelPackageGroupName": "sample-{n}",
            "modelPackageGroupDescription": "what it holds",
            "tags": {"own": "1"},
        },
        look=lambda aws, it: {
            "description": aws("sagemaker").describe_model_package_group(ModelPackageGroupName=it.id)[
                "ModelPackageGroupDescription"
            ],
            "tags": tags(aws, it),
        },
        seen={"description": "what it holds", "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"description": "what it holds", "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"modelPackageGroupDescription": "another"},
        remove=lambda aws, it: aws("sagemaker").delete_model_package_group(ModelPackageGroupName=it.id),
    ),
    Sample(
        type="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        inputs={"modelPackageGroupName": "{group.id}", "resourcePolicy": _policy(_READ)},
        needs={"group": ("aws:sagemaker/modelPackageGroup:ModelPackageGroup", {"modelPackageGroupName": "needed-{n}"})},
        look=_admitted,
        seen=[_READ],
        change={"resourcePolicy": _policy(_READ, _DEPLOY)},
        seen_changed=[_READ, _DEPLOY],
        replace={"modelPackageGroupName": "another"},
        drift=_let_others_approve,
        drifts="resourcePolicy",
        remove=lambda aws, it: aws("sagemaker").delete_model_package_group_policy(ModelPackageGroupName=it.id),
    ),
]
