"""Builds in a network without a way to the internet install packages through CodeArtifact, and reach nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from executors.package_server import PACKAGE, index_of_machine
from plinth_sandbox.executors.image_root import are_possible
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws
from plinth_sandbox.waiting import eventually

ROLE = f"arn:aws:iam::{MANAGEMENT}:role/builder"
INDEX = (
    'PACKAGE_TOKEN="$(aws codeartifact get-authorization-token --domain acme '
    '--query authorizationToken --output text)"',
    f'export PIP_INDEX_URL="https://aws:$PACKAGE_TOKEN@acme-{MANAGEMENT}.d.codeartifact.$AWS_REGION.amazonaws.com'
    '/pypi/pypi/simple/"',
)
BASE = "base:1"
DOCKERFILE = f"""\
FROM {BASE}
ARG INDEX
RUN --mount=type=secret,id=pip_index_url \\
    pip install --retries 0 --index-url "${{INDEX:-$(cat /run/secrets/pip_index_url)}}" {PACKAGE}==1.0
RUN python -c "import {PACKAGE}; print('the image has', {PACKAGE}.ANSWER)"
"""
IMAGE_BUILD = f"""\
cat > dockerfile <<'EOF'
{DOCKERFILE}EOF
docker build --file dockerfile --tag image:1 --secret=id=pip_index_url,env=PIP_INDEX_URL"""
USED = f'python -c "import {PACKAGE}; print({PACKAGE}.__name__, {PACKAGE}.ANSWER)"'


class Site:
    """An account with a network and a package repository."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.codebuild, ec2 = aws.client("codebuild"), aws.client("ec2")
        self.packages = aws.client("codeartifact")
        (aws.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix, BASE: sys.prefix}))
        aws.role("builder", "codebuild")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="builds", Description="builds", VpcId=self.vpc)["GroupId"]
        self.network = {"vpcId": self.vpc, "subnets": [subnet], "securityGroupIds": [group]}
        self.packages.create_domain(domain="acme")
        self.packages.create_repository(domain="acme", repository="pypi")

    def build(self, name: str, *commands: str, privileged: bool = False) -> tuple[str, str]:
        """Builds in the network, and returns the status and the log."""
        buildspec = json.dumps({"version": 0.2, "phases": {"build": {"commands": commands}}})
        self.codebuild.create_project(
            name=name,
            source={"type": "NO_SOURCE", "buildspec": buildspec},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/1",
                "computeType": "BUILD_GENERAL1_SMALL",
                "privilegedMode": privileged,
            },
            serviceRole=ROLE,
            vpcConfig=self.network,
        )
        started = self.codebuild.start_build(projectName=name)["build"]["id"]

        def ended() -> dict[str, Any] | None:
            (found,) = self.codebuild.batch_get_builds(ids=[started])["builds"]
            return found if found["buildComplete"] else None

        build: dict[str, Any] = eventually(ended)
        named = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        events = self.aws.client("logs").get_log_events(**named)["events"]
        return str(build["buildStatus"]), "\n".join(event["message"] for event in events)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, index_of_machine(tmp_path_factory.mktemp("index")):
        # Most machines have no AWS CLI there, so builds use the sandbox's.
        patch.setenv("PATH", "/usr/bin:/bin")
        with EmulatedAws(tmp_path_factory.mktemp("aws")) as started:
            yield Site(started)


@pytest.fixture(scope="module")
def connected(site: Site) -> Site:
    """The account with a package repository that fetches from the index of the machine."""
    site.packages.associate_external_connection(domain="acme", repository="pypi", externalConnection="public:pypi")
    return site


def test_a_build_names_the_package_that_a_closed_repository_lacks(site: Site) -> None:
    status, log = site.build("lacking", *INDEX, "python -m pip install plinth-absent==2.0")
    assert status == "FAILED"
    assert "No matching distribution found for plinth-absent==2.0" in log


def test_the_command_line_of_aws_says_what_is_wrong(site: Site) -> None:
    status, log = site.build("denied", "aws codeartifact get-authorization-token --domain absent")
    assert (status, "Domain not found" in log) == ("FAILED", True)
    status, log = site.build("unknown", "aws codeartifact describe-domain --name acme")
    assert (status, "Unknown options: --name" in log) == ("FAILED", True)
    status, log = site.build(
        "known", 'test "$(aws codeartifact describe-domain --domain acme --query domain.status)" = \'"Active"\''
    )
    assert status == "SUCCEEDED", log


def test_a_build_installs_through_the_repository_and_the_image_stays_as_it_was(connected: Site) -> None:
    status, log = connected.build("installing", *INDEX, f"python -m pip install {PACKAGE}==1.0", USED)
    assert status == "SUCCEEDED", log
    assert f"{PACKAGE} 42" in log
    status, log = connected.build("later", USED)
    assert (status, f"No module named '{PACKAGE}'" in log) == ("FAILED", True)


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
def test_an_image_installs_through_the_repository_and_its_build_reaches_no_other_host(connected: Site) -> None:
    status, log = connected.build("image", *INDEX, f"{IMAGE_BUILD} .", privileged=True)
    assert (status, "the image has 42" in log) == ("SUCCEEDED", True), log
    elsewhere = f"{IMAGE_BUILD} --build-arg INDEX=https://pypi.org/simple/ ."
    status, log = connected.build("elsewhere", *INDEX, elsewhere, privileged=True)
    assert (status, f"No matching distribution found for {PACKAGE}==1.0" in log) == ("FAILED", True), log


def test_a_token_of_a_build_is_not_in_its_log(site: Site) -> None:
    _, log = site.build("quiet", *INDEX, "python -m pip install --verbose plinth-absent")
    assert "acme-" in log
    assert "eyJ" not in log


@pytest.mark.parametrize("url", ["https://pypi.org/simple/", "http://pypi.org/simple/"])
def test_a_build_reaches_no_other_host(site: Site, url: str) -> None:
    name = url.partition(":")[0]
    status, log = site.build(f"other-{name}", f"curl --silent --show-error --fail-with-body {url}")
    assert (status, "403" in log) == ("FAILED", True)
    status, log = site.build(f"pip-{name}", f"python -m pip install --retries 0 --index-url {url} {PACKAGE}")
    assert (status, f"No matching distribution found for {PACKAGE}" in log) == ("FAILED", True)


def test_a_build_reaches_s3_control_whose_addresses_name_the_account(site: Site) -> None:
    account = ROLE.split(":")[4]
    asked = f"import boto3; boto3.client('s3control').list_access_points(AccountId='{account}')"
    status, log = site.build("control", f'python -c "{asked}"')
    assert (status, "SignatureDoesNotMatch" in log) == ("SUCCEEDED", False), log


def test_a_build_has_no_index_of_this_machine(site: Site) -> None:
    """The machine of the test has one, in a variable."""
    configured = "$(python -m pip config get global.index-url 2>/dev/null)"
    status, log = site.build("bare", f'test -z "$PIP_INDEX_URL$PIP_EXTRA_INDEX_URL$UV_DEFAULT_INDEX{configured}"')
    assert status == "SUCCEEDED", log


def test_a_subnet_with_a_default_route_through_a_nat_gateway_is_open(site: Site) -> None:
    ec2, subnet = site.aws.client("ec2"), site.network["subnets"][0]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=site.vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    asks = 'test -z "$NO_PROXY$HTTP_PROXY"'
    assert site.build("open", asks)[0] == "SUCCEEDED"
    ec2.disassociate_route_table(AssociationId=association)
    assert site.build("closed", asks)[0] == "FAILED"
