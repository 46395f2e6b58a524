"""SageMaker endpoints run the program of their image, and InvokeEndpoint answers with what it says."""

from __future__ import annotations

import json
import socket
from collections import Counter
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from executors.serving import IMAGE, Service, processes, variant
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually


@pytest.fixture(scope="module")
def service(server: EmulatedAws) -> Service:
    return Service(server)


@pytest.fixture(scope="module")
def doubling(service: Service) -> str:
    """Returns the name of an endpoint in service that doubles numbers."""
    found = service.endpoint("doubling", 2)
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    return "doubling"


def test_an_endpoint_answers_with_its_model(service: Service, doubling: str) -> None:
    found = service.invoke(doubling, "21", Accept="application/json", CustomAttributes="trace=1")
    assert json.loads(found["Body"]) == 42
    assert found["InvokedProductionVariant"] == "all"
    assert found["CustomAttributes"] == "trace=1 heard"
    (stands,) = service.sagemaker.describe_endpoint(EndpointName=doubling)["ProductionVariants"]
    assert stands["DeployedImages"] == [{"SpecifiedImage": IMAGE}]


@pytest.mark.parametrize(("status", "fault"), [(400, "client"), (500, "server")])
def test_an_error_of_the_container_is_an_error_of_the_model(
    service: Service, doubling: str, status: int, fault: str
) -> None:
    with pytest.raises(ClientError, match=f"Received {fault} error \\({status}\\) from primary") as refused:
        service.invoke(doubling, f"status {status}")
    response = refused.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert (response["OriginalStatusCode"], response["OriginalMessage"]) == (status, "told so")


def test_a_container_that_ends_starts_again(service: Service, doubling: str) -> None:
    with pytest.raises(ClientError, match="Received server error \\(0\\)"):
        service.invoke(doubling, "end")

    assert eventually(lambda: service.invoke(doubling, "4"), ignored=ClientError)["Body"] == "8"


def test_unknown_endpoints_and_variants_are_refused(service: Service, doubling: str) -> None:
    invoke = service.runtime.invoke_endpoint
    assert refusal(invoke, EndpointName="none", Body=b"1") == "ValidationError"
    assert refusal(invoke, EndpointName=doubling, Body=b"1", TargetVariant="none") == "ValidationError"


def test_a_request_larger_than_six_mebibytes_is_refused(service: Service, doubling: str) -> None:
    assert refusal(service.runtime.invoke_endpoint, EndpointName=doubling, Body=b"1" * 6_291_457) == "ValidationError"


def test_an_answer_larger_than_six_mebibytes_is_refused(service: Service, doubling: str) -> None:
    many = json.dumps([0] * 1000)
    service.endpoint("long", 6_292)
    with pytest.raises(ClientError, match="larger than 6 MB"):
        service.invoke("long", many)


def test_requests_are_divided_by_weight(service: Service) -> None:
    models = [service.model(f"weighed-{factor}", factor) for factor in (1, 10)]
    variants = [variant(models[0], "old", InitialVariantWeight=3), variant(models[1], "new", InitialVariantWeight=1)]
    service.configuration("weighed", *variants)
    service.sagemaker.create_endpoint(EndpointName="weighed", EndpointConfigName="weighed")
    assert service.settled("weighed")["EndpointStatus"] == "InService"
    assert service.spread("weighed") == {"1": 30, "10": 10}
    assert service.invoke("weighed", "1", TargetVariant="new")["Body"] == "10"
    wanted = [{"VariantName": "old", "DesiredWeight": 1.0}, {"VariantName": "new", "DesiredWeight": 0.0}]
    service.sagemaker.update_endpoint_weights_and_capacities(EndpointName="weighed", DesiredWeightsAndCapacities=wanted)
    assert service.spread("weighed") == {"1": 40}
    service.sagemaker.delete_endpoint(EndpointName="weighed")
    assert refusal(service.runtime.invoke_endpoint, EndpointName="weighed", Body=b"1") == "ValidationError"


