"""Clusters in the store, as the executor sees them. The emulator patches answer the API of EKS."""

from __future__ import annotations

from collections.abc import Iterator

from plinth_sandbox.emulator.executors.eks.control_planes import EXECUTOR, Cluster
from plinth_sandbox.emulator.patches.containers.access_entries import ASSOCIATION, ENTRY
from plinth_sandbox.emulator.patches.containers.clusters import CLUSTER
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.store.record import Record

API_MODES = ("API", "API_AND_CONFIG_MAP")
"""Authentication modes in which access entries count."""

PRINCIPAL_ID = "principalId"
"""Value of an entry with the unique identifier of its principal, which no answer contains."""


def by_arn(memory: Memory, arn: str) -> Record | None:
    found = (one for one in memory.store.everywhere() if (one.place.service, one.noun) == (EXECUTOR, CLUSTER))
    return next((one for one in found if one.arn == arn), None)


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
    for one in memory.store.records(entry.place, ASSOCIATION):
        if all(one.values[name] == entry.values[name] for name in names):
            yield one
