"""Resources with the resource policies that stacks attach to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Resource
from tests.access.world.inventory import Inventory, Item, found
from tests.access.world.roles import Role
from tests.support.computed import REGION

CATALOG_POLICY = "aws:glue/resourcePolicy:ResourcePolicy"
"""Contains the one policy for an account's whole Glue Data Catalog."""

BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
"""Refers to its bus by a name that other resources may have too."""

API = "aws:apigateway/restApi:RestApi"
"""Contains its policy in its OpenAPI document."""
API_POLICY = "x-amazon-apigateway-policy"

READ_ELSEWHERE = frozenset(
    {
        (API, "body"),
        (CATALOG_POLICY, "policy"),
        ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"),
        ("aws:iam/policy:Policy", "policy"),
        ("aws:iam/role:Role", "assumeRolePolicy"),
        ("aws:iam/rolePolicy:RolePolicy", "policy"),
        ("aws:organizations/policy:Policy", "content"),
        ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy"),
    }
)
"""Policy documents that other modules read: of identities, the organization, endpoints, Data Catalogs and log
delivery."""

ON_RESOURCES: Mapping[tuple[str, str], str] = {
    (BUS_POLICY, "policy"): "eventBusName",
    ("aws:codeartifact/domainPermissions:DomainPermissions", "policyDocument"): "resourceArn",
    ("aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy", "policyDocument"): "resourceArn",
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"): "repository",
    ("aws:kms/key:Key", "policy"): "arn",
    ("aws:oam/sinkPolicy:SinkPolicy", "policy"): "sinkIdentifier",
    ("aws:s3/accessPoint:AccessPoint", "policy"): "arn",
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): "bucket",
    ("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy", "resourcePolicy"): "modelPackageGroupName",
    ("aws:sns/topicPolicy:TopicPolicy", "policy"): "arn",
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"): "queueUrl",
}
"""Property that names the protected resource, by type and property with the policy document."""

MUST_EXIST = ("kms", "s3")
"""Services for which a request needs an existing resource, because its policy affects the decision."""
MUST_ALLOW = ("kms",)
"""Services whose resource policies must allow every request."""
BUCKET = "arn:aws:s3:::"
ACCESS_POINT_SEPARATOR = "/object/"
"""Separates an access point's ARN from the object key."""

VERSION, GROUP = ":model-package/", ":model-package-group/"
"""Types in the ARNs of a model version and of its group. The last part of a version's ARN is its number."""

Key = tuple[str, str]
"""Account, and the id or ARN of a resource in it."""


@dataclass(frozen=True, slots=True)
class Resources:
    """All resources that a request can name."""

    accounts: Mapping[str, Account]
    roles: Mapping[str, Role]
    made: Mapping[str, Resource]
    """Resources of the stacks, by ARN."""
    catalog_policies: Mapping[str, Policy]
    """Policies of Data Catalogs, by account. Each applies to every database and table."""

    @classmethod
    def of(cls, inventory: Inventory, accounts: Mapping[str, Account], roles: Mapping[str, Role]) -> Resources:
        """Returns the resources of an inventory. Raises UnsupportedError for a policy without its resource."""
        policies = _policies(inventory)
        aliases = _aliases(inventory)
        made: dict[str, Resource] = {}
        for item in inventory:
            arn = item.property("arn")
            if not isinstance(arn, str):
                continue
            by_id, by_arn = (item.account_id, item.id), (item.account_id, arn)
            made[arn] = Resource(
                arn=arn,
                account=found(accounts, item.account_id, "account", item.label),
                policy=policies.pop(by_id, None) or policies.pop(by_arn, None),
                needs_policy=_service(arn) in MUST_ALLOW,
                tags=item.tags,
                aliases=aliases.get(by_id, ()),
            )
        for item in inventory.all(API.removeprefix("aws:")):
            arn = item.property("executionArn")
            made[arn] = _api(item, found(accounts, item.account_id, "account", item.label))
        if policies:
            raise UnsupportedError([f"resource {name} in {account}, which has a policy" for account, name in policies])
        catalog_policies = {
            item.account_id: Policy.parse(item.label, item.property("policy"))
            for item in inventory.all(CATALOG_POLICY.removeprefix("aws:"))
        }
        return cls(accounts, roles, made, catalog_policies)

    def requested(self, arn: str, action: str, account_id: str, tags: Mapping[str, str]) -> Resource:
        """Returns the resource of a request.

        A resource that no stack creates, such as a team's pipeline, is in the account of its ARN or in the given one,
        and has no resource policy. Raises UnsupportedError for a role, bucket or key that does not exist.
        """
        if action == "sts:AssumeRole":
            role: Role = found(self.roles, arn, "role", action)
            return Resource(arn=arn, account=role.principal.account, policy=role.trust, needs_policy=True)
        named_whole = arn.startswith(BUCKET) or _service(arn) == "execute-api"
        owner = arn.partition("/")[0] if named_whole else _owner(arn)
        if owner in self.made:
            made = self.made[owner]
            return replace(made, arn=arn, tags={**made.tags, **tags})
        if _service(arn) in MUST_EXIST:
            raise UnsupportedError([f"{arn}, which no stack creates"])
        account = found(self.accounts, _account_in(arn) or account_id, "account", arn)
        policy = self.catalog_policies.get(_account_in(arn)) if _service(arn) == "glue" else None
        return Resource(arn=arn, account=account, policy=policy, tags=tags)


def _owner(arn: str) -> str:
    """Returns the ARN of the resource whose policy decides: an access point of its objects, a group of its models."""
    if VERSION in arn:
        return arn.replace(VERSION, GROUP).rpartition("/")[0]
    return arn.partition(ACCESS_POINT_SEPARATOR)[0]


def _policies(inventory: Inventory) -> dict[Key, Policy]:
    """Returns resource policies by the resource that they protect. Raises UnsupportedError for an unknown kind."""
    policies: dict[Key, Policy] = {}
    unknown = set()
    for item in inventory:
        for name, text in item.record.inputs.items():
            kind = (item.record.type, name)
            if not isinstance(text, str) or '"Statement"' not in text or kind in READ_ELSEWHERE:
                continue
            if kind not in ON_RESOURCES:
                unknown.add(f"policy document {name} of {item.record.type}")
                continue
            about = item.property(ON_RESOURCES[kind])
            if item.record.type == BUS_POLICY:
                about = f"arn:aws:events:{REGION}:{item.account_id}:event-bus/{about}"
            policies[(item.account_id, about)] = Policy.parse(item.label, text)
    if unknown:
        raise UnsupportedError(sorted(unknown))
    return policies


def _api(item: Item, account: Account) -> Resource:
    """Returns an API with the policy in its document, in which the short ARN is expanded."""
    arn = item.property("executionArn")
    policy = json.dumps(json.loads(item.property("body"))[API_POLICY]).replace('"execute-api:/', f'"{arn}/')
    return Resource(arn=arn, account=account, policy=Policy.parse(item.label, policy))


def _aliases(inventory: Inventory) -> dict[Key, tuple[str, ...]]:
    aliases: dict[Key, tuple[str, ...]] = {}
    for item in inventory.all("kms/alias:Alias"):
        key = (item.account_id, item.property("targetKeyId"))
        aliases[key] = (*aliases.get(key, ()), item.property("name"))
    return aliases


def _service(arn: str) -> str:
    return arn.split(":")[2] if arn.startswith("arn:") else ""


def _account_in(arn: str) -> str:
    return arn.split(":")[4] if arn.startswith("arn:") else ""
