"""Updates of endpoints shift traffic in steps, bake on the sandbox's clock, and roll back on alarms."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from executors.serving import Service, processes, variant
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Fleet, Variant
from plinth_sandbox.emulator.services.sagemaker.endpoints.policy import DeploymentPolicy
from plinth_sandbox.testing import EmulatedAws
from plinth_sandbox.waiting import eventually

NAMESPACE = "AWS/SageMaker"


@pytest.fixture(scope="module")
def service(server: EmulatedAws) -> Service:
    return Service(server)


def shifting(
    kind: str = "CANARY", size: int = 25, wait: int = 300, alarms: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    members = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
    step = {members[kind]: {"Type": "CAPACITY_PERCENT", "Value": size}} if kind in members else {}
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **step}
    found: dict[str, Any] = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **more}}
    if alarms:
        found["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return found


def alarm(service: Service, endpoint: str, metric: str = "Invocation5XXErrors", configuration: str = "") -> str:
    """Creates an alarm on any error in a minute, of both fleets or of that of a configuration."""
    fleet = [{"Name": "EndpointConfigName", "Value": configuration}] if configuration else []
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "all"}, *fleet]
    service.aws.client("cloudwatch").put_metric_alarm(
        AlarmName=f"{configuration or endpoint}-errors",
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=dimensions,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    return f"{configuration or endpoint}-errors"


def failures(service: Service, endpoint: str) -> int:
    """Invokes an endpoint and returns the status of its model."""
    try:
        service.invoke(endpoint, "1")
    except ClientError as error:
        return int(error.response["OriginalStatusCode"])
    return 200


def total(service: Service, metric: str, endpoint: str, variant: str = "all") -> float:
    cloudwatch, now = service.aws.client("cloudwatch"), service.aws.clock()
    found = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        StartTime=now - timedelta(hours=3),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(datapoint["Sum"] for datapoint in found))


def test_a_canary_bakes_twice_and_then_replaces_the_old_fleet(service: Service) -> None:
    others = processes(service.aws)
    service.endpoint("canary", 2)
    before = processes(service.aws) - others
    new = service.update("canary", 3, shifting(wait=3000))
    pending = service.stage("canary", "Baking")["PendingDeploymentSummary"]
    assert pending["EndpointConfigName"] == new
    assert pending["ProductionVariants"][0]["CurrentWeight"] == 0.25
    assert service.spread("canary") == {"2": 30, "3": 10}
    service.aws.advance(seconds=1500)
    assert service.spread("canary") == {"2": 30, "3": 10}
    service.aws.advance(seconds=1500)
    assert service.spread("canary") == {"3": 40}
    assert service.sagemaker.describe_endpoint(EndpointName="canary")["EndpointStatus"] == "Updating"
    service.aws.advance(seconds=3000)
    found = service.sagemaker.describe_endpoint(EndpointName="canary")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", new)
    assert "PendingDeploymentSummary" not in found
    assert found["LastDeploymentConfig"] == shifting(wait=3000)
    assert service.spread("canary") == {"3": 40}
    # The processes of the old fleet end.
    assert before
    assert eventually(lambda: not before & processes(service.aws))


def test_a_linear_update_shifts_in_equal_steps(service: Service) -> None:
    service.endpoint("linear", 2)
    service.update("linear", 3, shifting("LINEAR", 50, 3000))
    service.stage("linear", "Baking")
    assert service.spread("linear") == {"2": 20, "3": 20}
    # One call of the clock passes both baking periods, each at its time.
    service.aws.advance(seconds=6000)
    assert service.settled("linear")["EndpointConfigName"] == "linear-3"
    assert service.spread("linear") == {"3": 40}


def test_an_alarm_returns_the_traffic_to_the_old_fleet(service: Service) -> None:
    service.endpoint("failing", 2)
    name = alarm(service, "failing")
    service.update("failing", 3, shifting("CANARY", 10, 3000, (name,)), status=500)
    service.stage("failing", "Baking")
    assert [failures(service, "failing") for _ in range(40)].count(500) == 4
    service.aws.advance(seconds=120)
    found = service.sagemaker.describe_endpoint(EndpointName="failing")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "failing")
    assert name in found["FailureReason"]
    assert service.spread("failing") == {"2": 40}
    assert total(service, "Invocations", "failing") == 80
    assert total(service, "Invocation5XXErrors", "failing") == 4
    assert total(service, "InvocationsPerInstance", "failing") == 40
    assert total(service, "ModelLatency", "failing") > 0


def test_an_alarm_in_the_final_baking_period_rolls_back_too(service: Service) -> None:
    service.endpoint("late", 2)
    name = alarm(service, "late", "Invocation4XXErrors")
    service.update("late", 3, shifting("ALL_AT_ONCE", wait=3000, alarms=(name,)))
    service.stage("late", "Baking")
    assert service.spread("late") == {"3": 40}
    # The failure is the last answer of its minute, so the alarm is on during the next minute only.
    service.aws.advance(seconds=59 - service.aws.clock().second)
    now = service.aws.clock()
    rest = timedelta(minutes=1) - timedelta(seconds=now.second, microseconds=now.microsecond)
    next_minute = datetime.now(UTC) + rest
    with pytest.raises(ClientError):
        service.invoke("late", "status 400")
    # Reading the clock of the sandbox would record the failure in time.
    assert eventually(lambda: datetime.now(UTC) > next_minute)
    service.aws.advance(seconds=120)
    assert service.sagemaker.describe_endpoint(EndpointName="late")["EndpointStatus"] == "InService"
    assert service.spread("late") == {"2": 40}


def broken(service: Service, endpoint: str) -> str:
    """Creates an endpoint whose model has begun to fail, and returns the name of its alarm, which is firing."""
    service.endpoint(endpoint, 2)
    service.update(endpoint, 3, status=500)
    service.settled(endpoint)
    name, cloudwatch = alarm(service, endpoint), service.aws.client("cloudwatch")
    assert failures(service, endpoint) == 500
    # The metrics are recorded when somebody reads them.
    assert total(service, "Invocation5XXErrors", endpoint) == 1
    service.aws.advance(seconds=60)
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert found["StateValue"] == "ALARM"
    return name


def test_a_fix_is_released_while_the_alarm_on_the_old_fleet_is_on(service: Service) -> None:
    broken(service, "fixed")
    judge = alarm(service, "fixed", configuration="fixed-4")
    service.update("fixed", 4, shifting("CANARY", 50, 120, (judge,)))
    service.stage("fixed", "Baking")
    assert [failures(service, "fixed") for _ in range(10)].count(500) == 5
    service.aws.advance(seconds=240)
    found = service.settled("fixed")
    assert (found["EndpointConfigName"], found.get("FailureReason")) == ("fixed-4", None)


def test_an_alarm_on_the_new_fleet_refuses_a_bad_fix_too(service: Service) -> None:
    broken(service, "unfixed")
    judge = alarm(service, "unfixed", configuration="unfixed-4")
    service.update("unfixed", 4, shifting("CANARY", 50, 600, (judge,)), status=500)
    service.stage("unfixed", "Baking")
    assert failures(service, "unfixed") == failures(service, "unfixed") == 500
    assert total(service, "Invocation5XXErrors", "unfixed") == 3
    service.aws.advance(seconds=120)
    found = service.settled("unfixed")
    assert found["EndpointConfigName"] == "unfixed-3"
    assert judge in found["FailureReason"]


def test_an_alarm_on_both_fleets_returns_to_the_failing_one(service: Service) -> None:
    name = broken(service, "summed")
    service.update("summed", 4, shifting("CANARY", 50, 600, (name,)))
    found = service.settled("summed")
    assert found["EndpointConfigName"] == "summed-3"
    assert name in found["FailureReason"]


def test_metrics_have_the_dimensions_that_sagemaker_documents(service: Service) -> None:
    service.endpoint("measured", 2)
    service.invoke("measured", "1")
    assert total(service, "Invocations", "measured") == 1
    found = service.aws.client("cloudwatch").list_metrics(
        Namespace=NAMESPACE, Dimensions=[{"Name": "EndpointName", "Value": "measured"}]
    )["Metrics"]
    names: dict[tuple[str, ...], set[str]] = {}
    for metric in found:
        names.setdefault(tuple(sorted(it["Name"] for it in metric["Dimensions"])), set()).add(metric["MetricName"])
    variant, fleet = ("EndpointName", "VariantName"), ("EndpointConfigName", "EndpointName", "VariantName")
    assert names.keys() == {variant, fleet}
    assert names[variant] - names[fleet] == {"InvocationsPerInstance"}


@pytest.mark.parametrize("why", ["denied", "missing"])
def test_alarms_that_cannot_be_read_roll_back(service: Service, why: str) -> None:
    endpoint = f"unread-{why}"
    service.endpoint(endpoint, 2)
    iam, denies = service.aws.client("iam"), why == "denied"
    policy = {"Effect": "Deny", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    if denies:
        alarm(service, endpoint)
        iam.put_role_policy(RoleName="served-model", PolicyName="alarms", PolicyDocument=document)
    service.update(endpoint, 3, shifting(alarms=(f"{endpoint}-errors",)))
    found = service.settled(endpoint)
    if denies:
        iam.delete_role_policy(RoleName="served-model", PolicyName="alarms")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", endpoint)
    said = "is not authorized to perform: cloudwatch:DescribeAlarms" if denies else f"do not exist: {endpoint}-errors"
    assert said in found["FailureReason"]


def test_a_deployment_that_takes_too_long_is_rolled_back(service: Service) -> None:
    service.endpoint("slow", 2)
    service.update("slow", 3, shifting(wait=3600, MaximumExecutionTimeoutInSeconds=3000))
    service.stage("slow", "Baking")
    service.aws.advance(seconds=3000)
    found = service.sagemaker.describe_endpoint(EndpointName="slow")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "slow")
    assert "took longer than 3000 seconds" in found["FailureReason"]


@pytest.mark.nightly
def test_a_deployment_goes_on_after_a_restart_between_shift_and_bake(tmp_path) -> None:
    with EmulatedAws(tmp_path) as aws:
        service = Service(aws)
        service.endpoint("kept", 2)
        service.endpoint("back", 2)
        name = alarm(service, "back")
        service.update("kept", 3, shifting(wait=3000))
        service.update("back", 3, shifting(wait=3000, alarms=(name,)), status=500)
        for endpoint in ("kept", "back"):
            service.stage(endpoint, "Baking")
        assert [failures(service, "back") for _ in range(4)].count(500) == 1
        # The metrics are recorded when somebody reads them, or a few seconds after the invocation.
        assert total(service, "Invocation5XXErrors", "back") == 1
        aws.restart()
        assert service.spread("kept") == {"2": 30, "3": 10}
        aws.advance(seconds=3000)
        assert service.spread("kept") == {"3": 40}
        aws.advance(seconds=3000)
        assert service.settled("kept")["EndpointConfigName"] == "kept-3"
        assert service.settled("back")["EndpointConfigName"] == "back"
        assert name in service.settled("back")["FailureReason"]
        assert service.spread("back") == {"2": 40}
    assert eventually(lambda: not processes(aws))


def test_a_shadow_variant_gets_copies_and_answers_nobody(service: Service) -> None:
    service.model("shown", 2)
    service.model("shadowed", 3)
    shadow = variant("shadowed", "shadow", InitialVariantWeight=0.5)
    service.configuration("shadows", variant("shown"), ShadowProductionVariants=[shadow])
    service.sagemaker.create_endpoint(EndpointName="shadows", EndpointConfigName="shadows")
    assert service.settled("shadows")["EndpointStatus"] == "InService"
    assert service.spread("shadows") == {"2": 40}
    assert eventually(lambda: total(service, "Invocations", "shadows", "shadow") == 20)


def test_captured_data_is_in_s3(service: Service) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 50,
        "DestinationS3Uri": "s3://captures/monitoring/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
    }
    service.endpoint("captured", 2, DataCaptureConfig=capture)
    for number in range(10):
        service.invoke("captured", str(number), Accept="application/json", InferenceId=f"request-{number}")

    def lines() -> list[dict[str, Any]] | None:
        listed = service.s3.list_objects_v2(Bucket="captures", Prefix="monitoring/capture/captured/all/")
        keys = [object_["Key"] for object_ in listed.get("Contents", [])]
        found = [
            json.loads(line)
            for key in keys
            for line in service.s3.get_object(Bucket="captures", Key=key)["Body"].read().splitlines()
        ]
        return found if len(found) >= 5 else None

    found = eventually(lines)
    told = {record["eventMetadata"]["inferenceId"]: record["captureData"] for record in found}
    assert set(told) == {f"request-{number}" for number in (1, 3, 5, 7, 9)}
    given, answered = told["request-3"]["endpointInput"], told["request-3"]["endpointOutput"]
    assert (given["data"], given["encoding"], given["mode"]) == ("3", "JSON", "INPUT")
    assert (answered["data"], answered["observedContentType"]) == ("6", "application/json")


@pytest.mark.parametrize(
    ("deployment", "shares"),
    [
        ({}, [1.0]),
        (shifting("ALL_AT_ONCE"), [1.0]),
        (shifting("CANARY", 10), [0.1, 1.0]),
        (shifting("LINEAR", 30), [0.3, 0.6, 0.9, 1.0]),
        (shifting("LINEAR", 10), [number / 10 for number in range(1, 11)]),
        ({"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}}}, [0.25, 0.5, 0.75, 1]),
    ],
)
def test_the_shares_of_a_deployment_end_with_all_traffic(deployment: dict[str, Any], shares: list[float]) -> None:
    fleet = Fleet({}, [Variant("all", "run", {}, "scores", instances=4, weight=1.0)])
    assert DeploymentPolicy.of(deployment, fleet).shares == pytest.approx(shares)
