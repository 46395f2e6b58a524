"""Stateless rules of the egress firewall, which forward web traffic in both directions to stateful inspection."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_aws.networkfirewall import (
    RuleGroupRuleGroupRulesSourceArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesDestinationArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesDestinationPortArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesSourceArgs,
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesSourcePortArgs,
)

TCP = 6
WEB_PORTS = (80, 443)
EVERYWHERE = "0.0.0.0/0"

Rule = RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleArgs
Definition = RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionArgs
Match = RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesArgs
Source = RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesSourceArgs
SourcePort = (
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesSourcePortArgs
)
Destination = (
    RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesDestinationArgs
)
DestinationPort = RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsStatelessRuleRuleDefinitionMatchAttributesDestinationPortArgs  # noqa: E501


def web_traffic_only() -> RuleGroupRuleGroupRulesSourceArgs:
    """Builds rules for TCP to and from the web ports. The firewall policy drops packets that match no rule."""
    there = [DestinationPort(from_port=port, to_port=port) for port in WEB_PORTS]
    back = [SourcePort(from_port=port, to_port=port) for port in WEB_PORTS]
    rules = [_forward(1, destination_ports=there), _forward(2, source_ports=back)]
    inspected = RuleGroupRuleGroupRulesSourceStatelessRulesAndCustomActionsArgs(stateless_rules=rules)
    return RuleGroupRuleGroupRulesSourceArgs(stateless_rules_and_custom_actions=inspected)


def _forward(
    priority: int, *, destination_ports: Sequence[DestinationPort] = (), source_ports: Sequence[SourcePort] = ()
) -> Rule:
    match = Match(
        protocols=[TCP],
        sources=[Source(address_definition=EVERYWHERE)],
        destinations=[Destination(address_definition=EVERYWHERE)],
        destination_ports=list(destination_ports) or None,
        source_ports=list(source_ports) or None,
    )
    definition = Definition(actions=["aws:forward_to_sfe"], match_attributes=match)
    return Rule(priority=priority, rule_definition=definition)
