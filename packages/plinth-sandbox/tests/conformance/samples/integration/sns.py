"""Samples of Amazon SNS."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_TOPIC: Need = ("aws:sns/topic:Topic", {"name": "topic-of-{n}"})
_QUEUE: Need = ("aws:sqs/queue:Queue", {"name": "queue-of-{n}"})


def _policy(sid: str) -> str:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _attributes(aws: Aws, arn: str) -> dict[str, str]:
    return dict(aws("sns").get_topic_attributes(TopicArn=arn)["Attributes"])


def _topic(aws: Aws, it: Kept) -> dict[str, Any]:
    found = _attributes(aws, it.id)
    return {
        "arn": found["TopicArn"],
        "shown": found["DisplayName"],
        "key": found.get("KmsMasterKeyId", ""),
        "signature": found.get("SignatureVersion"),
        "tags": {tag["Key"]: tag["Value"] for tag in aws("sns").list_tags_for_resource(ResourceArn=it.id)["Tags"]},
    }


def _sid(aws: Aws, it: Kept) -> str:
    return str(json.loads(_attributes(aws, it.id)["Policy"])["Statement"][0]["Sid"])


def _set(aws: Aws, arn: str, name: str, value: str) -> None:
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)


def _subscription(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sns").get_subscription_attributes(SubscriptionArn=it.id)["Attributes"]
    return {
        "topic": found["TopicArn"],
        "endpoint": found["Endpoint"],
        "raw": found.get("RawMessageDelivery", "false"),
        "filter": json.loads(found.get("FilterPolicy", "null")),
    }


SAMPLES = [
    Sample(
        type="aws:sns/topic:Topic",
        inputs={
            "name": "alarms-{n}",
            "displayName": "before",
            "kmsMasterKeyId": "alias/aws/sns",
            "signatureVersion": 2,
            "tags": {"own": "1"},
        },
        look=_topic,
        seen={
            "arn": "arn:aws:sns:eu-west-1:123456789012:alarms-{n}",
            "shown": "before",
            "key": "alias/aws/sns",
            "signature": "2",
            "tags": {"from": "provider", "own": "1"},
        },
        change={"displayName": "after", "kmsMasterKeyId": None, "signatureVersion": 1, "tags": None},
        seen_changed={
            "arn": "arn:aws:sns:eu-west-1:123456789012:alarms-{n}",
            "shown": "after",
            "key": "",
            "signature": "1",
            "tags": {"from": "provider"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: _set(aws, it.id, "KmsMasterKeyId", "alias/other"),
        drifts="kmsMasterKeyId",
        remove=lambda aws, it: aws("sns").delete_topic(TopicArn=it.id),
    ),
    Sample(
        type="aws:sns/topicPolicy:TopicPolicy",
        needs={"topic": _TOPIC},
        inputs={"arn": "{topic.id}", "policy": _policy("Before")},
        look=_sid,
        seen="Before",
        change={"policy": _policy("After")},
        seen_changed="After",
        replace={"arn": "arn:aws:sns:eu-west-1:123456789012:another"},
        drift=lambda aws, it: _set(aws, it.id, "Policy", _policy("Elsewhere")),
        drifts="policy",
    ),
    Sample(
        type="aws:sns/topicSubscription:TopicSubscription",
        needs={"topic": _TOPIC, "queue": _QUEUE},
        inputs={
            "topic": "{topic.id}",
            "protocol": "sqs",
            "endpoint": "{queue.outputs.arn}",
            "rawMessageDelivery": True,
            "filterPolicy": json.dumps({"kind": ["before"]}),
        },
        look=_subscription,
        seen={
            "topic": "{topic.id}",
            "endpoint": "{queue.outputs.arn}",
            "raw": "true",
            "filter": {"kind": ["before"]},
        },
        change={"rawMessageDelivery": None, "filterPolicy": json.dumps({"kind": ["after"]})},
        seen_changed={
            "topic": "{topic.id}",
            "endpoint": "{queue.outputs.arn}",
            "raw": "false",
            "filter": {"kind": ["after"]},
        },
        replace={"endpoint": "arn:aws:sqs:eu-west-1:123456789012:another"},
        drift=lambda aws, it: aws("sns").set_subscription_attributes(
            SubscriptionArn=it.id, AttributeName="RawMessageDelivery", AttributeValue="false"
        ),
        drifts="rawMessageDelivery",
        remove=lambda aws, it: aws("sns").unsubscribe(SubscriptionArn=it.id),
    ),
]
