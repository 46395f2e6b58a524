"""Domain names that a network may resolve. DNS queries can carry data out of a network, so they are restricted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.former_components import without_component

AWS_NAMES = ("*.amazonaws.com.", "*.api.aws.", "*.sagemaker.aws.", "*.compute.internal.", "*.ec2.internal.")
"""Domain names of AWS and of addresses inside a VPC. Names end with a dot, as AWS returns them."""

EVERY_NAME = ("*.",)


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsRulesArgs:
    """Arguments of :class:`DnsRules`."""

    group_name: str
    """Name of the rule group in the account, up to 64 characters (a Route 53 limit)."""

    allowed: Sequence[str]
    """Names that are resolved, each with a trailing dot. A leading ``*.`` matches all names under a domain."""

    blocks_the_rest: bool
    """Whether all other names are answered with NXDOMAIN. Set only for the last rule group of a network."""


class DnsRules:
    """A rule group of the DNS firewall that allows some names and, if it is the last group, blocks all others.

    Not a component resource, because a stack has few resources to spare.

    Creates: a domain list and a rule for the allowed names; with ``blocks_the_rest``, a domain list of all names and a
    rule that answers NXDOMAIN; the rule group.

    Outputs: ``group_id``, ``group_arn``.

    Cost: 0.0005 USD per name and month, and 0.60 USD per million questions.

    Example::

        rules = DnsRules("dns-rules", DnsRulesArgs(
            group_name="plinth-aws-only", allowed=AWS_NAMES, blocks_the_rest=True,
        ))
    """

    group_id: pulumi.Output[str]
    """Id of the rule group, for associations with VPCs; known once its rules exist."""
    group_arn: pulumi.Output[str]
    """ARN of the rule group, for sharing it with other accounts."""

    def __init__(self, name: str, args: DnsRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self._name, self._args = name, args
        self._opts = without_component(name, "plinth:network:DnsRules", opts)
        group = aws.route53.ResolverFirewallRuleGroup(name, name=args.group_name, opts=self._opts)
        rules = [self._rule("allowed", group, args.allowed, action="ALLOW", priority=100)]
        if args.blocks_the_rest:
            rules.append(self._rule("rest", group, EVERY_NAME, action="BLOCK", priority=200))

        # A VPC that is associated before the rules exist could resolve all names in the meantime.
        in_place = pulumi.Output.all(group.id, *(rule.id for rule in rules))
        self.group_id = in_place.apply(lambda known: str(known[0]))
        self.group_arn = group.arn

    def _rule(
        self,
        suffix: str,
        group: aws.route53.ResolverFirewallRuleGroup,
        names: Sequence[str],
        *,
        action: str,
        priority: int,
    ) -> aws.route53.ResolverFirewallRule:
        listed = aws.route53.ResolverFirewallDomainList(
            f"{self._name}-{suffix}-names",
            name=f"{self._args.group_name}-{suffix}",
            domains=list(names),
            opts=self._opts,
        )
        return aws.route53.ResolverFirewallRule(
            f"{self._name}-{suffix}",
            name=suffix,
            firewall_rule_group_id=group.id,
            firewall_domain_list_id=listed.id,
            action=action,
            block_response="NXDOMAIN" if action == "BLOCK" else None,
            # Only the first name of a CNAME chain is checked; AWS controls what its names redirect to.
            firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
            priority=priority,
            opts=self._opts,
        )


def absolute(domain: str) -> tuple[str, ...]:
    """Returns the DNS firewall's notation of a host. A leading dot stands for the domain and all hosts under it."""
    return (f"{domain[1:]}.", f"*{domain}.") if domain.startswith(".") else (f"{domain}.",)
