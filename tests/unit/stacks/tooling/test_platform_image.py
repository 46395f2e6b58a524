"""The tooling account builds the image of promotions and of the runner of requests, if the settings say so."""

import json

import pytest

from components.delivery.image_project import image_specification
from settings.organization.images.platform_image import PlatformImageSettings
from settings.organization.packages import PackageSettings
from tests.support.documents import actions, statements
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.recorder import Record, Recorder

PROJECT, RULE, TARGET = (
    "aws:codebuild/project:Project",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
)
BASE = f"222222222222.dkr.ecr.eu-west-1.amazonaws.com/pulumi/pulumi-python@sha256:{'0' * 64}"


def deployment(*, preview: bool = False) -> Deployment:
    """Returns the stacks of an organization that builds its image and whose use cases build nothing."""
    organization = example_organization(packages=PackageSettings(), platform_image=PlatformImageSettings(base=BASE))
    return Deployment(example_foundation(organization=organization, teams=[example_team()]), preview=preview)


def tooling(*, preview: bool = False) -> Recorder:
    return deployment(preview=preview)["tooling"]


@pytest.mark.parametrize("preview", [False, True])
def test_a_push_of_the_program_to_main_builds_its_image_with_fixed_commands_in_the_private_network(preview):
    recorder = tooling(preview=preview)
    project = recorder.one(PROJECT).inputs
    assert project["name"] == "plinth-images"
    assert project["source"]["buildspec"] == image_specification()
    assert project["environment"]["privilegedMode"]
    assert project["vpcConfig"]["securityGroupIds"]
    given = {
        environment_variable["name"]: environment_variable.get("value")
        for environment_variable in project["environment"]["environmentVariables"]
    }
    assert (given["IMAGES"], given["ROOT_IMAGE"], given["BASE_IMAGE"]) == ("plinth", "plinth", BASE)
    assert "222222222222" in given["BASE_ACCOUNTS"].split(",")
    assert given["PACKAGE_REPOSITORY"] == "pypi"
    rule, target = recorder.one(RULE).inputs, recorder.one(TARGET).inputs
    if not preview:
        detail = json.loads(rule["eventPattern"])["detail"]
        assert (detail["referenceType"], detail["referenceName"]) == (["branch"], ["main"])
    assert json.loads(target["inputTransformer"]["inputTemplate"]) == {
        "sourceVersion": "<commit>",
        "environmentVariablesOverride": [{"name": "TAG", "type": "PLAINTEXT", "value": "<commit>"}],
    }


def test_the_image_is_pushed_to_one_repository_that_scans_it_and_replaces_no_tag():
    recorder = tooling()
    repository = recorder.one("aws:ecr/repository:Repository").inputs
    assert (repository["name"], repository["imageTagMutability"]) == ("plinth", "IMMUTABLE")
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    builder = statements(_policy(recorder, "platform-image-builder"))
    pushed = [statement for statement in builder.values() if "ecr:PutImage" in statement["Action"]]
    assert [statement["Resource"].rpartition(":")[2] for statement in pushed] == ["repository/plinth"]
    assert builder["PullBaseImages"]["Resource"] == (
        "arn:aws:ecr:eu-west-1:222222222222:repository/pulumi/pulumi-python"
    )
    assert builder["ReadTheProgram"]["Action"] == "codecommit:GitPull"
    assert not [action for action in actions(builder) if action.startswith(("sts:Assume", "codebuild:", "iam:"))]


def test_what_starts_a_build_replaces_nothing_of_it_but_the_tag():
    (start,) = statements(_policy(tooling(), "platform-image-starter")).values()
    assert start["Action"] == "codebuild:StartBuild"
    assert start["Resource"].endswith(":project/plinth-images")
    names = start["Condition"]["ForAllValues:StringEquals"]["codebuild:environment.environmentVariables.name"]
    assert names == "TAG" or names == ["TAG"]
    assert start["Condition"]["Null"]["codebuild:source.buildspec"] == "true"


def test_the_network_from_which_the_builds_are_deployed_reaches_their_services():
    endpoints = {
        vpc_endpoint.inputs["serviceName"]
        for vpc_endpoint in deployment()["governance"].all("aws:ec2/vpcEndpoint:VpcEndpoint")
    }
    assert {"com.amazonaws.eu-west-1.codebuild", "com.amazonaws.eu-west-1.codecommit"} <= endpoints


def test_without_the_setting_nothing_builds_the_image():
    recorder = example_deployment()["tooling"]
    assert not recorder.all(PROJECT)
    assert "program_url" not in recorder.exports
    assert tooling().exports["program_url"].endswith("/plinth-program")


def _policy(recorder: Recorder, name: str) -> Record:
    return recorder.one("aws:iam/rolePolicy:RolePolicy", f"{name}-permissions")
