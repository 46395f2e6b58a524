"""Amazon SNS."""

from __future__ import annotations

import json

from plinth_sandbox.provider.functions.integration.sns import attribute_setter, name_of_topic
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

_PROTOCOLS = {"application": "Application", "firehose": "Firehose", "http": "HTTP", "lambda": "Lambda", "sqs": "SQS"}
_FEEDBACK = ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"]

TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "policy": "Policy",
    "deliveryPolicy": "DeliveryPolicy",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    **{f"{name}{kind}": f"{spelt}{kind}" for name, spelt in _PROTOCOLS.items() for kind in _FEEDBACK},
}
"""Attribute of AWS by property."""

SUBSCRIPTION_ATTRIBUTES = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
"""Attribute of AWS by property."""

_OWNERS_ACTIONS = [
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
]
DEFAULT_POLICY = json.dumps(
    {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in _OWNERS_ACTIONS],
                "Resource": "{arn}",
                "Condition": {"StringEquals": {"AWS:SourceOwner": "{@account}"}},
            }
        ],
    }
)
"""Default policy of a topic: its owner may do everything."""

TOPIC = Resource(
    type="aws:sns/topic:Topic",
    create=Call(
        "create_topic", within="Attributes", carries=["name", "fifoTopic", *TOPIC_ATTRIBUTES], gives={"id": "TopicArn"}
    ),
    address={"TopicArn": "{id}"},
    read=[
        Call(
            "get_topic_attributes",
            within="Attributes",
            carries=["fifoTopic", "owner", *TOPIC_ATTRIBUTES],
            gives={"arn": "Attributes.TopicArn"},
        ),
        name_of_topic,
    ],
    update=[
        Update(attribute_setter("set_topic_attributes", "TopicArn", name, attribute), carries=[name])
        for name, attribute in TOPIC_ATTRIBUTES.items()
    ],
    delete="delete_topic",
    renames=TOPIC_ATTRIBUTES,
    computed=["policy", "signatureVersion", "tracingConfig"],
    name=Name(longest=256),
    tags=Tagging(),
)

TOPIC_POLICY = Resource(
    type="aws:sns/topicPolicy:TopicPolicy",
    put=Call(
        "set_topic_attributes",
        {"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": "{policy}"},
        carries=["policy"],
    ),
    identifier="{arn}",
    read=Call("get_topic_attributes", {"TopicArn": "{arn}"}, within="Attributes", carries=["policy", "owner"]),
    delete=Call(
        "set_topic_attributes", {"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": DEFAULT_POLICY}
    ),
    name=None,
)

TOPIC_SUBSCRIPTION = Resource(
    type="aws:sns/topicSubscription:TopicSubscription",
    create=Call(
        "subscribe",
        {"ReturnSubscriptionArn": True},
        within="Attributes",
        carries=["topic", "protocol", "endpoint", *SUBSCRIPTION_ATTRIBUTES],
        gives={"id": "SubscriptionArn"},
    ),
    address={"SubscriptionArn": "{id}"},
    read=Call(
        "get_subscription_attributes",
        within="Attributes",
        carries=[
            "protocol",
            "endpoint",
            "pendingConfirmation",
            "confirmationWasAuthenticated",
            *SUBSCRIPTION_ATTRIBUTES,
        ],
        gives={"arn": "Attributes.SubscriptionArn", "topic": "Attributes.TopicArn", "ownerId": "Attributes.Owner"},
    ),
    update=[
        Update(attribute_setter("set_subscription_attributes", "SubscriptionArn", name, attribute), carries=[name])
        for name, attribute in SUBSCRIPTION_ATTRIBUTES.items()
    ],
    delete="unsubscribe",
    renames={"topic": "TopicArn", **SUBSCRIPTION_ATTRIBUTES},
    computed=["filterPolicyScope"],
    local=["confirmationTimeoutInMinutes", "endpointAutoConfirms"],
    name=None,
)

RESOURCES = [TOPIC, TOPIC_POLICY, TOPIC_SUBSCRIPTION]
