"""Samples of the Resolver DNS Firewall and of Route 53 Profiles."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.network.ec2.prerequisites import VPC

_LIST: Need = ("aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList", {"name": "list-{n}"})
_GROUP: Need = ("aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup", {"name": "group-{n}"})
_PROFILE: Need = ("aws:route53/profilesProfile:ProfilesProfile", {"name": "profile-{n}"})
_ENDPOINT: Need = (
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    {"vpcId": "{vpc.id}", "serviceName": "com.amazonaws.eu-west-1.sts", "vpcEndpointType": "Interface"},
)


def _tags(aws: Aws, service: str, arn: str) -> dict[str, str]:
    answer = aws(service).list_tags_for_resource(ResourceArn=arn)["Tags"]
    return dict(answer) if isinstance(answer, dict) else {tag["Key"]: tag["Value"] for tag in answer}


def _list(aws: Aws, it: Kept) -> dict[str, Any]:
    resolver = aws("route53resolver")
    found = resolver.get_firewall_domain_list(FirewallDomainListId=it.id)["FirewallDomainList"]
    return {
        "count": found["DomainCount"],
        "domains": resolver.list_firewall_domains(FirewallDomainListId=it.id)["Domains"],
        "tags": _tags(aws, "route53resolver", found["Arn"]),
    }


def _group(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("route53resolver").get_firewall_rule_group(FirewallRuleGroupId=it.id)["FirewallRuleGroup"]
    return {"arn": found["Arn"] == it.outputs["arn"], "tags": _tags(aws, "route53resolver", found["Arn"])}


def _rule(aws: Aws, it: Kept) -> dict[str, Any]:
    answer = aws("route53resolver").list_firewall_rules(FirewallRuleGroupId=it.outputs["firewallRuleGroupId"])
    (rule,) = answer["FirewallRules"]
    return {name: rule.get(name) for name in ("FirewallDomainListId", "Action", "BlockResponse", "Priority")}


def _association(aws: Aws, it: Kept) -> dict[str, Any]:
    answer = aws("route53resolver").get_firewall_rule_group_association(FirewallRuleGroupAssociationId=it.id)
    found = answer["FirewallRuleGroupAssociation"]
    return {name: found[name] for name in ("FirewallRuleGroupId", "VpcId", "Priority", "MutationProtection", "Status")}


def _setting(aws: Aws, it: Kept) -> str:
    answer = aws("route53resolver").get_firewall_config(ResourceId=it.outputs["resourceId"])
    return str(answer["FirewallConfig"]["FirewallFailOpen"])


def _profile(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("route53profiles").get_profile(ProfileId=it.id)["Profile"]
    return {"status": found["Status"], "tags": _tags(aws, "route53profiles", found["Arn"])}


def _member(aws: Aws, it: Kept) -> list[str]:
    found = aws("route53profiles").get_profile_association(ProfileAssociationId=it.id)["ProfileAssociation"]
    return [found["ProfileId"], found["ResourceId"]]


def _content(aws: Aws, it: Kept) -> list[str]:
    answer = aws("route53profiles").get_profile_resource_association(ProfileResourceAssociationId=it.id)
    found = answer["ProfileResourceAssociation"]
    return [found["ProfileId"], found["ResourceArn"]]


_ASSOCIATED = {
    "FirewallRuleGroupId": "{group.id}",
    "VpcId": "{vpc.id}",
    "Priority": 200,
    "MutationProtection": "ENABLED",
    "Status": "COMPLETE",
}

SAMPLES = [
    Sample(
        type="aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList",
        inputs={"name": "sample-{n}", "domains": ["*.amazonaws.com.", "pypi.org."], "tags": {"own": "1"}},
        look=_list,
        seen={"count": 2, "domains": ["*.amazonaws.com.", "pypi.org."], "tags": {"from": "provider", "own": "1"}},
        change={"domains": ["conda.anaconda.org."], "tags": {"own": "2"}},
        seen_changed={"count": 1, "domains": ["conda.anaconda.org."], "tags": {"from": "provider", "own": "2"}},
        replace={"name": "sample-other"},
        drift=lambda aws, it: aws("route53resolver").update_firewall_domains(
            FirewallDomainListId=it.id, Operation="REMOVE", Domains=["pypi.org."]
        ),
        drifts="domains",
        remove=lambda aws, it: aws("route53resolver").delete_firewall_domain_list(FirewallDomainListId=it.id),
    ),
    Sample(
        type="aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
        inputs={"name": "sample-{n}", "tags": {"own": "1"}},
        look=_group,
        seen={"arn": True, "tags": {"from": "provider", "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"arn": True, "tags": {"from": "provider", "own": "2"}},
        replace={"name": "sample-other"},
        remove=lambda aws, it: aws("route53resolver").delete_firewall_rule_group(FirewallRuleGroupId=it.id),
    ),
    Sample(
        type="aws:route53/resolverFirewallRule:ResolverFirewallRule",
        needs={"group": _GROUP, "list": _LIST},
        inputs={
            "name": "sample-{n}",
            "firewallRuleGroupId": "{group.id}",
            "firewallDomainListId": "{list.id}",
            "action": "BLOCK",
            "blockResponse": "NXDOMAIN",
            "priority": 100,
        },
        look=_rule,
        seen={"FirewallDomainListId": "{list.id}", "Action": "BLOCK", "BlockResponse": "NXDOMAIN", "Priority": 100},
        change={"blockResponse": "NODATA", "priority": 300},
        seen_changed={
            "FirewallDomainListId": "{list.id}",
            "Action": "BLOCK",
            "BlockResponse": "NODATA",
            "Priority": 300,
        },
        replace={"firewallDomainListId": "rslvr-fdl-other"},
        drift=lambda aws, it: aws("route53resolver").update_firewall_rule(
            FirewallRuleGroupId=it.known["group"].id, FirewallDomainListId=it.known["list"].id, Priority=900
        ),
        drifts="priority",
        remove=lambda aws, it: aws("route53resolver").delete_firewall_rule(
            FirewallRuleGroupId=it.known["group"].id, FirewallDomainListId=it.known["list"].id
        ),
    ),
    Sample(
        type="aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
        needs={"vpc": VPC, "group": _GROUP},
        inputs={
            "name": "sample-{n}",
            "firewallRuleGroupId": "{group.id}",
            "vpcId": "{vpc.id}",
            "priority": 200,
            "mutationProtection": "ENABLED",
        },
        look=_association,
        seen=_ASSOCIATED,
        change={"priority": 300, "mutationProtection": "DISABLED"},
        seen_changed={**_ASSOCIATED, "Priority": 300, "MutationProtection": "DISABLED"},
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("route53resolver").update_firewall_rule_group_association(
            FirewallRuleGroupAssociationId=it.id, Priority=900
        ),
        drifts="priority",
        remove=lambda aws, it: aws("route53resolver").disassociate_firewall_rule_group(
            FirewallRuleGroupAssociationId=it.id
        ),
    ),
    Sample(
        type="aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
        needs={"vpc": VPC},
        inputs={"resourceId": "{vpc.id}", "firewallFailOpen": "ENABLED"},
        look=_setting,
        seen="ENABLED",
        change={"firewallFailOpen": "DISABLED"},
        seen_changed="DISABLED",
        replace={"resourceId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("route53resolver").update_firewall_config(
            ResourceId=it.outputs["resourceId"], FirewallFailOpen="DISABLED"
        ),
        drifts="firewallFailOpen",
    ),
    Sample(
        type="aws:route53/profilesProfile:ProfilesProfile",
        inputs={"name": "sample-{n}", "tags": {"own": "1"}},
        look=_profile,
        seen={"status": "COMPLETE", "tags": {"from": "provider", "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"status": "COMPLETE", "tags": {"from": "provider", "own": "2"}},
        replace={"name": "sample-other"},
        remove=lambda aws, it: aws("route53profiles").delete_profile(ProfileId=it.id),
    ),
    Sample(
        type="aws:route53/profilesAssociation:ProfilesAssociation",
        needs={"vpc": VPC, "profile": _PROFILE},
        inputs={"name": "sample-{n}", "profileId": "{profile.id}", "resourceId": "{vpc.id}"},
        look=_member,
        seen=["{profile.id}", "{vpc.id}"],
        replace={"resourceId": "vpc-0123456789abcdef0"},
        remove=lambda aws, it: aws("route53profiles").disassociate_profile(
            ProfileId=it.outputs["profileId"], ResourceId=it.outputs["resourceId"]
        ),
    ),
    Sample(
        type="aws:route53/profilesResourceAssociation:ProfilesResourceAssociation",
        needs={"vpc": VPC, "profile": _PROFILE, "endpoint": _ENDPOINT},
        inputs={"name": "sample-{n}", "profileId": "{profile.id}", "resourceArn": "{endpoint.outputs.arn}"},
        look=_content,
        seen=["{profile.id}", "{endpoint.outputs.arn}"],
        replace={"resourceArn": "arn:aws:ec2:eu-west-1:123456789012:vpc-endpoint/vpce-0"},
        remove=lambda aws, it: aws("route53profiles").disassociate_resource_from_profile(
            ProfileId=it.outputs["profileId"], ResourceArn=it.outputs["resourceArn"]
        ),
    ),
]
