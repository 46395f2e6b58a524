"""Samples of Amazon SQS."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

_REDRIVE = {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead-of-{n}", "maxReceiveCount": 3}


def _queue(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sqs").get_queue_attributes(QueueUrl=it.id, AttributeNames=["All"])["Attributes"]
    return {
        "arn": found["QueueArn"],
        "delay": found["DelaySeconds"],
        "hidden": found["VisibilityTimeout"],
        "kept": found["MessageRetentionPeriod"],
        "key": found.get("KmsMasterKeyId", ""),
        "dead": json.loads(found.get("RedrivePolicy", "{}")).get("maxReceiveCount"),
        "tags": aws("sqs").list_queue_tags(QueueUrl=it.id).get("Tags", {}),
    }


def _policy(action: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _attached(aws: Aws, it: Kept) -> str:
    found = aws("sqs").get_queue_attributes(QueueUrl=it.id, AttributeNames=["Policy"])["Attributes"]
    (statement,) = json.loads(found["Policy"])["Statement"]
    return str(statement["Action"])


SAMPLES = [
    Sample(
        type="aws:sqs/queue:Queue",
        needs={"dead": ("aws:sqs/queue:Queue", {"name": "dead-of-{n}"})},
        inputs={
            "name": "work-{n}",
            "delaySeconds": 5,
            "visibilityTimeoutSeconds": 60,
            "messageRetentionSeconds": 86400,
            "kmsMasterKeyId": "alias/aws/sqs",
            "redrivePolicy": json.dumps(_REDRIVE),
            "tags": {"own": "1"},
        },
        look=_queue,
        seen={
            "arn": "arn:aws:sqs:eu-west-1:123456789012:work-{n}",
            "delay": "5",
            "hidden": "60",
            "kept": "86400",
            "key": "alias/aws/sqs",
            "dead": 3,
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "delaySeconds": None,
            "visibilityTimeoutSeconds": 90,
            "messageRetentionSeconds": None,
            "redrivePolicy": json.dumps({**_REDRIVE, "maxReceiveCount": 9}),
            "tags": {"own": "2"},
        },
        seen_changed={
            "arn": "arn:aws:sqs:eu-west-1:123456789012:work-{n}",
            "delay": "0",
            "hidden": "90",
            "kept": "345600",
            "key": "alias/aws/sqs",
            "dead": 9,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: aws("sqs").set_queue_attributes(QueueUrl=it.id, Attributes={"VisibilityTimeout": "1"}),
        drifts="visibilityTimeoutSeconds",
        remove=lambda aws, it: aws("sqs").delete_queue(QueueUrl=it.id),
    ),
    Sample(
        type="aws:sqs/queuePolicy:QueuePolicy",
        needs={"queue": ("aws:sqs/queue:Queue", {"name": "of-policy-{n}"})},
        inputs={"queueUrl": "{queue.id}", "policy": _policy("sqs:SendMessage")},
        look=_attached,
        seen="sqs:SendMessage",
        change={"policy": _policy("sqs:ReceiveMessage")},
        seen_changed="sqs:ReceiveMessage",
        drift=lambda aws, it: aws("sqs").set_queue_attributes(
            QueueUrl=it.id, Attributes={"Policy": _policy("sqs:PurgeQueue")}
        ),
        drifts="policy",
        remove=lambda aws, it: aws("sqs").set_queue_attributes(QueueUrl=it.id, Attributes={"Policy": ""}),
    ),
]
