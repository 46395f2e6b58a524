"""Samples of AWS Network Firewall."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.network.ec2.prerequisites import SUBNET, VPC


def _domains(*names: str) -> dict[str, Any]:
    listed = {"generatedRulesType": "ALLOWLIST", "targetTypes": ["TLS_SNI"], "targets": list(names)}
    return {
        "rulesSource": {"rulesSourceList": listed},
        "statefulRuleOptions": {"ruleOrder": "STRICT_ORDER"},
    }


def _policy(*default_actions: str) -> dict[str, Any]:
    return {
        "statelessDefaultActions": ["aws:drop"],
        "statelessFragmentDefaultActions": ["aws:drop"],
        "statefulDefaultActions": list(default_actions),
        "statefulEngineOptions": {"ruleOrder": "STRICT_ORDER"},
    }


_KEY: Need = ("aws:kms/key:Key", {})
_ENCRYPTED = {"type": "CUSTOMER_KMS", "keyId": "{key.outputs.arn}"}
_SEEN_ENCRYPTED = {"Type": "CUSTOMER_KMS", "KeyId": "{key.outputs.arn}"}
_POLICY: Need = (
    "aws:networkfirewall/firewallPolicy:FirewallPolicy",
    {"name": "sample-{n}", "firewallPolicy": _policy("aws:drop_established")},
)
_OTHER_POLICY: Need = (
    "aws:networkfirewall/firewallPolicy:FirewallPolicy",
    {"name": "other-{n}", "firewallPolicy": _policy("aws:drop_strict")},
)
_FIREWALL: Need = (
    "aws:networkfirewall/firewall:Firewall",
    {
        "name": "sample-{n}",
        "firewallPolicyArn": "{policy.id}",
        "vpcId": "{vpc.id}",
        "subnetMappings": [{"subnetId": "{subnet.id}"}],
    },
)


def _tags(described: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}


def _rule_group(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("network-firewall").describe_rule_group(RuleGroupArn=it.id)
    listed = found["RuleGroup"]["RulesSource"]["RulesSourceList"]
    return {
        "type": found["RuleGroupResponse"]["Type"],
        "capacity": found["RuleGroupResponse"]["Capacity"],
        "description": found["RuleGroupResponse"]["Description"],
        "domains": listed["Targets"],
        "order": found["RuleGroup"]["StatefulRuleOptions"]["RuleOrder"],
        "encryption": found["RuleGroupResponse"]["EncryptionConfiguration"],
        "tags": _tags(found["RuleGroupResponse"]),
    }


def _described_policy(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("network-firewall").describe_firewall_policy(FirewallPolicyArn=it.id)
    return {
        "stateful": found["FirewallPolicy"]["StatefulDefaultActions"],
        "stateless": found["FirewallPolicy"]["StatelessDefaultActions"],
        "encryption": found["FirewallPolicyResponse"]["EncryptionConfiguration"],
        "tags": _tags(found["FirewallPolicyResponse"]),
    }


_PROTECTIONS = ("DeleteProtection", "FirewallPolicyChangeProtection", "SubnetChangeProtection")


def _firewall(aws: Aws, it: Kept) -> dict[str, Any]:
    """Returns the firewall, and whether EC2 knows the provider's endpoint in the subnet."""
    found = aws("network-firewall").describe_firewall(FirewallArn=it.id)
    (state,) = it.outputs["firewallStatuses"][0]["syncStates"]
    (attachment,) = state["attachments"]
    (endpoint,) = aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[attachment["endpointId"]])["VpcEndpoints"]
    return {
        "policy": found["Firewall"]["FirewallPolicyArn"],
        "protected": [name for name in _PROTECTIONS if found["Firewall"][name]],
        "encryption": found["Firewall"]["EncryptionConfiguration"],
        "description": found["Firewall"]["Description"],
        "endpoint": [endpoint["VpcEndpointType"], *endpoint["SubnetIds"]],
        "tags": _tags(found["Firewall"]),
    }


def _logging(aws: Aws, it: Kept) -> dict[str, str]:
    answer = aws("network-firewall").describe_logging_configuration(FirewallArn=it.id)
    configured = answer["LoggingConfiguration"]["LogDestinationConfigs"]
    return {each["LogType"]: each["LogDestination"]["bucketName"] for each in configured}


def _logs(**buckets: str) -> dict[str, Any]:
    return {
        "logDestinationConfigs": [
            {"logType": kind, "logDestinationType": "S3", "logDestination": {"bucketName": bucket}}
            for kind, bucket in buckets.items()
        ]
    }


_SEEN_FIREWALL = {
    "policy": "{policy.id}",
    "protected": ["FirewallPolicyChangeProtection", "SubnetChangeProtection"],
    "encryption": _SEEN_ENCRYPTED,
    "description": "before",
    "endpoint": ["GatewayLoadBalancer", "{subnet.id}"],
    "tags": {"from": "provider", "own": "1"},
}

