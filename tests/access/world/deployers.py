"""The calls that deployers make for the resources that stacks register in their accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from components.identity.deployer.authorization import (
    WITHOUT_OWNER,
    WITHOUT_RESOURCE,
    ZONES,
    is_global,
    is_read_only,
    service_of,
)
from components.identity.deployer.calls import Calls
from components.identity.deployer.kinds import calls_in
from iam_evaluator import request
from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal, Request, Resource
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from tests.access.world.inventory import Item
from tests.access.world.world import World
from tests.support.computed import REGION
from tests.support.every_stack import Deployment

GLOBAL_REGION = "us-east-1"
LISTS = ("cloudtrail:DescribeTrails", "kms:ListAliases")
"""Calls without a resource, of services whose other calls have one."""
OWNED_BY_OTHERS = {
    "ec2:AcceptTransitGatewayVpcAttachment": "transit-gateway-attachment/tgw-attach-1",
    "ec2:CreateTransitGatewayVpcAttachment": "transit-gateway/tgw-1",
}
"""Additional resource of another account that a call needs, by action."""
GRANTED = {
    "aws:codeartifact": "codeartifact",
    "aws:dynamodb": "dynamodb",
    "aws:ecr": "ecr",
    "aws:networkfirewall": "network-firewall",
}
"""Services that use a key by a grant, by the package of their resources. The others belong to SageMaker."""
MADE_FROM = ("route-table", "security-group", "subnet", "vpc", "vpc-endpoint")
"""Resource types of a request to create an endpoint, each of which must be allowed (Service Authorization
Reference)."""


@dataclass(frozen=True)
class Deployers:
    """The deployers of an organization's accounts."""

    foundation: Foundation
    world: World = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "world", World(Deployment(self.foundation)))

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """Accounts by id, except the management account, which has no deployer."""
        exports = {name: recorder.exports for name, recorder in self.world.deployment.items()}
        return {
            exports[account.team or "organization"]["accounts"][account.kind]: account
            for account in self.foundation.accounts
            if account.kind != "organization"
        }

    @cached_property
    def items(self) -> list[Item]:
        """One resource of each type in each account."""
        found = {(item.account_id, item.record.type): item for item in self.world.inventory}
        return [item for (account_id, _), item in found.items() if account_id in self.accounts]

    def calls(self, account_id: str) -> dict[str, Calls]:
        """Returns the intended calls of an account's deployer, by resource type."""
        together: dict[str, Calls] = {}
        for type_, calls in calls_in(self.accounts[account_id].hosts):
            known = together.get(type_, calls)
            together[type_] = replace(calls, delete=(*known.delete, *calls.delete))
        return together

    def calls_of(self, item: Item) -> dict[str, Calls]:
        """Returns the intended calls for the resources of a stack. What is reserved where the governance account runs
        requests is allowed for other stacks in the same account, which then has no runner."""
        hosts = self.accounts[item.account_id].hosts
        own = [kind for kind in hosts if kind == item.stack] or [kind for kind in hosts if kind != "governance"]
        return {**self.calls(item.account_id), **dict(calls_in(own))}

    def session(self, account_id: str) -> Principal:
        """Returns a session of the deployer of an account."""
        return self.world.roles[f"arn:aws:iam::{account_id}:role/plinth/platform-deployer"].principal

    def refusals(self, item: Item, actions: Sequence[str], *, by_the_network: bool = False) -> Iterator[str]:
        """Yields the actions on a resource that its account's deployer is denied, with the decisions."""
        for action in actions:
            endpoints = self._endpoints(action) if by_the_network else [None]
            if not endpoints:
                yield f"{action}: the runner's network has no endpoint for it"
            for resource in self._resources(item, action):
                asked = Request(
                    principal=self.session(item.account_id),
                    action=action,
                    resource=resource,
                    region=GLOBAL_REGION if is_global(action) else REGION,
                    extra=keys_of(item, action),
                )
                decisions = [decide(replace(asked, endpoint=endpoint)) for endpoint in endpoints]
                if not any(decision.allowed for decision in decisions):
                    yield f"{self.accounts[item.account_id].label}: {action} on {resource.arn}: {decisions}"

    def _endpoints(self, action: str) -> list[request.Endpoint | None]:
        """Returns the endpoints of the action's service that the governance account reaches."""
        ways = self.world.ways.through_the_network(self.world.account("governance"), action)
        return [way.endpoint for way in ways if way.is_open]

    def _resources(self, item: Item, action: str) -> Iterator[Resource]:
        account, arn = self.world.accounts[item.account_id], self._arn(item, action)
        if arn == "*":
            yield Resource(arn=arn, account=account)
        elif action == "ec2:CreateVpcEndpoint":
            for sort in MADE_FROM:
                placed = f"arn:aws:ec2:{REGION}:{account.id}:{sort}/1"
                yield self.world.resources.requested(placed, action, account.id, {})
        elif service_of(action) == "cloudtrail":
            owner = self.world.accounts[self.world.landing.management_account_id]
            yield shared(arn.replace(account.id, owner.id), owner, with_=account)
        elif service_of(action) == "kms":
            key = self._key(item)
            policy = Policy.parse(key.label, key.property("policy"))
            yield Resource(arn=arn, account=account, policy=policy, needs_policy=True, tags=key.tags)
        else:
            yield self.world.resources.requested(arn, action, account.id, {})
        if action in OWNED_BY_OTHERS:
            other = next(self.world.accounts[id_] for id_ in self.accounts if id_ != account.id)
            yield shared(f"arn:aws:ec2:{REGION}:{other.id}:{OWNED_BY_OTHERS[action]}", other, with_=account)

    def _arn(self, item: Item, action: str) -> str:
        service = service_of(action)
        if action in {*WITHOUT_RESOURCE, *LISTS} or service == "organizations" or "Account" in action:
            return "*"
        if service == "route53":
            return ZONES.replace("*", "Z1")
        if service == "iam":
            return _role_arn(item)
        if service == "kms":
            return str(self._key(item).property("arn"))
        if service == "s3":
            return f"arn:aws:s3:::{item.property('bucket')}{'/object' if 'DeleteObject' in action else ''}"
        own = item.property("arn")
        if isinstance(own, str) and own.split(":")[2] == service:
            return own
        return f"arn:aws:{service}:{REGION}:{item.account_id}:thing/1"

    def _key(self, item: Item) -> Item:
        """Returns the KMS key that the resource is, names or uses."""
        named = {
            item.property(name) for name in ("arn", "encryptionKey", "kmsKeyId", "kmsKeyIdentifier", "targetKeyId")
        }
        if encryption := item.property("serverSideEncryption"):
            named.add(encryption["kmsKeyArn"])
        if online := item.property("onlineStoreConfig"):
            named.add(online["securityConfig"]["kmsKeyId"])
        if images := item.property("encryptionConfigurations"):
            named.add(images[0]["kmsKey"])
        if firewall := item.property("encryptionConfiguration"):
            named.add(firewall.get("keyId"))
        for key in self.world.inventory.all("kms/key:Key"):
            if key.account_id == item.account_id and {key.id, key.property("arn")} & named:
                return key
        raise AssertionError(f"{item.label} has no key")


