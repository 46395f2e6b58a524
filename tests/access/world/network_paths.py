"""Network paths of requests: from the office, from the internet, or from a network through its endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Endpoint
from tests.access.world.inventory import Inventory, Item, found

Origin = Literal["aws", "internet", "network", "office"]
OFFICE_RANGE = "11.22.33.0/24"
"""Address range of the example's office. Settings accept only public ranges, so it is not a documentation range."""
ADDRESSES: Mapping[Origin, str] = {"office": "11.22.33.7", "internet": "44.55.66.7"}

CHECKED_BY_OTHERS = ("iam:PassRole",)
"""Actions without an API call of their own. The called service checks them, behind its own endpoint."""

BY_ACTION: Mapping[str, str] = {
    "codeartifact:ReadFromRepository": "codeartifact.repositories",
    "sagemaker:InvokeEndpoint": "sagemaker.runtime",
    "sagemaker:InvokeEndpointAsync": "sagemaker.runtime",
    "sagemaker:BatchGetRecord": "sagemaker.featurestore-runtime",
    "sagemaker:DeleteRecord": "sagemaker.featurestore-runtime",
    "sagemaker:GetRecord": "sagemaker.featurestore-runtime",
    "sagemaker:PutRecord": "sagemaker.featurestore-runtime",
    "sagemaker:BatchPutMetrics": "sagemaker.metrics",
    "sagemaker:CallMlflowAppApi": "experiments",
}
BY_PREFIX: Mapping[str, str] = {
    "cloudwatch": "monitoring",
    "codeartifact": "codeartifact.api",
    "ecr": "ecr.api",
    "sagemaker": "sagemaker.api",
    "sagemaker-mlflow": "experiments",
}
"""Endpoint name in PrivateLink, by IAM prefix, if the two differ."""


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """A network path of a request to AWS."""

    origin: Origin
    source_ip: str | None = None
    endpoint: Endpoint | None = None
    is_open: bool = True
    """Whether the network has an endpoint for the service. If not, the request is evaluated as if an endpoint allowed
    everything, so that a denial does not depend on the missing endpoint."""


class NetworkPaths:
    """The endpoints that each account's networks reach: their own, and those of a shared Route 53 profile."""

    def __init__(self, inventory: Inventory, accounts: Mapping[str, Account]) -> None:
        self._endpoints: dict[tuple[str, str], list[Endpoint]] = {}
        for item in inventory.all("ec2/vpcEndpoint:VpcEndpoint"):
            self._add(item.account_id, item, accounts)
        for reader, item in _shared(inventory):
            if reader != item.account_id:
                self._add(reader, item, accounts)

    def through_the_network(self, account: Account, action: str) -> list[NetworkPath]:
        """Returns a path for each endpoint of the action's service. An account with several kinds has several
        networks."""
        reached = self._endpoints.get((account.id, endpoint_name(action)))
        if reached is not None:
            return [NetworkPath("network", endpoint=endpoint) for endpoint in reached]
        return [NetworkPath("network", endpoint=self._assumed(account), is_open=action in CHECKED_BY_OTHERS)]

    def _add(self, reader: str, item: Item, accounts: Mapping[str, Account]) -> None:
        document = item.property("policy")
        endpoint = Endpoint(
            id=item.id,
            vpc=item.property("vpcId"),
            account=found(accounts, item.account_id, "account", item.label),
            policy=Policy.parse(item.label, document) if document else None,
        )
        self._endpoints.setdefault((reader, item.property("serviceName").split(".", 3)[-1]), []).append(endpoint)

    def _assumed(self, account: Account) -> Endpoint:
        return Endpoint(id="vpce-assumed", vpc="vpc-network", account=account)


def _shared(inventory: Inventory) -> Iterator[tuple[str, Item]]:
    """Yields accounts whose networks use a Route 53 profile, each with an endpoint whose name the profile resolves."""
    made = {item.property("arn"): item for item in inventory.all("ec2/vpcEndpoint:VpcEndpoint")}
    named: dict[str, list[Item]] = {}
    for item in inventory.all("route53/profilesResourceAssociation:ProfilesResourceAssociation"):
        endpoint: Item = found(made, item.property("resourceArn"), "endpoint", item.label)
        named.setdefault(item.property("profileId"), []).append(endpoint)
    for item in inventory.all("route53/profilesAssociation:ProfilesAssociation"):
        for endpoint in found(named, item.property("profileId"), "profile", item.label):
            yield item.account_id, endpoint


def path_from(origin: Origin) -> NetworkPath:
    """Returns a path without an endpoint. Requests of AWS services have no source address."""
    return NetworkPath(origin, source_ip=ADDRESSES.get(origin))


def endpoint_name(action: str) -> str:
    """Returns the PrivateLink name of an action's endpoint."""
    prefix = action.partition(":")[0]
    return BY_ACTION.get(action) or BY_PREFIX.get(prefix, prefix)
