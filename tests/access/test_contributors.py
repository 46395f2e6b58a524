"""Contributors of a use case: only they push to its repositories, from Studio or signed in to the tooling account."""

from __future__ import annotations

from functools import cache

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request
from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.access.world.people import PERSON
from tests.access.world.world import World
from tests.support.every_stack import Deployment, example_foundation, example_team

BRANCH = {"codecommit:References": ["refs/heads/feature/rates"]}
CASES = [((PERSON, "ben"), True), (("ben", f"{PERSON}m"), False)]
"""Contributors, and whether the person is one of them. The matrix of access has a use case that names none."""


@cache
def world(*contributors: str) -> World:
    named = UseCaseSettings(delivery=DeliverySettings(contributors=contributors))
    other = UseCaseSettings(delivery=DeliverySettings())
    team = example_team(use_cases={"scoring": named, "rates": other})
    return World(Deployment(example_foundation(teams=[team])))


def pushes(known: World, principal: Principal, use_case: str, action: str = "codecommit:GitPush") -> bool:
    account = known.account("tooling").id
    arn = f"arn:aws:codecommit:eu-west-1:{account}:fraud--{use_case}-build"
    resource = known.resources.requested(arn, action, account, {})
    return decide(Request(principal=principal, action=action, resource=resource, extra=BRANCH)).allowed


def signed_in(known: World) -> Principal:
    """Returns the session of a data scientist in the tooling account."""
    account = known.account("tooling")
    (found,) = (
        session
        for group, sessions in known.people.items()
        if (group.persona, group.team) == ("data-scientist", "fraud")
        for session in sessions
        if session.account == account
    )
    return found


@pytest.mark.parametrize(("contributors", "allowed"), CASES)
def test_only_contributors_who_sign_in_push_to_the_repositories_of_a_use_case(contributors, allowed) -> None:
    known = world(*contributors)
    person = signed_in(known)
    assert pushes(known, person, "scoring") is allowed
    assert pushes(known, person, "scoring", "codecommit:CreatePullRequest") is allowed
    assert pushes(known, person, "scoring", "codecommit:GitPull")
    assert pushes(known, person, "rates"), "contributors of another use case do not count"


@pytest.mark.parametrize(("contributors", "allowed"), CASES)
def test_only_contributors_get_the_role_that_pushes_from_studio(contributors, allowed) -> None:
    known = world(*contributors)
    account = known.account("tooling").id
    arn = f"arn:aws:iam::{account}:role/plinth/fraud--scoring-contributor"
    home = known.account("fraud-development")
    user = known.roles[f"arn:aws:iam::{home.id}:role/plinth/fraud-development-studio-{PERSON}"].principal
    resource = known.resources.requested(arn, "sts:AssumeRole", account, {})
    extra = {"aws:SourceIdentity": [PERSON]}
    assert decide(Request(principal=user, action="sts:AssumeRole", resource=resource, extra=extra)).allowed is allowed