def shared(arn: str, owner: request.Account, *, with_: request.Account) -> Resource:
    """Returns a resource of another account that a share or a delegation gives access to."""
    opened = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{with_.id}:root"}, "Action": "*", "Resource": "*"}
    return Resource(arn=arn, account=owner, policy=Policy.parse("share", json.dumps({"Statement": opened})))


def keys_of(item: Item, action: str) -> Mapping[str, Sequence[str]]:
    """Returns the condition keys of a call, from the registered properties of its resource."""
    keys: dict[str, Sequence[str]] = {}
    if action in WITHOUT_OWNER:
        keys |= {"aws:ResourceAccount": (), "aws:ResourceOrgID": (), "aws:ResourceOrgPaths": ()}
    if action == "ec2:CreateVpcEndpoint":
        keys["ec2:VpceServiceOwner"] = ["amazon"]
    if not is_read_only(action):
        keys |= {f"aws:RequestTag/{key}": [value] for key, value in item.tags.items()}
        keys["aws:TagKeys"] = list(item.tags)
    match action:
        case "iam:CreateRole" | "iam:DeleteRolePolicy" | "iam:DetachRolePolicy" | "iam:PutRolePolicy":
            boundary = item.property("permissionsBoundary")
            keys["iam:PermissionsBoundary"] = [boundary or _boundary(item)]
        case "iam:CreateServiceLinkedRole":
            keys["iam:AWSServiceName"] = [item.property("awsServiceName")]
        case "kms:CreateGrant":
            service = GRANTED.get(item.record.type.split("/")[0], "sagemaker")
            keys |= {"kms:GrantIsForAWSResource": ["true"], "kms:ViaService": [f"{service}.{REGION}.amazonaws.com"]}
        case "ram:CreateResourceShare" | "ram:UpdateResourceShare":
            keys["ram:RequestedAllowsExternalPrincipals"] = [str(item.property("allowExternalPrincipals")).lower()]
        case "s3:CreateBucket":
            keys["s3:x-amz-bucket-namespace"] = [item.property("bucketNamespace")]
        case "sagemaker:CreateDomain" | "sagemaker:UpdateDomain":
            keys |= _domain_keys(item)
        case "sns:Subscribe":
            keys |= {"sns:Protocol": [item.property("protocol")], "sns:Endpoint": [item.property("endpoint")]}
    return keys


def _domain_keys(item: Item) -> dict[str, Sequence[str]]:
    settings = item.property("defaultUserSettings") or {}
    return {
        "sagemaker:AppNetworkAccessType": [item.property("appNetworkAccessType")],
        "sagemaker:VolumeKmsKey": [item.property("kmsKeyId")],
        "sagemaker:VpcSubnets": item.property("subnetIds"),
        "sagemaker:VpcSecurityGroupIds": settings.get("securityGroups", []),
    }


def _role_arn(item: Item) -> str:
    match item.record.type:
        case "aws:iam/rolePolicy:RolePolicy" | "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
            return f"arn:aws:iam::{item.account_id}:role/plinth/{item.property('role')}"
        case "aws:iam/serviceLinkedRole:ServiceLinkedRole":
            service = item.property("awsServiceName")
            return f"arn:aws:iam::{item.account_id}:role/aws-service-role/{service}/AWSServiceRole"
        case "aws:iam/accountPasswordPolicy:AccountPasswordPolicy":
            return "*"
        case _:
            return str(item.property("arn"))


def _boundary(item: Item) -> str:
    return f"arn:aws:iam::{item.account_id}:policy/plinth/any-boundary"


def roles_given(value: Any) -> Iterator[str]:
    """Yields the role ARNs in the inputs of a resource."""
    if isinstance(value, str) and ":role/" in value and value.startswith("arn:aws:iam::"):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from roles_given(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from roles_given(inner)
