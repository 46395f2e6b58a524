"""EC2: rules of security groups. moto loses members of them, and accepts rules that EC2 refuses.

Sources: EC2 API, "IpPermission", "SecurityGroupRuleRequest" and ModifySecurityGroupRules (read 2026-11-29); texts of
refusals in moto's tests that were verified against AWS, and of github.com/aws/aws-sdk-go-v2/issues/1203 and
github.com/boto/boto3/issues/336.
"""

from __future__ import annotations

import inspect
import ipaddress
from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_SOURCES = {
    "CidrIpv4": "IPv4 CIDR",
    "CidrIpv6": "IPv6 CIDR",
    "PrefixListId": "prefix list",
    "ReferencedGroupId": "referenced group",
}
"""Kind of a rule in messages, by the member with its source."""
_NAMES = "cidrIp, cidrIpv6, prefixListId, or referencedGroupId"
_WITH_PORTS = {"tcp": "TCP", "6": "TCP", "udp": "UDP", "17": "UDP"}
_PORT_NUMBERS = range(65_536)


def patch_moto() -> None:
    """Makes moto keep the description of every rule and the owner of a rule's group. It keeps descriptions of CIDR
    rules only."""
    create = SecurityGroupRule.__init__
    parameters = inspect.signature(create)

    def create_described(self: SecurityGroupRule, *values: Any, **members: Any) -> None:
        create(self, *values, **members)
        self.prefix_list = parameters.bind(self, *values, **members).arguments.get("prefix_list_id") or {}

    SecurityGroupRule.__init__ = create_described
    # Class attributes also serve rules of default groups that existed before this patch.
    SecurityGroupRule.prefix_list = {}
    SecurityGroupRule.description = property(lambda rule: _target(rule).get("Description"))
    SecurityGroupRule.group_owner_id = property(lambda rule: rule.owner_id)
    _describe_prefix_lists()


def _describe_prefix_lists() -> None:
    """Keeps rules with the same ports apart, and describes their prefix lists. moto merges such rules and lists bare
    ids."""
    flatten = SecurityGroup._flattened_rules

    def flatten_described(self: SecurityGroup, rules: list[SecurityGroupRule]) -> list[Any]:
        described = {(*_ports(rule), rule.prefix_list_id): rule.prefix_list for rule in rules if rule.prefix_list_id}
        views: list[Any] = flatten(self, rules)
        for view in views:
            view.prefix_list_ids = [
                described[(*_ports(view), listed["PrefixListId"])] for listed in view.prefix_list_ids
            ]
        return views

    SecurityGroup._flattened_rules = flatten_described


def _ports(rule: Any) -> tuple[Any, ...]:
    return (rule.ip_protocol, rule.from_port, rule.to_port)


def _target(rule: SecurityGroupRule) -> dict[str, str]:
    return next((part for part in (rule.ip_range, rule.source_group, rule.prefix_list) if part), {})


