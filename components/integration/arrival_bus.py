"""The event bus that accepts events from some roles of another account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivalBusArgs:
    """Arguments of :class:`ArrivalBus`."""

    bus_name: str
    """Name of the bus in the account."""

    sender_account_id: pulumi.Input[str]
    """Id of the only account that may send events."""

    sender_roles: Sequence[str]
    """Names of the sending roles, under the foundation's path."""

    description: str
    """Which events it receives: ``What arrived in the lake``."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization to which the sender must belong (``o-…``)."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts events and rules. Its key policy must allow EventBridge."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the dead-letter queue for events that could not be encrypted or decrypted."""


class ArrivalBus(pulumi.ComponentResource):
    """An EventBridge event bus that accepts events from some roles of another account (INT-05, EB-01, ST-11).

    Creates: the encrypted bus; its policy, which allows events from these roles only, as long as their account belongs
    to the organization.

    Outputs: ``bus_name``, ``arn``.

    Cost: 1 USD per million events.

    Example::

        ArrivalBus("bus", ArrivalBusArgs(
            bus_name="fraud-production-intake", sender_account_id=lake_id,
            sender_roles=["fraud-production-intake-tell"], description="What arrived in the lake",
            organization_id="o-acme", key_arn=key.arn, dead_letter_queue_arn=queue.arn,
        ))
    """

    bus_name: pulumi.Output[str]
    """Name of the bus, for rules on it."""
    arn: pulumi.Output[str]
    """ARN of the bus, for senders; known once its policy lets them send."""

    def __init__(self, name: str, args: ArrivalBusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:ArrivalBus", name, None, opts)
        bus = aws.cloudwatch.EventBus(
            name,
            name=args.bus_name,
            description=args.description,
            kms_key_identifier=args.key_arn,
            dead_letter_config=aws.cloudwatch.EventBusDeadLetterConfigArgs(arn=args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.cloudwatch.EventBusPolicy(
            f"{name}-policy",
            event_bus_name=bus.name,
            policy=policy_document(_sending(args, bus.arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.bus_name = bus.name
        self.arn = pulumi.Output.all(bus.arn, policy.id).apply(lambda known: str(known[0]))
        self.register_outputs({"bus_name": self.bus_name, "arn": self.arn})


def _sending(args: ArrivalBusArgs, arn: pulumi.Output[str]) -> Statement:
    account = args.sender_account_id
    return Statement(
        sid="RolesSend",
        principals={"AWS": [account_principal(account)]},
        actions=["events:PutEvents"],
        resources=[arn],
        conditions={
            "ArnEquals": {
                "aws:PrincipalArn": [arn_of("iam", "", account, f"role{ROLE_PATH}{role}") for role in args.sender_roles]
            },
            "StringEquals": {"aws:PrincipalOrgID": args.organization_id},
        },
    )
