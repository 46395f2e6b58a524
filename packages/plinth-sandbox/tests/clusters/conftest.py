import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clusters.api import eventually
from clusters.site_of_clusters import REPOSITORY, Cluster, Site, pushed
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.executors.images import name_environment
from plinth_sandbox.kubernetes import provision
from plinth_sandbox.kubernetes.control_plane import ControlPlane
from plinth_sandbox.kubernetes.node import programs
from plinth_sandbox.kubernetes.node.programs import NodePrograms
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings
from plinth_sandbox.testing import REGION, EmulatedAws


@pytest.fixture(scope="session")
def program() -> Path:
    """Returns the program of the control plane, which `make test-all` has built before. Building takes minutes."""
    try:
        return provision.provide()
    except SetUpError as error:
        pytest.skip(f"no control plane: {error.cause}")


@pytest.fixture(scope="session")
def node_programs() -> NodePrograms:
    """Returns the programs of a node, which `make test-all` has provided before, if this machine can run pods."""
    try:
        return programs.provide()
    except SetUpError as error:
        pytest.skip(error.cause)


@pytest.fixture(scope="module")
def control_plane(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    running = ControlPlane(tmp_path_factory.mktemp("control-plane"), program, ControlPlaneSettings())
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def auto_mode_aws(
    program: Path, node_programs: NodePrograms, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmulatedAws]:
    directory = tmp_path_factory.mktemp("sandbox") / "aws"
    directory.mkdir()
    with EmulatedAws(directory, kubernetes=program, nodes=True) as server:
        yield server


@pytest.fixture(scope="module")
def cluster(auto_mode_aws: EmulatedAws) -> Cluster:
    """Returns a cluster in Auto Mode, whose node is ready."""
    aws = auto_mode_aws
    account = aws.new_account("tooling")
    ec2, iam = aws.client("ec2", account), aws.client("iam", account)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    role = aws.role("cluster", "eks", account)
    actions = ["sts:AssumeRole", "sts:TagSession"]
    statement = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": actions}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.update_assume_role_policy(RoleName="cluster", PolicyDocument=trust)
    site = Site(aws, account, {})
    site.eks.create_cluster(
        name="main",
        version="1.35",
        roleArn=role,
        resourcesVpcConfig={"subnetIds": [subnet["SubnetId"] for subnet in subnets]},
        accessConfig={"authenticationMode": "API"},
        bootstrapSelfManagedAddons=False,
        computeConfig={
            "enabled": True,
            "nodePools": ["general-purpose"],
            "nodeRoleArn": aws.role("node", "ec2", account),
        },
        kubernetesNetworkConfig={"elasticLoadBalancing": {"enabled": True}},
        storageConfig={"blockStorage": {"enabled": True}},
    )
    site.active()
    aws.client("ecr", account).create_repository(repositoryName=REPOSITORY)
    name_environment(aws.directory / "images.json", f"*/{REPOSITORY}:*", Path(sys.prefix))
    made = Cluster(site)
    eventually(lambda: made.ask("/api/v1/namespaces/default/serviceaccounts/default"))
    return made


@pytest.fixture(scope="module")
def image(cluster: Cluster) -> str:
    """Pushes the environment of the tests, and returns the name of the image with its digest."""
    return f"{cluster.image}@{pushed(cluster, f'{cluster.image}:1')}"
