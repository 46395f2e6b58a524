"""AWS Network Firewall."""

from __future__ import annotations

from plinth_sandbox.provider.functions.network.network_firewall import read_endpoints, set_logging
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update, Wait

_SERVICE = "network-firewall"
_TAGS = Tagging(address={"ResourceArn": "{arn}"})

RULE_GROUP = Resource(
    type="aws:networkfirewall/ruleGroup:RuleGroup",
    service=_SERVICE,
    create=Call(
        "create_rule_group",
        carries=["name", "type", "capacity", "description", "ruleGroup", "rules", "encryptionConfiguration"],
        gives={"id": "RuleGroupResponse.RuleGroupArn"},
    ),
    address={"RuleGroupArn": "{id}"},
    read=[
        Call(
            "describe_rule_group",
            within="RuleGroupResponse",
            carries=["name", "type", "capacity", "description", "encryptionConfiguration"],
            gives={"arn": "RuleGroupResponse.RuleGroupArn", "updateToken": "UpdateToken"},
        ),
        Call("describe_rule_group", carries=["ruleGroup"]),
    ],
    update=[
        Update(
            Call(
                "update_rule_group",
                {"UpdateToken": "{updateToken}"},
                carries=["description", "ruleGroup", "rules", "encryptionConfiguration"],
            )
        )
    ],
    delete="delete_rule_group",
    renames={"name": "RuleGroupName"},
    computed=["encryptionConfiguration", "ruleGroup"],
    unread=["rules"],
    volatile=["updateToken"],
    tags=_TAGS,
)

FIREWALL_POLICY = Resource(
    type="aws:networkfirewall/firewallPolicy:FirewallPolicy",
    service=_SERVICE,
    create=Call(
        "create_firewall_policy",
        carries=["name", "description", "firewallPolicy", "encryptionConfiguration"],
        gives={"id": "FirewallPolicyResponse.FirewallPolicyArn"},
    ),
    address={"FirewallPolicyArn": "{id}"},
    read=[
        Call(
            "describe_firewall_policy",
            within="FirewallPolicyResponse",
            carries=["name", "description", "encryptionConfiguration"],
            gives={"arn": "FirewallPolicyResponse.FirewallPolicyArn", "updateToken": "UpdateToken"},
        ),
        Call("describe_firewall_policy", carries=["firewallPolicy"]),
    ],
    update=[
        Update(
            Call(
                "update_firewall_policy",
                {"UpdateToken": "{updateToken}"},
                carries=["description", "firewallPolicy", "encryptionConfiguration"],
            )
        )
    ],
    delete="delete_firewall_policy",
    renames={"name": "FirewallPolicyName"},
    computed=["encryptionConfiguration"],
    volatile=["updateToken"],
    tags=_TAGS,
)

_PROTECTIONS = {
    "deleteProtection": "update_firewall_delete_protection",
    "firewallPolicyChangeProtection": "update_firewall_policy_change_protection",
    "subnetChangeProtection": "update_subnet_change_protection",
}
_FIREWALL_MEMBERS = (
    "name", "firewallPolicyArn", "vpcId", "subnetMappings", "description", "encryptionConfiguration",
)  # fmt: skip

FIREWALL = Resource(
    type="aws:networkfirewall/firewall:Firewall",
    service=_SERVICE,
    create=Call(
        "create_firewall",
        carries=[*_FIREWALL_MEMBERS, *_PROTECTIONS],
        gives={"id": "Firewall.FirewallArn"},
    ),
    address={"FirewallArn": "{id}"},
    read=[
        Call(
            "describe_firewall",
            within="Firewall",
            carries=[*_FIREWALL_MEMBERS, *_PROTECTIONS],
            gives={"arn": "Firewall.FirewallArn", "updateToken": "UpdateToken"},
        ),
        read_endpoints,
    ],
    update=[
        Update(Call("update_firewall_description", carries=["description"])),
        Update(Call("update_firewall_encryption_configuration", carries=["encryptionConfiguration"])),
        # Protections come before what they protect, so that one update can lift a protection and make the change.
        *(Update(Call(operation, carries=[name])) for name, operation in _PROTECTIONS.items()),
        Update(Call("associate_firewall_policy", carries=["firewallPolicyArn"])),
    ],
    delete="delete_firewall",
    renames={"name": "FirewallName"},
    computed=["encryptionConfiguration"],
    defaults=dict.fromkeys(_PROTECTIONS, False),
    volatile=["updateToken"],
    ready=Wait(Call("describe_firewall"), until="FirewallStatus.Status == 'READY'"),
    tags=_TAGS,
)

LOGGING_CONFIGURATION = Resource(
    type="aws:networkfirewall/loggingConfiguration:LoggingConfiguration",
    service=_SERVICE,
    create=set_logging,
    creates=["firewallArn", "loggingConfiguration"],
    identifier="{firewallArn}",
    read=Call("describe_logging_configuration", {"FirewallArn": "{firewallArn}"}),
    exists="LoggingConfiguration.LogDestinationConfigs",
    update=[Update(set_logging, carries=["loggingConfiguration"])],
    delete=Call(
        "update_logging_configuration",
        {"FirewallArn": "{firewallArn}", "LoggingConfiguration": {"LogDestinationConfigs": []}},
    ),
    name=None,
)

RESOURCES = [RULE_GROUP, FIREWALL_POLICY, FIREWALL, LOGGING_CONFIGURATION]
