"""Security groups. An EC2 permission combines addresses and groups, whereas the properties list rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

Direction = Literal["ingress", "egress"]

_MEMBERS: dict[Direction, str] = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
_SOURCES = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}
"""List of a permission and member in it, by property of an inline rule."""

_ALL = "-1"


class Grant(NamedTuple):
    """The smallest unit of authorization: one protocol and port range for one source."""

    protocol: str
    first_port: int
    last_port: int
    listed: str
    """List of the permission that contains the source."""
    source: str
    description: str


def find_default_group(caller: Caller, known: Properties) -> Properties:
    """Returns the default group of a VPC."""
    vpc_id = known.get("vpcId") or _default_vpc(caller)
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = caller.aws("describe_security_groups", Filters=filters)["SecurityGroups"]
    return {"id": group["GroupId"]}


def _default_vpc(caller: Caller) -> str:
    found = caller.aws("describe_vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not found:
        raise ProviderError(f"{caller.type}: the account has no default VPC, so vpcId must be given")
    return str(found[0]["VpcId"])


def delete_group(caller: Caller, known: Properties) -> None:
    """Deletes a group. With `revokeRulesOnDelete`, its rules are revoked first, so that groups can refer to each
    other."""
    if known.get("revokeRulesOnDelete"):
        set_ingress(caller, {"id": known["id"]})
        set_egress(caller, {"id": known["id"]})
    caller.aws("delete_security_group", GroupId=known["id"])


def read_rules(caller: Caller, known: Properties) -> Properties:
    """Returns the rules of a group, in the program's spelling if it means the same."""
    group = _group(caller, known["id"])
    found: Properties = {}
    for direction, member in _MEMBERS.items():
        grants = set(_granted(group[member]))
        spelt = known.get(direction) or []
        found[direction] = spelt if set(_spelt(spelt, known["id"])) == grants else _rules(grants, known["id"])
    return found


def set_ingress(caller: Caller, known: Properties) -> None:
    """Makes the ingress rules equal to those of the program."""
    _set_rules(caller, known, "ingress")


def set_egress(caller: Caller, known: Properties) -> None:
    """Makes the egress rules equal to those of the program."""
    _set_rules(caller, known, "egress")


def _set_rules(caller: Caller, known: Properties, direction: Direction) -> None:
    wanted = set(_spelt(known.get(direction) or [], known["id"]))
    present = set(_granted(_group(caller, known["id"])[_MEMBERS[direction]]))
    for operation, grants in (("revoke", present - wanted), ("authorize", wanted - present)):
        if grants:
            permissions = [_permission(grant) for grant in sorted(grants)]
            caller.aws(f"{operation}_security_group_{direction}", GroupId=known["id"], IpPermissions=permissions)


def _group(caller: Caller, identifier: str) -> dict[str, Any]:
    answer = caller.aws("describe_security_groups", GroupIds=[identifier])
    return dict(answer["SecurityGroups"][0])


def _granted(permissions: Iterable[dict[str, Any]]) -> Iterator[Grant]:
    """Yields the grants in EC2's permissions."""
    for permission in permissions:
        ports = permission.get("FromPort"), permission.get("ToPort")
        for listed, member in _SOURCES.values():
            for source in permission.get(listed, []):
                yield _grant(permission["IpProtocol"], ports, listed, source[member], source.get("Description"))


def _spelt(rules: Iterable[Properties], own_id: str) -> Iterator[Grant]:
    """Yields the grants in a program's rules."""
    for rule in rules:
        ports = rule.get("fromPort"), rule.get("toPort")
        groups = [*(rule.get("securityGroups") or []), *([own_id] if rule.get("self") else [])]
        for name, (listed, _) in _SOURCES.items():
            for source in {**rule, "securityGroups": groups}.get(name) or []:
                yield _grant(rule["protocol"], ports, listed, source, rule.get("description"))


def _grant(
    protocol: str, ports: tuple[int | None, int | None], listed: str, source: str, description: str | None
) -> Grant:
    name = _ALL if protocol == "all" else protocol.lower()
    first, last = (0, 0) if name == _ALL else (int(port or 0) for port in ports)
    return Grant(name, first, last, listed, source, description or "")


def _permission(grant: Grant) -> dict[str, Any]:
    source = {dict(_SOURCES.values())[grant.listed]: grant.source}
    if grant.description:
        source["Description"] = grant.description
    ports = {} if grant.protocol == _ALL else {"FromPort": grant.first_port, "ToPort": grant.last_port}
    return {"IpProtocol": grant.protocol, **ports, grant.listed: [source]}


def _rules(grants: Iterable[Grant], own_id: str) -> list[Properties]:
    """Returns grants as rules, as the vendor's provider does: grants with the same protocol, ports and description form
    one rule."""
    names = {listed: name for name, (listed, _) in _SOURCES.items()}
    rules: dict[tuple[Any, ...], Properties] = {}
    for grant in sorted(grants):
        common = {"protocol": grant.protocol, "fromPort": grant.first_port, "toPort": grant.last_port}
        if grant.description:
            common["description"] = grant.description
        rule = rules.setdefault(tuple(common.values()), common)
        if grant.source == own_id:
            rule["self"] = True
        else:
            rule.setdefault(names[grant.listed], []).append(grant.source)
    return list(rules.values())
