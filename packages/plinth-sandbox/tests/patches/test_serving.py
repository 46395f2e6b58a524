"""Patches for endpoints: configurations, updates and scaling."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from executors.serving import name_image
from plinth_sandbox.testing import EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

NUMBERS = count()
SCALED = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f6d2d3e-0000-4000-8000-000000000000"
MODEL = "served-scores"
SERVERLESS = {
    "VariantName": "all",
    "ModelName": MODEL,
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
CAPTURE = {
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://captures/scoring",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
}


def variant(name: str = "all", machine: str = "ml.m6i.large", instances: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": MODEL,
        "InstanceType": machine,
        "InitialInstanceCount": instances,
        **more,
    }


def shifting(kind: str, member: str, value: int, of: str = "CAPACITY_PERCENT") -> dict[str, Any]:
    step = {member: {"Type": of, "Value": value}}
    return {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": 0, **step}}
    }


def rolling(value: int) -> dict[str, Any]:
    batch = {"Type": "CAPACITY_PERCENT", "Value": value}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 0}}


@pytest.fixture(scope="module")
def sagemaker(aws: EmulatedAws, account: str) -> Any:
    """Returns a client of an account with a model."""
    client = aws.client("sagemaker", account)
    container = {"Image": f"{account}.dkr.ecr.eu-west-1.amazonaws.com/scores:1"}
    role = aws.role("served", "sagemaker", account)
    name_image(aws, "*/scores:*")
    client.create_model(ModelName=MODEL, ExecutionRoleArn=role, PrimaryContainer=container)
    return client


def settled(sagemaker: Any, name: str) -> dict[str, Any]:
    """Returns an endpoint when it is no longer being created or updated."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        return found if found["EndpointStatus"] == "InService" else None

    found: dict[str, Any] = eventually(look)
    return found


@pytest.fixture
def endpoint(sagemaker: Any) -> str:
    """Returns the name of an endpoint with two instances. Its configuration has the same name."""
    name = f"served-{next(NUMBERS)}"
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant()], DataCaptureConfig=CAPTURE)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    settled(sagemaker, name)
    return name


@pytest.fixture(scope="module")
def unchanged(sagemaker: Any) -> str:
    """Returns the name of an endpoint that no test changes."""
    configured(sagemaker, "unchanged", variant())
    sagemaker.create_endpoint(EndpointName="unchanged", EndpointConfigName="unchanged")
    settled(sagemaker, "unchanged")
    return "unchanged"


def configured(sagemaker: Any, name: str, *variants: dict[str, Any]) -> str:
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants))
    return name


@pytest.mark.parametrize(
    "given",
    [
        {"ProductionVariants": [variant(), variant()]},
        {"ProductionVariants": [variant(), variant("other")], "ShadowProductionVariants": [variant("shadow")]},
        {"ProductionVariants": [variant(machine="ml.g5.xlarge")], "KmsKeyId": KEY},
        {
            "ProductionVariants": [variant()],
            "ShadowProductionVariants": [variant("shadow", "ml.m5d.large")],
            "KmsKeyId": KEY,
        },
        {"ProductionVariants": [{"VariantName": "all", "ModelName": MODEL}]},
        {"ProductionVariants": [variant(ModelName="none")]},
        {"ProductionVariants": [{"VariantName": "all", "InstanceType": "ml.m6i.large", "InitialInstanceCount": 2}]},
    ],
    ids=[
        "names twice",
        "shadows of two",
        "a key beside disks",
        "a key beside disks of a shadow",
        "on nothing",
        "no model",
        "no role for components",
    ],
)
def test_a_configuration_that_sagemaker_would_refuse_is_refused(sagemaker, given):
    refused = refusal(sagemaker.create_endpoint_config, EndpointConfigName="refused", **given)
    assert refused == "ValidationException"


def test_a_configuration_accepts_a_key_without_local_disks_and_returns_defaults(sagemaker):
    sagemaker.create_endpoint_config(
        EndpointConfigName="kept",
        ProductionVariants=[variant()],
        ShadowProductionVariants=[variant("shadow", "ml.c7i.large")],
        DataCaptureConfig=CAPTURE,
        KmsKeyId=KEY,
    )
    found = sagemaker.describe_endpoint_config(EndpointConfigName="kept")
    assert found["KmsKeyId"] == KEY
    assert found["DataCaptureConfig"]["EnableCapture"] is True
    assert [found[kind][0]["InitialVariantWeight"] for kind in ("ProductionVariants", "ShadowProductionVariants")] == [
        1,
        1,
    ]