@pytest.mark.parametrize("isolated", [True, False])
def test_network_isolation_takes_network_and_credentials(service: Service, isolated: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        name = service.model(
            f"isolated-{isolated}",
            environment={"OUTSIDE": str(outside.getsockname()[1])},
            EnableNetworkIsolation=isolated,
        )
        service.configuration(name, variant(name))
        service.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        found = service.settled(name)
        assert found["EndpointStatus"] == "InService", found.get("FailureReason")
        assert service.invoke(name, "connect")["Body"] == ("isolated" if isolated else "connected")
        assert service.invoke(name, "who")["Body"].startswith("nobody" if isolated else "ASIA")


def test_an_endpoint_whose_model_does_not_start_has_failed(service: Service) -> None:
    service.model("broken")
    service.store("broken", fails=True)
    service.configuration("broken", variant("broken"))
    service.sagemaker.create_endpoint(EndpointName="broken", EndpointConfigName="broken")
    found = service.settled("broken")
    assert found["EndpointStatus"] == "Failed"
    assert "primary container for production variant all did not pass the ping health check" in found["FailureReason"]
    assert "the model does not load" in found["FailureReason"]
    assert refusal(service.runtime.invoke_endpoint, EndpointName="broken", Body=b"1") == "ValidationError"
    service.sagemaker.delete_endpoint(EndpointName="broken")


def test_the_role_of_the_model_needs_the_permission_to_read_it(service: Service) -> None:
    service.model("unread")
    policy = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::models/unread/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    iam = service.aws.client("iam")
    iam.put_role_policy(RoleName="served-model", PolicyName="unread", PolicyDocument=document)
    service.configuration("unread", variant("unread"))
    service.sagemaker.create_endpoint(EndpointName="unread", EndpointConfigName="unread")
    found = service.settled("unread")
    iam.delete_role_policy(RoleName="served-model", PolicyName="unread")
    assert found["EndpointStatus"] == "Failed"
    assert "Failed to download model data" in found["FailureReason"]
    assert "is not authorized to perform: s3:GetObject" in found["FailureReason"]


def test_an_update_serves_the_new_model_and_a_failed_one_the_old(service: Service) -> None:
    service.endpoint("updated", 2)
    service.configuration("updated-3", variant(service.model("updated-3", 3)))
    service.sagemaker.update_endpoint(EndpointName="updated", EndpointConfigName="updated-3")
    busy = {"EndpointName": "updated", "EndpointConfigName": "updated"}
    assert refusal(service.sagemaker.update_endpoint, **busy) == "ValidationException"
    assert refusal(service.sagemaker.delete_endpoint, EndpointName="updated") == "ValidationException"
    found = service.settled("updated")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "updated-3")
    assert service.invoke("updated", "1")["Body"] == "3"

    service.model("updated-none")
    service.store("updated-none", fails=True)
    service.configuration("updated-none", variant("updated-none"))
    service.sagemaker.update_endpoint(EndpointName="updated", EndpointConfigName="updated-none")
    found = service.settled("updated")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "updated-3")
    assert "did not pass the ping health check" in found["FailureReason"]
    assert service.invoke("updated", "1")["Body"] == "3"


def test_a_variant_that_scales_keeps_its_instance_type(service: Service) -> None:
    service.endpoint("scaled", 2)
    scaling = service.aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": f"endpoint/scaled/variant/{variant('scaled')['VariantName']}",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    service.configuration("scaled-larger", {**variant("scaled"), "InstanceType": "ml.m5.xlarge"})
    with pytest.raises(ClientError, match="must be deregistered as scalable targets"):
        service.sagemaker.update_endpoint(EndpointName="scaled", EndpointConfigName="scaled-larger")
    service.configuration("scaled-renamed", {**variant("scaled"), "VariantName": "renamed"})
    with pytest.raises(ClientError, match="must be deregistered as scalable targets"):
        service.sagemaker.update_endpoint(EndpointName="scaled", EndpointConfigName="scaled-renamed")
    scaling.deregister_scalable_target(**target)
    service.sagemaker.update_endpoint(EndpointName="scaled", EndpointConfigName="scaled-larger")
    assert service.settled("scaled")["EndpointConfigName"] == "scaled-larger"


def test_an_endpoint_whose_configuration_was_deleted_cannot_be_updated(service: Service) -> None:
    service.endpoint("bereft", 2)
    service.sagemaker.delete_endpoint_config(EndpointConfigName="bereft")
    with pytest.raises(ClientError, match=r'Could not find endpoint configuration ".*endpoint-config/bereft"'):
        service.update("bereft", 3)


def test_containers_answer_in_series(service: Service) -> None:
    for name, factor in (("first", 2), ("second", 5)):
        service.store(name, factor=factor)
    containers = [{**service.container(name), "ContainerHostname": name} for name in ("first", "second")]
    service.sagemaker.create_model(ModelName="serial", Containers=containers, ExecutionRoleArn=service.role)
    service.configuration("serial", variant("serial"))
    service.sagemaker.create_endpoint(EndpointName="serial", EndpointConfigName="serial")
    found = service.settled("serial")
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    assert service.invoke("serial", "1")["Body"] == "10"
    with pytest.raises(ClientError, match="from first with message"):
        service.invoke("serial", "status 500")


