"""One role pushes the image with which promotions and requests run, and none pushes the program that it contains."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request
from tests.access.world.world import World
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.support.variants import PACKAGES, PLATFORM_IMAGE, REQUESTS

BUILDER, STARTER, RUNNER = "platform-images", "platform-images-start", "platform-runner"
ADMINISTRATOR = "OrganizationAccountAccessRole"
"""Role with which the management account enters the account. It may do anything there."""
MAIN = {"codecommit:References": ["refs/heads/main"]}
PUSHES = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")
CHANGES = ("codecommit:GitPush", "codecommit:MergePullRequestBySquash", "codecommit:PutFile")
IMAGE, PROGRAM, PROJECT = (
    "ecr:{place}:repository/plinth",
    "codecommit:{place}:plinth-program",
    "codebuild:{place}:project/plinth-images",
)


@cache
def world() -> World:
    organization = example_organization(**PACKAGES, **PLATFORM_IMAGE, **REQUESTS)
    return World(Deployment(example_foundation(organization=organization, teams=[example_team()])))


def everybody() -> Iterator[Principal]:
    yield from (role.principal for role in world().roles.values())
    yield from (session for sessions in world().people.values() for session in sessions)


def who_may(action: str, resource: str, extra: dict[str, list[str]] | None = None) -> set[str]:
    """Returns the names of the roles and people that may do this to a resource of the tooling account, besides the
    administrator."""
    account = world().account("tooling").id
    arn = f"arn:aws:{resource.format(place=f'eu-west-1:{account}')}"
    asked = world().resources.requested(arn, action, account, {})
    return {
        principal.name
        for principal in everybody()
        if principal.name != ADMINISTRATOR
        and decide(Request(principal=principal, action=action, resource=asked, extra=extra or {})).allowed
    }


@pytest.mark.threat("T-13")
@pytest.mark.parametrize("action", PUSHES)
def test_only_builds_of_the_platforms_image_push_it(action: str) -> None:
    assert who_may(action, IMAGE) == {BUILDER}


@pytest.mark.threat("T-13")
@pytest.mark.parametrize("action", CHANGES)
def test_only_the_administrator_changes_the_program(action: str) -> None:
    assert who_may(action, PROGRAM, MAIN) == set()


def test_the_runner_of_requests_pulls_the_image_that_was_built() -> None:
    assert {BUILDER, RUNNER} <= who_may("ecr:BatchGetImage", IMAGE)


@pytest.mark.threat("T-13")
def test_only_eventbridge_starts_a_build_of_the_image_and_sets_its_tag_alone() -> None:
    names = "codebuild:environment.environmentVariables.name"
    assert who_may("codebuild:StartBuild", PROJECT, {names: ["TAG"]}) == {STARTER}
    assert who_may("codebuild:StartBuild", PROJECT, {names: ["TAG", "BASH_ENV"]}) == set()
    assert who_may("codebuild:StartBuild", PROJECT, {"codebuild:source.buildspec": ["version: 0.2"]}) == set()


@pytest.mark.threat("T-13")
def test_only_the_administrator_changes_the_commands_of_builds() -> None:
    assert who_may("codebuild:UpdateProject", PROJECT) == set()
