"""The rule in the data lake account that tells another account of new data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.dead_letter_queue import kept_if_undelivered


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivalRuleArgs:
    """Arguments of :class:`ArrivalRule`."""

    label: str
    """Name of the receiver, with which the name of the rule begins: ``fraud-production-intake``."""

    description: str
    """Which events are sent: ``Something arrived that fraud-production-intake copies``."""

    event_pattern: pulumi.Input[str]
    """Pattern of the events, as JSON."""

    role_name: str
    """Name of the sending role, which the bus policy allows."""

    account_id: pulumi.Input[str]
    """Id of the data lake account, which contains all resources of the component."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization to which the bus must belong (``o-…``)."""

    bus_arn: pulumi.Input[str]
    """ARN of the target bus."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the dead-letter queue for events that could not be delivered to the bus."""

    boundary_arn: pulumi.Input[str]
    """ARN of the data lake account's permissions boundary."""


class ArrivalRule(pulumi.ComponentResource):
    """A rule that forwards events of the data lake account to one bus of another account (INT-05, TR-12).

    Creates: the rule, its target, and the sending role.

    Outputs: ``role_arn``.

    Cost: 0.05 USD per million events sent to another account.

    Example::

        ArrivalRule("arrivals", ArrivalRuleArgs(
            label="fraud-production-intake", description="Something arrived that is copied",
            event_pattern=arrival_pattern([curated], ["card-payments/inference/"]),
            role_name="fraud-production-intake-tell", account_id=lake_id, organization_id="o-acme", bus_arn=bus.arn,
            dead_letter_queue_arn=queue.arn, boundary_arn=boundary_arn,
        ), pulumi.ResourceOptions(provider=lake))
    """

    role_arn: pulumi.Output[str]
    """ARN of the sending role."""

    def __init__(self, name: str, args: ArrivalRuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:ArrivalRule", name, None, opts)
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=f"{args.label}-tell",
            description=args.description,
            event_pattern=args.event_pattern,
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = self._role(name, args, rule)
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="bus",
            arn=args.bus_arn,
            role_arn=role.arn,
            **kept_if_undelivered(args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})

    def _role(self, name: str, args: ArrivalRuleArgs, rule: aws.cloudwatch.EventRule) -> BoundedRole:
        send = Statement(
            sid="TellTheBus",
            actions=["events:PutEvents"],
            resources=[args.bus_arn],
            conditions={"StringEquals": {"aws:ResourceOrgID": args.organization_id}},
        )
        made = BoundedRoleArgs(
            role_name=args.role_name,
            description=f"Tells {args.label} what arrived",
            trust=service_trust("events", account_id=args.account_id, source_arns=[rule.arn]),
            permissions=[send],
            boundary_arn=args.boundary_arn,
        )
        return BoundedRole(f"{name}-role", made, pulumi.ResourceOptions(parent=self))


def arrival_pattern(buckets: Sequence[pulumi.Input[str]], prefixes: Sequence[str]) -> pulumi.Output[str]:
    """Returns the event pattern for objects created in the buckets under the prefixes."""
    return pulumi.Output.all(*buckets).apply(lambda names: json.dumps(_pattern(names, prefixes)))


def _pattern(buckets: Sequence[str], prefixes: Sequence[str]) -> Mapping[str, object]:
    keys = [{"prefix": prefix} for prefix in prefixes]
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": list(buckets)}, "object": {"key": keys}},
    }
