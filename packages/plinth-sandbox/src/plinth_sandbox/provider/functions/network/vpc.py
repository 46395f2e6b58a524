"""Rules of security groups as separate resources."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.tag_specifications import tag_specifications
from plinth_sandbox.provider.vocabulary import Properties

_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
"""List of a permission and member in it, by property of an authorized rule."""

_MEMBERS = {
    "ipProtocol": "IpProtocol",
    "fromPort": "FromPort",
    "toPort": "ToPort",
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
    "description": "Description",
}
"""Member by property of a modified rule."""

PROPERTIES = ["securityGroupId", *_MEMBERS]
"""Inputs that these functions carry."""


def authorize_ingress(caller: Caller, known: Properties) -> Properties:
    """Authorizes an ingress rule."""
    return _authorize(caller, known, "authorize_security_group_ingress")


def authorize_egress(caller: Caller, known: Properties) -> Properties:
    """Authorizes an egress rule."""
    return _authorize(caller, known, "authorize_security_group_egress")


def _authorize(caller: Caller, known: Properties, operation: str) -> Properties:
    described = _members(known, {"description": "Description"})
    permission = _members(known, {name: _MEMBERS[name] for name in ("ipProtocol", "fromPort", "toPort")})
    for name, (listed, member) in _SOURCES.items():
        if known.get(name):
            permission[listed] = [{member: known[name], **described}]
    answer = caller.aws(
        operation,
        GroupId=known["securityGroupId"],
        IpPermissions=[permission],
        **tag_specifications("security-group-rule", known["tagsAll"]),
    )
    return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}


def modify_rule(caller: Caller, known: Properties) -> None:
    """Sends the complete rule, because EC2 replaces it as a whole."""
    change = {"SecurityGroupRuleId": known["id"], "SecurityGroupRule": _members(known, _MEMBERS)}
    caller.aws("modify_security_group_rules", GroupId=known["securityGroupId"], SecurityGroupRules=[change])


def _members(known: Properties, names: dict[str, str]) -> Properties:
    return {member: known[name] for name, member in names.items() if known.get(name) not in (None, "")}
