"""The role for reviews may read the resources of stacks, and neither change them nor read data in them."""

from __future__ import annotations

from functools import cache

import pytest

from components.identity.deployer.authorization import is_read_only
from iam_evaluator.evaluation import decide
from iam_evaluator.request import Request
from tests.access.table import matrix
from tests.access.world.deployers import shared
from tests.access.world.reviewers import Reviewers
from tests.access.world.world import world_of
from tests.support.every_stack import (
    DELIVERED,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)

REVIEWER, RUNNER = "platform-reviewer", "platform-review-runner"
STATES = "acme-states"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/states"
API = "aws:apigateway/"


@cache
def reviewers() -> Reviewers:
    organization = example_organization(reviews={"state_bucket": STATES, "state_keys": [KEY]})
    return Reviewers(
        example_foundation(
            organization=organization,
            teams=[example_team(use_cases=DELIVERED)],
            feature_groups=[example_feature_group(shared_with={"fraud": ["development"]})],
        )
    )


@pytest.mark.threat("T-15")
def test_a_review_may_read_the_resources_of_stacks():
    known = reviewers()
    items = [item for item in known.items if not item.record.type.startswith(API)]
    assert len(items) > 300
    assert [refusal for item in items for refusal in known.refusals(item, known.reads(item))] == []


@pytest.mark.threat("T-15")
def test_a_review_may_neither_change_the_resources_of_stacks_nor_read_data_in_them():
    known, allowed = reviewers(), []
    for item in known.items:
        changes = known.changes(item)
        refused = {refusal.partition(": ")[2].partition(" on ")[0] for refusal in known.refusals(item, changes)}
        allowed += [(item.label, action) for action in changes if action not in refused]
    assert allowed == []


def test_the_calls_that_read_the_management_account_are_known():
    assert reviewers().types_of_the_management_account == set()


def may_assume(world, principal, role_arn):
    resource = world.resources.requested(role_arn, "sts:AssumeRole", "", {})
    return decide(Request(principal=principal, action="sts:AssumeRole", resource=resource)).allowed


@pytest.mark.threat("T-15")
@pytest.mark.parametrize("variant", matrix().variants)
def test_a_review_enters_every_account_as_reviewer_and_with_no_other_role(variant):
    world = world_of(variant)
    (runner,) = world.roles_named(RUNNER)
    entered = {arn for arn in world.roles if may_assume(world, runner, arn)}
    assert entered == {role.role_arn for role in world.roles_named(REVIEWER)}
    assert {arn.split(":")[4] for arn in entered} == {account.id for account in world.landing.accounts.values()}


@pytest.mark.parametrize("variant", matrix().variants)
def test_nobody_else_enters_an_account_as_reviewer(variant):
    world = world_of(variant)
    others = [role.principal for role in world.roles.values() if role.principal.name != RUNNER]
    others += [session for sessions in world.people.values() for session in sessions]
    reviewer = next(
        principal for principal in world.roles_named(REVIEWER) if principal.account == world.account("fraud-production")
    )
    assert [principal.name for principal in others if may_assume(world, principal, reviewer.role_arn)] == []


@pytest.mark.parametrize(
    ("action", "arn", "is_allowed"),
    [
        ("s3:GetObject", f"arn:aws:s3:::{STATES}/.pulumi/stacks/plinth/fraud.json", True),
        ("s3:ListBucket", f"arn:aws:s3:::{STATES}", True),
        ("kms:Decrypt", KEY, True),
        ("s3:GetObject", f"arn:aws:s3:::{STATES}/other", False),
        ("s3:PutObject", f"arn:aws:s3:::{STATES}/.pulumi/stacks/plinth/fraud.json", False),
        ("s3:DeleteObject", f"arn:aws:s3:::{STATES}/.pulumi/locks/fraud", False),
        ("s3:GetObject", "arn:aws:s3:::lake/data", False),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/other", False),
        ("kms:Encrypt", KEY, False),
        ("ec2:DescribeVpcs", "*", False),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/plinth/platform-runner", False),
    ],
)
@pytest.mark.threat("T-08", "T-15")
def test_outside_accounts_a_review_reads_states_alone(action, arn, is_allowed):
    world = reviewers().world
    (runner,) = world.roles_named(RUNNER)
    owner = world.accounts[world.landing.management_account_id]
    resource = shared(arn, owner, with_=runner.account)
    asked = Request(principal=runner, action=action, resource=resource)
    assert decide(asked).allowed is is_allowed
    assert is_read_only(action) or action == "kms:Decrypt" or not is_allowed
