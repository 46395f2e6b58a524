"""The runner assumes every account's deployer role, for a named person. It assumes no other role, and only it may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Request, Resource
from tests.access.table import matrix
from tests.access.world.world import EXTERNAL_ACCOUNT, world_of
from tests.support.computed import REGION

RUNNER, DEPLOYER = "platform-runner", "platform-deployer"
ENTERING = ("sts:AssumeRole", "sts:SetSourceIdentity")
NAMED = {"sts:RoleSessionName": ["ada"], "sts:SourceIdentity": ["ada"]}
NAMELESS = {"sts:RoleSessionName": ["ada"]}
VARIANTS = tuple(matrix().variants)


def runner(world):
    (principal,) = world.roles_named(RUNNER)
    return principal


def may_assume(world, principal, role_arn, action="sts:AssumeRole", *, endpoint=None, keys=NAMED):
    resource = world.resources.requested(role_arn, "sts:AssumeRole", "", {})
    return decide(Request(principal=principal, action=action, resource=resource, endpoint=endpoint, extra=keys)).allowed


def sts_endpoints(world):
    """Returns the STS endpoints in the runner's network."""
    found = [way.endpoint for way in world.ways.through_the_network(runner(world).account, "sts:AssumeRole")]
    assert all(endpoint.policy for endpoint in found)
    return found


@pytest.mark.requirement("GOV-03", "PER-16.c")
@pytest.mark.parametrize("action", ENTERING)
@pytest.mark.parametrize("variant", VARIANTS)
def test_from_its_network_the_runner_assumes_the_deployer_of_every_account(variant, action):
    world = world_of(variant)
    deployers = world.roles_named(DEPLOYER)
    management = world.landing.management_account_id
    expected = {account.id for account in world.landing.accounts.values()} - {management}
    assert {deployer.account.id for deployer in deployers} == expected
    for deployer in deployers:
        assert any(
            may_assume(world, runner(world), deployer.role_arn, action, endpoint=endpoint)
            for endpoint in sts_endpoints(world)
        )


@pytest.mark.threat("T-05")
@pytest.mark.requirement("TOOL-06.c")
@pytest.mark.parametrize("variant", VARIANTS)
def test_without_a_source_identity_the_runner_assumes_no_deployer(variant):
    world = world_of(variant)
    for deployer in world.roles_named(DEPLOYER):
        assert not may_assume(world, runner(world), deployer.role_arn, keys=NAMELESS)


@pytest.mark.threat("T-05")
@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_runner_assumes_no_other_role(variant):
    world = world_of(variant)
    others = [arn for arn, role in world.roles.items() if role.principal.name != DEPLOYER]
    assert len(others) > len(world.roles_named(DEPLOYER))
    assert [arn for arn in others if may_assume(world, runner(world), arn)] == []


@pytest.mark.threat("T-05")
@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_runner_assumes_a_deployer(variant):
    world = world_of(variant)
    deployer = next(d for d in world.roles_named(DEPLOYER) if d.account == world.account("fraud-production"))
    others = [role.principal for role in world.roles.values() if role.principal.name != RUNNER]
    assert [principal.role_arn for principal in others if may_assume(world, principal, deployer.role_arn)] == []
    people = [session for sessions in world.people.values() for session in sessions]
    assert people
    assert [person.name for person in people if may_assume(world, person, deployer.role_arn)] == []


@pytest.mark.threat("T-05")
@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize("variant", VARIANTS)
def test_only_a_task_assumes_the_runner(variant):
    world = world_of(variant)
    role = world.roles[runner(world).role_arn]
    assert not role.admits_aws
    everybody = [role.principal for role in world.roles.values()]
    assert [principal.name for principal in everybody if may_assume(world, principal, runner(world).role_arn)] == []


def test_the_runner_does_not_assume_a_role_of_the_same_name_in_another_organization():
    """The role's trust policy would allow it."""
    world = world_of("large")
    (deployer, *_) = world.roles_named(DEPLOYER)
    external = replace(
        world.resources.requested(deployer.role_arn, "sts:AssumeRole", "", {}),
        arn=f"arn:aws:iam::{EXTERNAL_ACCOUNT.id}:role/plinth/{DEPLOYER}",
        account=EXTERNAL_ACCOUNT,
    )
    asked = Request(principal=runner(world), action="sts:AssumeRole", resource=external, extra=NAMED)
    assert not decide(asked).allowed
    assert decide(replace(asked, resource=replace(external, account=deployer.account, arn=deployer.role_arn))).allowed


@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("ec2:CreateSubnet", "arn:aws:ec2:{region}:{account}:subnet/*"),
        ("ec2:DescribeVpcs", "*"),
        ("iam:CreateRole", "arn:aws:iam::{account}:role/plinth/governance-mine"),
        ("iam:PassRole", "arn:aws:iam::{account}:role/plinth/platform-runner"),
        ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/plinth/platform-runner"),
        ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::{account}:role/plinth/platform-runner"),
        ("ecs:RunTask", "arn:aws:ecs:{region}:{account}:task-definition/mine"),
        ("logs:DeleteLogGroup", "arn:aws:logs:{region}:{account}:log-group:/plinth/platform-runner"),
        ("logs:GetLogEvents", "arn:aws:logs:{region}:{account}:log-group:/plinth/platform-runner:log-stream:s"),
        ("logs:PutLogEvents", "arn:aws:logs:{region}:{account}:log-group:/plinth/another:log-stream:s"),
        ("organizations:CreateAccount", "*"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:mine"),
        ("sts:GetFederationToken", "*"),
    ],
)
def test_the_runner_may_do_nothing_else(action, arn):
    assert not does(action, arn)


def test_the_runner_writes_its_log():
    assert does("logs:PutLogEvents", "arn:aws:logs:{region}:{account}:log-group:/plinth/platform-runner:log-stream:s")


def does(action, arn):
    world = world_of("large")
    account = runner(world).account
    resource = Resource(arn=arn.format(account=account.id, region=REGION), account=account)
    return decide(Request(principal=runner(world), action=action, resource=resource)).allowed
