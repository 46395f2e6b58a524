"""Tests of the effect of image settings on the projects, the roles and the promotion of a use case."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from settings.organization.images.image_settings import ImageSettings
from settings.organization.images.vulnerability_waiver import VulnerabilityWaiver
from tests.support.documents import statements
from tests.support.every_stack import (
    DELIVERED,
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

STACK = "fraud--scoring"
PROJECT = "aws:codebuild/project:Project"
OWN = "222222222222"
BASE = f"{OWN}.dkr.ecr.eu-west-1.amazonaws.com/base/python:3@sha256:{'0' * 64}"
BUILD = f"{OWN}.dkr.ecr.eu-west-1.amazonaws.com/base/build@sha256:{'1' * 64}"


def waiver(use_case: str) -> VulnerabilityWaiver:
    return VulnerabilityWaiver(
        finding="CVE-2026-12345",
        use_case=use_case,
        reason="The vulnerable function is never called.",
        requester="security@acme.example",
        expires="2030-01-31",
    )


@cache
def deployed():
    images = ImageSettings(
        base=BASE, build_image=BUILD, refused_severity="HIGH", waivers=(waiver("fraud/scoring"), waiver("fraud/other"))
    )
    organization = example_organization(images=images)
    teams = [example_team(use_cases=DELIVERED)]
    return Deployment(example_foundation(organization=organization, teams=teams))[STACK]


def environment(name: str) -> dict[str, Any]:
    (found,) = [project for project in deployed().all(PROJECT) if project.inputs["name"] == f"{STACK}-{name}"]
    return found.inputs["environment"]


def variables(name: str) -> dict[str, str]:
    return {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in environment(name)["environmentVariables"]
    }


def policy(role: str) -> dict[str, Any]:
    (found,) = [
        role_policy
        for role_policy in deployed().all("aws:iam/rolePolicy:RolePolicy")
        if role_policy.inputs["role"] == f"{STACK}-{role}"
    ]
    return statements(found)


def test_images_start_from_the_base_image_of_the_organization_whose_registry_is_admitted():
    assert variables("images")["BASE_IMAGE"] == BASE
    assert OWN in variables("images")["BASE_ACCOUNTS"].split(",")
    pulled = policy("images")["PullImagesOfTheOrganization"]
    assert set(pulled["Condition"]["StringEquals"]) == {"aws:ResourceOrgID"}
    assert pulled["Resource"] == [f"arn:aws:ecr:eu-west-1:{OWN}:repository/base/{name}" for name in ("python", "build")]


def test_builds_run_in_the_image_of_the_settings_and_pull_it_with_their_role():
    for name in ("build", "images"):
        assert environment(name)["image"] == BUILD
        assert environment(name)["imagePullCredentialsType"] == "SERVICE_ROLE"
    statement = policy("integration")["PullTheImageOfBuilds"]
    assert statement["Resource"] == f"arn:aws:ecr:eu-west-1:{OWN}:repository/base/build"


def test_a_build_in_an_image_that_codebuild_provides_needs_no_permission_to_pull_it():
    found = [
        project for project in example_deployment()[STACK].all(PROJECT) if project.inputs["name"] == f"{STACK}-build"
    ]
    assert found[0].inputs["environment"]["image"].startswith("aws/codebuild/")
    assert "imagePullCredentialsType" not in found[0].inputs["environment"]


def test_a_promotion_knows_the_refused_severity_and_the_waivers_of_its_use_case():
    rules = json.loads(variables("promotion")["SCAN_RULES"])
    assert rules["refused"] == "HIGH"
    assert rules["waivers"] == [
        {
            "finding": "CVE-2026-12345",
            "reason": "The vulnerable function is never called.",
            "requester": "security@acme.example",
            "expires": "2030-01-31",
        }
    ]
    document = policy("promotion")["ReadScansOfImages"]
    assert document["Action"] == "ecr:DescribeImageScanFindings"
    assert document["Resource"].endswith(":repository/fraud/scoring/*")
    assert "images" not in json.loads(json.loads(variables("promotion")["FOUNDATION"])["organization"])
