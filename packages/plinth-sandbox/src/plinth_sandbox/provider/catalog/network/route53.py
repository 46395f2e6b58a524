"""Amazon Route 53: the Resolver DNS Firewall, and profiles that several VPCs share."""

from __future__ import annotations

from plinth_sandbox.provider.functions.network.route53 import set_domains
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update, Wait

_RESOLVER, _PROFILES = "route53resolver", "route53profiles"
_OF_RESOLVER = Tagging(address={"ResourceArn": "{arn}"})
_OF_PROFILES = Tagging(address={"ResourceArn": "{arn}"})

DOMAIN_LIST = Resource(
    type="aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList",
    service=_RESOLVER,
    create=Call("create_firewall_domain_list", carries=["name"], gives={"id": "FirewallDomainList.Id"}),
    address={"FirewallDomainListId": "{id}"},
    read=[
        Call("get_firewall_domain_list", within="FirewallDomainList"),
        Call("list_firewall_domains", carries=[], gives={"domains": "Domains"}),
    ],
    update=[Update(set_domains, carries=["domains"])],
    delete="delete_firewall_domain_list",
    tags=_OF_RESOLVER,
)

RULE_GROUP = Resource(
    type="aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
    service=_RESOLVER,
    create=Call("create_firewall_rule_group", carries=["name"], gives={"id": "FirewallRuleGroup.Id"}),
    address={"FirewallRuleGroupId": "{id}"},
    read=Call("get_firewall_rule_group", within="FirewallRuleGroup"),
    delete="delete_firewall_rule_group",
    tags=_OF_RESOLVER,
)

RULE = Resource(
    type="aws:route53/resolverFirewallRule:ResolverFirewallRule",
    service=_RESOLVER,
    create="create_firewall_rule",
    identifier="{firewallRuleGroupId}:{firewallDomainListId}",
    address={"FirewallRuleGroupId": "{firewallRuleGroupId}", "FirewallDomainListId": "{firewallDomainListId}"},
    read=Call("list_firewall_rules", within="FirewallRules[?FirewallDomainListId=='{firewallDomainListId}'] | [0]"),
    update=["update_firewall_rule"],
    delete="delete_firewall_rule",
    renames={"qType": "Qtype"},
    defaults={"firewallDomainRedirectionAction": "INSPECT_REDIRECTION_DOMAIN"},
    replaces=["firewallRuleGroupId", "firewallDomainListId"],
    exclusive=[["firewallDomainListId", "dnsThreatProtection"], ["firewallDomainListId", "confidenceThreshold"]],
)

RULE_GROUP_ASSOCIATION = Resource(
    type="aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
    service=_RESOLVER,
    create=Call("associate_firewall_rule_group", gives={"id": "FirewallRuleGroupAssociation.Id"}),
    address={"FirewallRuleGroupAssociationId": "{id}"},
    read=Call("get_firewall_rule_group_association", within="FirewallRuleGroupAssociation"),
    update=[Update(Call("update_firewall_rule_group_association", carries=["name", "priority", "mutationProtection"]))],
    delete="disassociate_firewall_rule_group",
    defaults={"mutationProtection": "DISABLED"},
    ready=Wait(Call("get_firewall_rule_group_association"), until="FirewallRuleGroupAssociation.Status == 'COMPLETE'"),
    tags=_OF_RESOLVER,
)

CONFIG = Resource(
    type="aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
    service=_RESOLVER,
    put=Call("update_firewall_config", carries=["resourceId", "firewallFailOpen"], gives={"id": "FirewallConfig.Id"}),
    read=Call(
        "list_firewall_configs",
        within="FirewallConfigs[?Id=='{id}'] | [0]",
    ),
    # The setting always exists. Deleting it restores AWS's default.
    delete=Call("update_firewall_config", {"ResourceId": "{resourceId}", "FirewallFailOpen": "DISABLED"}),
    replaces=["resourceId"],
    name=None,
)

PROFILE = Resource(
    type="aws:route53/profilesProfile:ProfilesProfile",
    service=_PROFILES,
    create=Call("create_profile", carries=["name"], gives={"id": "Profile.Id"}),
    address={"ProfileId": "{id}"},
    read=Call("get_profile", within="Profile"),
    delete="delete_profile",
    local=["timeouts"],
    ready=Wait(Call("get_profile"), until="Profile.Status == 'COMPLETE'"),
    tags=_OF_PROFILES,
)

PROFILE_ASSOCIATION = Resource(
    type="aws:route53/profilesAssociation:ProfilesAssociation",
    service=_PROFILES,
    create=Call("associate_profile", gives={"id": "ProfileAssociation.Id"}),
    address={"ProfileAssociationId": "{id}"},
    read=Call("get_profile_association", within="ProfileAssociation"),
    delete=Call("disassociate_profile", {"ProfileId": "{profileId}", "ResourceId": "{resourceId}"}),
    local=["timeouts"],
    ready=Wait(Call("get_profile_association"), until="ProfileAssociation.Status == 'COMPLETE'"),
    derived={"arn": "arn:{@partition}:route53profiles:{@region}:{@account}:profile-association/{id}"},
    tags=_OF_PROFILES,
)

PROFILE_RESOURCE = Resource(
    type="aws:route53/profilesResourceAssociation:ProfilesResourceAssociation",
    service=_PROFILES,
    create=Call("associate_resource_to_profile", gives={"id": "ProfileResourceAssociation.Id"}),
    address={"ProfileResourceAssociationId": "{id}"},
    read=Call("get_profile_resource_association", within="ProfileResourceAssociation"),
    delete=Call("disassociate_resource_from_profile", {"ProfileId": "{profileId}", "ResourceArn": "{resourceArn}"}),
    local=["timeouts"],
    computed=["resourceProperties"],
    ready=Wait(Call("get_profile_resource_association"), until="ProfileResourceAssociation.Status == 'COMPLETE'"),
)

RESOURCES = [
    DOMAIN_LIST,
    RULE_GROUP,
    RULE,
    RULE_GROUP_ASSOCIATION,
    CONFIG,
    PROFILE,
    PROFILE_ASSOCIATION,
    PROFILE_RESOURCE,
]
