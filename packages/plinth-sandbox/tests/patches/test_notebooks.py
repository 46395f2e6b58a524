"""Patches for SageMaker notebook instances."""

from typing import Any

import pytest

from plinth_sandbox.testing import EmulatedAws, refusal

NETWORK = {"SubnetId": "subnet-0123456789abcdef0", "SecurityGroupIds": ["sg-0123456789abcdef0"]}


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return request.node.name.removeprefix("test_").split("[")[0].replace("_", "-")[:60].strip("-")


def make(aws: EmulatedAws, account: str, name: str, **more: Any) -> dict[str, Any]:
    """Creates an instance and returns its description."""
    given = {"NotebookInstanceName": name, "InstanceType": "ml.m7i.large"}
    role = aws.role(f"role-of-{name}", "sagemaker", account)
    aws.client("sagemaker", account).create_notebook_instance(**given, RoleArn=role, **more)
    return look(aws, account, name)


def look(aws: EmulatedAws, account: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("sagemaker", account).describe_notebook_instance(NotebookInstanceName=name)
    return found


def test_a_new_instance_has_the_defaults_of_aws(aws: EmulatedAws, account: str, name: str) -> None:
    found = make(aws, account, name)
    assert (found["NotebookInstanceStatus"], found["DirectInternetAccess"], found["RootAccess"]) == (
        "InService", "Enabled", "Enabled",
    )  # fmt: skip
    assert found["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "1"}
    assert (found["PlatformIdentifier"], found["VolumeSizeInGB"]) == ("notebook-al2023-v1", 5)
    assert found["Url"] == f"{name}.notebook.eu-west-1.sagemaker.aws"
    assert not {"NetworkInterfaceId", "SecurityGroups"} & set(found)


def test_an_instance_in_a_subnet_has_an_interface_there(aws: EmulatedAws, account: str, name: str) -> None:
    found = make(aws, account, name, **NETWORK, DirectInternetAccess="Disabled")
    assert found["NetworkInterfaceId"].startswith("eni-")
    assert found["SecurityGroups"] == NETWORK["SecurityGroupIds"]


def test_an_instance_without_a_subnet_requires_internet_access(aws: EmulatedAws, account: str, name: str) -> None:
    with pytest.raises(aws.client("sagemaker").exceptions.ClientError, match="SubnetId"):
        make(aws, account, name, DirectInternetAccess="Disabled")


def test_only_a_stopped_instance_can_be_changed_and_deleted(aws: EmulatedAws, account: str, name: str) -> None:
    make(aws, account, name)
    sagemaker, about = aws.client("sagemaker", account), {"NotebookInstanceName": name}
    assert refusal(sagemaker.update_notebook_instance, **about, RootAccess="Disabled") == "ValidationException"
    assert refusal(sagemaker.delete_notebook_instance, **about) == "ValidationException"
    assert refusal(sagemaker.start_notebook_instance, **about) == "ValidationException"
    sagemaker.stop_notebook_instance(**about)
    assert refusal(sagemaker.stop_notebook_instance, **about) == "ValidationException"
    sagemaker.update_notebook_instance(**about, RootAccess="Disabled", VolumeSizeInGB=20)
    assert refusal(sagemaker.update_notebook_instance, **about, VolumeSizeInGB=10) == "ValidationException"
    found = look(aws, account, name)
    assert (found["NotebookInstanceStatus"], found["RootAccess"], found["VolumeSizeInGB"]) == (
        "Stopped", "Disabled", 20,
    )  # fmt: skip
    sagemaker.start_notebook_instance(**about)
    assert look(aws, account, name)["NotebookInstanceStatus"] == "InService"
    sagemaker.stop_notebook_instance(**about)
    sagemaker.delete_notebook_instance(**about)
    with pytest.raises(sagemaker.exceptions.ClientError, match="RecordNotFound"):
        look(aws, account, name)


def test_an_update_removes_settings_of_an_instance(aws: EmulatedAws, account: str, name: str) -> None:
    sagemaker, about = aws.client("sagemaker", account), {"NotebookInstanceName": name}
    sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
    repositories = {"DefaultCodeRepository": "https://a.example", "AdditionalCodeRepositories": ["https://b.example"]}
    made = make(aws, account, name, LifecycleConfigName=name, **repositories)
    assert made["NotebookInstanceLifecycleConfigName"] == name
    sagemaker.stop_notebook_instance(**about)
    sagemaker.update_notebook_instance(
        **about,
        DisassociateLifecycleConfig=True,
        DisassociateDefaultCodeRepository=True,
        DisassociateAdditionalCodeRepositories=True,
    )
    left = look(aws, account, name)
    assert not {"NotebookInstanceLifecycleConfigName", *repositories} & set(left)


def test_an_instance_requires_an_existing_lifecycle_configuration(aws: EmulatedAws, account: str, name: str) -> None:
    with pytest.raises(aws.client("sagemaker").exceptions.ClientError, match="does not exist"):
        make(aws, account, name, LifecycleConfigName="nobodys")
