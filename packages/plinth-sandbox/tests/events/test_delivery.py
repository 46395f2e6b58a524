"""Events reach every target of the rules that they match, with the permissions that the targets require."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.testing import REGION, EmulatedAws

from .site import EVENTS, Site, policy


def test_every_target_of_every_matching_rule_gets_an_event_once(site: Site) -> None:
    (first, first_arn), (second, second_arn) = site.queue("every-first"), site.queue("every-second")
    site.rule("every", {"source": ["every"]}, {"Arn": first_arn}, {"Arn": second_arn})
    site.rule("every-too", {"detail": {"size": [{"numeric": [">", 3]}]}, "source": ["every"]}, {"Arn": first_arn})
    site.rule("every-other", {"source": ["never"]}, {"Arn": first_arn})
    assert "EventId" in site.put("every", {"size": 4})
    site.put("every", {"size": 3})
    assert sorted(event["detail"]["size"] for event in site.bodies(first)) == [3, 4, 4]
    (event, _) = site.bodies(second)
    assert (event["account"], event["region"], event["source"]) == (site.account, REGION, "every")
    assert event["time"].endswith("Z")


def test_a_disabled_rule_delivers_nothing(site: Site) -> None:
    url, arn = site.queue("disabled")
    site.rule("disabled", {"source": ["disabled"]}, {"Arn": arn})
    site.client("events").disable_rule(Name="disabled")
    site.put("disabled")
    assert site.received(url) == []


def test_a_scheduled_rule_matches_no_event(site: Site) -> None:
    url, arn = site.queue("scheduled-only")
    site.client("events").put_rule(Name="scheduled-only", ScheduleExpression="cron(0 3 1 1 ? 2190)")
    site.client("events").put_targets(Rule="scheduled-only", Targets=[{"Id": "q", "Arn": arn}])
    site.put("anything")
    assert site.received(url) == []


def test_the_input_of_a_target_is_the_event_a_part_a_constant_or_a_template(site: Site) -> None:
    url, arn = site.queue("inputs")
    template = '{"size": <size>, "key": <key>, "all": "<key> of <size> in <aws.events.rule-name>", "none": "<none>"}'
    paths = {"size": "$.detail.size", "key": "$.detail.object.key", "none": "$.detail.none"}
    site.rule(
        "inputs",
        {"source": ["inputs"]},
        {"Arn": arn, "Input": '{"constant": 1}'},
        {"Arn": arn, "InputPath": "$.detail.object"},
        {"Arn": arn, "InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}},
        {"Arn": arn, "InputTransformer": {"InputPathsMap": paths, "InputTemplate": "<key> has <size>"}},
    )
    site.put("inputs", {"size": 7, "object": {"key": "a/b"}})
    assert site.bodies(url) == [
        {"constant": 1},
        {"key": "a/b"},
        {"size": 7, "key": "a/b", "all": "a/b of 7 in inputs", "none": ""},
        "a/b has 7",
    ]


def test_without_a_queue_policy_the_event_goes_to_the_dead_letter_queue(site: Site) -> None:
    closed, closed_arn = site.queue("closed", sender=None)
    dead, dead_arn = site.queue("dead-letters")
    rule = site.rule("closed", {"source": ["closed"]}, {"Arn": closed_arn, "DeadLetterConfig": {"Arn": dead_arn}})
    assert "EventId" in site.put("closed", {"lost": False})
    assert site.received(closed) == []
    (letter,) = site.received(dead)
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"])["detail"] == {"lost": False}
    assert (attributes["RULE_ARN"], attributes["TARGET_ARN"]) == (rule, closed_arn)
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"


def test_a_queue_policy_admits_only_the_rule_that_it_names(site: Site) -> None:
    url, arn = site.queue("named", sender=None)
    rule = f"arn:aws:events:{REGION}:{site.account}:rule/named"
    admitted = {
        "Sid": "Rule",
        "Principal": {"Service": EVENTS},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    site.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(admitted)})
    for name in ("named", "unnamed"):
        site.rule(name, {"source": ["named"]}, {"Arn": arn, "Input": json.dumps(name)})
    site.put("named")
    assert site.bodies(url) == ["named"]


def test_an_encrypted_queue_needs_a_key_policy_for_events(site: Site) -> None:
    kms = site.client("kms")
    owner = {"Sid": "Owner", "Principal": {"AWS": f"arn:aws:iam::{site.account}:root"}, "Action": "kms:*"}
    service = {"Sid": "Events", "Principal": {"Service": EVENTS}, "Resource": "*"}
    key = kms.create_key(Policy=policy({**owner, "Resource": "*"}))["KeyMetadata"]["Arn"]
    url, arn = site.queue("encrypted", KmsMasterKeyId=key)
    site.rule("encrypted", {"source": ["encrypted"]}, {"Arn": arn})
    site.put("encrypted", {"actions": []})
    for actions in (["kms:GenerateDataKey"], ["kms:Decrypt"], ["kms:Decrypt", "kms:GenerateDataKey"]):
        document = policy({**owner, "Resource": "*"}, {**service, "Action": actions})
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
        site.put("encrypted", {"actions": actions})
    assert [event["detail"] for event in site.bodies(url)] == [{"actions": ["kms:Decrypt", "kms:GenerateDataKey"]}]


def test_what_reached_no_target_is_in_the_status(site: Site) -> None:
    _, arn = site.queue("silent", sender=None)
    rule = site.rule("silent", {"source": ["silent"]}, {"Arn": arn})
    site.put("silent")
    assert f"{rule} to {arn}: NO_PERMISSIONS" in status(site.aws)["undelivered_events"]


def status(aws: EmulatedAws) -> dict[str, Any]:
    from urllib.request import Request, urlopen

    from plinth_sandbox.emulator.credentials import management_secret
    from plinth_sandbox.emulator.process import STATUS_PATH

    headers = {"Authorization": f"Bearer {management_secret(aws.directory)}"}
    with urlopen(Request(aws.url + STATUS_PATH, headers=headers)) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_a_fifo_queue_gets_the_message_group(site: Site) -> None:
    url, arn = site.queue("ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    site.rule("ordered", {"source": ["ordered"]}, {"Arn": arn, "SqsParameters": {"MessageGroupId": "all"}})
    site.put("ordered")
    messages = site.client("sqs").receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert [message["Attributes"]["MessageGroupId"] for message in messages] == ["all"]


def test_a_topic_and_a_log_group_get_events_by_their_policies(site: Site) -> None:
    sns, logs = site.client("sns"), site.client("logs")
    topic = sns.create_topic(Name="told")["TopicArn"]
    publishes = {"Sid": "Events", "Principal": {"Service": EVENTS}, "Action": "sns:Publish", "Resource": topic}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(publishes))
    url, queue = site.queue("told", sender="sns.amazonaws.com")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    logs.create_log_group(logGroupName="/aws/events/told")
    group = f"arn:aws:logs:{REGION}:{site.account}:log-group:/aws/events/told"
    writes = {
        "Principal": {"Service": [EVENTS, "delivery.logs.amazonaws.com"]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{group}:*",
    }
    logs.put_resource_policy(policyName="told", policyDocument=policy(writes))
    site.rule("told", {"source": ["told"]}, {"Arn": topic}, {"Arn": group})
    site.put("told", {"number": 5})
    assert [event["detail"] for event in site.bodies(url)] == [{"number": 5}]
    (stream,) = logs.describe_log_streams(logGroupName="/aws/events/told")["logStreams"]
    found = logs.get_log_events(logGroupName="/aws/events/told", logStreamName=stream["logStreamName"])["events"]
    assert [json.loads(event["message"])["detail"] for event in found] == [{"number": 5}]


def bus_that_admits(receiver: Site, name: str, sender: Site) -> str:
    events = receiver.client("events")
    arn = str(events.create_event_bus(Name=name)["EventBusArn"])
    admitted = {
        "Sid": "Sender",
        "Principal": {"AWS": f"arn:aws:iam::{sender.account}:root"},
        "Action": "events:PutEvents",
        "Resource": arn,
    }
    events.put_permission(EventBusName=name, Policy=policy(admitted))
    return arn


def test_an_event_reaches_a_queue_over_the_bus_of_another_account(site: Site, other: Site) -> None:
    bus = bus_that_admits(other, "hub", site)
    url, arn = other.queue("over-the-bus")
    other.rule("over-the-bus", {"account": [site.account]}, {"Arn": arn}, bus="hub")
    role = site.role("to-the-hub", {"Action": "events:PutEvents", "Resource": bus})
    site.rule("to-the-hub", {"source": ["chain"]}, {"Arn": bus, "RoleArn": role})
    put = site.put("chain", {"link": 1})
    (event,) = other.bodies(url)
    assert (event["id"], event["account"], event["detail"]) == (put["EventId"], site.account, {"link": 1})


def test_a_bus_without_a_policy_for_the_sender_gets_nothing(site: Site, other: Site) -> None:
    arn = other.client("events").create_event_bus(Name="private")["EventBusArn"]
    url, queue = other.queue("private")
    other.rule("private", {"account": [site.account]}, {"Arn": queue}, bus="private")
    dead, dead_arn = site.queue("private-dead")
    role = site.role("to-the-private", {"Action": "events:PutEvents", "Resource": arn})
    target = {"Arn": arn, "RoleArn": role, "DeadLetterConfig": {"Arn": dead_arn}}
    site.rule("to-the-private", {"source": ["private"]}, target)
    site.put("private")
    assert other.received(url) == []
    assert len(site.received(dead)) == 1


def test_an_event_from_another_bus_reaches_no_third_one(site: Site, other: Site) -> None:
    second, third = bus_that_admits(other, "second", site), bus_that_admits(site, "third", other)
    dead, dead_arn = other.queue("hop-dead")
    away = site.role("hop", {"Action": "events:PutEvents", "Resource": second})
    back = other.role("hop", {"Action": "events:PutEvents", "Resource": third})
    site.rule("hop", {"source": ["hop"]}, {"Arn": second, "RoleArn": away})
    target = {"Arn": third, "RoleArn": back, "DeadLetterConfig": {"Arn": dead_arn}}
    other.rule("hop", {"source": ["hop"]}, target, bus="second")
    site.put("hop")
    (letter,) = other.received(dead)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "THIRD_ACCOUNT_HOP_DETECTED"


@pytest.mark.parametrize(
    ("name", "allowed", "service", "code"),
    [
        ("untrusted", "sagemaker:StartPipelineExecution", "scheduler.amazonaws.com", "FAILED_TO_ASSUME_ROLE"),
        ("unallowed", "sagemaker:StopPipelineExecution", EVENTS, "NO_PERMISSIONS"),
    ],
)
def test_a_role_delivers_only_if_it_trusts_events_and_allows_the_call(
    site: Site, name: str, allowed: str, service: str, code: str
) -> None:
    dead, dead_arn = site.queue(f"{name}-dead")
    pipeline = f"arn:aws:sagemaker:{REGION}:{site.account}:pipeline/{name}"
    role = site.role(name, {"Action": allowed, "Resource": "*"}, service=service)
    site.rule(name, {"source": [name]}, {"Arn": pipeline, "RoleArn": role, "DeadLetterConfig": {"Arn": dead_arn}})
    site.put(name)
    (letter,) = site.received(dead)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == code


@pytest.mark.parametrize(("bounded", "delivered"), [("events:PutEvents", True), ("events:PutRule", False)])
def test_managed_policies_of_a_role_and_its_boundary_decide_too(
    site: Site, other: Site, bounded: str, delivered: bool
) -> None:
    name, iam = f"managed-{delivered}".lower(), site.client("iam")
    bus = bus_that_admits(other, name, site)
    url, queue = other.queue(name)
    other.rule(name, {"account": [site.account]}, {"Arn": queue}, bus=name)
    attached, boundary = (
        iam.create_policy(
            PolicyName=f"{name}-{kind}", PolicyDocument=policy({"Action": "events:DeleteRule", "Resource": "*"})
        )["Policy"]["Arn"]
        for kind in ("attached", "boundary")
    )
    for arn, action in ((attached, "events:PutEvents"), (boundary, bounded)):
        document = policy({"Action": action, "Resource": "*"})
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    role = site.role(name)
    iam.attach_role_policy(RoleName=name, PolicyArn=attached)
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    site.rule(name, {"source": [name]}, {"Arn": bus, "RoleArn": role})
    site.put(name)
    assert len(other.received(url)) == int(delivered)


def test_a_target_that_refuses_leaves_a_dead_letter(site: Site) -> None:
    dead, dead_arn = site.queue("refusing-dead")
    machine = f"arn:aws:states:{REGION}:{site.account}:stateMachine:refusing"
    role = site.role("refusing", {"Action": "states:StartExecution", "Resource": machine})
    target = {"Arn": machine, "RoleArn": role, "DeadLetterConfig": {"Arn": dead_arn}}
    site.rule("refusing", {"source": ["refusing"]}, target)
    site.put("refusing")
    (letter,) = site.received(dead)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "ERROR_FROM_TARGET"
    assert "NotImplementedBySandbox" in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


def test_an_archive_keeps_what_matches(site: Site) -> None:
    events = site.client("events")
    bus = events.create_event_bus(Name="archived")["EventBusArn"]
    pattern = json.dumps({"source": ["kept"]})
    events.create_archive(ArchiveName="kept", EventSourceArn=bus, EventPattern=pattern)
    site.put("kept", bus="archived")
    site.put("dropped", bus="archived")
    assert events.describe_archive(ArchiveName="kept")["EventCount"] == 1


def test_a_restart_delivers_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        site = Site(aws)
        url, arn = site.queue("once")
        site.rule("once", {"source": ["once"]}, {"Arn": arn})
        put = site.put("once")
        aws.restart()
        assert [event["id"] for event in site.bodies(url)] == [put["EventId"]]
        aws.restart()
        assert site.received(url) == []


DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [{"Name": "Key", "Type": "String"}, {"Name": "Size", "Type": "Integer", "DefaultValue": 1}],
    "Steps": [
        {
            "Name": "Decide",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [{"Type": "Equals", "LeftValue": {"Get": "Parameters.Key"}, "RightValue": "in/a.csv"}],
                "IfSteps": [],
                "ElseSteps": [{"Name": "Wrong", "Type": "Fail", "Arguments": {"ErrorMessage": "wrong key"}}],
            },
        }
    ],
}


def test_an_object_starts_a_pipeline_with_its_key_and_the_end_of_the_pipeline_is_an_event(site: Site) -> None:
    s3, sagemaker = site.client("s3"), site.client("sagemaker")
    bucket = f"arrivals-{site.account}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    runs = site.role("scoring-runs", service="sagemaker.amazonaws.com")
    arn = sagemaker.create_pipeline(
        PipelineName="scoring", PipelineDefinition=json.dumps(DEFINITION), RoleArn=runs, ClientRequestToken="a" * 32
    )["PipelineArn"]
    starts = site.role("scoring-starts", {"Action": "sagemaker:StartPipelineExecution", "Resource": arn})
    given = [{"Name": "Key", "Value": "$.detail.object.key"}, {"Name": "Size", "Value": "$.detail.object.size"}]
    site.rule(
        "arrivals",
        {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "in/"}]}}},
        {"Arn": arn, "RoleArn": starts, "SageMakerPipelineParameters": {"PipelineParameterList": given}},
    )
    url, queue = site.queue("ended")
    site.rule("ended", {"detail": {"currentPipelineExecutionStatus": ["Succeeded"]}}, {"Arn": queue})
    s3.put_object(Bucket=bucket, Key="out/a.csv", Body=b"1,2")
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"1,2")
    (execution,) = sagemaker.list_pipeline_executions(PipelineName="scoring")["PipelineExecutionSummaries"]
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    parameters = sagemaker.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"]
    )["PipelineParameters"]
    assert parameters == [{"Name": "Key", "Value": "in/a.csv"}, {"Name": "Size", "Value": "3"}]
    (event,) = site.bodies(url)
    assert event["detail-type"] == "SageMaker Model Building Pipeline Execution Status Change"
    assert event["detail"]["pipelineExecutionArn"] == execution["PipelineExecutionArn"]
    assert event["detail"]["previousPipelineExecutionStatus"] == "Executing"


def test_events_of_objects_have_the_documented_members(site: Site) -> None:
    s3 = site.client("s3")
    bucket = f"watched-{site.account}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    url, queue = site.queue("watched")
    site.rule("watched", {"source": ["aws.s3"], "resources": [f"arn:aws:s3:::{bucket}"]}, {"Arn": queue})
    s3.put_object(Bucket=bucket, Key="unseen", Body=b"1")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"12")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="a")
    created, deleted = site.bodies(url)
    assert created["detail-type"] == "Object Created"
    detail = created["detail"]
    assert (detail["bucket"], detail["reason"], detail["requester"]) == ({"name": bucket}, "PutObject", site.account)
    assert (detail["object"]["key"], detail["object"]["size"], detail["object"]["version-id"]) == ("a", 2, version)
    assert deleted["detail-type"] == "Object Deleted"
    assert (deleted["detail"]["reason"], deleted["detail"]["deletion-type"]) == (
        "DeleteObject",
        "Delete Marker Created",
    )
    assert deleted["detail"]["object"]["sequencer"] > detail["object"]["sequencer"]


def test_an_approval_is_an_event_and_keeps_what_it_does_not_name(site: Site) -> None:
    sagemaker = site.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="fraud-scores")
    url, queue = site.queue("approved")
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {
            "ModelPackageGroupName": [{"prefix": "fraud-"}],
            "ModelApprovalStatus": ["Approved"],
            "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        },
    }
    site.rule("approved", pattern, {"Arn": queue})
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="fraud-scores",
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties={"commit": "abc"},
        ModelLifeCycle={"Stage": "Development", "StageStatus": "Proposed"},
        ClientToken="b" * 32,
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"data": "v1"})
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ModelLifeCycle={"Stage": "Staging", "StageStatus": "Approved"},
    )
    (event,) = site.bodies(url)
    assert event["resources"] == [arn]
    detail = event["detail"]
    assert (detail["ModelPackageArn"], detail["ModelPackageVersion"]) == (arn, 1)
    assert (detail["ModelPackageStatus"], detail["ModelApprovalStatus"]) == ("Completed", "Approved")
    assert detail["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ModelLifeCycle"]
    assert detail["CustomerMetadataProperties"] == {"commit": "abc", "data": "v1"}
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["ModelLifeCycle"] == detail["ModelLifeCycle"] == {"Stage": "Staging", "StageStatus": "Approved"}
    assert described["CustomerMetadataProperties"] == {"commit": "abc", "data": "v1"}


def test_an_event_may_start_what_publishes_events(site: Site) -> None:
    sagemaker = site.client("sagemaker")
    runs = site.role("again-runs", service="sagemaker.amazonaws.com")
    definition = json.dumps(
        {**DEFINITION, "Parameters": [{"Name": "Key", "Type": "String", "DefaultValue": "in/a.csv"}]}
    )
    arn = sagemaker.create_pipeline(
        PipelineName="again", PipelineDefinition=definition, RoleArn=runs, ClientRequestToken="c" * 32
    )["PipelineArn"]
    starts = site.role("again-starts", {"Action": "sagemaker:StartPipelineExecution", "Resource": arn})
    pattern = {"detail": {"pipelineArn": [arn], "currentPipelineExecutionStatus": ["Succeeded"]}}
    site.rule("again", pattern, {"Arn": arn, "RoleArn": starts})
    sagemaker.start_pipeline_execution(PipelineName="again", ClientRequestToken="d" * 32)
    started = sagemaker.list_pipeline_executions(PipelineName="again")["PipelineExecutionSummaries"]
    assert 1 < len(started) < 30
    assert any("LOOP_DETECTED" in what for what in status(site.aws)["undelivered_events"])
