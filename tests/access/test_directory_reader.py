"""People who write requests look up user names in the directory; nobody lists the people of the organization."""

from __future__ import annotations

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request
from tests.access.world.world import World, example_world

WRITERS = {("it-platform", "governance"), ("lead-data-scientist", "tooling")}
"""Personas that write requests, each with the account in which they do so."""
STORE = "identitystore/d-1234567890"


def reader_of(world: World) -> Principal:
    return world.roles[
        f"arn:aws:iam::{world.landing.management_account_id}:role/plinth/platform-directory-reader"
    ].principal


def allowed(world: World, principal: Principal, action: str, arn: str) -> bool:
    resource = world.resources.requested(arn, action, world.landing.management_account_id, {})
    return decide(Request(principal=principal, action=action, resource=resource)).allowed


@pytest.mark.requirement("GOV-10.a", level="permission")
def test_only_people_who_write_requests_enter_the_role_that_looks_up_user_names() -> None:
    world = example_world()
    reader = reader_of(world)
    places = {world.account(kind).id: kind for kind in ("governance", "tooling")}
    entering = {
        (group.persona, places.get(session.account.id, session.account.id))
        for group, sessions in world.people.items()
        for session in sessions
        if allowed(world, session, "sts:AssumeRole", reader.role_arn)
    }
    assert entering == WRITERS
    machines = {name: role.principal for name, role in world.roles.items() if role.principal.account != reader.account}
    assert [
        name for name, machine in machines.items() if allowed(world, machine, "sts:AssumeRole", reader.role_arn)
    ] == []


def test_the_role_finds_a_user_by_name_and_reads_nobody_else() -> None:
    world = example_world()
    reader = reader_of(world)
    account = world.landing.management_account_id
    assert allowed(world, reader, "identitystore:GetUserId", f"arn:aws:identitystore::{account}:{STORE}")
    assert allowed(world, reader, "sso:ListInstances", "*")
    for action in ("identitystore:ListUsers", "identitystore:DescribeUser", "identitystore:ListGroupMemberships"):
        assert not allowed(world, reader, action, f"arn:aws:identitystore::{account}:{STORE}")
