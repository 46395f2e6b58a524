"""EKS: what the emulator keeps of clusters, access entries and Pod Identity, and what it refuses as EKS does."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.services.eks.patches.cluster_requests import check_version_change
from plinth_sandbox.testing import EmulatedAws

_numbers = itertools.count(1)
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
API = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}


class Place:
    """An account with a network and roles, in which clusters can be created."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.account, self.eks = account, aws.client("eks", account)
        self.iam, self.logs = aws.client("iam", account), aws.client("logs", account)
        ec2 = aws.client("ec2", account)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate("aab")
        ]
        self.control = self.role("control", "eks")
        self.nodes = self.role("nodes", "ec2")
        self.key = aws.client("kms", account).create_key()["KeyMetadata"]["Arn"]

    def role(self, name: str, service: str, **condition: Any) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        trust = {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
        made = self.iam.create_role(RoleName=f"{name}-{next(_numbers)}", AssumeRolePolicyDocument=json.dumps(trust))
        return str(made["Role"]["Arn"])

    def request(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": f"cluster-{next(_numbers)}",
            "roleArn": self.control,
            "resourcesVpcConfig": {"subnetIds": self.subnets[1:], "endpointPrivateAccess": True},
            "accessConfig": API,
            **changes,
        }

    def cluster(self, **changes: Any) -> str:
        return str(self.eks.create_cluster(**self.request(**changes))["cluster"]["name"])


@pytest.fixture(scope="module")
def place(aws: EmulatedAws, account: str) -> Place:
    return Place(aws, account)


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def auto_mode(place: Place, **changes: Any) -> dict[str, Any]:
    return {
        "computeConfig": {"enabled": True, "nodePools": ["system"], "nodeRoleArn": place.nodes},
        "storageConfig": {"blockStorage": {"enabled": True}},
        "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
        "bootstrapSelfManagedAddons": False,
        **changes,
    }


def network(place: Place, **changes: Any) -> dict[str, Any]:
    return {"resourcesVpcConfig": {"subnetIds": place.subnets[1:], "endpointPrivateAccess": True, **changes}}


CREATIONS = {
    "subnets in one zone": (lambda p: network(p, subnetIds=p.subnets[:2]), "at least two different AZs"),
    "a subnet that does not exist": (lambda p: network(p, subnetIds=["subnet-0", "subnet-1"]), "does not exist"),
    "a security group that does not exist": (lambda p: network(p, securityGroupIds=["sg-0"]), "does not exist"),
    "no endpoint": (
        lambda p: network(p, endpointPrivateAccess=False, endpointPublicAccess=False),
        "Private and public endpoint access cannot be false",
    ),
    "an unknown version": (lambda p: {"version": "1.20"}, "unsupported Kubernetes version 1.20"),
    "an unknown log": (
        lambda p: {"logging": {"clusterLogging": [{"types": ["kubelet"], "enabled": True}]}},
        "kubelet",
    ),
    "a role of another service": (lambda p: {"roleArn": p.nodes}, "could not be assumed"),
    "a role that trusts another cluster": (
        lambda p: {"roleArn": p.role("other", "eks", ArnEquals={"aws:SourceArn": "arn:aws:eks:eu-west-1:1:cluster/x"})},
        "could not be assumed",
    ),
    "a key that does not exist": (
        lambda p: {"encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": f"{p.key}0"}}]},
        "is not valid",
    ),
    "encryption of other objects": (
        lambda p: {"encryptionConfig": [{"resources": ["pods"], "provider": {"keyArn": p.key}}]},
        "secrets only",
    ),
    "half of Auto Mode": (lambda p: auto_mode(p, storageConfig={}), "either fully enabled or fully disabled"),
    "Auto Mode with add-ons of its own": (
        lambda p: auto_mode(p, bootstrapSelfManagedAddons=True),
        "must be set to false",
    ),
    "Auto Mode without access entries": (lambda p: auto_mode(p, accessConfig={}), "requires the authentication mode"),
    "Auto Mode with an unknown node pool": (
        lambda p: auto_mode(p, computeConfig={"enabled": True, "nodePools": ["gpu"], "nodeRoleArn": p.nodes}),
        "nodePools may contain",
    ),
    "Auto Mode without a node role": (
        lambda p: auto_mode(p, computeConfig={"enabled": True, "nodePools": ["system"]}),
        "nodeRoleArn",
    ),
    "nobody who may enter it": (
        lambda p: {"accessConfig": {"bootstrapClusterCreatorAdminPermissions": False}},
        "bootstrapClusterCreatorAdminPermissions must be true",
    ),
    "services in the network": (
        lambda p: {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/20"}},
        "overlaps with the CIDR block",
    ),
    "services in too small a range": (
        lambda p: {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/25"}},
        "from /24 to /12",
    ),
}


@pytest.mark.parametrize("case", CREATIONS)
def test_a_cluster_is_refused(place: Place, case: str) -> None:
    changes, message = CREATIONS[case]
    code, said = refused(place.eks.create_cluster, **place.request(**changes(place)))
    assert code == "InvalidParameterException"
    assert message in said


def test_a_cluster_has_the_defaults_of_eks(place: Place) -> None:
    request = place.request()
    request.pop("accessConfig")
    name = place.eks.create_cluster(**request)["cluster"]["name"]
    found = place.eks.describe_cluster(name=name)["cluster"]
    assert (found["status"], found["upgradePolicy"], found["deletionProtection"]) == (
        "ACTIVE", {"supportType": "EXTENDED"}, False,
    )  # fmt: skip
    assert found["accessConfig"] == {
        "authenticationMode": "CONFIG_MAP",
        "bootstrapClusterCreatorAdminPermissions": True,
    }
    assert found["resourcesVpcConfig"]["endpointPublicAccess"] is True
    assert refused(place.eks.create_cluster, **request | {"name": name})[0] == "ResourceInUseException"
    code, said = refused(place.eks.list_access_entries, clusterName=name)
    assert (code, "authentication mode must be set" in said) == ("InvalidRequestException", True)


def test_eks_creates_the_log_group_only_if_nobody_did(place: Place) -> None:
    logs = {"logging": {"clusterLogging": [{"types": ["audit"], "enabled": True}]}}
    name = place.cluster(**logs)
    (group,) = place.logs.describe_log_groups(logGroupNamePrefix=f"/aws/eks/{name}/")["logGroups"]
    assert "retentionInDays" not in group
    request = place.request(**logs)
    place.logs.create_log_group(logGroupName=f"/aws/eks/{request['name']}/cluster")
    place.logs.put_retention_policy(logGroupName=f"/aws/eks/{request['name']}/cluster", retentionInDays=30)
    place.eks.create_cluster(**request)
    (group,) = place.logs.describe_log_groups(logGroupNamePrefix=f"/aws/eks/{request['name']}/")["logGroups"]
    assert group["retentionInDays"] == 30


def test_a_cluster_is_upgraded_by_one_minor_version(place: Place) -> None:
    name = place.cluster(version="1.33")
    for wanted in ("1.35", "1.33", "1.32"):
        assert refused(place.eks.update_cluster_version, name=name, version=wanted)[0] == "InvalidParameterException"
    update = place.eks.update_cluster_version(name=name, version="1.34")["update"]
    described = place.eks.describe_update(name=name, updateId=update["id"])["update"]
    assert (described["status"], described["type"]) == ("Successful", "VersionUpdate")
    assert {"type": "Version", "value": "1.34"} in described["params"]
    assert place.eks.describe_cluster(name=name)["cluster"]["version"] == "1.34"


def test_a_cluster_is_rolled_back_once_and_by_one_minor_version_only_after_an_upgrade(place: Place) -> None:
    name, update = place.cluster(version="1.33"), place.eks.update_cluster_version
    for version in ("1.34", "1.35"):
        update(name=name, version=version)
    assert refused(update, name=name, version="1.33")[0] == "InvalidParameterException"
    assert update(name=name, version="1.34")["update"]["type"] == "VersionRollback"
    assert place.eks.describe_cluster(name=name)["cluster"]["version"] == "1.34"
    assert refused(update, name=name, version="1.33")[0] == "InvalidParameterException"
    assert update(name=name, version="1.35")["update"]["type"] == "VersionUpdate"


@pytest.mark.parametrize(
    ("days", "is_allowed"), [(6, True), (8, False), (None, False)], ids=["a week", "more than a week", "never upgraded"]
)
def test_a_rollback_is_possible_for_a_week(days: int | None, is_allowed: bool) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    upgraded = None if days is None else now - timedelta(days=days)
    if is_allowed:
        assert check_version_change("1.36", "1.35", upgraded, now) is True
        return
    with pytest.raises(AwsError, match=r"minor version update from 1\.36 to 1\.35"):
        check_version_change("1.36", "1.35", upgraded, now)


def test_an_update_changes_one_thing(place: Place) -> None:
    name = place.cluster()
    update = place.eks.update_cluster_config
    both = {"deletionProtection": True, "upgradePolicy": {"supportType": "STANDARD"}}
    assert refused(update, name=name, **both)[1] == "Only one type of update can be allowed."
    assert "No changes needed" in refused(update, name=name, deletionProtection=False)[1]
    closed = {"endpointPrivateAccess": False, "endpointPublicAccess": False}
    assert "cannot be false" in refused(update, name=name, resourcesVpcConfig=closed)[1]
    update(name=name, deletionProtection=True)
    assert refused(place.eks.delete_cluster, name=name)[0] == "InvalidRequestException"
    update(name=name, deletionProtection=False)
    place.eks.delete_cluster(name=name)
    assert refused(place.eks.describe_cluster, name=name)[0] == "ResourceNotFoundException"


ENTRIES = {
    "a role that does not exist": ({"principalArn": "arn:aws:iam::{account}:role/nobody"}, "invalid principal"),
    "a session": ({"principalArn": "arn:aws:sts::{account}:assumed-role/a/b"}, "format is not valid"),
    "a service-linked role": (
        {"principalArn": "arn:aws:iam::{account}:role/aws-service-role/eks.amazonaws.com/x"},
        "Service Linked Role",
    ),
    "an unknown type": ({"type": "HUMAN"}, "type HUMAN is not valid"),
    "groups of nodes": ({"type": "EC2_LINUX", "kubernetesGroups": ["builders"]}, "neither a user name nor groups"),
    "a group of Kubernetes": ({"kubernetesGroups": ["system:masters"]}, "reserved prefix"),
    "a reserved user name": ({"username": "system:admin"}, "reserved prefix"),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_an_access_entry_is_refused(place: Place, case: str) -> None:
    changes, message = ENTRIES[case]
    given = {"clusterName": place.cluster(), "principalArn": place.control, **changes}
    given["principalArn"] = given["principalArn"].format(account=place.account)
    code, said = refused(place.eks.create_access_entry, **given)
    assert (code, message in said) == ("InvalidParameterException", True)


def test_a_principal_has_one_entry_and_a_policy_needs_one(place: Place) -> None:
    names = {"clusterName": place.cluster(), "principalArn": place.control}
    policy = {"policyArn": ADMIN, "accessScope": {"type": "cluster"}}
    assert refused(place.eks.associate_access_policy, **names, **policy)[0] == "ResourceNotFoundException"
    place.eks.create_access_entry(**names)
    assert refused(place.eks.create_access_entry, **names)[0] == "ResourceInUseException"
    for wrong in ({"policyArn": f"{ADMIN}s"}, {"accessScope": {"type": "namespace"}}):
        assert refused(place.eks.associate_access_policy, **names, **policy | wrong)[0] == "InvalidParameterException"
    place.eks.associate_access_policy(**names, **policy)
    place.eks.delete_access_entry(**names)
    place.eks.create_access_entry(**names)
    assert place.eks.list_associated_access_policies(**names)["associatedAccessPolicies"] == []


def test_eks_gives_access_to_nodes_of_auto_mode(place: Place) -> None:
    name = place.cluster(**auto_mode(place))
    assert place.eks.list_access_entries(clusterName=name)["accessEntries"] == [place.nodes]
    entry = place.eks.describe_access_entry(clusterName=name, principalArn=place.nodes)["accessEntry"]
    assert (entry["type"], entry["kubernetesGroups"]) == ("EC2", ["system:nodes"])


def test_a_service_account_has_one_role_which_trusts_pod_identity(place: Place) -> None:
    given = {"clusterName": place.cluster(), "namespace": "tracking", "serviceAccount": "server"}
    create = place.eks.create_pod_identity_association
    assert "does not allow EKS Auth" in refused(create, **given, roleArn=place.control)[1]
    assert "does not exist" in refused(create, **given, roleArn=f"{place.control}-2")[1]
    role = place.role("pods", "pods.eks")
    create(**given, roleArn=role)
    assert refused(create, **given, roleArn=role)[0] == "ResourceInUseException"
