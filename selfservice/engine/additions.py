"""Finds and removes what somebody added to deployed roles and security groups outside the program (decision 39).

The policies of a role and the rules of a security group are resources of their own. A refresh reads those that the
state contains, so an added one is in no resource that the engine reads. This module lists the policies and rules in AWS
and compares them with the state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search, has_unknown_inputs

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
RULES = {
    "ingress": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "egress": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
}
"""Type of a security group rule, by the property of a group that holds inline rules of the same direction."""

_PROPERTIES = {ROLE_POLICY: ("role", "name"), ATTACHMENT: ("role", "policyArn")}
"""Properties with the role and with what identifies the policy among those of the role."""

_GONE = frozenset({"NoSuchEntity", "InvalidSecurityGroupRuleId.NotFound"})
"""Errors of removals that somebody else made in the meantime."""

Properties = Mapping[str, Any]
_Declared = Mapping[tuple[str, str], set[str]]
"""Names of policies or ids of rules, by their type and by the name of the role or the id of the group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addition:
    """A policy of a role or a rule of a security group that AWS has and the program does not declare."""

    urn: str
    """The role or the security group."""
    what: str
    """Names the policy, or the rule with what it opens."""
    remove: Callable[[], object] = field(compare=False)
    """Removes it in AWS."""


def find_additions(deployed: Sequence[Properties], planned: Sequence[Properties]) -> list[Addition]:
    """Returns the additions to the ``deployed`` resources.

    ``planned`` are the resources of the preview, providers included. What the program is about to declare is not an
    addition. Raises: ClientError if AWS refuses a listing, because a comparison that was not made proves nothing.
    """
    # Planned providers come first, because their roles are those of the current user. A preview that lacks an output of
    # another stack does not know them.
    known = [*(planned_resource for planned_resource in planned if not has_unknown_inputs(planned_resource)), *deployed]
    declared, search = _declared_by([*planned, *deployed]), Search({"resources": known})
    found: list[Addition] = []
    for resource in deployed:
        if resource["type"] == ROLE:
            found.extend(_of_role(resource, declared, search.account_of(resource)))
        elif resource["type"] in GROUPS:
            found.extend(_of_group(resource, declared, search.account_of(resource)))
    return found


def remove_additions(additions: Iterable[Addition]) -> dict[str, str]:
    """Removes the additions in AWS. Returns an error message by URN for those that AWS refuses to remove."""
    from botocore.exceptions import ClientError  # imported late like boto3

    refused: dict[str, str] = {}
    for addition in additions:
        try:
            addition.remove()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                refused[addition.urn] = f"cannot remove the {addition.what}, which somebody added at AWS: {error}"
    return refused


def _declared_by(resources: Iterable[Properties]) -> _Declared:
    known: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for resource in resources:
        type_, properties = resource["type"], {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
        if type_ in _PROPERTIES:
            owner, name = (str(properties.get(key)) for key in _PROPERTIES[type_])
            known[type_, owner].add(name)
        elif type_ in RULES.values() and "id" in resource:
            known[type_, str(properties.get("securityGroupId"))].add(resource["id"])
    return known


def _of_role(role: Properties, declared: _Declared, account: Account) -> Iterator[Addition]:
    iam, name, inputs = account.client("iam"), str(role["id"]), role.get("inputs") or {}
    try:
        inline = list(account.every("iam", "list_role_policies", "PolicyNames", RoleName=name))
        attached = list(account.every("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name))
    except iam.exceptions.NoSuchEntityException:
        return  # somebody deleted the role, which the refresh sees
    if not inputs.get("inlinePolicies"):
        for policy in _others(map(str, inline), declared.get((ROLE_POLICY, name), set())):
            yield Addition(
                urn=role["urn"],
                what=f"inline policy {policy}",
                remove=partial(iam.delete_role_policy, RoleName=name, PolicyName=policy),
            )
    if not inputs.get("managedPolicyArns"):
        for arn in _others((str(policy["PolicyArn"]) for policy in attached), declared.get((ATTACHMENT, name), set())):
            yield Addition(
                urn=role["urn"],
                what=f"policy {arn}",
                remove=partial(iam.detach_role_policy, RoleName=name, PolicyArn=arn),
            )


def _of_group(group: Properties, declared: _Declared, account: Account) -> Iterator[Addition]:
    ec2, id_, inputs = account.client("ec2"), str(group["id"]), group.get("inputs") or {}
    of_group = [{"Name": "group-id", "Values": [id_]}]
    rules = list(account.every("ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=of_group))
    for direction, type_ in RULES.items():
        if inputs.get(direction):
            continue  # The inline rules of a direction are complete, and the refresh compares them.
        present = {
            str(rule["SecurityGroupRuleId"]): rule for rule in rules if rule["IsEgress"] == (direction == "egress")
        }
        revoke = getattr(ec2, f"revoke_security_group_{direction}")
        for rule in _others(present, declared.get((type_, id_), set())):
            yield Addition(
                urn=group["urn"],
                what=f"{direction} rule {rule}: {_opened(present[rule])}",
                remove=partial(revoke, GroupId=id_, SecurityGroupRuleIds=[rule]),
            )


def _opened(rule: Mapping[str, Any]) -> str:
    """Returns what a rule opens, for example ``tcp port 22 from anywhere (0.0.0.0/0)``."""
    protocol, first, last = str(rule.get("IpProtocol", "-1")), rule.get("FromPort", -1), rule.get("ToPort", -1)
    if protocol == "-1":
        opened = "all traffic"
    elif first == -1 or (first, last) == (0, 65535):
        opened = f"all of {protocol}"
    else:
        opened = f"{protocol} port {first}" if first == last else f"{protocol} ports {first} to {last}"
    group = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    other = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or group or "an unknown place"
    place = f"anywhere ({other})" if other in ("0.0.0.0/0", "::/0") else str(other)
    return f"{opened} {'to' if rule.get('IsEgress') else 'from'} {place}"


def _others(present: Iterable[str], declared: set[str]) -> Sequence[str]:
    return sorted(set(present) - declared)