def test_a_version_of_the_registry_is_served_once_it_is_approved(service: Service) -> None:
    service.store("registered", factor=7)
    service.sagemaker.create_model_package_group(ModelPackageGroupName="registered")
    arn = service.sagemaker.create_model_package(
        ModelPackageGroupName="registered",
        InferenceSpecification={
            "Containers": [service.container("registered")],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    found = service.sagemaker.describe_model_package(ModelPackageName=arn)
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    given = {"ModelName": "registered", "Containers": [{"ModelPackageName": arn}], "ExecutionRoleArn": service.role}
    assert refusal(service.sagemaker.create_model, **given) == "ValidationException"
    service.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    service.sagemaker.create_model(**given)
    service.configuration("registered", variant("registered"))
    service.sagemaker.create_endpoint(EndpointName="registered", EndpointConfigName="registered")
    found = service.settled("registered")
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    assert service.invoke("registered", "1")["Body"] == "7"


def test_a_version_of_another_account_is_served_if_it_is_shared(service: Service) -> None:
    owner = service.aws.new_account("registry")
    registry = service.aws.client("sagemaker", owner)
    registry.create_model_package_group(ModelPackageGroupName="shared")
    service.store("shared", factor=9)
    arn = registry.create_model_package(
        ModelPackageGroupName="shared",
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [service.container("shared")],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    given = {"ModelName": "shared", "Containers": [{"ModelPackageName": arn}], "ExecutionRoleArn": service.role}
    assert refusal(service.sagemaker.create_model, **given) == "AccessDeniedException"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
        "Action": ["sagemaker:CreateModel"],
        "Resource": f"arn:aws:sagemaker:{REGION}:{owner}:model-package/shared/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    registry.put_model_package_group_policy(ModelPackageGroupName="shared", ResourcePolicy=policy)
    service.sagemaker.create_model(**given)
    service.configuration("shared", variant("shared"))
    service.sagemaker.create_endpoint(EndpointName="shared", EndpointConfigName="shared")
    found = service.settled("shared")
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    assert service.invoke("shared", "1")["Body"] == "9"


def test_a_model_needs_a_role_that_sagemaker_can_assume(service: Service) -> None:
    given = {"ModelName": "no-role", "PrimaryContainer": service.container("none")}
    absent = f"arn:aws:iam::{MANAGEMENT}:role/absent"
    assert refusal(service.sagemaker.create_model, ExecutionRoleArn=absent, **given) == "ValidationException"


def test_the_log_of_the_containers_is_in_cloudwatch(service: Service, doubling: str) -> None:
    logs = service.aws.client("logs")
    group = f"/aws/sagemaker/Endpoints/{doubling}"

    events = eventually(lambda: logs.filter_log_events(logGroupName=group)["events"], ignored=ClientError)
    assert "model {'factor': 2}" in [event["message"] for event in events]


def test_endpoints_are_served_again_after_a_restart_and_nothing_is_left_after_a_stop(tmp_path) -> None:
    with EmulatedAws(tmp_path) as aws:
        service = Service(aws)
        service.configuration("kept", variant(service.model("kept", 2, EnableNetworkIsolation=True)))
        service.sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName="kept")
        assert service.settled("kept")["EndpointStatus"] == "InService"
        service.endpoint("gone", 3)
        service.sagemaker.delete_endpoint(EndpointName="gone")
        aws.restart()
        assert service.invoke("kept", "4")["Body"] == "8"
        assert service.sagemaker.describe_endpoint(EndpointName="kept")["EndpointStatus"] == "InService"
        assert refusal(service.runtime.invoke_endpoint, EndpointName="gone", Body=b"1") == "ValidationError"
        # One process for the variant, and at least one for its container.
        assert len(processes(aws)) >= 2
    assert eventually(lambda: not processes(aws))


def test_a_model_stays_although_no_environment_stands_for_its_image_any_more(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        service = Service(aws)
        service.model("kept")
        (tmp_path / "images.json").unlink()
        assert refusal(service.model, name="new") == "ValidationException"
        aws.restart()
        assert [model["ModelName"] for model in service.sagemaker.list_models()["Models"]] == ["kept"]


def test_each_change_of_an_endpoint_is_an_event(service: Service) -> None:
    sqs, events = service.aws.client("sqs"), service.aws.client("events")
    url = sqs.create_queue(QueueName="changes")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:changes"
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    kinds = [f"SageMaker Endpoint {kind} Change" for kind in ("State", "Deployment State")]
    pattern = {"source": ["aws.sagemaker"], "detail-type": kinds, "detail": {"EndpointName": ["told"]}}
    events.put_rule(Name="changes", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="changes", Targets=[{"Id": "queue", "Arn": arn}])
    service.endpoint("told")
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 3000}
    service.update("told", 2, {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}})
    service.stage("told", "Baking")
    service.aws.advance(seconds=3000)
    service.sagemaker.delete_endpoint(EndpointName="told")
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    states, deployments = ([event["detail"] for event in found if event["detail-type"] == kind] for kind in kinds)
    told = Counter(state["EndpointStatus"] for state in states)
    assert told == {"CREATING": 1, "IN_SERVICE": 2, "UPDATING": 1, "DELETING": 1}
    pending = [
        deployment["PendingDeploymentSummary"] for deployment in deployments if "PendingDeploymentSummary" in deployment
    ]
    stages = {
        production_variant["VariantStatus"][0]["Status"]
        for summary in pending
        for production_variant in summary["ProductionVariants"]
    }
    assert stages == {"Creating", "ActivatingTraffic", "Baking"}
    assert {endpoint_config["EndpointConfigName"] for endpoint_config in pending} == {"told", "told-2"}
