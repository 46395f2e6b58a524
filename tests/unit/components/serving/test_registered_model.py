"""A model of a registered version: from the registry, in the network, and named after its content."""

import pytest

from settings.types.errors import SettingsError
from tests.support.recorder import deploy
from tests.unit.components.serving.parts import EARLIER, PREFIX, ROLE, VERSION, model

MODEL = "aws:sagemaker/model:Model"
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


@pytest.mark.requirement("RT-01")
@both_modes
def test_image_and_data_come_from_the_registered_version_only(preview):
    made = deploy(model, preview=preview).one(MODEL).inputs
    assert made["primaryContainer"] == {"modelPackageName": VERSION}
    assert "containers" not in made
    assert made["executionRoleArn"] == ROLE


@both_modes
def test_the_containers_are_in_the_network_and_isolated_from_it(preview):
    made = deploy(model, preview=preview).one(MODEL).inputs
    assert made["vpcConfig"] == {"subnets": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    assert made["enableNetworkIsolation"] is True
    assert deploy(lambda: model(isolated=False)).one(MODEL).inputs["enableNetworkIsolation"] is False


def test_several_versions_form_a_serial_pipeline_in_their_order():
    made = deploy(lambda: model(package_arns=[EARLIER, VERSION])).one(MODEL).inputs
    assert [container["modelPackageName"] for container in made["containers"]] == [EARLIER, VERSION]
    assert made["inferenceExecutionConfig"] == {"mode": "Serial"}
    assert "primaryContainer" not in made


@pytest.mark.requirement("RT-06")
@both_modes
def test_containers_of_one_version_share_the_work_by_their_variables(preview):
    variables = [{"SERVE_PARTS": "preprocess"}, {"SERVE_PARTS": "predict,postprocess"}]
    made = deploy(lambda: model(package_arns=[VERSION] * 2, environments=variables), preview=preview).one(MODEL).inputs
    assert made["containers"] == [{"modelPackageName": VERSION, "environment": variable} for variable in variables]


def test_a_changed_model_is_another_resource_and_the_same_content_has_the_same_name():
    first, same, other = (
        deploy(lambda arn=arn: model(package_arns=[arn])).one(MODEL) for arn in (VERSION, VERSION, EARLIER)
    )
    assert (first.urn, first.inputs["name"]) == (same.urn, same.inputs["name"])
    assert first.urn != other.urn
    assert first.inputs["name"] != other.inputs["name"]
    assert first.inputs["name"].startswith(f"{PREFIX}-")


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("role_arn", f"{ROLE}-2"),
        ("subnet_ids", ["subnet-1", "subnet-3"]),
        ("security_group_ids", ["sg-2"]),
        ("isolated", False),
        ("environments", [{"SERVE_PARTS": "preprocess"}]),
    ],
)
def test_each_property_that_sagemaker_cannot_change_gives_a_new_name(change, value):
    names = {
        deploy(lambda arguments=arguments: model(**arguments)).one(MODEL).inputs["name"]
        for arguments in ({}, {change: value})
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"package_arns": []}, "package_arns: has 0 versions"),
        ({"package_arns": [VERSION] * 16}, "package_arns: has 16 versions"),
        ({"package_arns": [VERSION.removesuffix("/3")]}, "is no ARN of a version"),
        ({"environments": [{}, {}]}, "environments: has 2 entries, package_arns 1"),
        ({"subnet_ids": []}, "subnet_ids: has 0 entries"),
        ({"security_group_ids": [f"sg-{n}" for n in range(6)]}, "security_group_ids: has 6 entries"),
    ],
)
def test_what_sagemaker_refuses_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        deploy(lambda: model(**changes))


def test_a_name_beyond_the_limit_of_sagemaker_is_refused():
    with pytest.raises(SettingsError):
        deploy(lambda: model(name_prefix="a" * 55))
