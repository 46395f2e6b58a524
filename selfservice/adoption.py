"""Where a resource that may or may not have been created is looked for, by what names it in AWS.

Only what AWS would let exist twice, or refuses to create again, needs an entry. Settings that are put (a bucket's
policy, a role's policy, account-wide switches) are the same after a second time, and are simply created.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from selfservice.account import Account

Properties = Mapping[str, Any]
Finder = Callable[[Properties, Account], str | None]

_POLL_SECONDS = 5.0
_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
"""Our property of a route -> where EC2 says the same."""


def is_harmless_twice(resource: Properties) -> bool:
    """Whether a second creation is the same as the first, so that nobody needs to know of the first."""
    return resource["type"] not in FINDERS


class Search:
    """Looks for resources of one deployment in the accounts of its providers, each entered once."""

    def __init__(self, deployment: Mapping[str, Any]) -> None:
        self._resources = deployment.get("resources") or []
        self._accounts: dict[str, Account] = {}

    def find(self, resource: Properties) -> str | None:
        """The provider's id of a resource, or None when it does not exist."""
        finder = FINDERS[resource["type"]]
        identity = finder(resource.get("inputs") or {}, self.account_of(resource))
        taken = {(known["type"], known.get("id")) for known in self._resources}
        return None if (resource["type"], identity) in taken else identity

    def account_of(self, resource: Properties) -> Account:
        """The account of the explicit provider that the state names for the resource."""
        urn, _, _ = str(resource["provider"]).rpartition("::")
        if urn not in self._accounts:
            provider = next(known for known in self._resources if known["urn"] == urn)
            self._accounts[urn] = _entered_by(provider)
        return self._accounts[urn]


def _entered_by(provider: Properties) -> Account:
    inputs = {key: _decoded(value) for key, value in provider["inputs"].items()}
    roles = inputs.get("assumeRoles") or [{}]
    return Account(id=inputs["allowedAccountIds"][0], region=inputs["region"], role_arn=roles[0].get("roleArn"))


