"""A model package group admits another account as its resource policy says, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal

GROUP = "fraud--scoring-main"
GROUP_ARN = f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:model-package-group/{GROUP}"
VERSIONS = f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:model-package/{GROUP}/*"
IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/scoring/train:1"
MODEL: dict[str, Any] = {
    "ModelPackageGroupName": GROUP_ARN,
    "ModelApprovalStatus": "PendingManualApproval",
    "InferenceSpecification": {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://acme-artifacts/fraud/scoring/models/model.tar.gz"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    },
}
PENDING = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}


class Registry:
    """A group in the management account, and clients of another account."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws, self.development = aws, aws.new_account("development")
        self.own, self.other = aws.client("sagemaker"), aws.client("sagemaker", self.development)
        self.own.create_model_package_group(ModelPackageGroupName=GROUP)

    def share(self, *actions: str, account: str = "", **conditions: Any) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account or self.development}:root"},
            "Action": actions,
            "Resource": [GROUP_ARN, VERSIONS],
            "Condition": conditions,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.own.put_model_package_group_policy(ModelPackageGroupName=GROUP, ResourcePolicy=policy)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Registry(server)


def test_an_account_registers_and_reads_in_the_group_of_another_one(registry: Registry) -> None:
    registry.share("sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages")
    arn = registry.other.create_model_package(**MODEL)["ModelPackageArn"]
    assert arn.startswith(f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:model-package/{GROUP}/")
    assert registry.other.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == MODEL[
        "ModelApprovalStatus"
    ]  # fmt: skip
    own = registry.own.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
    theirs = registry.other.list_model_packages(ModelPackageGroupName=GROUP_ARN)["ModelPackageSummaryList"]
    assert [model_package["ModelPackageArn"] for model_package in own] == [
        model_package["ModelPackageArn"] for model_package in theirs
    ]
    assert arn in [model_package["ModelPackageArn"] for model_package in own]


def test_the_own_account_may_name_its_group_by_the_arn(registry: Registry) -> None:
    assert registry.own.create_model_package(**MODEL)["ModelPackageArn"]
    assert registry.own.describe_model_package_group(ModelPackageGroupName=GROUP_ARN)["ModelPackageGroupName"] == GROUP


@pytest.mark.parametrize("policy", ["names another account", "allows reading only", "asks for a pending status"])
def test_what_the_policy_does_not_allow_is_refused(registry: Registry, policy: str) -> None:
    asked = dict(MODEL)
    if policy == "names another account":
        registry.share("sagemaker:CreateModelPackage", account="222222222222")
    elif policy == "allows reading only":
        registry.share("sagemaker:DescribeModelPackage")
    else:
        registry.share("sagemaker:CreateModelPackage", **PENDING)
        asked["ModelApprovalStatus"] = "Approved"
    assert refusal(registry.other.create_model_package, **asked) == "AccessDeniedException"


def test_a_group_without_a_policy_admits_no_other_account(registry: Registry) -> None:
    registry.own.create_model_package_group(ModelPackageGroupName="alone")
    arn = GROUP_ARN.replace(GROUP, "alone")
    code = refusal(registry.other.describe_model_package_group, ModelPackageGroupName=arn)
    assert code == "AccessDeniedException"
