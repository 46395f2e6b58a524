"""Notifications of S3 and messages of SNS to functions: events that the service queues, by the policy of the function.

moto would run the function in a container, inside the call that causes the notification.

Sources: Lambda Developer Guide, "Process Amazon S3 event notifications with Lambda" and "Invoking Lambda functions with
Amazon SNS notifications" (read 2026-11-22).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random
from moto.s3 import notifications
from moto.sns.models import Subscription

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.documents import policy_of
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.services.awslambda.executor.events import EventQueue, Queued
from plinth_sandbox.emulator.services.awslambda.executor.instance import Event
from plinth_sandbox.emulator.services.awslambda.executor.version import function_of

log = logging.getLogger(__name__)


def connect(events: EventQueue) -> None:
    """Makes S3 and SNS of this process queue events."""
    publish = Subscription.publish

    def notify(account_id: str, event_body: Any, fn_arn: str, region_name: str) -> None:
        del region_name
        # Keys are encoded, but for their slashes.
        described = event_body["Records"][0]["s3"]["object"]
        described["key"] = described["key"].replace("%2F", "/")
        source = str(event_body["Records"][0]["s3"]["bucket"]["arn"])
        _send(events, fn_arn, "s3.amazonaws.com", source, account_id, event_body)

    def publish_to_function(self: Any, message: str, message_id: str, *rest: Any, **more: Any) -> None:
        if self.protocol != "lambda":
            publish(self, message, message_id, *rest, **more)
            return
        given = dict(zip(("subject", "message_attributes"), rest, strict=False)) | more
        attributes = given.get("message_attributes") or {}
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if given.get("message_structure") == "json":
            message = self._parse_message_structure(message, "lambda")
        body = _message(self, message, message_id, given.get("subject"), attributes)
        _send(events, self.endpoint, "sns.amazonaws.com", self.topic.arn, self.account_id, body)

    notifications._invoke_awslambda = notify
    Subscription.publish = publish_to_function


def _message(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription.arn,
                "Sns": {
                    "Type": "Notification",
                    "MessageId": message_id,
                    "TopicArn": subscription.topic.arn,
                    "Subject": subject,
                    "Message": message,
                    "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
                    "MessageAttributes": {
                        name: {"Type": attribute["Type"], "Value": str(attribute["Value"])}
                        for name, attribute in attributes.items()
                    },
                },
            }
        ]
    }


def _send(events: EventQueue, arn: str, service: str, source: str, owner: str, body: Any) -> None:
    """Queues an event if the policy of the function lets the service invoke it. Nobody is told otherwise."""
    region, account = arn.split(":")[3:5]
    try:
        function, qualifier = function_of(account, region, arn)
        if not _may_invoke(arn, function.policy.statements, service, source, owner):
            log.warning("%s may not invoke %s for %s", service, arn, source)
            return
    except (AwsError, UnsupportedError) as error:
        log.warning("%s does not reach %s: %s", source, arn, error)
        return
    event = Event(str(mock_random.uuid4()), json.dumps(body))
    events.add(Queued(account, region, function.function_name, qualifier, event))


def _may_invoke(arn: str, statements: Any, service: str, source: str, owner: str) -> bool:
    policy = policy_of("function policy", {"Statement": statements}) if statements else None
    request = Request(
        principal=Principal(name=service, service=service),
        action="lambda:InvokeFunction",
        resource=Resource(arn=arn, account=account_of(arn.split(":")[4]), policy=policy, needs_policy=True),
        extra={"aws:SourceArn": (source,), "aws:SourceAccount": (owner,)},
    )
    return decide(request).allowed
