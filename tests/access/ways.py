"""From where a request comes: the office, anywhere else, or a network and the endpoints in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.access.evaluator.document import Policy
from tests.access.evaluator.request import Account, Endpoint
from tests.access.inventory import Inventory, found

Origin = Literal["aws", "internet", "network", "office"]
OFFICE_RANGE = "11.22.33.0/24"
"""Where the people of the example come from. Settings take public ranges alone, so not one set aside for examples."""
ADDRESSES: Mapping[Origin, str] = {"office": "11.22.33.7", "internet": "44.55.66.7"}

CHECKED_BY_OTHERS = ("iam:PassRole",)
"""Nobody calls these: the service checks them that is called, whose endpoint the request passes."""

BY_ACTION: Mapping[str, str] = {
    "sagemaker:InvokeEndpoint": "sagemaker.runtime",
    "sagemaker:InvokeEndpointAsync": "sagemaker.runtime",
    "sagemaker:GetRecord": "sagemaker.featurestore-runtime",
    "sagemaker:PutRecord": "sagemaker.featurestore-runtime",
    "sagemaker:BatchPutMetrics": "sagemaker.metrics",
}
BY_PREFIX: Mapping[str, str] = {"cloudwatch": "monitoring", "ecr": "ecr.api", "sagemaker": "sagemaker.api"}
"""IAM prefix -> name in PrivateLink, where the two differ."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a request gets to AWS."""

    origin: Origin
    source_ip: str | None = None
    endpoint: Endpoint | None = None
    is_open: bool = True
    """Whether the network has an endpoint for the service. Where it has none, a denial is not to hang on that: the
    request is tried as if there were one that lets everything pass."""


class Ways:
    """The endpoints of every account's network."""

    def __init__(self, inventory: Inventory, accounts: Mapping[str, Account]) -> None:
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        for item in inventory.all("ec2/vpcEndpoint:VpcEndpoint"):
            service = item.property("serviceName").split(".", 3)[-1]
            document = item.property("policy")
            self._endpoints[(item.account_id, service)] = Endpoint(
                id=item.id,
                vpc=item.property("vpcId"),
                account=found(accounts, item.account_id, "account", item.label),
                policy=Policy.parse(item.label, document) if document else None,
            )

    def through_the_network(self, account: Account, action: str) -> Way:
        """By the endpoint of the action's service."""
        endpoint = self._endpoints.get((account.id, endpoint_name(action)))
        if endpoint is not None:
            return Way("network", endpoint=endpoint)
        if action in CHECKED_BY_OTHERS:
            return Way("network", endpoint=self._assumed(account))
        return Way("network", endpoint=self._assumed(account), is_open=False)

    def _assumed(self, account: Account) -> Endpoint:
        return Endpoint(id="vpce-assumed", vpc="vpc-network", account=account)


def way_from(origin: Origin) -> Way:
    """A way that passes no network of ours. What AWS's services do with a role of ours comes from no address."""
    return Way(origin, source_ip=ADDRESSES.get(origin))


def endpoint_name(action: str) -> str:
    """The endpoint that an action passes through, as PrivateLink names it."""
    prefix = action.partition(":")[0]
    return BY_ACTION.get(action) or BY_PREFIX.get(prefix, prefix)
