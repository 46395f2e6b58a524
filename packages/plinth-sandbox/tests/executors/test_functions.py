"""A function runs as its role: its code, its limits, its logs, and the calls that it makes."""

from __future__ import annotations

import base64
import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from executors.functions import archive, create, invoke, messages, role
from plinth_sandbox.testing import EmulatedAws, refusal
from plinth_sandbox.waiting import eventually


@pytest.fixture(scope="module")
def aws(server: EmulatedAws) -> EmulatedAws:
    return server


ECHO = """
    import os
    def handler(event, context):
        print("got", event)
        return {"event": event, "version": context.function_version, "arn": context.invoked_function_arn,
                "own": os.environ.get("OWN"), "process": os.getpid()}
"""


def test_a_function_gets_its_event_and_its_settings(aws: EmulatedAws) -> None:
    arn = create(aws, "echo", ECHO, Environment={"Variables": {"OWN": "1"}})
    answer = invoke(aws, "echo", {"a": [1, "ü"]}, LogType="Tail")
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["Payload"] | {"process": 0} == {
        "event": {"a": [1, "ü"]}, "version": "$LATEST", "arn": arn, "own": "1", "process": 0,
    }  # fmt: skip
    tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert tail[0].startswith("START RequestId: ")
    assert tail[1] == "got {'a': [1, 'ü']}"
    assert tail[3].startswith("REPORT RequestId: ")
    assert "Init Duration: " in tail[3]
    assert messages(aws, "echo") == tail


def test_an_instance_stays_warm_until_the_code_changes(aws: EmulatedAws) -> None:
    create(aws, "warm", ECHO)
    first, second = (invoke(aws, "warm")["Payload"]["process"] for _ in range(2))
    assert first == second
    aws.client("lambda").update_function_code(FunctionName="warm", ZipFile=archive(ECHO.replace("got", "has")))
    assert invoke(aws, "warm")["Payload"]["process"] != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("def handler(event, context): raise ValueError('no such card')", "ValueError", "no such card"),
        ("import absent", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'absent'"),
        ("import pulumi", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'pulumi'"),
        ("import os\ndef handler(event, context): os._exit(7)", "Runtime.ExitError", "exit status 7"),
        ("def handler(event, context): return {1, 2}", "Runtime.MarshalError", "Unable to marshal response"),
        ("def handler(event, context): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge", "6291556 bytes"),
    ],
)
def test_a_failing_function_answers_with_its_error(aws: EmulatedAws, source: str, kind: str, message: str) -> None:
    name = f"failing-{abs(hash((source, kind)))}"
    create(aws, name, source)
    answer = invoke(aws, name)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert answer["Payload"]["errorType"] == kind
    assert message in answer["Payload"]["errorMessage"]
    if kind == "Runtime.ExitError":
        # The next invocation starts a new process.
        assert invoke(aws, name)["Payload"]["errorType"] == kind


