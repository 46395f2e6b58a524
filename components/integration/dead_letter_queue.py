"""The dead-letter queue for events that could not be processed, from which they can be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document

if TYPE_CHECKING:
    from components.integration.event_queue import EventQueueArgs

RETENTION_SECONDS = 14 * 24 * 3600
"""Maximum retention of an SQS message."""
RETRY_HOURS, RETRIES = 24, 185
"""Longest time for which EventBridge tries to deliver an event to a target, and its most attempts (EventBridge API,
RetryPolicy)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetterQueueArgs:
    """Arguments of :class:`DeadLetterQueue`."""

    queue_name: str
    """Name of the queue in the account, up to 80 characters (an SQS limit)."""

    account_id: pulumi.Input[str]
    """Id of the account of the rules and the queue."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may read the queue (``o-…``)."""

    region: str
    """Region of the rules."""

    rules: str
    """Name pattern of the rules that may send events to the queue (``lake-*``)."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the messages. Its key policy must allow EventBridge."""


class DeadLetterQueue(pulumi.ComponentResource):
    """A queue for events that EventBridge rules could not deliver, and for failure reports (INT-09).

    Creates: the encrypted queue, which keeps messages for 14 days; its policy, which lets only the account's matching
    rules send, and only over TLS.

    Args: see :class:`DeadLetterQueueArgs`.

    Outputs: ``arn``, ``url``.

    Raises: nothing of its own.

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
        queue = aws.sqs.Queue(
            name,
            name=args.queue_name,
            kms_master_key_id=args.key_arn,
            message_retention_seconds=RETENTION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=policy_document(*rules_send(args, queue.arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = pulumi.Output.all(queue.arn, policy.id).apply(lambda known: str(known[0]))
        self.url = queue.url
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


def rules_send(args: DeadLetterQueueArgs | EventQueueArgs, arn: pulumi.Output[str]) -> list[Statement]:
    """Builds the policy of a queue to which only rules of its account send."""
    rules = arn_of("events", args.region, args.account_id, f"rule/{args.rules}")
    return [
        Statement(
            sid="RulesSend",
            principals={"Service": ["events.amazonaws.com"]},
            actions=["sqs:SendMessage"],
            resources=[arn],
            conditions={"ArnLike": {"aws:SourceArn": rules}, "StringEquals": {"aws:SourceAccount": args.account_id}},
        ),
        *closed(arn, args.organization_id),
    ]


def closed(arn: pulumi.Output[str], organization_id: pulumi.Input[str]) -> list[Statement]:
    """Builds the statements that deny access to a queue without TLS and from other organizations."""
    return [
        Statement(
            sid="RefusePlainHttp",
            effect="Deny",
            principals="*",
            actions=["sqs:*"],
            resources=[arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
        Statement(
            sid="RefuseOtherOrganizations",
            effect="Deny",
            principals="*",
            actions=["sqs:*"],
            resources=[arn],
            conditions={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
    ]
