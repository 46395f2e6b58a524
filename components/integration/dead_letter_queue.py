"""The dead-letter queue for events that could not be processed, from which they can be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components.integration.event_queue import EventQueueArgs, create_queue

RETRY_HOURS, RETRIES = 24, 185
"""Longest time for which EventBridge tries to deliver an event to a target, and its most attempts (EventBridge API,
RetryPolicy)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetterQueueArgs(EventQueueArgs):
    """Arguments of :class:`DeadLetterQueue`, which are those of a queue for events."""


class DeadLetterQueue(pulumi.ComponentResource):
    """A queue for events that EventBridge rules could not deliver, and for failure reports (INT-09).

    Creates: the encrypted queue, which keeps messages for 14 days; its policy, which lets only the account's matching
    rules send, and only over TLS.

    Outputs: ``arn``, ``url``.

    Cost: 0.40 USD per million messages.

    Example::

        queue = DeadLetterQueue("dead-letters", DeadLetterQueueArgs(
            queue_name="lake-dead-letters", account_id="111111111111", organization_id="o-acme", region="eu-west-1",
            rules="lake-*", key_arn=key.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the queue, for targets; known once its policy lets the rules send."""
    url: pulumi.Output[str]
    """URL of the queue, for consumers."""

    def __init__(self, name: str, args: DeadLetterQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:DeadLetterQueue", name, None, opts)
        self.arn, self.url = create_queue(name, args, self)
        self.register_outputs({"arn": self.arn, "url": self.url})


class Kept(TypedDict):
    """Arguments of a target: where an event ends that was not delivered, and for how long EventBridge tries."""

    dead_letter_config: aws.cloudwatch.EventTargetDeadLetterConfigArgs
    retry_policy: aws.cloudwatch.EventTargetRetryPolicyArgs


def kept_if_undelivered(queue_arn: pulumi.Input[str], *, hours: int = RETRY_HOURS) -> Kept:
    """Returns the arguments of a target whose events are delivered again for some hours, and then kept in a queue."""
    return Kept(
        dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=queue_arn),
        retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=hours * 3600, maximum_retry_attempts=RETRIES
        ),
    )
