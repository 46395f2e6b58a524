"""SageMaker's models."""

from typing import Any

from plinth_sandbox.testing import EmulatedAws, refusal


def make(aws: EmulatedAws, account: str, name: str, **more: Any) -> dict[str, Any]:
    """What AWS says of a new model."""
    sagemaker = aws.client("sagemaker", account)
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=f"arn:aws:iam::{account}:role/worker", **more)
    found: dict[str, Any] = sagemaker.describe_model(ModelName=name)
    return found


def test_a_model_stays_isolated_from_the_network(aws: EmulatedAws, account: str) -> None:
    found = make(aws, account, "isolated", PrimaryContainer={"Image": "image"}, EnableNetworkIsolation=True)
    assert found["EnableNetworkIsolation"] is True


def test_a_model_has_what_it_was_given_and_nothing_empty(aws: EmulatedAws, account: str) -> None:
    found = make(aws, account, "single", PrimaryContainer={"Image": "image"})
    assert found["PrimaryContainer"] == {"Image": "image", "Mode": "SingleModel"}
    assert found["EnableNetworkIsolation"] is False
    assert not {"Containers", "InferenceExecutionConfig", "VpcConfig"} & set(found)


def test_containers_are_called_one_after_the_other_unless_each_is_called_alone(aws: EmulatedAws, account: str) -> None:
    containers = [{"Image": "prepare"}, {"Image": "score", "Mode": "MultiModel"}]
    found = make(aws, account, "serial", Containers=containers)
    assert [container["Mode"] for container in found["Containers"]] == ["SingleModel", "MultiModel"]
    assert found["InferenceExecutionConfig"] == {"Mode": "Serial"}
    direct = make(aws, account, "direct", Containers=containers, InferenceExecutionConfig={"Mode": "Direct"})
    assert direct["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert "PrimaryContainer" not in direct


def test_a_name_is_one_models(aws: EmulatedAws, account: str) -> None:
    make(aws, account, "once", PrimaryContainer={"Image": "image"})
    again = {"ModelName": "once", "ExecutionRoleArn": f"arn:aws:iam::{account}:role/worker"}
    assert refusal(aws.client("sagemaker", account).create_model, **again) == "ValidationException"


def test_a_tag_that_is_given_again_has_its_new_value_alone(aws: EmulatedAws, account: str) -> None:
    sagemaker = aws.client("sagemaker", account)
    arn = make(aws, account, "tagged", PrimaryContainer={"Image": "image"})["ModelArn"]
    for value in ("before", "after"):
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": value}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "after"}]
