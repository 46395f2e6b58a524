"""A program that creates a cluster of EKS and objects in it, in one update with both plugins."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest
from pulumi import automation

from plinth_sandbox.testing import REGION, EmulatedAws
from pulumi_homes import install_home

pytestmark = pytest.mark.nightly

SERVICE = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [SERVICE]}


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with EmulatedAws(tmp_path_factory.mktemp("aws"), kubernetes=program) as running:
        yield running


@pytest.fixture
def account(server: EmulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns an account as whose administrator the engine and its plugins act."""
    install_home(tmp_path, monkeypatch)
    made = server.new_account("tooling")
    values = {name.upper(): value for name, value in server.credentials(made).items()} | {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_REGION": REGION,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return made


def kubeconfig(name: str, endpoint: str, authority: str) -> str:
    command = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": str(Path(sys.prefix) / "bin" / "aws"),
        "args": ["eks", "get-token", "--cluster-name", name, "--region", REGION],
    }
    return json.dumps(
        {
            "clusters": [{"name": name, "cluster": {"server": endpoint, "certificate-authority-data": authority}}],
            "users": [{"name": name, "user": {"exec": command}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def program_of_the_test() -> None:
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.1.0.0/16")
    subnets = [
        aws.ec2.Subnet(f"subnet-{zone}", vpc_id=vpc.id, cidr_block=block, availability_zone=f"{REGION}{zone}")
        for zone, block in (("a", "10.1.0.0/24"), ("b", "10.1.1.0/24"))
    ]
    cluster = aws.eks.Cluster(
        "cluster",
        name="platform",
        version="1.35",
        role_arn=aws.iam.Role("role", assume_role_policy=json.dumps(TRUST)).arn,
        vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=[subnet.id for subnet in subnets]),
        access_config=aws.eks.ClusterAccessConfigArgs(
            authentication_mode="API", bootstrap_cluster_creator_admin_permissions=True
        ),
    )
    config = pulumi.Output.all(cluster.name, cluster.endpoint, cluster.certificate_authority.data)
    provider = kubernetes.Provider("inside", kubeconfig=config.apply(lambda known: kubeconfig(*known)))
    namespace = kubernetes.core.v1.Namespace(
        "team",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name="team"),
        opts=pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export("phase", namespace.status.phase)


def test_a_cluster_and_its_objects_are_created_and_destroyed_together(server: EmulatedAws, account: str) -> None:
    stack = automation.create_stack("dev", "platform", program_of_the_test)
    # The kubeconfig is not known before the cluster exists.
    assert {str(name): count for name, count in stack.preview().change_summary.items()} == {"create": 8}
    assert stack.up().outputs["phase"].value == "Active"
    assert {str(name): count for name, count in stack.preview().change_summary.items()} == {"same": 8}
    stack.destroy()
    assert server.client("eks", account).list_clusters()["clusters"] == []
