"""The Kubernetes cluster of the tooling account on the real engine, read back with boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from selfservice.errors import ExitCode
from tests.engine.deployed_example import deployed_example
from tests.support.workbench import Workbench

STACKS = ("network", "tooling", "tooling-cluster")
"""The stack of the cluster, and those with what its nodes need."""
NAME = "plinth-tooling"
ADMINISTRATION = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The example organization with a cluster. The tests below change it, in their order."""
    with deployed_example(tmp_path_factory) as workbench:
        workbench.change_organization(tooling_cluster={"version": "1.35"})
        workbench.plinth("up", *STACKS, "--yes")
        yield workbench


def eks(acme: Workbench) -> Any:
    return acme.client("eks", acme.outputs("tooling")["account_id"])


@pytest.mark.requirement("AMB-15.a")
def test_the_cluster_is_private_encrypted_and_audited(acme: Workbench) -> None:
    cluster, outputs = eks(acme).describe_cluster(name=NAME)["cluster"], acme.outputs("tooling-cluster")
    network = cluster["resourcesVpcConfig"]
    assert (cluster["status"], cluster["version"], cluster["arn"]) == ("ACTIVE", "1.35", outputs["cluster_arn"])
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (False, True)
    assert network["vpcId"] == acme.outputs("tooling")["vpc_id"]
    assert cluster["logging"]["clusterLogging"] == [
        {"types": ["api", "audit", "authenticator", "controllerManager", "scheduler"], "enabled": True}
    ]
    (encryption,) = cluster["encryptionConfig"]
    account = outputs["account_id"]
    key = acme.client("kms", account).describe_key(KeyId="alias/plinth/tooling-cluster")["KeyMetadata"]
    assert encryption == {"resources": ["secrets"], "provider": {"keyArn": key["Arn"]}}
    (logs,) = acme.client("logs", account).describe_log_groups(logGroupNamePrefix=f"/aws/eks/{NAME}")["logGroups"]
    assert (logs["kmsKeyId"], logs["retentionInDays"]) == (key["Arn"], 365)


def test_the_subnets_have_no_route_out_and_are_in_two_zones(acme: Workbench) -> None:
    ec2 = acme.client("ec2", acme.outputs("tooling")["account_id"])
    identifiers = eks(acme).describe_cluster(name=NAME)["cluster"]["resourcesVpcConfig"]["subnetIds"]
    subnets = ec2.describe_subnets(SubnetIds=identifiers)["Subnets"]
    assert len({subnet["AvailabilityZoneId"] for subnet in subnets}) == 2
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": identifiers}])
    ways = {
        key
        for table in tables["RouteTables"]
        for route in table["Routes"]
        for key in ("NatGatewayId", "EgressOnlyInternetGatewayId")
        if route.get(key)
    } | {
        route["GatewayId"]
        for table in tables["RouteTables"]
        for route in table["Routes"]
        if str(route.get("GatewayId", "local")).startswith("igw-")
    }
    assert ways == set()
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    reached = {endpoint["ServiceName"].removeprefix("com.amazonaws.eu-west-1.") for endpoint in endpoints}
    assert {"ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs", "s3", "sts"} <= reached


def test_the_deployment_roles_administer_the_cluster_and_the_creator_got_nothing_by_itself(acme: Workbench) -> None:
    client, account = eks(acme), acme.outputs("tooling")["account_id"]
    granted = {}
    for arn in client.list_access_entries(clusterName=NAME)["accessEntries"]:
        names = {"clusterName": NAME, "principalArn": arn}
        type_ = client.describe_access_entry(**names)["accessEntry"]["type"]
        policies = client.list_associated_access_policies(**names)["associatedAccessPolicies"]
        granted[arn.removeprefix(f"arn:aws:iam::{account}:role/")] = (
            type_,
            [policy["policyArn"] for policy in policies],
        )
    assert granted == {
        "OrganizationAccountAccessRole": ("STANDARD", [ADMINISTRATION]),
        "plinth/platform-deployer": ("STANDARD", [ADMINISTRATION]),
        "plinth/platform-reviewer": ("STANDARD", []),
        "plinth/tooling-cluster-nodes": (
            "EC2",
            ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy"],
        ),
    }


def test_no_other_account_has_a_cluster(acme: Workbench) -> None:
    accounts = acme.outputs("organization")["accounts"]
    found = {kind: acme.client("eks", account).list_clusters()["clusters"] for kind, account in accounts.items()}
    assert {kind: names for kind, names in found.items() if names} == {"tooling": [NAME]}


def test_a_second_preview_shows_no_change(acme: Workbench) -> None:
    again = json.loads(acme.plinth("preview", "tooling", "tooling-cluster", "--json").stdout)
    assert {stack: outcome["changes"] for stack, outcome in again["stacks"].items() if outcome["changes"]} == {}


