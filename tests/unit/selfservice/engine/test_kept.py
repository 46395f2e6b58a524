"""Tests that a use case adopts the resources of a retired one of the same name, and no resources of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from selfservice.engine.account_access import Account
from selfservice.engine.adoption import existing_singletons
from selfservice.engine.resource_lookup.kept import lookup_of
from tests.unit.selfservice.engine.test_adoption import PROVIDER, UNKNOWN, provider

STACK = "fraud--card-risk"
TAGS = {"plinth:stack": STACK, "plinth:team": "fraud"}
OTHERS = {"plinth:stack": "fraud--scoring"}
CODE, IMAGES = "aws:codecommit/repository:Repository", "aws:ecr/repository:Repository"
MODELS, BUCKET = "aws:sagemaker/modelPackageGroup:ModelPackageGroup", "aws:s3/bucket:Bucket"
NAMES = {
    CODE: ("repositoryName", "fraud--card-risk-build"),
    IMAGES: ("name", "fraud/card-risk/train"),
    MODELS: ("modelPackageGroupName", "fraud--card-risk-main"),
    BUCKET: ("bucket", "acme-promotions-1"),
}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def client(service: str) -> Any:
    return boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload] # names of all services


def add(type_: str, tags: dict[str, str]) -> None:
    """Creates the resource that a use case left, with these tags."""
    name = NAMES[type_][1]
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    if type_ == CODE:
        client("codecommit").create_repository(repositoryName=name, tags=tags)
    elif type_ == IMAGES:
        client("ecr").create_repository(repositoryName=name, tags=listed)
    elif type_ == MODELS:
        client("sagemaker").create_model_package_group(ModelPackageGroupName=name, Tags=listed)
    else:
        client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed})


def adopted(type_: str, stack: str = STACK) -> list[str]:
    key, name = NAMES[type_]
    urn = f"urn:pulumi:{stack}::plinth::plinth:part:Part${type_}::kept"
    created = {"urn": urn, "type": type_, "inputs": {key: name}, "provider": f"{PROVIDER}::{UNKNOWN}"}
    return list(existing_singletons([created], [provider()], lambda _: None).values())


@pytest.mark.requirement("TOOL-04.b")
@pytest.mark.parametrize("type_", [IMAGES, MODELS, BUCKET])
def test_what_a_use_case_of_the_name_left_is_adopted(type_: str) -> None:
    assert adopted(type_) == []
    add(type_, TAGS)
    assert adopted(type_) == [NAMES[type_][1]]


@pytest.mark.parametrize("type_", [IMAGES, MODELS, BUCKET])
def test_what_belongs_to_somebody_else_is_not_adopted(type_: str) -> None:
    add(type_, OTHERS)
    assert adopted(type_) == []


def test_a_stack_of_another_kind_adopts_nothing() -> None:
    add(BUCKET, {"plinth:stack": "data-lake"})
    assert adopted(BUCKET, "data-lake") == []


def test_a_repository_is_looked_up_by_its_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """CodeCommit's tags are not in moto. The engine test of requested use cases reads them."""

    class CodeCommit:
        tags = TAGS

        def get_repository(self, *, repositoryName: str) -> Any:  # noqa: N803 (AWS names it)
            return {"repositoryMetadata": {"Arn": f"arn:{repositoryName}"}}

        def list_tags_for_resource(self, *, resourceArn: str) -> Any:  # noqa: N803 (AWS names it)
            assert resourceArn == "arn:fraud--card-risk-build"
            return {"tags": self.tags}

    service = CodeCommit()
    monkeypatch.setattr(Account, "client", lambda *_: service)
    lookup = lookup_of({"urn": f"urn:pulumi:{STACK}::plinth::{CODE}::code-build", "type": CODE})
    assert lookup is not None
    account = Account(id="1", region="eu-west-1", role_arn=None)
    inputs = {"repositoryName": "fraud--card-risk-build"}
    assert lookup(inputs, account) == "fraud--card-risk-build"
    service.tags = OTHERS
    assert lookup(inputs, account) is None
