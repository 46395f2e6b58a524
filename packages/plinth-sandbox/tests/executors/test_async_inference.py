"""Asynchronous inference reads requests from S3, writes answers there, and says so on topics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from executors.serving import Service
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yields an account whose endpoint ``later`` answers asynchronously, and sends its results to a queue."""
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as aws:
        service = Service(aws)
        sns, sqs = aws.client("sns"), aws.client("sqs")
        topic = sns.create_topic(Name="results")["TopicArn"]
        queue = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:results"
        sqs.create_queue(QueueName="results")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
        output = {"S3OutputPath": "s3://captures/answers", "S3FailurePath": "s3://captures/failures"}
        topics = {"SuccessTopic": topic, "ErrorTopic": topic}
        later = {"OutputConfig": {**output, "NotificationConfig": topics}}
        found = service.endpoint("later", 2, AsyncInferenceConfig=later)
        assert found["EndpointStatus"] == "InService", found.get("FailureReason")
        yield service


def ask(service: Service, body: bytes, **more: Any) -> dict[str, Any]:
    service.s3.put_object(Bucket="captures", Key="questions/1.json", Body=body)
    found: dict[str, Any] = service.runtime.invoke_endpoint_async(
        EndpointName="later", ContentType="application/json", InputLocation="s3://captures/questions/1.json", **more
    )
    return found


def content(service: Service, location: str) -> str:
    """Returns the content of an object when it exists."""
    bucket, _, key = location.removeprefix("s3://").partition("/")

    found = eventually(lambda: service.s3.get_object(Bucket=bucket, Key=key), ignored=ClientError)
    return str(found["Body"].read().decode())


def message(service: Service, asked: dict[str, Any]) -> dict[str, Any]:
    """Returns the message about the result of an invocation. Other tests have invoked the endpoint too."""
    sqs = service.aws.client("sqs")
    url = sqs.get_queue_url(QueueName="results")["QueueUrl"]

    def look() -> list[dict[str, Any]]:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for sqs_message in received:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=sqs_message["ReceiptHandle"])
        found: list[dict[str, Any]] = [json.loads(notification["Body"]) for notification in received]
        return [inference for inference in found if inference["inferenceId"] == asked["InferenceId"]]

    (found,) = eventually(look)
    return found


def test_an_answer_is_written_and_announced(service: Service) -> None:
    asked = ask(service, b"21", InferenceId="request-1")
    assert asked["InferenceId"] == "request-1"
    assert asked["OutputLocation"].startswith("s3://captures/answers/")
    assert content(service, asked["OutputLocation"]) == "42"
    told = message(service, asked)
    assert (told["invocationStatus"], told["inferenceId"]) == ("Completed", "request-1")
    assert told["responseParameters"]["outputLocation"] == asked["OutputLocation"]


def test_a_failure_is_written_and_announced(service: Service) -> None:
    asked = ask(service, b"status 500")
    assert "Received server error (500) from primary" in content(service, asked["FailureLocation"])
    told = message(service, asked)
    assert (told["invocationStatus"], told["failureLocation"]) == ("Failed", asked["FailureLocation"])


def test_the_metrics_are_those_of_asynchronous_endpoints(service: Service) -> None:
    content(service, ask(service, b"21")["OutputLocation"])
    given = {"Namespace": "AWS/SageMaker", "Dimensions": [{"Name": "EndpointName", "Value": "later"}]}
    names = {"Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"}

    def look() -> set[str]:
        found = {metric["MetricName"] for metric in service.aws.client("cloudwatch").list_metrics(**given)["Metrics"]}
        return found if found >= names else set()

    assert eventually(look) == names


def test_a_restart_loses_no_request(service: Service) -> None:
    asked = [ask(service, b"4")["OutputLocation"] for _ in range(5)]
    service.aws.restart()
    assert [content(service, location) for location in asked] == ["8"] * 5


def test_endpoints_answer_in_one_way_only(service: Service) -> None:
    assert refusal(service.runtime.invoke_endpoint, EndpointName="later", Body=b"1") == "ValidationError"
    service.endpoint("now", 2)
    given = {"EndpointName": "now", "InputLocation": "s3://captures/questions/1.json"}
    assert refusal(service.runtime.invoke_endpoint_async, **given) == "ValidationError"
