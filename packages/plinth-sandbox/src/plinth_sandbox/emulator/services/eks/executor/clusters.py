"""Clusters in the store, as the executor sees them. The emulator patches answer the API of EKS."""

from __future__ import annotations

from collections.abc import Iterator

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.eks.executor.control_planes import EXECUTOR, AutoNode, Cluster
from plinth_sandbox.emulator.services.eks.patches.access_entries import ASSOCIATION, ENTRY
from plinth_sandbox.emulator.services.eks.patches.clusters import CLUSTER
from plinth_sandbox.emulator.store.record import Record

API_MODES = ("API", "API_AND_CONFIG_MAP")
"""Authentication modes in which access entries count."""

PRINCIPAL_ID = "principalId"
"""Value of an entry with the unique identifier of its principal, which no answer contains."""


def by_arn(memory: Memory, arn: str) -> Record | None:
    found = (
        record for record in memory.store.everywhere() if (record.place.service, record.noun) == (EXECUTOR, CLUSTER)
    )
    return next((record for record in found if record.arn == arn), None)


def cluster_of(record: Record) -> Cluster:
    """Returns what the control plane of a cluster needs."""
    values = record.values
    issuer = str(values["identity"]["oidc"]["issuer"])
    return Cluster(
        arn=record.arn,
        account=record.place.account,
        region=record.place.region,
        identifier=issuer.rpartition("/")[2],
        version=str(values["version"]),
        service_range=str(values["kubernetesNetworkConfig"]["serviceIpv4Cidr"]),
        issuer=issuer,
        node=_auto_node(record),
        vpc=str(values["resourcesVpcConfig"].get("vpcId") or ""),
        load_balancing_role=_load_balancing_role(record),
    )


def _load_balancing_role(record: Record) -> str:
    """Returns the role as which Auto Mode creates load balancers, or an empty text if it creates none."""
    network = record.values.get("kubernetesNetworkConfig") or {}
    balances = (network.get("elasticLoadBalancing") or {}).get("enabled")
    return str(record.values["roleArn"]) if balances else ""


def _auto_node(record: Record) -> AutoNode | None:
    """Returns the node of a cluster in Auto Mode with a built-in node pool, in its first subnet."""
    compute = record.values.get("computeConfig") or {}
    pools = compute.get("nodePools") or []
    if not compute.get("enabled") or not pools:
        return None
    wanted = record.values["resourcesVpcConfig"]["subnetIds"]
    zones = ec2_backends[record.place.account][record.place.region].subnets.values()
    known = {identifier: subnet for zone in zones for identifier, subnet in zone.items()}
    subnet = next((known[identifier] for identifier in wanted if identifier in known), None)
    if subnet is None:
        return None
    return AutoNode(
        subnet_range=str(subnet.cidr_block),
        zone=str(subnet.availability_zone),
        pool=str(pools[0]),
        role_arn=str(compute.get("nodeRoleArn") or ""),
    )


def entry_of(memory: Memory, cluster: Record, principal: str) -> Record | None:
    """Returns the access entry of a principal, or None if the cluster does not admit it."""
    if cluster.values["accessConfig"]["authenticationMode"] not in API_MODES:
        return None
    names = {"clusterName": cluster.values["name"], "principalArn": principal}
    return memory.store.find(cluster.place, ENTRY, names)


def associations_of(memory: Memory, entry: Record) -> Iterator[Record]:
    """Yields the access policies of an entry with their scopes."""
    names = ("clusterName", "principalArn")
    for record in memory.store.records(entry.place, ASSOCIATION):
        if all(record.values[name] == entry.values[name] for name in names):
            yield record
