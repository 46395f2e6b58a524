"""Amazon SQS."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.sqs import name_of_queue
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

ATTRIBUTES = {
    "delaySeconds": "DelaySeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "policy": "Policy",
    "redrivePolicy": "RedrivePolicy",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "fifoThroughputLimit": "FifoThroughputLimit",
}
"""Attribute of AWS by property."""

QUEUE = Resource(
    type="aws:sqs/queue:Queue",
    create=Call(
        "create_queue", within="Attributes", carries=["name", "fifoQueue", *ATTRIBUTES], gives={"id": "QueueUrl"}
    ),
    address={"QueueUrl": "{id}"},
    read=[
        Call(
            "get_queue_attributes",
            {"AttributeNames": ["All"]},
            within="Attributes",
            carries=["fifoQueue", *ATTRIBUTES],
            gives={"arn": "Attributes.QueueArn"},
        ),
        name_of_queue,
    ],
    update=[Update(Call("set_queue_attributes", within="Attributes", carries=[*ATTRIBUTES]))],
    delete="delete_queue",
    delayed="QueueDeletedRecently",
    renames={"name": "QueueName", **ATTRIBUTES},
    defaults={
        "delaySeconds": 0,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    },
    computed=[
        "policy",
        "redrivePolicy",
        "redriveAllowPolicy",
        "kmsDataKeyReusePeriodSeconds",
        "sqsManagedSseEnabled",
        "deduplicationScope",
        "fifoThroughputLimit",
    ],
    derived={"url": "{id}"},
    name=Name(longest=80),
    tags=Tagging("tag_queue", "untag_queue", "list_queue_tags"),
)

QUEUE_POLICY = Resource(
    type="aws:sqs/queuePolicy:QueuePolicy",
    put=Call("set_queue_attributes", {"Attributes": {"Policy": "{policy}"}}, carries=["policy"]),
    identifier="{queueUrl}",
    address={"QueueUrl": "{queueUrl}"},
    read=Call("get_queue_attributes", {"AttributeNames": ["Policy"]}, within="Attributes", carries=["policy"]),
    exists="Attributes.Policy",
    delete=Call("set_queue_attributes", {"Attributes": {"Policy": ""}}),
    name=None,
)

RESOURCES = [QUEUE, QUEUE_POLICY]
