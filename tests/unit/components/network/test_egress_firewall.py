import pytest

from components.network.egress_firewall import EgressFirewall, EgressFirewallArgs
from tests.support.recorder import deploy

KEY = "arn:aws:kms:eu-west-1:111111111111:key/data"
RULE_GROUP = "aws:networkfirewall/ruleGroup:RuleGroup"


def firewall():
    args = EgressFirewallArgs(
        label="fraud-experimentation",
        vpc_id="vpc-1",
        subnet_id="subnet-1",
        allowed_domains=["pypi.org", ".anaconda.org"],
        log_bucket_name="archive",
        key_arn=KEY,
    )
    return EgressFirewall("firewall", args)


def policy():
    return deploy(firewall).one("aws:networkfirewall/firewallPolicy:FirewallPolicy").inputs["firewallPolicy"]


@pytest.mark.requirement("EXP-05.c")
def test_only_allowed_hosts_pass_over_https_and_http():
    group = deploy(firewall).one(RULE_GROUP, "firewall-domains").inputs["ruleGroup"]
    assert group["rulesSource"]["rulesSourceList"] == {
        "generatedRulesType": "ALLOWLIST",
        "targetTypes": ["TLS_SNI", "HTTP_HOST"],
        "targets": ["pypi.org", ".anaconda.org"],
    }


@pytest.mark.requirement("EXP-05.c")
def test_traffic_without_a_matching_rule_is_dropped():
    assert policy()["statelessDefaultActions"] == policy()["statelessFragmentDefaultActions"] == ["aws:drop"]
    assert "aws:drop_established" in policy()["statefulDefaultActions"]
    assert policy()["statefulEngineOptions"] == {"ruleOrder": "STRICT_ORDER", "streamExceptionPolicy": "DROP"}
    group = deploy(firewall).one(RULE_GROUP, "firewall-domains").inputs["ruleGroup"]
    assert group["statefulRuleOptions"] == {"ruleOrder": "STRICT_ORDER"}


def test_packets_other_than_web_traffic_are_dropped_without_inspection():
    group = deploy(firewall).one(RULE_GROUP, "firewall-packets").inputs["ruleGroup"]
    rules = group["rulesSource"]["statelessRulesAndCustomActions"]["statelessRules"]
    definitions = [rule["ruleDefinition"] for rule in rules]
    assert {action for definition in definitions for action in definition["actions"]} == {"aws:forward_to_sfe"}
    assert {number for definition in definitions for number in definition["matchAttributes"]["protocols"]} == {6}
    there, back = (definition["matchAttributes"] for definition in definitions)
    assert [port["fromPort"] for port in there["destinationPorts"]] == [80, 443]
    assert [port["fromPort"] for port in back["sourcePorts"]] == [80, 443]


def test_the_policy_refers_to_both_groups():
    domains, packets = policy()["statefulRuleGroupReferences"], policy()["statelessRuleGroupReferences"]
    assert [reference["resourceArn"].rpartition("/")[2] for reference in (*domains, *packets)] == [
        "firewall-domains",
        "firewall-packets",
    ]


@pytest.mark.requirement("EXP-05.c")
def test_the_firewall_cannot_be_deleted_moved_or_given_another_policy():
    firewall_inputs = deploy(firewall).one("aws:networkfirewall/firewall:Firewall").inputs
    assert firewall_inputs["deleteProtection"] is True
    assert firewall_inputs["subnetChangeProtection"] is True
    assert firewall_inputs["firewallPolicyChangeProtection"] is True


def test_firewall_policy_and_rule_groups_are_encrypted_with_the_key():
    parts = [record for record in deploy(firewall).resources if "LoggingConfiguration" not in record.type]
    encrypted = {r.name: r.inputs["encryptionConfiguration"] for r in parts if "networkfirewall" in r.type}
    ours = {"type": "CUSTOMER_KMS", "keyId": KEY}
    names = ("firewall", "firewall-policy", "firewall-domains", "firewall-packets")
    assert encrypted == dict.fromkeys(names, ours)


def test_firewall_logs_are_delivered_to_the_archive():
    logs = deploy(firewall).one("aws:networkfirewall/loggingConfiguration:LoggingConfiguration").inputs
    configured = logs["loggingConfiguration"]["logDestinationConfigs"]
    assert {each["logType"]: each["logDestination"] for each in configured} == {
        "ALERT": {"bucketName": "archive"},
        "FLOW": {"bucketName": "archive"},
    }