def test_an_endpoint_has_the_variants_of_its_configuration(sagemaker, endpoint):
    found = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", endpoint)
    (stands,) = found["ProductionVariants"]
    assert (stands["CurrentInstanceCount"], stands["DesiredWeight"]) == (2, 1.0)
    assert found["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert endpoint in [e["EndpointName"] for e in sagemaker.list_endpoints()["Endpoints"]]


def test_an_endpoint_without_a_configuration_is_refused(sagemaker):
    assert refusal(sagemaker.create_endpoint, EndpointName="none", EndpointConfigName="none") == "ValidationException"


def test_unknown_resources_are_reported_with_the_wording_of_aws(sagemaker, account):
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint configuration") as refused:
        sagemaker.describe_endpoint_config(EndpointConfigName="none")
    assert f":{account}:endpoint-config/none" in str(refused.value)
    for ask in (sagemaker.describe_endpoint, sagemaker.delete_endpoint):
        with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint "):
            ask(EndpointName="none")


def test_an_update_applies_the_new_configuration_and_stores_its_deployment(sagemaker, endpoint):
    larger = configured(sagemaker, f"{endpoint}-larger", variant(instances=4))
    canary = shifting("CANARY", "CanarySize", 25)
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=larger, DeploymentConfig=canary)
    found = settled(sagemaker, endpoint)
    assert found["EndpointConfigName"] == larger
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 4
    assert found["LastDeploymentConfig"] == canary
    assert "DataCaptureConfig" not in found
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=endpoint, RetainDeploymentConfig=True)
    assert settled(sagemaker, endpoint)["LastDeploymentConfig"] == canary
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=larger)
    assert "LastDeploymentConfig" not in settled(sagemaker, endpoint)


def test_an_update_can_retain_the_number_of_instances(sagemaker, endpoint):
    wanted = [{"VariantName": "all", "DesiredInstanceCount": 5, "DesiredWeight": 2.0}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=configured(sagemaker, f"{endpoint}-next", variant(), variant("second")),
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
    )
    kept, added = settled(sagemaker, endpoint)["ProductionVariants"]
    assert (kept["CurrentInstanceCount"], kept["DesiredInstanceCount"], kept["DesiredWeight"]) == (5, 5, 1.0)
    assert added["CurrentInstanceCount"] == 2


def test_the_weight_of_an_unknown_variant_cannot_be_set(sagemaker, unchanged):
    wanted = [{"VariantName": "none", "DesiredInstanceCount": 5}]
    change = sagemaker.update_endpoint_weights_and_capacities
    assert refusal(change, EndpointName=unchanged, DesiredWeightsAndCapacities=wanted) == "ValidationException"


@pytest.mark.parametrize(
    "deployment",
    [
        shifting("CANARY", "CanarySize", 51),
        shifting("CANARY", "CanarySize", 2, "INSTANCE_COUNT"),
        shifting("CANARY", "LinearStepSize", 10),
        shifting("LINEAR", "LinearStepSize", 9),
        rolling(4),
        {**shifting("CANARY", "CanarySize", 50), **rolling(50)},
    ],
    ids=["a large canary", "all instances", "no canary", "a small step", "a small batch", "two policies"],
)
def test_a_deployment_that_shifts_too_much_or_too_little_is_refused(sagemaker, unchanged, deployment):
    given = {"EndpointName": unchanged, "EndpointConfigName": unchanged, "DeploymentConfig": deployment}
    assert refusal(sagemaker.update_endpoint, **given) == "ValidationException"
    assert refusal(sagemaker.create_endpoint, **{**given, "EndpointName": "other"}) == "ValidationException"


@pytest.mark.parametrize(
    "deployment",
    [shifting("CANARY", "CanarySize", 1, "INSTANCE_COUNT"), shifting("LINEAR", "LinearStepSize", 10), rolling(5)],
)
def test_a_deployment_within_bounds_is_accepted(sagemaker, endpoint, deployment):
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=endpoint, DeploymentConfig=deployment)
    assert settled(sagemaker, endpoint)["LastDeploymentConfig"] == deployment


def test_an_endpoint_on_instances_cannot_become_serverless(sagemaker, unchanged):
    serverless = configured(sagemaker, f"{unchanged}-serverless", SERVERLESS)
    change = {"EndpointName": unchanged, "EndpointConfigName": serverless}
    assert refusal(sagemaker.update_endpoint, **change) == "ValidationException"
    sagemaker.create_endpoint(EndpointName=serverless, EndpointConfigName=serverless)
    (stands,) = settled(sagemaker, serverless)["ProductionVariants"]
    assert stands["CurrentServerlessConfig"]["MaxConcurrency"] == 5


@pytest.fixture
def scaling(aws: EmulatedAws, account: str) -> Any:
    return aws.client("application-autoscaling", account)