def _decoded(value: Any) -> Any:
    """Providers of Terraform's family keep nested configuration as JSON in a string."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" and value else value


def _named(key: str) -> Finder:
    """The id is a property given by the program; the refresh that follows drops it if there is no such thing."""
    return lambda inputs, _: inputs.get(key)


def _organization(_: Properties, account: Account) -> str | None:
    client = account.client("organizations")
    try:
        return str(client.describe_organization()["Organization"]["Id"])
    except client.exceptions.AWSOrganizationsNotInUseException:
        return None


def _organizational_unit(inputs: Properties, account: Account) -> str | None:
    units = account.every(
        "organizations",
        "list_organizational_units_for_parent",
        "OrganizationalUnits",
        ParentId=inputs["parentId"],
    )
    return _first(unit["Id"] for unit in units if unit["Name"] == inputs["name"])


def _account(inputs: Properties, account: Account) -> str | None:
    _wait_while_in_the_making(inputs["name"], account)
    # AWS folds the case of addresses; a closed account keeps its address, and must not be taken over.
    members = account.every("organizations", "list_accounts", "Accounts")
    wanted = inputs["email"].casefold()
    return _first(m["Id"] for m in members if m["Email"].casefold() == wanted and m["Status"] == "ACTIVE")


def _wait_while_in_the_making(account_name: str, account: Account) -> None:
    """AWS makes an account in a minute or more, and lists it when it is done."""
    while any(
        request["AccountName"] == account_name
        for request in account.every(
            "organizations", "list_create_account_status", "CreateAccountStatuses", States=["IN_PROGRESS"]
        )
    ):
        time.sleep(_POLL_SECONDS)


def _organization_policy(inputs: Properties, account: Account) -> str | None:
    kind = inputs.get("type", "SERVICE_CONTROL_POLICY")
    policies = account.every("organizations", "list_policies", "Policies", Filter=kind)
    return _first(policy["Id"] for policy in policies if policy["Name"] == inputs["name"])


def _iam_policy(inputs: Properties, account: Account) -> str | None:
    return f"arn:aws:iam::{account.id}:policy{inputs.get('path', '/')}{inputs['name']}"


def _budget(inputs: Properties, account: Account) -> str | None:
    return f"{inputs.get('accountId', account.id)}:{inputs['name']}"


def _key(inputs: Properties, account: Account) -> str | None:
    """Keys have no name; the one of this description that no alias points to yet is the one just created."""
    aliased = {alias.get("TargetKeyId") for alias in account.every("kms", "list_aliases", "Aliases")}
    client = account.client("kms")
    for listed in account.every("kms", "list_keys", "Keys"):
        key = client.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
        if key["KeyState"] == "Enabled" and key["Description"] == inputs["description"] and key["KeyId"] not in aliased:
            return str(key["KeyId"])
    return None


def _studio_domain(inputs: Properties, account: Account) -> str | None:
    domains = account.every("sagemaker", "list_domains", "Domains")
    return _first(domain["DomainId"] for domain in domains if domain["DomainName"] == inputs["domainName"])


def _user_profile(inputs: Properties, account: Account) -> str | None:
    path = f"{inputs['domainId']}/{inputs['userProfileName']}"
    return f"arn:aws:sagemaker:{account.region}:{account.id}:user-profile/{path}"


def _policy_attachment(inputs: Properties, _: Account) -> str | None:
    return f"{inputs['targetId']}:{inputs['policyId']}"


def _route(inputs: Properties, account: Account) -> str | None:
    """A route has no id of its own: the provider names it by its table and destination."""
    table_id, destination = inputs["routeTableId"], next(filter(None, map(inputs.get, _DESTINATIONS)))
    of_table = [{"Name": "route-table-id", "Values": [table_id]}]
    tables = account.every("ec2", "describe_route_tables", "RouteTables", Filters=of_table)
    found = {route.get(key) for table in tables for route in table["Routes"] for key in _DESTINATIONS.values()}
    return f"{table_id}_{destination}" if destination in found else None


def _route_table_association(inputs: Properties, account: Account) -> str | None:
    subnet = [{"Name": "association.subnet-id", "Values": [inputs["subnetId"]]}]
    tables = account.every("ec2", "describe_route_tables", "RouteTables", Filters=subnet)
    associations = (association for table in tables for association in table["Associations"])
    return _first(a["RouteTableAssociationId"] for a in associations if a.get("SubnetId") == inputs["subnetId"])


def _security_group_rule(*, egress: bool) -> Finder:
    # Our property -> where EC2 says the same of a rule.
    compared = {
        "ipProtocol": "IpProtocol",
        "fromPort": "FromPort",
        "toPort": "ToPort",
        "cidrIpv4": "CidrIpv4",
        "prefixListId": "PrefixListId",
        "referencedSecurityGroupId": "ReferencedGroupInfo",
    }

    def finder(inputs: Properties, account: Account) -> str | None:
        group = [{"Name": "group-id", "Values": [inputs["securityGroupId"]]}]
        rules = account.every("ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=group)
        wanted = {theirs: inputs[ours] for ours, theirs in compared.items() if inputs.get(ours) is not None}
        return _first(r["SecurityGroupRuleId"] for r in rules if r["IsEgress"] is egress and _matches(r, wanted))

    return finder


def _matches(rule: Properties, wanted: Properties) -> bool:
    group = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    found = {**rule, "ReferencedGroupInfo": group}
    return all(found.get(key) == value for key, value in wanted.items())


def _network(operation: str, key: str, identity: str, filters: Mapping[str, str]) -> Finder:
    """A part of a network: the one of its name that EC2 lists under these filters (filter -> our property)."""

    def finder(inputs: Properties, account: Account) -> str | None:
        wanted = {**{name: inputs.get(path) for name, path in filters.items()}, "tag:Name": _tag(inputs, "Name")}
        conditions = [{"Name": name, "Values": [value]} for name, value in wanted.items() if value]
        found = account.every("ec2", operation, key, Filters=conditions) if conditions else ()
        return _first(item[identity] for item in found if item.get("State") not in ("deleted", "deleting"))

    return finder


def _tag(inputs: Properties, key: str) -> str | None:
    return (inputs.get("tags") or {}).get(key)


def _first(identities: Iterator[str]) -> str | None:
    return next(identities, None)


FINDERS: Mapping[str, Finder] = {
    "aws:organizations/organization:Organization": _organization,
    "aws:organizations/organizationalUnit:OrganizationalUnit": _organizational_unit,
    "aws:organizations/account:Account": _account,
    "aws:organizations/policy:Policy": _organization_policy,
    "aws:organizations/policyAttachment:PolicyAttachment": _policy_attachment,
    "aws:budgets/budget:Budget": _budget,
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": _named("name"),
    "aws:s3/bucket:Bucket": _named("bucket"),
    "aws:iam/role:Role": _named("name"),
    "aws:iam/policy:Policy": _iam_policy,
    "aws:cloudwatch/logGroup:LogGroup": _named("name"),
    "aws:sagemaker/domain:Domain": _studio_domain,
    "aws:sagemaker/userProfile:UserProfile": _user_profile,
    "aws:ec2/vpc:Vpc": _network("describe_vpcs", "Vpcs", "VpcId", {"cidr": "cidrBlock"}),
    "aws:ec2/subnet:Subnet": _network(
        "describe_subnets", "Subnets", "SubnetId", {"vpc-id": "vpcId", "cidr": "cidrBlock"}
    ),
    "aws:ec2/routeTable:RouteTable": _network(
        "describe_route_tables", "RouteTables", "RouteTableId", {"vpc-id": "vpcId"}
    ),
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule(egress=False),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _security_group_rule(egress=True),
    "aws:ec2/securityGroup:SecurityGroup": _network(
        "describe_security_groups", "SecurityGroups", "GroupId", {"vpc-id": "vpcId", "group-name": "name"}
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _network(
        "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", {"vpc-id": "vpcId", "service-name": "serviceName"}
    ),
    "aws:ec2/flowLog:FlowLog": _network("describe_flow_logs", "FlowLogs", "FlowLogId", {"resource-id": "vpcId"}),
    # It is made first and attached then, so its network does not tell it.
    "aws:ec2/internetGateway:InternetGateway": _network(
        "describe_internet_gateways", "InternetGateways", "InternetGatewayId", {}
    ),
    "aws:ec2/natGateway:NatGateway": _network(
        "describe_nat_gateways", "NatGateways", "NatGatewayId", {"subnet-id": "subnetId"}
    ),
    "aws:ec2/eip:Eip": _network("describe_addresses", "Addresses", "AllocationId", {}),
}
