"""The DNS firewall of a VPC, which filters its DNS queries and fails closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

FIRST_PRIORITY, STEP = 200, 100
"""Priorities of the rule groups. Route 53 accepts 101 to 9900; the gaps are for rules of the security team."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsFirewallArgs:
    """Arguments of :class:`DnsFirewall`."""

    label: str
    """Prefix of the names of the associations."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC whose DNS queries are filtered."""

    rule_group_ids: Sequence[pulumi.Input[str]]
    """Ids of the rule groups in order of evaluation, at most five (a Route 53 quota)."""


class DnsFirewall(pulumi.ComponentResource):
    """DNS firewall that evaluates rule groups in order. If the firewall does not respond, queries are not answered.

    Creates: one association per rule group; the VPC's DNS firewall setting, which fails closed.

    Outputs: ``association_ids``.

    Cost: 0.60 USD per million questions.

    Example::

        DnsFirewall("dns-firewall", DnsFirewallArgs(
            label="fraud-development", vpc_id=network.vpc_id, rule_group_ids=[rules.group_id],
        ))
    """

    association_ids: list[pulumi.Output[str]]
    """Ids of the associations, in the order of ``rule_group_ids``."""

    def __init__(self, name: str, args: DnsFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:DnsFirewall", name, None, opts)
        aws.route53.ResolverFirewallConfig(
            f"{name}-fails-closed",
            resource_id=args.vpc_id,
            firewall_fail_open="DISABLED",
            opts=pulumi.ResourceOptions(parent=self),
        )
        associations = [
            aws.route53.ResolverFirewallRuleGroupAssociation(
                f"{name}-{number}",
                name=f"{args.label}-{number}",
                firewall_rule_group_id=group,
                vpc_id=args.vpc_id,
                priority=FIRST_PRIORITY + STEP * (number - 1),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for number, group in enumerate(args.rule_group_ids, start=1)
        ]
        self.association_ids = [association.id for association in associations]
        self.register_outputs({"association_ids": self.association_ids})
