"""Which names a network may look up: a question to a name server is a way out like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

AWS_NAMES = ("*.amazonaws.com.", "*.api.aws.", "*.sagemaker.aws.", "*.compute.internal.", "*.ec2.internal.")
"""AWS's own names, and those that a VPC gives to addresses inside it. The last dot is how AWS writes them back."""

EVERY_NAME = ("*.",)


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsRulesArgs:
    """Arguments of :class:`DnsRules`."""

    group_name: str
    """Name in the account, up to 64 characters (a Route 53 limit)."""

    allowed: Sequence[str]
    """Names that are answered, with their last dot; ``*.`` at the start takes in all names under a domain."""

    blocks_the_rest: bool
    """Whether every other name is unknown. Only the last group that a network asks does that."""


class DnsRules(pulumi.ComponentResource):
    """A rule group of the DNS firewall: some names, and where it is the last one, no others.

    Creates: a list of the allowed names and the rule that lets them pass; with ``blocks_the_rest``, a list of
    everything and the rule that answers that there is no such name; the group of both.

    Args: see :class:`DnsRulesArgs`.

    Outputs: ``group_id``, ``group_arn``.

    Raises: nothing of its own.

    Cost: 0.0005 USD per name and month, and 0.60 USD per million questions.

    Example::

        rules = DnsRules("dns-rules", DnsRulesArgs(
            group_name="plinth-aws-only", allowed=AWS_NAMES, blocks_the_rest=True,
        ))
    """

    group_id: pulumi.Output[str]
    """For associations with networks; known once its rules are in place."""
    group_arn: pulumi.Output[str]
    """For sharing it with other accounts."""

    def __init__(self, name: str, args: DnsRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:DnsRules", name, None, opts)
        self._name, self._args = name, args
        group = aws.route53.ResolverFirewallRuleGroup(name, name=args.group_name, opts=self._child())
        rules = [self._rule("allowed", group, args.allowed, action="ALLOW", priority=100)]
        if args.blocks_the_rest:
            rules.append(self._rule("rest", group, EVERY_NAME, action="BLOCK", priority=200))

        # A network that is associated before the rules are there would look up anything for a while.
        in_place = pulumi.Output.all(group.id, *(rule.id for rule in rules))
        self.group_id = in_place.apply(lambda known: str(known[0]))
        self.group_arn = group.arn
        self.register_outputs({"group_id": self.group_id, "group_arn": self.group_arn})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

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
            opts=self._child(),
        )
        return aws.route53.ResolverFirewallRule(
            f"{self._name}-{suffix}",
            name=suffix,
            firewall_rule_group_id=group.id,
            firewall_domain_list_id=listed.id,
            action=action,
            block_response="NXDOMAIN" if action == "BLOCK" else None,
            # Only the first name of a chain is judged: what AWS's names redirect to is AWS's affair.
            firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
            priority=priority,
            opts=self._child(),
        )


def absolute(domain: str) -> tuple[str, ...]:
    """A host as the DNS firewall writes it; a leading dot takes in the domain and all hosts under it."""
    return (f"{domain[1:]}.", f"*{domain}.") if domain.startswith(".") else (f"{domain}.",)