def policy(resource: str, name: str = "invocations", target: int = 70) -> dict[str, Any]:
    tracked = {
        "TargetValue": target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    return {
        **SCALED,
        "ResourceId": resource,
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracked,
    }


def test_a_target_scales_in_the_role_of_the_service_and_keeps_its_tags(scaling, account, endpoint):
    resource = f"endpoint/{endpoint}/variant/all"
    scaling.register_scalable_target(
        **SCALED, ResourceId=resource, MinCapacity=2, MaxCapacity=4, Tags={"team": "fraud"}
    )
    scaling.register_scalable_target(**SCALED, ResourceId=resource, MinCapacity=3)
    (found,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])[
        "ScalableTargets"
    ]
    assert found["RoleARN"] == (
        f"arn:aws:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    assert (found["MinCapacity"], found["MaxCapacity"]) == (3, 4)
    assert not any(found["SuspendedState"].values())
    assert scaling.list_tags_for_resource(ResourceARN=found["ScalableTargetARN"])["Tags"] == {"team": "fraud"}
    again = {**SCALED, "ResourceId": resource, "Tags": {"team": "other"}}
    assert refusal(scaling.register_scalable_target, **again) == "ValidationException"


def test_the_role_of_a_scaled_service_has_its_own_name_once_and_no_suffix(aws, account):
    service = {"AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}
    iam = aws.client("iam", account)
    assert refusal(iam.create_service_linked_role, **service, CustomSuffix="own") == "InvalidInput"
    role = iam.create_service_linked_role(**service)["Role"]
    assert role["RoleName"] == "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    assert iam.get_role(RoleName=role["RoleName"])["Role"]["Arn"] == role["Arn"]
    assert refusal(iam.create_service_linked_role, **service) == "InvalidInput"


def test_a_policy_keeps_its_arn_when_updated_and_is_deleted_with_its_target(scaling, sagemaker):
    name = f"scaled-{next(NUMBERS)}"
    configured(sagemaker, name, variant(), variant("all-2"))
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    resource = f"endpoint/{name}/variant/all"
    assert refusal(scaling.put_scaling_policy, **policy(resource)) == "ObjectNotFoundException"
    for scaled in (resource, f"{resource}-2"):
        scaling.register_scalable_target(**SCALED, ResourceId=scaled, MinCapacity=2, MaxCapacity=4)
        scaling.put_scaling_policy(**policy(scaled))
    first = scaling.put_scaling_policy(**policy(resource, "other"))["PolicyARN"]
    assert scaling.put_scaling_policy(**policy(resource, "other", 50))["PolicyARN"] == first
    named = {**SCALED, "ResourceId": f"{resource}-2"}
    (found,) = scaling.describe_scaling_policies(**named)["ScalingPolicies"]
    assert found["ResourceId"] == f"{resource}-2"
    (found,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", PolicyNames=["other"])["ScalingPolicies"]
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50
    scaling.deregister_scalable_target(**SCALED, ResourceId=resource)
    left = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert {found["ResourceId"] for found in left} == {f"{resource}-2"}


def test_a_policy_has_its_alarms_in_cloudwatch_as_long_as_it_exists(aws, account, scaling, sagemaker):
    name = f"alarmed-{next(NUMBERS)}"
    configured(sagemaker, name, variant())
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    resource, cloudwatch = f"endpoint/{name}/variant/all", aws.client("cloudwatch", account)
    scaling.register_scalable_target(**SCALED, ResourceId=resource, MinCapacity=2, MaxCapacity=4)

    def alarms():
        found = cloudwatch.describe_alarms(AlarmNamePrefix=f"TargetTracking-{resource}-")["MetricAlarms"]
        return {
            (metric_alarm["ComparisonOperator"], metric_alarm["EvaluationPeriods"], metric_alarm["Threshold"])
            for metric_alarm in found
        }

    made = scaling.put_scaling_policy(**policy(resource))
    names = {alarm["AlarmName"] for alarm in made["Alarms"]}
    assert {
        metric_alarm["AlarmName"] for metric_alarm in cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"]
    } == names
    assert alarms() == {("GreaterThanThreshold", 3, 70.0), ("LessThanThreshold", 15, 63.0)}
    scaling.put_scaling_policy(**policy(resource, target=50))
    assert alarms() == {("GreaterThanThreshold", 3, 50.0), ("LessThanThreshold", 15, 45.0)}
    scaling.delete_scaling_policy(**SCALED, ResourceId=resource, PolicyName="invocations")
    assert alarms() == set()
    scaling.put_scaling_policy(**policy(resource))
    scaling.deregister_scalable_target(**SCALED, ResourceId=resource)
    assert alarms() == set()
