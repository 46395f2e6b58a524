"""A queue to which EventBridge rules deliver events for a consumer."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import policy_document
from components.integration.dead_letter_queue import RETENTION_SECONDS, rules_send


@dataclass(frozen=True, kw_only=True, slots=True)
class EventQueueArgs:
    """Arguments of :class:`EventQueue`."""

    queue_name: str
    """Name of the queue in the account, up to 80 characters (an SQS limit)."""

    account_id: pulumi.Input[str]
    """Id of the account of the rules and the queue."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may read the queue (``o-…``)."""

    region: str
    """Region of the rules."""

    rules: str
    """Name pattern of the rules that may send events to the queue (``fraud--scoring-prod-*``)."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the messages. Its key policy must allow EventBridge."""


class EventQueue(pulumi.ComponentResource):
    """A queue of events that a consumer processes at its own pace.

    Creates: the encrypted queue, which keeps messages for 14 days; its policy, which lets only the account's matching
    rules send, and only over TLS.

    Args: see :class:`EventQueueArgs`.

    Outputs: ``arn``, ``url``.

    Raises: nothing of its own.

    Cost: 0.40 USD per million messages.

    Example::

        EventQueue("answers", EventQueueArgs(
            queue_name="fraud--scoring-prod-answers", account_id="111111111111", organization_id="o-acme",
            region="eu-west-1", rules="fraud--scoring-prod-*", key_arn=key.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the queue, for targets; known once its policy lets the rules send."""
    url: pulumi.Output[str]
    """URL of the queue, for consumers."""

    def __init__(self, name: str, args: EventQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:EventQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        queue = aws.sqs.Queue(
            name,
            name=args.queue_name,
            kms_master_key_id=args.key_arn,
            message_retention_seconds=RETENTION_SECONDS,
            opts=child,
        )
        policy = aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=policy_document(*rules_send(args, queue.arn)),
            opts=child,
        )
        self.arn = pulumi.Output.all(queue.arn, policy.id).apply(lambda known: str(known[0]))
        self.url = queue.url
        self.register_outputs({"arn": self.arn, "url": self.url})