def test_a_function_ends_at_its_time_limit(aws: EmulatedAws) -> None:
    create(aws, "slow", "import time\ndef handler(event, context): time.sleep(event)", Timeout=1)
    answer = invoke(aws, "slow", 600)
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "Sandbox.Timedout"
    assert answer["Payload"]["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert any(line.endswith("Task timed out after 1.00 seconds") for line in messages(aws, "slow"))


READ = """
    import boto3
    def handler(event, context):
        content = boto3.client("s3").get_object(Bucket="cards", Key=event)["Body"].read().decode()
        return [content, boto3.client("sts").get_caller_identity()["Arn"]]
"""


def test_the_calls_of_a_function_are_judged_by_its_role(aws: EmulatedAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="cards", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key in ("open/1", "closed/1"):
        s3.put_object(Bucket="cards", Key=key, Body=b"one")
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::cards/open/*"}
    create(aws, "reader", READ, role_arn=role(aws, "reader", reads))
    content, who = invoke(aws, "reader", "open/1")["Payload"]
    assert content == "one"
    assert who.endswith(":assumed-role/reader/reader")
    denied = invoke(aws, "reader", "closed/1")["Payload"]
    assert "is not authorized to perform: s3:GetObject" in denied["errorMessage"]


def test_without_permission_for_logs_there_is_no_log(aws: EmulatedAws) -> None:
    create(aws, "silent", ECHO, role_arn=role(aws, "silent", logs=False))
    assert invoke(aws, "silent", 1)["Payload"]["event"] == 1
    assert aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/silent")["logGroups"] == []


def test_a_role_that_lambda_may_no_longer_assume_stops_the_function(aws: EmulatedAws) -> None:
    create(aws, "untrusted", ECHO)
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws.client("iam").update_assume_role_policy(RoleName="untrusted-role", PolicyDocument=policy)
    with pytest.raises(ClientError, match="cannot be assumed by Lambda") as error:
        invoke(aws, "untrusted")
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


CALL = """
    import boto3, json
    def handler(event, context):
        return json.loads(boto3.client("lambda").invoke(FunctionName=event)["Payload"].read())
"""


def test_a_function_invokes_another_one(aws: EmulatedAws) -> None:
    """The outer invocation waits for the inner one, at the same emulator."""
    inner = create(aws, "inner", "def handler(event, context): return 42")
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": inner}
    create(aws, "outer", CALL, role_arn=role(aws, "outer", allowed))
    assert invoke(aws, "outer", "inner")["Payload"] == 42
    assert "lambda:InvokeFunction" in invoke(aws, "outer", "outer")["Payload"]["errorMessage"]


def test_an_alias_shares_invocations_by_weight(aws: EmulatedAws) -> None:
    client = aws.client("lambda")
    create(aws, "weighted", ECHO)
    assert client.publish_version(FunctionName="weighted")["Version"] == "1"
    client.update_function_code(FunctionName="weighted", ZipFile=archive(ECHO.replace("got", "has")))
    assert client.publish_version(FunctionName="weighted")["Version"] == "2"
    client.create_alias(
        FunctionName="weighted",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )
    answers = [invoke(aws, "weighted", Qualifier="live") for _ in range(8)]
    assert sorted(answer["ExecutedVersion"] for answer in answers) == ["1"] * 6 + ["2"] * 2
    assert all(answer["Payload"]["version"] == answer["ExecutedVersion"] for answer in answers)
    assert answers[0]["Payload"]["arn"].endswith(":weighted:live")
    assert invoke(aws, "weighted", Qualifier="2")["Payload"]["version"] == "2"


def test_invocations_that_aws_refuses(aws: EmulatedAws) -> None:
    client = aws.client("lambda")
    create(aws, "refusing", ECHO)
    assert refusal(client.invoke, FunctionName="absent") == "ResourceNotFoundException"
    assert refusal(client.invoke, FunctionName="refusing", Qualifier="9") == "ResourceNotFoundException"
    assert refusal(client.invoke, FunctionName="refusing", Payload=b"{") == "InvalidRequestContentException"
    large = json.dumps("x" * 6_300_000)
    assert refusal(client.invoke, FunctionName="refusing", Payload=large) == "RequestTooLargeException"
    assert client.invoke(FunctionName="refusing", InvocationType="DryRun")["StatusCode"] == 204
    client.put_function_concurrency(FunctionName="refusing", ReservedConcurrentExecutions=0)
    assert refusal(client.invoke, FunctionName="refusing") == "TooManyRequestsException"


def test_metrics_count_invocations_and_errors(aws: EmulatedAws) -> None:
    create(aws, "half", "def handler(event, context): return 1 / event")
    for number in (1, 0, 2):
        invoke(aws, "half", number)

    def total(name: str) -> float:
        found = aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {
                    "Id": "m",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/Lambda",
                            "MetricName": name,
                            "Dimensions": [{"Name": "FunctionName", "Value": "half"}],
                        },
                        "Period": 3600,
                        "Stat": "Sum",
                    },
                }
            ],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
        )["MetricDataResults"][0]
        return float(sum(found["Values"]))

    assert [total(name) for name in ("Invocations", "Errors", "Throttles")] == [3, 1, 0]


FAIL = """
    import boto3
    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl=event["seen"], MessageBody=context.aws_request_id)
        if event["fails"]:
            raise ValueError("failed")
"""


def _queue(aws: EmulatedAws, name: str) -> tuple[str, str]:
    sqs = aws.client("sqs")
    url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    return url, str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def _received(aws: EmulatedAws, url: str, count: int) -> list[Any]:
    found: list[Any] = []

    def look() -> list[Any] | None:
        with suppress(KeyError):
            found.extend(aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"])
        return found if len(found) >= count else None

    eventually(look)
    return found


def test_a_failed_event_runs_three_times_and_becomes_a_dead_letter(aws: EmulatedAws) -> None:
    seen, seen_arn = _queue(aws, "seen-1")
    dead, dead_arn = _queue(aws, "dead")
    sends = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": [seen_arn, dead_arn]}
    create(aws, "worker", FAIL, role_arn=role(aws, "worker", sends), DeadLetterConfig={"TargetArn": dead_arn})
    payload = {"seen": seen, "fails": True}
    answer = invoke(aws, "worker", payload, InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"]) == (202, None)
    (letter,) = _received(aws, dead, 1)
    assert json.loads(letter["Body"]) == payload
    requests = [message["Body"] for message in _received(aws, seen, 3)]
    assert len(requests) == 3
    assert len(set(requests)) == 1
    assert invoke(aws, "worker", {**payload, "fails": False}, InvocationType="Event")["StatusCode"] == 202
    assert len(_received(aws, seen, 1)) == 1


def test_events_survive_a_restart_and_are_not_repeated_by_the_next(aws: EmulatedAws) -> None:
    seen, seen_arn = _queue(aws, "seen-2")
    sends = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": seen_arn}
    create(aws, "resumed", FAIL, role_arn=role(aws, "resumed", sends))
    client = aws.client("lambda")
    client.put_function_concurrency(FunctionName="resumed", ReservedConcurrentExecutions=0)
    invoke(aws, "resumed", {"seen": seen, "fails": False}, InvocationType="Event")
    aws.restart()
    client.delete_function_concurrency(FunctionName="resumed")
    assert len(_received(aws, seen, 1)) == 1
    eventually(lambda: messages(aws, "resumed"))
    aws.restart()
    invoke(aws, "resumed", {"seen": seen, "fails": False}, InvocationType="Event")
    assert len(_received(aws, seen, 1)) == 1


COLLECT = """
    import boto3, json
    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl=%r, MessageBody=json.dumps(event))
"""


def test_services_invoke_a_function_whose_policy_lets_them(aws: EmulatedAws) -> None:
    url, queue = _queue(aws, "collected")
    sends = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
    arn = create(aws, "collector", COLLECT % url, role_arn=role(aws, "collector", sends))
    s3, sns, events = aws.client("s3"), aws.client("sns"), aws.client("events")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    rule = events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))["RuleArn"]
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": arn}])
    s3.create_bucket(Bucket="arrivals", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    def cause() -> None:
        sns.publish(TopicArn=topic, Message="hello")
        events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{}"}])
        s3.put_object(Bucket="arrivals", Key="day/1.csv", Body=b"1")

    # Nobody is allowed yet: an event that was delivered nevertheless would be the first to arrive.
    sns.publish(TopicArn=topic, Message="refused")
    sources = {"sns": topic, "events": rule, "s3": "arn:aws:s3:::arrivals"}
    for service, source in sources.items():
        aws.client("lambda").add_permission(
            FunctionName="collector",
            StatementId=service,
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
            SourceArn=source,
        )
    notified = [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]
    s3.put_bucket_notification_configuration(
        Bucket="arrivals", NotificationConfiguration={"LambdaFunctionConfigurations": notified}
    )
    cause()
    bodies = [json.loads(message["Body"]) for message in _received(aws, url, 3)]
    records = [body.get("Records", [body])[0] for body in bodies]
    found = {
        record.get("EventSource") or record.get("eventSource") or record["source"]: body
        for record, body in zip(records, bodies, strict=True)
    }
    assert len(bodies) == 3
    assert set(found) == {"aws:sns", "shop", "aws:s3"}
    assert found["aws:sns"]["Records"][0]["Sns"]["Message"] == "hello"
    assert found["aws:s3"]["Records"][0]["s3"]["object"]["key"] == "day/1.csv"


def test_event_sources_that_the_sandbox_does_not_poll_are_refused(aws: EmulatedAws) -> None:
    create(aws, "polled", ECHO)
    _, queue = _queue(aws, "polled")
    client = aws.client("lambda")
    code = refusal(client.create_event_source_mapping, FunctionName="polled", EventSourceArn=queue)
    assert code == "NotImplementedBySandbox"
