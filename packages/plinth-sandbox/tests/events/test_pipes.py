"""Pipes publish changes of DynamoDB tables on event buses, as their role, and only those that they filter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, EmulatedAws

from .site import Site, policy
from .test_delivery import status

PIPES = "pipes.amazonaws.com"
READING = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]


def table(site: Site, name: str, **others: Any) -> str:
    """Creates a table with a stream, and returns the ARN of the stream."""
    created = site.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        **others,
    )
    return str(created["TableDescription"]["LatestStreamArn"])


def statements(site: Site) -> list[dict[str, Any]]:
    bus = f"arn:aws:events:{REGION}:{site.account}:event-bus/default"
    return [
        {"Action": READING, "Resource": "*"},
        {"Action": "events:PutEvents", "Resource": bus},
    ]


def role(site: Site, name: str, *others: dict[str, Any]) -> str:
    """Creates a role for pipes, and returns its ARN."""
    return site.role(name, *statements(site), *others, service=PIPES)


def pipe(site: Site, name: str, stream: str, role_arn: str, **others: Any) -> None:
    parameters = {"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}}
    wanted = {
        "Target": f"arn:aws:events:{REGION}:{site.account}:event-bus/default",
        "SourceParameters": parameters,
        "TargetParameters": {
            "InputTemplate": '{"item": "<$.dynamodb.Keys.pk.S>", "image": <$.dynamodb.NewImage>}',
            "EventBridgeEventBusParameters": {"Source": name, "DetailType": "Change"},
        },
    }
    site.client("pipes").create_pipe(Name=name, Source=stream, RoleArn=role_arn, **{**wanted, **others})


def put(site: Site, name: str, key: str, **attributes: str) -> None:
    item = {"pk": {"S": key}, **{attribute: {"S": value} for attribute, value in attributes.items()}}
    site.client("dynamodb").put_item(TableName=name, Item=item)


def test_written_items_are_events_unless_the_filter_leaves_them_out(site: Site) -> None:
    stream, (url, arn) = table(site, "changes"), site.queue("changes")
    put(site, "changes", "person#before")
    pattern = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "person#"}]}}}}
    filters = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    pipe(
        site,
        "changes",
        stream,
        role(site, "changes"),
        SourceParameters={"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}, "FilterCriteria": filters},
    )
    site.rule("changes", {"source": ["changes"], "detail-type": ["Change"]}, {"Arn": arn})
    put(site, "changes", "person#ada", state='"open"')
    put(site, "changes", "request#1")
    site.client("dynamodb").transact_write_items(
        TransactItems=[{"Put": {"TableName": "changes", "Item": {"pk": {"S": "person#ben"}}}}]
    )
    site.client("dynamodb").delete_item(TableName="changes", Key={"pk": {"S": "person#ada"}})
    assert [event["detail"] for event in site.bodies(url)] == [
        {"item": "person#ada", "image": {"pk": {"S": "person#ada"}, "state": {"S": '"open"'}}},
        {"item": "person#ben", "image": {"pk": {"S": "person#ben"}}},
    ]


def test_a_stopped_pipe_passes_nothing_on(site: Site) -> None:
    stream, (url, arn) = table(site, "stopped"), site.queue("stopped")
    role_arn = role(site, "stopped")
    pipe(site, "stopped", stream, role_arn)
    site.rule("stopped", {"source": ["stopped"]}, {"Arn": arn})
    site.client("pipes").update_pipe(Name="stopped", RoleArn=role_arn, DesiredState="STOPPED")
    put(site, "stopped", "one")
    site.client("pipes").update_pipe(Name="stopped", RoleArn=role_arn, DesiredState="RUNNING")
    put(site, "stopped", "two")
    assert [event["detail"]["item"] for event in site.bodies(url)] == ["two"]


@pytest.mark.parametrize("missing", ["dynamodb:GetRecords", "events:PutEvents"])
def test_a_role_without_a_permission_passes_nothing_on_and_the_status_says_so(site: Site, missing: str) -> None:
    name = missing.replace(":", "-")
    stream, (url, arn) = table(site, name), site.queue(name)
    denied = {"Effect": "Deny", "Action": missing, "Resource": "*"}
    pipe(site, name, stream, role(site, name, denied))
    site.rule(name, {"source": [name]}, {"Arn": arn})
    put(site, name, "one")
    assert site.received(url) == []
    assert any(f"pipe/{name}" in line and "NO_PERMISSIONS" in line for line in status(site.aws)["undelivered_events"])


def test_the_key_of_the_table_has_to_admit_the_pipe(site: Site) -> None:
    key = site.client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    stream, (url, arn) = table(site, "sealed", SSESpecification=encryption), site.queue("sealed")
    role_arn = role(site, "sealed")
    pipe(site, "sealed", stream, role_arn)
    site.rule("sealed", {"source": ["sealed"]}, {"Arn": arn})
    put(site, "sealed", "one")
    assert site.received(url) == []
    decrypts = policy({"Action": "kms:Decrypt", "Resource": key})
    site.client("iam").put_role_policy(RoleName="sealed", PolicyName="key", PolicyDocument=decrypts)
    put(site, "sealed", "two")
    assert [event["detail"]["item"] for event in site.bodies(url)] == ["two"]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"SourceParameters": {}}, "ValidationException", "StartingPosition is required"),
        (
            {"SourceParameters": {"DynamoDBStreamParameters": {"StartingPosition": "TRIM_HORIZON"}}},
            "NotImplementedBySandbox",
            "TRIM_HORIZON",
        ),
        ({"Target": f"arn:aws:sqs:{REGION}:111122223333:queue"}, "NotImplementedBySandbox", "DynamoDB stream to"),
        ({"TargetParameters": {"InputTemplate": '{"a": <$.a b>}'}}, "ValidationException", "$.a b"),
        (
            {
                "SourceParameters": {
                    "DynamoDBStreamParameters": {"StartingPosition": "LATEST"},
                    "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": "INSERT"}'}]},
                }
            },
            "ValidationException",
            "Invalid filter pattern",
        ),
    ],
)
def test_a_pipe_that_aws_or_the_sandbox_does_not_run_is_refused(
    site: Site, changes: dict[str, Any], code: str, message: str
) -> None:
    stream = f"arn:aws:dynamodb:{REGION}:{site.account}:table/refused/stream/2026-11-27T00:00:00.000"
    with pytest.raises(ClientError, match=message.replace("$", r"\$")) as refused:
        pipe(site, "refused", stream, f"arn:aws:iam::{site.account}:role/refused", **changes)
    assert refused.value.response["Error"]["Code"] == code


def test_a_pipe_still_runs_after_a_restart_and_repeats_nothing(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as before:
        site = Site(before, before.new_account("restarted"))
        stream, (url, arn) = table(site, "restarted"), site.queue("restarted")
        pipe(site, "restarted", stream, role(site, "restarted"))
        site.rule("restarted", {"source": ["restarted"]}, {"Arn": arn})
        put(site, "restarted", "one")
        account = site.account
    with EmulatedAws(tmp_path) as after:
        site = Site(after, account)
        put(site, "restarted", "two")
        assert [event["detail"]["item"] for event in site.bodies(url)] == ["one", "two"]
