"""Checks of requests that create or change an EKS cluster.

Sources: EKS API, CreateCluster, UpdateClusterConfig, UpdateClusterVersion; EKS User Guide, "View Amazon EKS networking
requirements for VPC and subnets", "Understand the Kubernetes version lifecycle on EKS" (read 2026-11-23), "Roll back a
cluster to a previous Kubernetes version" (read 2026-12-01). The words of the refusals are those of the service where a
public report quotes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from typing import Any

from moto.ec2.models import ec2_backends
from moto.sts.models import sts_backends

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.principals import role_of, trust_of
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.services.ec2.subnets import subnets_by_id
from plinth_sandbox.emulator.services.kms.checks import key_exists

VERSIONS = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
"""Versions in standard or extended support in November 2026, the oldest first."""
ROLLBACK_WINDOW = timedelta(days=7)
"""Time after an upgrade in which EKS rolls a cluster back."""
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
NODE_POOLS = frozenset({"general-purpose", "system"})
SERVICE_RANGES = ("10.100.0.0/16", "172.20.0.0/16")
"""Ranges from which EKS chooses one if the request names none."""
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SERVICE = "eks.amazonaws.com"
_INVALID = "InvalidParameterException"


def check_creation(call: Call, arn: str) -> None:
    """Raises AwsError if EKS would not create the cluster."""
    given = call.parameters
    version = str(given.get("version", VERSIONS[-1]))
    if version not in VERSIONS:
        raise AwsError(_INVALID, f"unsupported Kubernetes version {version}")
    _check_role(call, str(given["roleArn"]), arn)
    network = given["resourcesVpcConfig"]
    _check_subnets(call, network.get("subnetIds") or [])
    _check_groups(call, network.get("securityGroupIds") or [])
    _check_encryption(call, given.get("encryptionConfig") or [])
    _check_access(given.get("accessConfig") or {})
    if _auto_mode(given) and given.get("bootstrapSelfManagedAddons", True):
        message = "bootstrapSelfManagedAddons must be set to false if EKS Auto Mode is enabled"
        raise AwsError(_INVALID, message)
    check_configuration(call, given)


def _check_access(access: Mapping[str, Any]) -> None:
    """Refuses a cluster that nobody could enter (github.com/crossplane-contrib/provider-upjet-aws/issues/1345)."""
    mode = access.get("authenticationMode") or "CONFIG_MAP"
    if mode == "CONFIG_MAP" and access.get("bootstrapClusterCreatorAdminPermissions") is False:
        message = (
            "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP"
        )
        raise AwsError(_INVALID, message)


def check_configuration(call: Call, cluster: Mapping[str, Any]) -> None:
    """Raises AwsError for settings that EKS refuses both in a new cluster and in a change."""
    network = cluster["resourcesVpcConfig"]
    if not network.get("endpointPublicAccess", True) and not network.get("endpointPrivateAccess", False):
        raise AwsError(_INVALID, "Private and public endpoint access cannot be false")
    _check_auto_mode(cluster)
    _check_services(call, cluster)


def check_version_change(current: str, wanted: str, upgraded: datetime | None, now: datetime) -> bool:
    """Returns whether the change is a rollback.

    Raises AwsError unless the version is the next minor version, or the one before and the cluster was ``upgraded`` to
    its current version in the last seven days. ``upgraded`` is None for a cluster that was created with the version, or
    that was rolled back to it.
    """
    if wanted not in VERSIONS:
        raise AwsError(_INVALID, f"unsupported Kubernetes version {wanted}")
    step = VERSIONS.index(wanted) - VERSIONS.index(current)
    is_recent = upgraded is not None and now - upgraded <= ROLLBACK_WINDOW
    if step != 1 and not (step == -1 and is_recent):
        raise AwsError(_INVALID, f"Unsupported Kubernetes minor version update from {current} to {wanted}")
    return step < 0


def creator_of(call: Call) -> str | None:
    """Returns the ARN of the role that makes a call, or None if it is no role."""
    session = sts_backends[call.account]["aws"].get_assumed_role_from_access_key(call.access_key)
    return None if session is None else str(session.role_arn)


def subnets(call: Call, identifiers: Iterable[str]) -> list[Any]:
    """Returns subnets of the account. Raises AwsError if one does not exist."""
    backend = ec2_backends[call.account][call.region]
    known = subnets_by_id(backend)
    for identifier in identifiers:
        if identifier not in known:
            raise AwsError(_INVALID, f"The subnet ID '{identifier}' does not exist")
    return [known[identifier] for identifier in identifiers]


def _check_role(call: Call, role_arn: str, cluster_arn: str) -> None:
    role = role_of(role_arn)
    if role is None or role_arn.split(":")[4] != call.account or not _may_assume(role, call, cluster_arn):
        message = "could not be assumed because it does not exist or the trusted entity is not correct"
        raise AwsError(_INVALID, f"Role with arn: {role_arn}, {message}")


def _may_assume(role: Any, call: Call, cluster_arn: str) -> bool:
    owner = account_of(str(role.account_id))
    resource = Resource(arn=str(role.arn), account=owner, policy=trust_of(role), needs_policy=True)
    source = {"aws:SourceAccount": (call.account,), "aws:SourceArn": (cluster_arn,)}
    if owner.organization_id and owner.path:
        source |= {"aws:SourceOrgID": (owner.organization_id,), "aws:SourceOrgPaths": (owner.path,)}
    principal = Principal(name=_SERVICE, service=_SERVICE)
    return decide(Request(principal=principal, action="sts:AssumeRole", resource=resource, extra=source)).allowed


def _check_subnets(call: Call, identifiers: Sequence[str]) -> None:
    found = subnets(call, identifiers)
    if len({subnet.availability_zone for subnet in found}) < 2:
        raise AwsError(_INVALID, "Subnets specified must be in at least two different AZs")
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise AwsError(_INVALID, "Subnets specified must belong to the same VPC")


def _check_groups(call: Call, identifiers: Iterable[str]) -> None:
    known = {group for inner in ec2_backends[call.account][call.region].groups.values() for group in inner}
    for identifier in identifiers:
        if identifier not in known:
            raise AwsError(_INVALID, f"The security group '{identifier}' does not exist")


def _check_encryption(call: Call, configurations: Iterable[Mapping[str, Any]]) -> None:
    for configuration in configurations:
        if configuration.get("resources") != ["secrets"]:
            raise AwsError(_INVALID, "Encryption config supports the resource secrets only")
        key = str((configuration.get("provider") or {}).get("keyArn"))
        if not key_exists(key, call.account, call.region):
            raise AwsError(_INVALID, f"The keyArn {key} in encryptionConfig provider is not valid")


def _auto_mode(cluster: Mapping[str, Any]) -> bool:
    return bool((cluster.get("computeConfig") or {}).get("enabled"))


def _check_auto_mode(cluster: Mapping[str, Any]) -> None:
    compute = cluster.get("computeConfig") or {}
    storage = (cluster.get("storageConfig") or {}).get("blockStorage") or {}
    balancing = (cluster.get("kubernetesNetworkConfig") or {}).get("elasticLoadBalancing") or {}
    if len({bool(part.get("enabled")) for part in (compute, storage, balancing)}) > 1:
        message = (
            "For EKS Auto Mode, please ensure that all required configs, including computeConfig, "
            "kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled."
        )
        raise AwsError(_INVALID, message)
    if not compute.get("enabled"):
        return
    if (cluster.get("accessConfig") or {}).get("authenticationMode") not in ("API", "API_AND_CONFIG_MAP"):
        raise AwsError(_INVALID, "EKS Auto Mode requires the authentication mode API or API_AND_CONFIG_MAP")
    pools = set(compute.get("nodePools") or [])
    if pools - NODE_POOLS:
        raise AwsError(_INVALID, f"nodePools may contain {', '.join(sorted(NODE_POOLS))} only")
    if bool(pools) != bool(compute.get("nodeRoleArn")):
        raise AwsError(
            _INVALID, "When Compute Config nodeRoleArn is not null or empty, nodePool value(s) must be provided."
        )
    if pools and role_of(str(compute["nodeRoleArn"])) is None:
        raise AwsError(_INVALID, f"The nodeRoleArn {compute['nodeRoleArn']} does not exist")


def _check_services(call: Call, cluster: Mapping[str, Any]) -> None:
    text = (cluster.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr")
    if not text:
        return
    try:
        services = IPv4Network(str(text))
    except ValueError:
        raise AwsError(_INVALID, f"serviceIpv4Cidr {text} is not a valid CIDR block") from None
    if not 12 <= services.prefixlen <= 24 or not any(services.subnet_of(block) for block in _PRIVATE):
        raise AwsError(_INVALID, f"serviceIpv4Cidr {text} must be a private block from /24 to /12")
    vpc_id = subnets(call, cluster["resourcesVpcConfig"]["subnetIds"])[0].vpc_id
    vpc = ec2_backends[call.account][call.region].vpcs[vpc_id]
    if services.overlaps(IPv4Network(vpc.cidr_block)):
        raise AwsError(_INVALID, f"serviceIpv4Cidr {text} overlaps with the CIDR block of {vpc_id}")
