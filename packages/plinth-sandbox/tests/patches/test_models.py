"""Patches for SageMaker models."""

from typing import Any

import pytest

from plinth_sandbox.testing import IMAGE_OF_AWS, EmulatedAws, refusal

ROLE = "arn:aws:iam::{account}:role/models"


@pytest.fixture(scope="module", autouse=True)
def role(aws: EmulatedAws, account: str) -> None:
    aws.role("models", "sagemaker", account)


def make(aws: EmulatedAws, account: str, name: str, **more: Any) -> dict[str, Any]:
    """Creates a model and returns its description."""
    sagemaker = aws.client("sagemaker", account)
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE.format(account=account), **more)
    found: dict[str, Any] = sagemaker.describe_model(ModelName=name)
    return found


def test_a_model_stays_isolated_from_the_network(aws: EmulatedAws, account: str) -> None:
    found = make(aws, account, "isolated", PrimaryContainer={"Image": IMAGE_OF_AWS}, EnableNetworkIsolation=True)
    assert found["EnableNetworkIsolation"] is True


def test_a_model_returns_its_request_without_empty_members(aws: EmulatedAws, account: str) -> None:
    found = make(aws, account, "single", PrimaryContainer={"Image": IMAGE_OF_AWS})
    assert found["PrimaryContainer"] == {"Image": IMAGE_OF_AWS, "Mode": "SingleModel"}
    assert found["EnableNetworkIsolation"] is False
    assert not {"Containers", "InferenceExecutionConfig", "VpcConfig"} & set(found)


def test_containers_run_in_series_unless_direct_invocation_is_configured(aws: EmulatedAws, account: str) -> None:
    containers = [{"Image": IMAGE_OF_AWS}, {"Image": IMAGE_OF_AWS, "Mode": "MultiModel"}]
    found = make(aws, account, "serial", Containers=containers)
    assert [container["Mode"] for container in found["Containers"]] == ["SingleModel", "MultiModel"]
    assert found["InferenceExecutionConfig"] == {"Mode": "Serial"}
    direct = make(aws, account, "direct", Containers=containers, InferenceExecutionConfig={"Mode": "Direct"})
    assert direct["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert "PrimaryContainer" not in direct


def test_a_second_model_with_the_same_name_is_refused(aws: EmulatedAws, account: str) -> None:
    make(aws, account, "once", PrimaryContainer={"Image": IMAGE_OF_AWS})
    again = {"ModelName": "once", "ExecutionRoleArn": ROLE.format(account=account)}
    assert refusal(aws.client("sagemaker", account).create_model, **again) == "ValidationException"


def test_a_repeated_tag_has_only_its_new_value(aws: EmulatedAws, account: str) -> None:
    sagemaker = aws.client("sagemaker", account)
    arn = make(aws, account, "tagged", PrimaryContainer={"Image": IMAGE_OF_AWS})["ModelArn"]
    for value in ("before", "after"):
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": value}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "after"}]