SAMPLES = [
    Sample(
        type="aws:networkfirewall/ruleGroup:RuleGroup",
        needs={"key": _KEY},
        inputs={
            "name": "sample-{n}",
            "type": "STATEFUL",
            "capacity": 100,
            "description": "before",
            "ruleGroup": _domains("pypi.org", ".anaconda.org"),
            "encryptionConfiguration": _ENCRYPTED,
            "tags": {"own": "1"},
        },
        look=_rule_group,
        seen={
            "type": "STATEFUL",
            "capacity": 100,
            "description": "before",
            "domains": ["pypi.org", ".anaconda.org"],
            "order": "STRICT_ORDER",
            "encryption": _SEEN_ENCRYPTED,
            "tags": {"from": "provider", "own": "1"},
        },
        change={"description": "after", "ruleGroup": _domains("pypi.org"), "tags": {"own": "2"}},
        seen_changed={
            "type": "STATEFUL",
            "capacity": 100,
            "description": "after",
            "domains": ["pypi.org"],
            "order": "STRICT_ORDER",
            "encryption": _SEEN_ENCRYPTED,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"capacity": 200},
        drift=lambda aws, it: aws("network-firewall").update_rule_group(
            RuleGroupArn=it.id, UpdateToken=it.outputs["updateToken"], Description="elsewhere"
        ),
        drifts="description",
        remove=lambda aws, it: aws("network-firewall").delete_rule_group(RuleGroupArn=it.id),
    ),
    Sample(
        type="aws:networkfirewall/firewallPolicy:FirewallPolicy",
        needs={"key": _KEY},
        inputs={
            "name": "sample-{n}",
            "firewallPolicy": _policy("aws:drop_established"),
            "encryptionConfiguration": _ENCRYPTED,
            "tags": {"own": "1"},
        },
        look=_described_policy,
        seen={
            "stateful": ["aws:drop_established"],
            "stateless": ["aws:drop"],
            "encryption": _SEEN_ENCRYPTED,
            "tags": {"from": "provider", "own": "1"},
        },
        change={"firewallPolicy": _policy("aws:drop_strict"), "tags": {"own": "2"}},
        seen_changed={
            "stateful": ["aws:drop_strict"],
            "stateless": ["aws:drop"],
            "encryption": _SEEN_ENCRYPTED,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "sample-other"},
        drift=lambda aws, it: aws("network-firewall").update_firewall_policy(
            FirewallPolicyArn=it.id,
            UpdateToken=it.outputs["updateToken"],
            FirewallPolicy={
                "StatelessDefaultActions": ["aws:pass"],
                "StatelessFragmentDefaultActions": ["aws:drop"],
                "StatefulDefaultActions": ["aws:drop_established"],
                "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"},
            },
        ),
        drifts="firewallPolicy",
        remove=lambda aws, it: aws("network-firewall").delete_firewall_policy(FirewallPolicyArn=it.id),
    ),
    Sample(
        type="aws:networkfirewall/firewall:Firewall",
        needs={"vpc": VPC, "subnet": SUBNET, "policy": _POLICY, "other": _OTHER_POLICY, "key": _KEY},
        inputs={
            "name": "sample-{n}",
            "firewallPolicyArn": "{policy.id}",
            "vpcId": "{vpc.id}",
            "subnetMappings": [{"subnetId": "{subnet.id}"}],
            "description": "before",
            "firewallPolicyChangeProtection": True,
            "subnetChangeProtection": True,
            "encryptionConfiguration": _ENCRYPTED,
            "tags": {"own": "1"},
        },
        look=_firewall,
        seen=_SEEN_FIREWALL,
        change={
            "firewallPolicyArn": "{other.id}",
            "firewallPolicyChangeProtection": False,
            "encryptionConfiguration": {"type": "AWS_OWNED_KMS_KEY"},
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN_FIREWALL,
            "policy": "{other.id}",
            "protected": ["SubnetChangeProtection"],
            "encryption": {"Type": "AWS_OWNED_KMS_KEY"},
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("network-firewall").update_firewall_delete_protection(
            FirewallArn=it.id, DeleteProtection=True
        ),
        drifts="deleteProtection",
        remove=lambda aws, it: aws("network-firewall").delete_firewall(FirewallArn=it.id),
    ),
    Sample(
        type="aws:networkfirewall/loggingConfiguration:LoggingConfiguration",
        needs={"vpc": VPC, "subnet": SUBNET, "policy": _POLICY, "firewall": _FIREWALL},
        inputs={"firewallArn": "{firewall.id}", "loggingConfiguration": _logs(ALERT="first", FLOW="first")},
        look=_logging,
        seen={"ALERT": "first", "FLOW": "first"},
        change={"loggingConfiguration": _logs(ALERT="second")},
        seen_changed={"ALERT": "second"},
        replace={"firewallArn": "arn:aws:network-firewall:eu-west-1:123456789012:firewall/other"},
        drift=lambda aws, it: aws("network-firewall").update_logging_configuration(
            FirewallArn=it.id,
            LoggingConfiguration={
                "LogDestinationConfigs": [
                    {"LogType": "TLS", "LogDestinationType": "S3", "LogDestination": {"bucketName": "elsewhere"}}
                ]
            },
        ),
        drifts="loggingConfiguration",
        remove=lambda aws, it: aws("network-firewall").update_logging_configuration(
            FirewallArn=it.id, LoggingConfiguration={"LogDestinationConfigs": []}
        ),
    ),
]
