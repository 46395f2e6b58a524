"""What tells an environment, from the lake's account, that something arrived."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs

HOURS_OF_RETRIES = 24
"""As long as EventBridge tries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivalRuleArgs:
    """Arguments of :class:`ArrivalRule`."""

    label: str
    """Whose intakes are told: ``fraud-production-intake``."""

    role_name: str
    """Name of the role that sends, which the bus lets in."""

    account_id: pulumi.Input[str]
    """Account of the lake, which is where all of this is."""

    organization_id: pulumi.Input[str]
    """AWS Organization that the bus has to belong to (``o-…``)."""

    bucket_names: Sequence[pulumi.Input[str]]
    """Buckets of the lake that tell EventBridge what is written."""

    prefixes: Sequence[str]
    """How the keys begin that are told of."""

    bus_arn: pulumi.Input[str]
    """Where it is told."""

    dead_letter_queue_arn: pulumi.Input[str]
    """Where events end that reached no bus."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the lake's account."""


class ArrivalRule(pulumi.ComponentResource):
    """A rule that sends on what was written under some prefixes of the lake, to one bus of another account (INT-05).

    Creates: the rule, its target, and the role that sends.

    Args: see :class:`ArrivalRuleArgs`.

    Outputs: ``role_arn``.

    Raises: nothing of its own.

    Cost: 0.05 USD per million events that it sends to another account.

    Example::

        ArrivalRule("arrivals", ArrivalRuleArgs(
            label="fraud-production-intake", role_name="fraud-production-intake-tell", account_id=lake_id,
            organization_id="o-acme", bucket_names=[curated], prefixes=["card-payments/inference/"], bus_arn=bus.arn,
            dead_letter_queue_arn=queue.arn, boundary_arn=boundary_arn,
        ), pulumi.ResourceOptions(provider=lake))
    """

    role_arn: pulumi.Output[str]
    """In whose name it sends."""

    def __init__(self, name: str, args: ArrivalRuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:ArrivalRule", name, None, opts)
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=f"{args.label}-tell",
            description=f"Something arrived that {args.label} copies",
            event_pattern=arrival_pattern(args.bucket_names, args.prefixes),
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = self._role(name, args, rule)
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="bus",
            arn=args.bus_arn,
            role_arn=role.arn,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.dead_letter_queue_arn),
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=HOURS_OF_RETRIES * 3600, maximum_retry_attempts=185
            ),
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
    """What S3 tells of objects that were written there, and of no others."""
    return pulumi.Output.all(*buckets).apply(lambda names: json.dumps(_pattern(names, prefixes)))


def _pattern(buckets: Sequence[str], prefixes: Sequence[str]) -> Mapping[str, object]:
    keys = [{"prefix": prefix} for prefix in prefixes]
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": list(buckets)}, "object": {"key": keys}},
    }
