"""Builds of a generated project in a network without internet install through the package repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from executors.package_server import PACKAGE, WHEEL, index_of_machine
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws
from tests.templates.development import PROJECT, Development
from tests.templates.projects import commit, environment, git

NAME = PACKAGE.replace("_", "-")
VARIABLES = {"PACKAGE_DOMAIN": "acme", "PACKAGE_OWNER": MANAGEMENT, "PACKAGE_REPOSITORY": "pypi"}
HERE = {"domain": "acme", "repository": "pypi"}


class PrivateDevelopment(Development):
    """A project whose builds have a package repository and no other network."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        super().__init__(aws, folder)
        self.packages, ec2 = aws.client("codeartifact"), aws.client("ec2")
        self.packages.create_domain(domain=HERE["domain"])
        self.packages.create_repository(**HERE)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="builds", Description="builds", VpcId=vpc)["GroupId"]
        codebuild = aws.client("codebuild")
        (project,) = codebuild.batch_get_projects(names=[PROJECT])["projects"]
        variables = [{"name": name, "value": value} for name, value in VARIABLES.items()]
        codebuild.update_project(
            name=PROJECT,
            vpcConfig={"vpcId": vpc, "subnets": [subnet], "securityGroupIds": [group]},
            environment={**project["environment"], "environmentVariables": variables},
        )

    def log(self, build: dict[str, Any]) -> str:
        named = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        return "\n".join(event["message"] for event in self.aws.client("logs").get_log_events(**named)["events"])


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def development(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateDevelopment]:
    environment()  # from the index of this machine, before the sandbox gets one with a single package
    with index_of_machine(index), EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield PrivateDevelopment(server, tmp_path_factory.mktemp("project"))


@pytest.fixture
def clone(development: Development, tmp_path: Path) -> Path:
    """A clone of the project."""
    git(tmp_path, "clone", "--quiet", str(development.project), ".")
    return tmp_path


def require(clone: Path, requirement: str, content: bytes) -> None:
    """Commits a requirement that the image does not contain, whose file has this content."""
    with (clone / "requirements.txt").open("a") as lock:
        lock.write(f"{requirement} --hash=sha256:{hashlib.sha256(content).hexdigest()}\n")
    commit(clone)


def test_a_build_names_the_requirement_that_its_package_repository_lacks(
    development: PrivateDevelopment, clone: Path
) -> None:
    require(clone, "unheard-of==1.0", b"nothing")
    build = development.build(development.push(clone, "feature/lacking"))
    log = development.log(build)
    assert build["buildStatus"] == "FAILED"
    assert "No matching distribution found for unheard-of==1.0" in log
    assert {phase["phaseType"]: phase.get("phaseStatus") for phase in build["phases"]}["INSTALL"] == "FAILED", log


@pytest.mark.nightly
def test_a_build_installs_through_the_package_repository_and_registers_a_version(
    development: PrivateDevelopment, index: Path, clone: Path
) -> None:
    development.packages.associate_external_connection(**HERE, externalConnection="public:pypi")
    specification = (clone / "build_spec.yml").read_text()
    checked = "python project check"
    assert specification.count(checked) == 1
    # The checks have tests of their own.
    (clone / "build_spec.yml").write_text(specification.replace(checked, f"python -c 'import {PACKAGE}'"))
    require(clone, f"{NAME}==1.0", (index / NAME / WHEEL).read_bytes())
    build = development.build(development.push(clone, "main"))
    assert build["buildStatus"] == "SUCCEEDED", development.log(build)
    (version,) = development.versions()
    assert version["ModelApprovalStatus"] == "PendingManualApproval"
