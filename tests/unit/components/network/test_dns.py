import pytest

from components.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from components.network.dns_rules import AWS_NAMES, DnsRules, DnsRulesArgs, absolute
from tests.support.recorder import deploy

LIST = "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList"
RULE = "aws:route53/resolverFirewallRule:ResolverFirewallRule"
ASSOCIATION = "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"


def rules(*, blocks_the_rest=True):
    args = DnsRulesArgs(group_name="aws", allowed=AWS_NAMES, blocks_the_rest=blocks_the_rest)
    return DnsRules("rules", args)


def firewall():
    return DnsFirewall("dns", DnsFirewallArgs(label="fraud", vpc_id="vpc-1", rule_group_ids=["first", "second"]))


def asked(recorder):
    """Returns the rules in order of evaluation: names, and the action on queries for them."""
    names = {f"{record.name}-id": record.inputs["domains"] for record in recorder.all(LIST)}
    ordered = sorted(recorder.all(RULE), key=lambda rule: rule.inputs["priority"])
    return [(names[rule.inputs["firewallDomainListId"]], rule.inputs["action"]) for rule in ordered]


@pytest.mark.requirement("DEV-03.a")
def test_only_names_of_aws_are_resolved():
    assert asked(deploy(rules)) == [(list(AWS_NAMES), "ALLOW"), (["*."], "BLOCK")]
    assert deploy(rules).one(RULE, "rules-rest").inputs["blockResponse"] == "NXDOMAIN"


def test_a_group_before_the_last_blocks_nothing():
    assert asked(deploy(lambda: rules(blocks_the_rest=False))) == [(list(AWS_NAMES), "ALLOW")]


def test_a_vpc_is_associated_only_after_the_rules_of_the_group_exist():
    def program():
        DnsFirewall("dns", DnsFirewallArgs(label="fraud", vpc_id="vpc-1", rule_group_ids=[rules().group_id]))

    recorder = deploy(program)
    (association,) = recorder.all(ASSOCIATION)
    assert {rule.urn for rule in recorder.all(RULE)} <= association.dependencies


def test_rule_groups_are_evaluated_in_their_order():
    priorities = {a.inputs["firewallRuleGroupId"]: a.inputs["priority"] for a in deploy(firewall).all(ASSOCIATION)}
    assert priorities["first"] < priorities["second"]


def test_the_dns_firewall_fails_closed():
    setting = deploy(firewall).one("aws:route53/resolverFirewallConfig:ResolverFirewallConfig").inputs
    assert (setting["resourceId"], setting["firewallFailOpen"]) == ("vpc-1", "DISABLED")


def test_a_leading_dot_includes_the_domain_and_its_hosts():
    assert absolute("pypi.org") == ("pypi.org.",)
    assert absolute(".anaconda.org") == ("anaconda.org.", "*.anaconda.org.")