def version(acme: Workbench) -> str:
    return str(eks(acme).describe_cluster(name=NAME)["cluster"]["version"])


def test_a_new_version_upgrades_the_cluster_in_place_as_the_preview_says(acme: Workbench) -> None:
    before = eks(acme).describe_cluster(name=NAME)["cluster"]
    acme.change_organization(tooling_cluster={"version": "1.36"})
    seen = json.loads(acme.plinth("preview", "tooling-cluster", "--json").stdout)
    assert seen["stacks"]["tooling-cluster"]["changes"] == {"update": 1}
    acme.plinth("up", "tooling-cluster", "--yes")
    after = eks(acme).describe_cluster(name=NAME)["cluster"]
    assert (before["version"], after["version"]) == ("1.35", "1.36")
    assert before["createdAt"] == after["createdAt"]


def test_the_version_before_is_announced_as_a_rollback_which_eks_does_once(acme: Workbench) -> None:
    acme.change_organization(tooling_cluster={"version": "1.35"})
    said = acme.plinth("up", "tooling-cluster", "--yes")
    assert "rolls the cluster back" in said.stdout + said.stderr
    assert version(acme) == "1.35"
    acme.change_organization(tooling_cluster={"version": "1.36"})
    acme.plinth("up", "tooling-cluster", "--yes")
    assert version(acme) == "1.36"


def recreate(acme: Workbench, version: str) -> None:
    """Replaces the cluster at EKS by one of another version, as no upgrade could."""
    client = eks(acme)
    cluster = client.describe_cluster(name=NAME)["cluster"]
    client.update_cluster_config(name=NAME, deletionProtection=False)
    client.delete_cluster(name=NAME)
    network = cluster["resourcesVpcConfig"]
    kept = ("name", "roleArn", "accessConfig", "computeConfig", "storageConfig", "encryptionConfig", "tags")
    client.create_cluster(
        **{member: cluster[member] for member in kept},
        version=version,
        bootstrapSelfManagedAddons=False,
        deletionProtection=True,
        logging=cluster["logging"],
        upgradePolicy=cluster["upgradePolicy"],
        kubernetesNetworkConfig=cluster["kubernetesNetworkConfig"],
        resourcesVpcConfig={
            "subnetIds": network["subnetIds"],
            "securityGroupIds": network["securityGroupIds"],
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
        },
    )


@pytest.mark.parametrize("command", [["preview", "--refresh"], ["up", "--yes"]], ids=["preview", "update"])
def test_two_minor_versions_at_once_are_refused_before_anything_changes(acme: Workbench, command: list[str]) -> None:
    if version(acme) != "1.34":
        recreate(acme, "1.34")
    refused = acme.plinth(*command, "tooling-cluster", check=False)
    assert refused.returncode == ExitCode.REFUSED
    said = refused.stdout + refused.stderr
    assert 'Kubernetes 1.34 -> 1.36: EKS changes one minor version at a time; set version: "1.35"' in said
    assert version(acme) == "1.34"
    assert acme.pending_operations() == {}


def test_the_next_version_repairs_and_upgrades_the_cluster(acme: Workbench) -> None:
    eks(acme).update_cluster_version(name=NAME, version="1.35")
    acme.plinth("up", "tooling-cluster", "--yes")
    assert version(acme) == "1.36"


def waiver(days: int) -> dict[str, str]:
    """Returns a waiver for the key of the cluster's stack whose last day is so many days ahead."""
    key = {"stack": "tooling-cluster", "resource": "aws:kms/key:Key::key", "requester": "platform@acme.example"}
    return {**key, "reason": "The cluster has been replaced.", "expires": str(date.today() + timedelta(days=days))}


@pytest.mark.parametrize(
    ("waivers", "why"),
    [([], "no waiver allows it"), ([waiver(-1)], "the waiver that platform@acme.example requested expired after")],
    ids=["without a waiver", "with one that has ended"],
)
def test_the_stack_is_not_destroyed_without_a_valid_waiver(acme: Workbench, waivers: list[Any], why: str) -> None:
    acme.change_organization(tooling_cluster=None, waivers=waivers)
    said = acme.plinth("destroy", "tooling-cluster", "--yes", check=False)
    assert said.returncode == ExitCode.REFUSED
    assert why in said.stdout + said.stderr
    assert eks(acme).list_clusters()["clusters"] == [NAME]


def test_without_the_setting_the_stack_is_removed_although_the_cluster_is_protected(acme: Workbench) -> None:
    with pytest.raises(ClientError, match="deletion protection"):
        eks(acme).delete_cluster(name=NAME)
    acme.change_organization(tooling_cluster=None, waivers=[waiver(7)])
    acme.plinth("destroy", "tooling-cluster", "--yes")
    assert eks(acme).list_clusters()["clusters"] == []
