"""An endpoint: gradual deployment with rollback, scaling, capture, and variants."""

import pulumi
import pytest

from components.serving.asynchronous_inference import AsynchronousInference
from components.serving.monitoring.data_capture import DataCapture
from components.serving.served_variant import InstanceScaling
from components.serving.traffic_shift import TrafficShift
from tests.support import recorder as recording
from tests.support.computed import computed_properties
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY
from tests.unit.components.serving.parts import EARLIER, PREFIX, VERSION, endpoint, model, variant

ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
MODEL = "aws:sagemaker/model:Model"
FROM_ZERO = InstanceScaling(least=0, most=4, invocations_per_instance=5)
CAPTURE = DataCapture(bucket="ml-prod-fraud", use_case="scoring", version_arn=VERSION, key_arn=KEY, percentage=20)
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def configuration(**changes):
    return deploy(lambda: endpoint(**changes)).one(CONFIGURATION)


def shift_of(**changes):
    made = deploy(lambda: endpoint(**changes)).one(ENDPOINT).inputs["deploymentConfig"]
    return made["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]


@pytest.mark.requirement("RT-01", "RT-08.a", "RB-03")
@both_modes
def test_a_canary_waits_for_alarms_that_roll_it_back(preview):
    recorder = deploy(endpoint, preview=preview)
    made = recorder.one(ENDPOINT).inputs
    assert made["name"] == PREFIX
    assert made["deploymentConfig"]["autoRollbackConfiguration"] == {"alarms": [{"alarmName": "alarm-1"}]}
    routing = made["deploymentConfig"]["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]
    assert (routing["type"], routing["waitIntervalInSeconds"]) == ("CANARY", 300)
    assert routing["canarySize"] == {"type": "CAPACITY_PERCENT", "value": 10}
    assert "linearStepSize" not in routing


@pytest.mark.requirement("RB-03")
def test_an_endpoint_that_was_rolled_back_fails_the_program_before_the_engine_deletes_its_configuration(monkeypatch):
    def rolled_back(token, *args):
        identifier, computed = computed_properties(token, *args)
        return identifier, computed | ({"endpointConfigName": "old"} if token == ENDPOINT else {})

    monkeypatch.setattr(recording, "computed_properties", rolled_back)
    with pytest.raises(pulumi.RunError, match=f"endpoint {PREFIX} serves configuration old and not {PREFIX}-"):
        deploy(endpoint)
    deploy(endpoint, preview=True)


@pytest.mark.requirement("RT-04.a")
def test_the_method_of_deployment_is_chosen():
    linear = shift_of(shift=TrafficShift(strategy="linear", step_percentage=25, bake_seconds=60))
    assert (linear["type"], linear["linearStepSize"]["value"]) == ("LINEAR", 25)
    assert "canarySize" not in linear
    at_once = shift_of(shift=TrafficShift(strategy="all-at-once"))
    assert at_once == {"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 0}


@both_modes
def test_the_configuration_is_a_new_resource_for_each_content_and_depends_on_its_model(preview):
    def of(version):
        recorder = deploy(lambda: endpoint([variant(model(package_arns=[version]))]), preview=preview)
        return recorder.one(CONFIGURATION), recorder.one(MODEL)

    (first, its_model), (second, _) = of(EARLIER), of(f"{EARLIER}0")
    assert first.urn != second.urn
    assert first.inputs["name"] != second.inputs["name"]
    assert its_model.urn in first.dependencies
    assert first.inputs["productionVariants"][0]["variantName"] == "AllTraffic"


@pytest.mark.parametrize(
    "changes",
    [
        {"shift": TrafficShift(strategy="all-at-once")},
        {"capture": CAPTURE},
        {"key_arn": f"{KEY}2"},
    ],
    ids=["deployment", "capture", "key"],
)
def test_each_change_of_the_configuration_gives_a_new_name(changes):
    assert configuration().inputs["name"] != configuration(**changes).inputs["name"]


def test_volumes_have_the_key_unless_the_hardware_encrypts_them():
    assert configuration().inputs["kmsKeyArn"] == KEY
    assert (
        "kmsKeyArn" not in deploy(lambda: endpoint([variant(instance_type="ml.g5.xlarge")])).one(CONFIGURATION).inputs
    )


def test_one_variant_whose_hardware_encrypts_its_volumes_leaves_the_key_out_for_all():
    """SageMaker refuses a configuration with a key if the instances of a variant have local storage."""
    types = {"A": "ml.m5.large", "B": "ml.g5.xlarge"}

    def program():
        served = model()
        endpoint([variant(served, variant_name=name, instance_type=type_) for name, type_ in types.items()])

    assert "kmsKeyArn" not in deploy(program).one(CONFIGURATION).inputs


def test_the_log_group_exists_before_the_endpoint_writes_to_it():
    """Otherwise SageMaker creates it, without the key and without an end of retention."""
    recorder = deploy(endpoint)
    logs = recorder.one("aws:cloudwatch/logGroup:LogGroup")
    assert logs.inputs["name"] == f"/aws/sagemaker/Endpoints/{PREFIX}"
    assert logs.inputs["kmsKeyId"] == KEY
    assert logs.urn in recorder.one("aws:sagemaker/endpoint:Endpoint").dependencies


@pytest.mark.requirement("RT-07.a", "RT-07.b", "COST-04.c", "FIG-05.a")
@both_modes
def test_each_variant_scales_with_its_requests(preview):
    recorder = deploy(endpoint, preview=preview)
    target = recorder.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 4)
    assert recorder.one(ENDPOINT).urn in recorder.one("aws:appautoscaling/target:Target").dependencies
    policy = recorder.one("aws:appautoscaling/policy:Policy").inputs
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 1000
    assert tracking["predefinedMetricSpecification"] == {
        "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    }
    if not preview:
        assert target["resourceId"] == f"endpoint/{PREFIX}/variant/AllTraffic"


def test_a_variant_without_scaling_has_no_scalable_target():
    assert not deploy(lambda: endpoint([variant(scaling=None)])).all("aws:appautoscaling/target:Target")


def test_requests_and_answers_are_captured_in_the_folder_of_the_version():
    made = configuration(capture=CAPTURE).inputs["dataCaptureConfig"]
    assert made["destinationS3Uri"] == "s3://ml-prod-fraud/scoring/monitoring/capture/00003"
    assert (made["initialSamplingPercentage"], made["kmsKeyId"]) == (20, KEY)
    assert [capture_option["captureMode"] for capture_option in made["captureOptions"]] == ["Input", "Output"]
    assert "dataCaptureConfig" not in configuration().inputs


@pytest.mark.requirement("RT-09.a", "RT-09.c")
def test_variants_share_the_traffic_by_weight_and_a_shadow_gets_copies():
    def shared():
        old = variant(model("old", package_arns=[EARLIER]), weight=90)
        return endpoint([old, variant(weight=10, variant_name="Candidate", scaling=None)])

    made = deploy(shared).one(CONFIGURATION).inputs["productionVariants"]
    assert [
        (production_variant["variantName"], production_variant["initialVariantWeight"]) for production_variant in made
    ] == [
        ("AllTraffic", 90),
        ("Candidate", 10),
    ]

    def shadowed():
        old = variant(model("old", package_arns=[EARLIER]))
        return endpoint([old], shadow=variant(variant_name="Shadow", weight=0.5))

    made = deploy(shadowed).one(CONFIGURATION).inputs
    (shadow,) = made["shadowProductionVariants"]
    assert (shadow["variantName"], shadow["initialVariantWeight"]) == ("Shadow", 0.5)
    assert shadow["modelName"] != made["productionVariants"][0]["modelName"]


@pytest.mark.requirement("RT-05")
def test_asynchronous_inference_writes_answers_with_the_key_and_scales_with_the_backlog():
    asynchronous = AsynchronousInference(output_uri="s3://ml/a/", failure_uri="s3://ml/f/", key_arn=KEY)
    recorder = deploy(lambda: endpoint(asynchronous=asynchronous))
    output = recorder.one(CONFIGURATION).inputs["asyncInferenceConfig"]["outputConfig"]
    assert output == {"s3OutputPath": "s3://ml/a/", "s3FailurePath": "s3://ml/f/", "kmsKeyId": KEY}
    policy = recorder.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert policy["customizedMetricSpecification"]["metricName"] == "ApproximateBacklogSizePerInstance"
    assert "predefinedMetricSpecification" not in policy


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            lambda: endpoint([variant(), variant(model("second", package_arns=[EARLIER]))]),
            "variants: AllTraffic, AllTraffic",
        ),
        (lambda: endpoint(alarm_names=["a"] * 11), "alarm_names: has 11"),
        (lambda: endpoint([variant(scaling=FROM_ZERO)]), "scaling: only asynchronous"),
        (
            lambda: endpoint(
                [variant(), variant(model("b", package_arns=[EARLIER]), variant_name="B")],
                shadow=variant(model("c", package_arns=[EARLIER, EARLIER]), variant_name="C"),
            ),
            "shadow: ",
        ),
        (lambda: TrafficShift(strategy="canary", step_percentage=51), "out of range"),
        (lambda: TrafficShift(strategy="linear", step_percentage=9), "out of range"),
        (lambda: TrafficShift(strategy="canary"), "does not fit"),
        (lambda: TrafficShift(strategy="all-at-once", bake_seconds=3601), "bake_seconds"),
    ],
)
def test_what_sagemaker_refuses_is_refused(program, message):
    with pytest.raises(ValueError, match=message):
        deploy(program)
