"""A build starts the project of images and nothing else of it, with the roles and projects that the stack declares.

The emulator judges every call of both builds by the declared policies. An environment of this machine stands for the
base image.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.executors.image_root import are_possible
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws
from plinth_sandbox.waiting import eventually
from settings.organization.images.image_settings import ImageSettings
from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team

STACK = "fraud--scoring"
NAMES = ("build", "images")
ROLES = ("images", "integration")
BASE = f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training@sha256:{'0' * 64}"
IMAGES = f"aws codebuild start-build --project-name {STACK}-images"
COMMANDS = f"""\
version: 0.2
phases:
  build:
    commands:
      - commit=$CODEBUILD_RESOLVED_SOURCE_VERSION
      - variable() {{ printf '[{{"name":"%s","value":"%s","type":"PLAINTEXT"}}]' "$1" "$2"; }}
      - if {IMAGES} --buildspec-override 'version:0.2'; then exit 1; fi
      - if {IMAGES} --environment-variables-override "$(variable BASH_ENV /tmp/x)"; then exit 1; fi
      - {IMAGES} --source-version $commit --environment-variables-override "$(variable TAG $commit)"
"""


class Site:
    """The tooling account, as the stack of the use case declares it."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws, self.codebuild = aws, aws.client("codebuild")
        delivery = DeliverySettings(images=("train",))
        teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=delivery)})]
        organization = example_organization(images=ImageSettings(base=BASE))
        self.declared = Deployment(example_foundation(organization=organization, teams=teams))
        founded = aws.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.renamed = {
            self.declared["organization"].exports["organization_id"]: founded,
            self.declared["tooling"].exports["account_id"]: MANAGEMENT,
        }
        images = {"aws/codebuild/*": sys.prefix, BASE: sys.prefix}
        (aws.directory / "images.json").write_text(json.dumps(images))
        aws.client("ecr").create_repository(repositoryName="fraud/scoring/train", imageTagMutability="IMMUTABLE")
        aws.client("codecommit").create_repository(repositoryName=f"{STACK}-build")
        self._roles()
        for project in self.declared_as("aws:codebuild/project:Project"):
            if project["name"] in [f"{STACK}-{name}" for name in NAMES]:
                aws.client("logs").create_log_group(logGroupName=f"/aws/codebuild/{project['name']}")
                self.codebuild.create_project(
                    **{key: project[key] for key in ("name", "source", "artifacts", "environment", "serviceRole")}
                )

    def declared_as(self, kind: str, stack: str = STACK) -> list[dict[str, Any]]:
        """Returns the inputs of a stack's resources, with the identifiers of this emulator."""
        text = json.dumps([resource.inputs for resource in self.declared[stack].all(kind)])
        for declared, actual in self.renamed.items():
            text = text.replace(declared, actual)
        found: list[dict[str, Any]] = json.loads(text)
        return found

    def _roles(self) -> None:
        iam = self.aws.client("iam")
        name = self.declared["tooling"].exports["permissions_boundary_arn"].rpartition("/")[2]
        (boundary,) = (
            candidate for candidate in self.declared_as("aws:iam/policy:Policy", "tooling") if candidate["name"] == name
        )
        made = iam.create_policy(PolicyName=boundary["name"], Path=boundary["path"], PolicyDocument=boundary["policy"])
        names = [f"{STACK}-{suffix}" for suffix in ROLES]
        for role in self.declared_as("aws:iam/role:Role"):
            if role["name"] in names:
                iam.create_role(
                    RoleName=role["name"],
                    Path=role["path"],
                    AssumeRolePolicyDocument=role["assumeRolePolicy"],
                    PermissionsBoundary=made["Policy"]["Arn"],
                )
        for policy in self.declared_as("aws:iam/rolePolicy:RolePolicy"):
            if policy["role"] in names:
                iam.put_role_policy(RoleName=policy["role"], PolicyName="all", PolicyDocument=policy["policy"])

    def commit(self, **files: str) -> str:
        entries = [{"filePath": path.replace("__", "/"), "fileContent": text.encode()} for path, text in files.items()]
        made = self.aws.client("codecommit").create_commit(
            repositoryName=f"{STACK}-build", branchName="main", putFiles=entries
        )
        return str(made["commitId"])

    def ended(self, project: str) -> dict[str, Any]:
        """Returns the only build of a project when it has ended."""

        def look() -> dict[str, Any] | None:
            ids = self.codebuild.list_builds_for_project(projectName=f"{STACK}-{project}")["ids"]
            (found,) = self.codebuild.batch_get_builds(ids=ids)["builds"]
            return found if found["buildComplete"] else None

        found: dict[str, Any] = eventually(look)
        return found

    def log(self, build: dict[str, Any]) -> str:
        place = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        return "\n".join(event["message"] for event in self.aws.client("logs").get_log_events(**place)["events"])


@pytest.mark.nightly(everyday="tests/unit/components/delivery/test_image_program.py")
@pytest.mark.requirement("CI-05.a", "CI-05.b", level="run")
def test_a_build_starts_the_image_build_of_its_commit_which_pushes_and_cannot_replace_its_commands(
    tmp_path: Path,
) -> None:
    with EmulatedAws(tmp_path) as aws:
        site = Site(aws)
        dockerfile = "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN true\n"
        files = {"algorithms__training__train__dockerfile": dockerfile, "build_spec.yml": COMMANDS}
        commit = site.commit(**files)
        site.codebuild.start_build(projectName=f"{STACK}-build", sourceVersion=commit)
        build = site.ended("build")
        assert build["buildStatus"] == "SUCCEEDED", site.log(build)
        assert site.log(build).count("is not authorized to perform: codebuild:StartBuild") == 2
        images = site.ended("images")
        assert images["buildStatus"] == "SUCCEEDED", site.log(images)
        assert images["initiator"].startswith(f"{STACK}-integration/")
        assert ("writing image sha256:" if are_possible() else "stands in for") in site.log(images)
        (image,) = aws.client("ecr").describe_images(repositoryName="fraud/scoring/train")["imageDetails"]
        assert image["imageTags"] == [commit]
        assert f"fraud/scoring/train@{image['imageDigest']}" in site.log(images)
