"""A security group's rules as resources of their own."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
"""Property -> the list of a permission that is authorized, and the member in it."""

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
"""Property -> member of a rule that is modified."""

PROPERTIES = ["securityGroupId", *_MEMBERS]
"""The inputs that these functions carry."""


def authorize_ingress(caller: Caller, known: Properties) -> Properties:
    """A rule for what comes in."""
    return _authorize(caller, known, "authorize_security_group_ingress")


def authorize_egress(caller: Caller, known: Properties) -> Properties:
    """A rule for what goes out."""
    return _authorize(caller, known, "authorize_security_group_egress")


def _authorize(caller: Caller, known: Properties, operation: str) -> Properties:
    described = _members(known, {"description": "Description"})
    permission = _members(known, {name: _MEMBERS[name] for name in ("ipProtocol", "fromPort", "toPort")})
    for name, (listed, member) in _SOURCES.items():
        if known.get(name):
            permission[listed] = [{member: known[name], **described}]
    answer = caller.aws(operation, GroupId=known["securityGroupId"], IpPermissions=[permission])
    return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}


def modify_rule(caller: Caller, known: Properties) -> None:
    """EC2 replaces a rule as a whole, so all of it is sent."""
    change = {"SecurityGroupRuleId": known["id"], "SecurityGroupRule": _members(known, _MEMBERS)}
    caller.aws("modify_security_group_rules", GroupId=known["securityGroupId"], SecurityGroupRules=[change])


def _members(known: Properties, names: dict[str, str]) -> Properties:
    return {member: known[name] for name, member in names.items() if known.get(name) not in (None, "")}
