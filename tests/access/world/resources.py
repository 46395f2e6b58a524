"""What is asked about: resources with the policies that stacks put on them."""

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

CATALOGUE = "aws:glue/resourcePolicy:ResourcePolicy"
"""Carries the one document about everything in an account's catalogue."""

BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
"""Names its bus by a name that other things of the account may have as well."""

API = "aws:apigateway/restApi:RestApi"
"""Made of a document that holds its policy."""
API_POLICY = "x-amazon-apigateway-policy"

READ_ELSEWHERE = frozenset(
    {
        (API, "body"),
        (CATALOGUE, "policy"),
        ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"),
        ("aws:iam/policy:Policy", "policy"),
        ("aws:iam/role:Role", "assumeRolePolicy"),
        ("aws:iam/rolePolicy:RolePolicy", "policy"),
        ("aws:organizations/policy:Policy", "content"),
        ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy"),
    }
)
"""Documents of identities, of the organization, of endpoints and of catalogues, and what lets services deliver logs."""

ON_RESOURCES: Mapping[tuple[str, str], str] = {
    (BUS_POLICY, "policy"): "eventBusName",
    ("aws:kms/key:Key", "policy"): "arn",
    ("aws:s3/accessPoint:AccessPoint", "policy"): "arn",
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): "bucket",
    ("aws:sns/topicPolicy:TopicPolicy", "policy"): "arn",
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"): "queueUrl",
}
"""What carries a resource's document, and in which property -> the property that says which resource it is about."""

TO_BE_FOUND = ("kms", "s3")
"""Services whose resources have policies that decide: asking about one that no stack makes would prove nothing."""
TO_AGREE = ("kms",)
"""Services whose resources have to agree to every use."""
BUCKET = "arn:aws:s3:::"
THROUGH_A_POINT = "/object/"
"""Between an access point and the key of an object behind it."""

Key = tuple[str, str]
"""Account, and the id or ARN of a resource in it."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that can be asked about."""

    accounts: Mapping[str, Account]
    roles: Mapping[str, Role]
    made: Mapping[str, Resource]
    """What stacks made, by ARN."""
    catalogues: Mapping[str, Policy]
    """The policy of an account's catalogue, which is about every database and table in it."""

    @classmethod
    def of(cls, inventory: Inventory, accounts: Mapping[str, Account], roles: Mapping[str, Role]) -> Resources:
        """Raises UnsupportedError for a policy document whose resource is not found."""
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
                needs_policy=_service(arn) in TO_AGREE,
                tags=item.tags,
                aliases=aliases.get(by_id, ()),
            )
        for item in inventory.all(API.removeprefix("aws:")):
            arn = item.property("executionArn")
            made[arn] = _api(item, found(accounts, item.account_id, "account", item.label))
        if policies:
            raise UnsupportedError([f"resource {name} in {account}, which has a policy" for account, name in policies])
        catalogues = {
            item.account_id: Policy.parse(item.label, item.property("policy"))
            for item in inventory.all(CATALOGUE.removeprefix("aws:"))
        }
        return cls(accounts, roles, made, catalogues)

    def asked_for(self, arn: str, action: str, account_id: str, tags: Mapping[str, str]) -> Resource:
        """The resource of a request.

        What no stack makes (a pipeline that people will create) is in the account that its ARN names, or in the one
        given, and has no policy of its own. Raises UnsupportedError for a role, bucket or key that is not there.
        """
        if action == "sts:AssumeRole":
            role: Role = found(self.roles, arn, "role", action)
            return Resource(arn=arn, account=role.principal.account, policy=role.trust, needs_policy=True)
        named_whole = arn.startswith(BUCKET) or _service(arn) == "execute-api"
        owner = arn.partition("/")[0] if named_whole else arn.partition(THROUGH_A_POINT)[0]
        if owner in self.made:
            made = self.made[owner]
            return replace(made, arn=arn, tags={**made.tags, **tags})
        if _service(arn) in TO_BE_FOUND:
            raise UnsupportedError([f"{arn}, which no stack makes"])
        account = found(self.accounts, _account_in(arn) or account_id, "account", arn)
        policy = self.catalogues.get(_account_in(arn)) if _service(arn) == "glue" else None
        return Resource(arn=arn, account=account, policy=policy, tags=tags)


def _policies(inventory: Inventory) -> dict[Key, Policy]:
    """Documents of resources, by what they are about. Raises UnsupportedError for one of an unknown kind."""
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
    """What is asked of an API goes by the document's policy, which names the API shortly."""
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
