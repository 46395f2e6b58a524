"""The VPC endpoint through which a run reaches a service: of its own network, or shared by a Route 53 profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from iam_evaluator.request import Endpoint
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.documents import policy_of
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.ec2.subnets import subnets_of

_NAMES = {
    "codeartifact": ("codeartifact.api",),
    "ecr": ("ecr.api",),
    "monitoring": ("monitoring",),
    "sagemaker": ("sagemaker.api",),
    "sagemaker-featurestore-runtime": ("sagemaker.featurestore-runtime",),
    "sagemaker-metrics": ("sagemaker.metrics",),
    "sagemaker-runtime": ("sagemaker.runtime",),
    "stepfunctions": ("states",),
    "cloudwatch": ("monitoring",),
}
"""Name of the service in PrivateLink by client, if the two differ (AWS PrivateLink Guide, "AWS services that integrate
with AWS PrivateLink")."""


def endpoint_of(call: Call, account: str, subnets: Sequence[str], memory: Memory) -> Endpoint | None:
    """Returns the endpoint of a call from a run in ``subnets``. Without one, the call takes another way."""
    return endpoint_named(_NAMES.get(call.service, (call.service,)), call.region, account, subnets, memory)


def endpoint_named(
    names: Sequence[str], region: str, account: str, subnets: Sequence[str], memory: Memory
) -> Endpoint | None:
    """Returns the endpoint to a service with one of these names in PrivateLink, for a run in ``subnets``."""
    if not subnets:
        return None
    from moto.ec2.models import ec2_backends

    vpcs = {subnet.vpc_id for subnet in subnets_of(ec2_backends[account][region], subnets)}
    wanted = {f"com.amazonaws.{region}.{name}" for name in names}
    own = ec2_backends[account][region].vpc_end_points.values()
    for endpoint in own:
        if endpoint.vpc_id in vpcs and endpoint.service_name in wanted:
            return _as_endpoint(endpoint, account)
    for owner, endpoint in _shared(region, vpcs, memory):
        if endpoint.service_name in wanted:
            return _as_endpoint(endpoint, owner)
    return None


def leads_out(account: str, region: str, subnets: Sequence[str]) -> bool:
    """Returns whether a run in ``subnets`` reaches the internet. Outside of a network, it does. In one, it needs a
    default route to something else than an internet gateway, because it has no public address (CodeBuild User Guide,
    "Use CodeBuild with Amazon VPC")."""
    if not subnets:
        return True
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[account][region]
    return any(
        route.destination_cidr_block == "0.0.0.0/0" and not _is_internet_gateway(route.gateway)
        for subnet in subnets_of(backend, subnets)
        for route in _routes(backend, subnet)
    )


def _routes(backend: Any, subnet: Any) -> list[Any]:
    """Returns the routes of a subnet: those of its own table, or of the main table of the VPC."""
    tables = [table for table in backend.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [
        table for table in tables if any(association.get("SubnetId") == subnet.id for association in table.associations)
    ]
    main = [table for table in tables if table.main_association_id]
    return [route for table in own or main for route in table.routes]


def _is_internet_gateway(gateway: Any) -> bool:
    return gateway is not None and str(gateway.id).startswith("igw-")


def _as_endpoint(endpoint: Any, owner: str) -> Endpoint:
    return Endpoint(
        id=str(endpoint.id),
        vpc=str(endpoint.vpc_id),
        account=account_of(owner),
        policy=policy_of(f"policy of {endpoint.id}", endpoint.policy_document),
    )


def _shared(region: str, vpcs: set[str], memory: Memory) -> Iterator[tuple[str, Any]]:
    """Yields the endpoints that Route 53 profiles share with networks, with the accounts that own them."""
    from moto.ec2.models import ec2_backends

    records = [record for record in memory.store.everywhere() if record.place.service == "route53profiles"]
    profiles = {
        record.values.get("ProfileId")
        for record in records
        if record.noun == "ProfileAssociation" and record.values.get("ResourceId") in vpcs
    }
    for record in records:
        if record.noun == "ProfileResourceAssociation" and record.values.get("ProfileId") in profiles:
            _, _, _, _, owner, name = str(record.values["ResourceArn"]).split(":", 5)
            endpoint = ec2_backends[owner][region].vpc_end_points.get(name.rpartition("/")[2])
            if endpoint is not None:
                yield owner, endpoint