def _authorize(exchange: Exchange) -> Answer:
    """Refuses rules without a protocol, ports that are none and unknown prefix lists. moto breaks on some and keeps
    the others."""
    for permission in exchange.call.parameters.get("IpPermissions") or ():
        _require_ports(permission, "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
        for listed in permission.get("PrefixListIds") or ():
            _require_source("PrefixListId", str(listed.get("PrefixListId")))
    return exchange.below()


def _require_ports(rule: Mapping[str, Any], message: str) -> None:
    """Raises AwsError, with the message if TCP or UDP lack a port."""
    if (protocol := rule.get("IpProtocol")) is None:
        message = "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly."
        raise AwsError("InvalidParameterValue", message)
    if (name := _WITH_PORTS.get(str(protocol).lower())) is None:
        return
    first, last = rule.get("FromPort"), rule.get("ToPort")
    for port in (first, last):
        if port is not None and port not in _PORT_NUMBERS:
            raise AwsError("InvalidPermission.Malformed", f"TCP/UDP port ({port}) out of range")
    if first is None or last is None:
        raise AwsError("InvalidParameterValue", message)
    if first > last:
        raise AwsError("InvalidParameterValue", f"Invalid {name} port range ({first}:{last})")


def _modify_rules(exchange: Exchange) -> Answer:
    """Modifies rules. moto changes CIDR rules only, and refuses rules for all protocols."""
    backend = ec2_backends[exchange.call.account][exchange.call.region]
    group = backend.get_security_group_from_id(exchange.call.parameters["GroupId"])
    wanted = {
        change["SecurityGroupRuleId"]: change.get("SecurityGroupRule") or {}
        for change in exchange.call.parameters["SecurityGroupRules"]
    }
    rules = {rule_id: group.get_rule(rule_id) for rule_id in wanted} if group else {}
    if not rules or any(rule is None for rule in rules.values()):
        return exchange.below()
    for rule_id, rule in rules.items():
        _require_change(rule_id, rule, wanted[rule_id])
        _require_another(group, rule, wanted[rule_id])
    for rule_id, rule in rules.items():
        _change(rule, wanted[rule_id])
    return exchange.call.reply({"Return": True})


def _require_change(rule_id: str, rule: SecurityGroupRule, wanted: Mapping[str, Any]) -> None:
    """Raises AwsError unless a rule may become the wanted one."""
    given = [member for member in _SOURCES if wanted.get(member) is not None]
    if len(given) > 1:
        raise AwsError("InvalidParameterCombination", f"Only one of {_NAMES} can be specified")
    if not given:
        raise AwsError("MissingParameter", f"The request must contain exactly one of: {_NAMES}")
    (source,) = given
    _require_ports(wanted, "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
    _require_source(source, str(wanted[source]))
    before, _ = _source(rule)
    if before and before != source:
        message = f"You may not specify {source} for an existing {_SOURCES[before]} rule."
        raise AwsError("InvalidParameterValue", f"Invalid rule type for security group rule '{rule_id}'. {message}")


def _require_source(member: str, value: str) -> None:
    if member.startswith("Cidr"):
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise AwsError("InvalidParameterValue", f"CIDR block {value} is malformed") from None
        return
    backends = [backend for regions in ec2_backends.values() for backend in regions.values()]
    if member == "PrefixListId":
        if not any(value in backend.managed_prefix_lists for backend in backends):
            raise AwsError("InvalidPrefixListID.NotFound", f"The prefix list ID '{value}' does not exist")
    elif not any(value in of_vpc for backend in backends for of_vpc in backend.groups.values()):
        raise AwsError("InvalidGroup.NotFound", f"The security group '{value}' does not exist")


def _require_another(group: Any, rule: SecurityGroupRule, wanted: Mapping[str, Any]) -> None:
    """Raises AwsError if the group has the wanted rule already."""
    ports = (wanted["IpProtocol"], *_wanted_ports(wanted))
    for other in group.egress_rules if rule in group.egress_rules else group.ingress_rules:
        member, value = _source(other)
        if other.id != rule.id and _ports(other) == ports and value and value == wanted.get(member):
            raise AwsError("InvalidPermission.Duplicate", "the specified rule already exists")


def _source(rule: SecurityGroupRule) -> tuple[str, str]:
    """Returns the member with the source of a rule, and its value; empty texts if it has none."""
    found = {
        "CidrIpv4": rule.ip_range.get("CidrIp"),
        "CidrIpv6": rule.ip_range.get("CidrIpv6"),
        "PrefixListId": rule.prefix_list_id,
        "ReferencedGroupId": (rule.source_group or {}).get("GroupId"),
    }
    return next(((member, str(value)) for member, value in found.items() if value), ("", ""))


def _wanted_ports(wanted: Mapping[str, Any]) -> tuple[Any, Any]:
    """Returns the ports of a wanted rule. One for all protocols has none."""
    return (None, None) if wanted["IpProtocol"] == "-1" else (wanted.get("FromPort"), wanted.get("ToPort"))


def _change(rule: SecurityGroupRule, wanted: dict[str, Any]) -> None:
    rule.ip_protocol = wanted["IpProtocol"]
    rule.from_port, rule.to_port = _wanted_ports(wanted)
    described = {"Description": wanted["Description"]} if wanted.get("Description") else {}
    rule.ip_range = {name: wanted[source] for name, source in _ADDRESSES.items() if source in wanted}
    rule.source_group = {"GroupId": wanted["ReferencedGroupId"]} if "ReferencedGroupId" in wanted else {}
    rule.prefix_list = {"PrefixListId": wanted["PrefixListId"]} if "PrefixListId" in wanted else {}
    rule.prefix_list_id = wanted.get("PrefixListId")
    _target(rule).update(described)


_ADDRESSES = {"CidrIp": "CidrIpv4", "CidrIpv6": "CidrIpv6"}


PATCHES: Patches = {
    "AuthorizeSecurityGroupEgress": _authorize,
    "AuthorizeSecurityGroupIngress": _authorize,
    "ModifySecurityGroupRules": _modify_rules,
}
