"""A queue to which EventBridge rules deliver events for a consumer."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document

RETENTION_SECONDS = 14 * 24 * 3600
"""Maximum retention of an SQS message."""


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

    Outputs: ``arn``, ``url``.

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
        self.arn, self.url = create_queue(name, args, self)
        self.register_outputs({"arn": self.arn, "url": self.url})


def create_queue(
    name: str, args: EventQueueArgs, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Creates an encrypted queue to which rules send. Returns its ARN, known once the rules may send, and its URL."""
    child = pulumi.ResourceOptions(parent=parent)
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
        policy=policy_document(*_rules_send(args, queue.arn)),
        opts=child,
    )
    return pulumi.Output.all(queue.arn, policy.id).apply(lambda known: str(known[0])), queue.url


def _rules_send(args: EventQueueArgs, arn: pulumi.Output[str]) -> list[Statement]:
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
