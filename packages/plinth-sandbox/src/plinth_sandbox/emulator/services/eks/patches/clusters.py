"""EKS clusters. moto keeps neither access, Auto Mode, upgrade policy nor deletion protection, so nothing of it is used.

The endpoint of a cluster answers nothing, unless the sandbox has Kubernetes: ``executors.eks`` then runs a control
plane for it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.logs.models import logs_backends
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.eks.patches import cluster_requests as requests
from plinth_sandbox.emulator.services.eks.patches.access_entries import give_access
from plinth_sandbox.emulator.store.record import Record, now

CLUSTER, UPDATE = "Cluster", "Update"
VERSION_UPDATES = ("VersionUpdate", "VersionRollback")
"""Types of updates that change the version: an upgrade and a rollback."""
CHILDREN = ("AccessEntry", "AssociatedAccessPolicy", "PodIdentityAssociation", UPDATE)
_NETWORK, _KUBERNETES = "resourcesVpcConfig", "kubernetesNetworkConfig"
_PLATFORM_VERSION = "eks.1"
_UPDATES = {
    "accessConfig": "AccessConfigUpdate",
    "computeConfig": "AutoModeUpdate",
    "deletionProtection": "DeletionProtectionUpdate",
    "kubernetesNetworkConfig": "AutoModeUpdate",
    "logging": "LoggingUpdate",
    "resourcesVpcConfig": "EndpointAccessUpdate",
    "storageConfig": "AutoModeUpdate",
    "upgradePolicy": "UpgradePolicyUpdate",
    "zonalShiftConfig": "ZonalShiftConfigUpdate",
}
"""Type of update by member of the request. A request may contain members of one type only."""


def cluster_of(exchange: Exchange, name: str) -> Record:
    """Returns the cluster with this name. Raises AwsError if it does not exist."""
    record = exchange.kept(CLUSTER, {"name": name})
    if record is None:
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.")
    return record


def _create(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    name = str(given["name"])
    if exchange.kept(CLUSTER, {"name": name}) is not None:
        raise AwsError("ResourceInUseException", f"Cluster already exists with name: {name}")
    arn = f"arn:aws:eks:{call.region}:{call.account}:cluster/{name}"
    requests.check_creation(call, arn)
    record = Record(exchange.place, CLUSTER, _values(call, name, arn), arn, dict(given.get("tags") or {}))
    exchange.memory.store.add(record)
    _give_initial_access(exchange, record)
    _create_log_group(call, record)
    return exchange.call.reply({"cluster": _described(record)})


def _values(call: Call, name: str, arn: str) -> dict[str, Any]:
    given = call.parameters
    identity = mock_random.get_random_hex(32).upper()
    return {
        **{member: value for member, value in given.items() if member not in ("tags", "clientRequestToken")},
        "arn": arn,
        "status": "ACTIVE",
        "version": given.get("version", requests.VERSIONS[-1]),
        "platformVersion": _PLATFORM_VERSION,
        "endpoint": f"https://{identity}.gr7.{call.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": base64.b64encode(identity.encode()).decode()},
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{call.region}.amazonaws.com/id/{identity}"}},
        "accessConfig": {
            "authenticationMode": "CONFIG_MAP",
            "bootstrapClusterCreatorAdminPermissions": True,
            **(given.get("accessConfig") or {}),
        },
        "deletionProtection": bool(given.get("deletionProtection")),
        "encryptionConfig": given.get("encryptionConfig") or [],
        "logging": _logging((), given.get("logging") or {}),
        "upgradePolicy": given.get("upgradePolicy") or {"supportType": "EXTENDED"},
        _NETWORK: _network(call, name),
        _KUBERNETES: {
            "ipFamily": "ipv4",
            "serviceIpv4Cidr": requests.SERVICE_RANGES[0],
            "elasticLoadBalancing": {"enabled": False},
            **(given.get(_KUBERNETES) or {}),
        },
    }


def _network(call: Call, name: str) -> dict[str, Any]:
    """Completes the network, with the security group that EKS creates for control plane and nodes."""
    given = call.parameters[_NETWORK]
    backend = ec2_backends[call.account][call.region]
    vpc_id = requests.subnets(call, given["subnetIds"])[0].vpc_id
    group = backend.create_security_group(
        f"eks-cluster-sg-{name}-{mock_random.get_random_hex(8)}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        vpc_id=vpc_id,
        tags={f"kubernetes.io/cluster/{name}": "owned", "aws:eks:cluster-name": name},
    )
    public = given.get("endpointPublicAccess", True)
    return {
        "endpointPublicAccess": public,
        "endpointPrivateAccess": given.get("endpointPrivateAccess", False),
        "publicAccessCidrs": given.get("publicAccessCidrs") or (["0.0.0.0/0"] if public else []),
        "securityGroupIds": given.get("securityGroupIds") or [],
        "subnetIds": given["subnetIds"],
        "clusterSecurityGroupId": group.id,
        "vpcId": vpc_id,
    }


def _logging(enabled: Any, change: dict[str, Any]) -> dict[str, Any]:
    """Returns the logging of a cluster after a change, which names only the types that it switches."""
    active = set(enabled)
    for setup in change.get("clusterLogging") or []:
        types = set(setup.get("types") or [])
        active = active | types if setup.get("enabled") else active - types
    groups = [(True, [log_type for log_type in requests.LOG_TYPES if log_type in active])]
    groups.append((False, [log_type for log_type in requests.LOG_TYPES if log_type not in active]))
    return {"clusterLogging": [{"types": types, "enabled": on} for on, types in groups if types]}


def _enabled_logs(record: Record) -> list[str]:
    groups = record.values["logging"]["clusterLogging"]
    return [type_ for group in groups if group["enabled"] for type_ in group["types"]]


def _create_log_group(call: Call, record: Record) -> None:
    """Creates the log group of the control plane if it does not exist, as EKS does: without key and retention."""
    group, backend = f"/aws/eks/{record.values['name']}/cluster", logs_backends[call.account][call.region]
    if _enabled_logs(record) and group not in backend.groups:
        backend.create_log_group(group, {})


def _give_initial_access(exchange: Exchange, record: Record) -> None:
    """Gives access to the nodes of Auto Mode and, unless the request declines, to the creator."""
    if record.values["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        return
    nodes = (record.values.get("computeConfig") or {}).get("nodeRoleArn")
    if nodes:
        give_access(exchange, record, str(nodes), "EC2", "AmazonEKSAutoNodePolicy")
    creator = requests.creator_of(exchange.call)
    if record.values["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] and creator:
        give_access(exchange, record, creator, "STANDARD", "AmazonEKSClusterAdminPolicy")


def _described(record: Record) -> dict[str, Any]:
    return {**record.values, "createdAt": record.created, "tags": dict(record.tags)}


def _describe(exchange: Exchange) -> Answer:
    return exchange.call.reply({"cluster": _described(cluster_of(exchange, exchange.call.parameters["name"]))})


def _list(exchange: Exchange) -> Answer:
    records = exchange.memory.store.records(exchange.place, CLUSTER)
    return exchange.call.reply({"clusters": [record.values["name"] for record in records]})


def _update_config(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = cluster_of(exchange, str(given["name"]))
    wanted = {member: given[member] for member in _UPDATES if given.get(member) is not None}
    kinds = {_UPDATES[member] for member in wanted}
    if len(kinds) != 1:
        raise AwsError("InvalidParameterException", "Only one type of update can be allowed.")
    if "logging" in wanted:
        wanted["logging"] = _logging(_enabled_logs(record), wanted["logging"])
    changed = {member: _merged(record.values.get(member), value) for member, value in wanted.items()}
    if all(record.values.get(member) == value for member, value in changed.items()):
        raise AwsError("InvalidParameterException", "No changes needed for the cluster configuration provided")
    requests.check_configuration(call, {**record.values, **changed})
    record.values.update(changed)
    if "logging" in changed:
        _create_log_group(call, record)
    return _updated(exchange, record, kinds.pop())


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{member: _merged(old.get(member), value) for member, value in new.items() if value is not None}}


def _update_version(exchange: Exchange) -> Answer:
    """Changes the version. EKS also checks whether workloads are ready for it (insights), which is not emulated."""
    given = exchange.call.parameters
    record = cluster_of(exchange, str(given["name"]))
    current, wanted = str(record.values["version"]), str(given["version"])
    is_rollback = requests.check_version_change(current, wanted, _upgraded(exchange, record), now())
    record.values["version"] = wanted
    params = [{"type": "Version", "value": wanted}, {"type": "PlatformVersion", "value": _PLATFORM_VERSION}]
    return _updated(exchange, record, VERSION_UPDATES[is_rollback], params)


def _upgraded(exchange: Exchange, cluster: Record) -> datetime | None:
    """Returns when a cluster was upgraded to its version; None if it was created with it or rolled back to it."""
    updates = exchange.memory.store.records(exchange.place, UPDATE)
    own = [update for update in updates if update.values["clusterName"] == cluster.values["name"]]
    versions = [update for update in own if update.values["type"] in VERSION_UPDATES]
    return versions[-1].created if versions and versions[-1].values["type"] == VERSION_UPDATES[0] else None


def _updated(exchange: Exchange, record: Record, kind: str, params: Sequence[dict[str, str]] = ()) -> Answer:
    """Records an update, which is complete at once."""
    identity = str(mock_random.uuid4())
    name = record.values["name"]
    values = {
        "id": identity,
        "clusterName": name,
        "status": "Successful",
        "type": kind,
        "params": list(params),
        "errors": [],
    }
    update = Record(exchange.place, UPDATE, values, f"{record.arn}/update/{identity}")
    exchange.memory.store.add(update)
    return exchange.call.reply({"update": {**values, "status": "InProgress", "createdAt": update.created}})


def _describe_update(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    cluster_of(exchange, str(given["name"]))
    update = exchange.kept(UPDATE, {"id": given["updateId"], "clusterName": given["name"]})
    if update is None:
        raise AwsError("ResourceNotFoundException", f"No update found for ID: {given['updateId']}")
    return exchange.call.reply({"update": {**update.values, "createdAt": update.created}})


def _delete(exchange: Exchange) -> Answer:
    call, store = exchange.call, exchange.memory.store
    record = cluster_of(exchange, str(call.parameters["name"]))
    name = record.values["name"]
    if record.values["deletionProtection"]:
        message = f"Cluster {name} cannot be deleted because deletion protection is enabled. Disable it first."
        raise AwsError("InvalidRequestException", message)
    for noun in CHILDREN:
        for child in [
            candidate for candidate in store.records(exchange.place, noun) if candidate.values["clusterName"] == name
        ]:
            store.remove(child)
    ec2_backends[call.account][call.region].delete_security_group(
        group_id=record.values[_NETWORK]["clusterSecurityGroupId"]
    )
    store.remove(record)
    return call.reply({"cluster": {**_described(record), "status": "DELETING"}})


PATCHES: Patches = {
    "CreateCluster": _create,
    "DeleteCluster": _delete,
    "DescribeCluster": _describe,
    "DescribeUpdate": _describe_update,
    "ListClusters": _list,
    "UpdateClusterConfig": _update_config,
    "UpdateClusterVersion": _update_version,
}
