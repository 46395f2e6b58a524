"""The world contains everything that the stacks provision, and anything unknown is an error."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from iam_evaluator.errors import UnsupportedError
from tests.access.world.inventory import Inventory
from tests.access.world.landing import FULL_ACCESS, SERVICE_CONTROL, Landing
from tests.access.world.resources import ON_RESOURCES, READ_ELSEWHERE, Resources
from tests.access.world.roles import roles
from tests.access.world.world import example_world

WORLD = example_world


def inventory_with(type_, **changed):
    """Returns the example's inventory, with changed properties of the first resource of a type."""
    inventory = Inventory(WORLD().deployment)
    first, *others = inventory.all(type_)
    record = replace(
        first.record,
        inputs={**first.record.inputs, **changed},
        computed={**first.record.computed, **changed},
    )
    inventory._items[f"aws:{type_}"] = [replace(first, record=record), *others]
    return inventory


def test_every_policy_document_of_every_stack_is_read():
    world = WORLD()
    documents = {
        (item.record.type, name)
        for item in world.inventory
        for name, value in item.record.inputs.items()
        if isinstance(value, str) and '"Statement"' in value
    }
    assert documents
    assert documents <= READ_ELSEWHERE | ON_RESOURCES.keys()
    assert world.resources.made
    assert world.resources.catalog_policies


def test_every_account_has_the_control_policies_of_each_unit_above_it():
    world = WORLD()
    account = world.account("fraud-production")
    path = world.landing.path_to(account.id)
    assert path[0] == world.landing.root_id
    assert len(account.service_control) == len(path) == 5
    assert all(level[0] is FULL_ACCESS[SERVICE_CONTROL] for level in account.service_control)
    assert any(len(level) > 1 for level in account.service_control)
    assert account.path == "/".join([world.landing.organization_id, *path[:-1], ""])


def test_roles_of_the_stacks_have_a_boundary_and_the_organizations_role_has_none():
    made = {role.principal.name: role.principal for role in WORLD().roles.values()}
    assert made.pop("OrganizationAccountAccessRole").boundary is None
    assert all(principal.boundary for principal in made.values())
    assert all(principal.identity for principal in made.values())


@pytest.mark.parametrize(
    ("type_", "changed", "named"),
    [
        ("organizations/policyAttachment:PolicyAttachment", {"policyId": "p-gone"}, "policy p-gone"),
        ("organizations/policyAttachment:PolicyAttachment", {"targetId": "ou-gone"}, "target ou-gone"),
        ("organizations/account:Account", {"parentId": "ou-gone"}, "unit ou-gone"),
        ("organizations/policy:Policy", {"type": "NEW_POLICY"}, "policies of type NEW_POLICY"),
    ],
)
def test_an_organization_with_a_dangling_reference_is_an_error(type_, changed, named):
    with pytest.raises(UnsupportedError, match=named):
        Landing.of(inventory_with(type_, **changed))


@pytest.mark.parametrize(
    ("type_", "changed", "named"),
    [
        ("iam/role:Role", {"permissionsBoundary": "arn:aws:iam::1:policy/gone"}, "policy/gone"),
        ("iam/rolePolicy:RolePolicy", {"role": "gone"}, "role gone"),
    ],
)
def test_a_role_with_a_dangling_reference_is_an_error(type_, changed, named):
    with pytest.raises(UnsupportedError, match=named):
        roles(inventory_with(type_, **changed), WORLD().accounts)


@pytest.mark.parametrize(
    ("type_", "changed", "named"),
    [
        ("s3/bucketPolicy:BucketPolicy", {"bucket": "gone"}, "resource gone"),
        ("ec2/vpc:Vpc", {"policy": json.dumps({"Statement": []})}, "policy document policy of aws:ec2/vpc:Vpc"),
    ],
)
def test_a_policy_of_an_unknown_resource_is_an_error(type_, changed, named):
    with pytest.raises(UnsupportedError, match=named):
        Resources.of(inventory_with(type_, **changed), WORLD().accounts, WORLD().roles)


@pytest.mark.parametrize("arn", ["arn:aws:s3:::nobodys/data", "arn:aws:kms:eu-west-1:111111111111:key/nobodys"])
def test_a_request_for_an_unknown_bucket_or_key_is_an_error(arn):
    with pytest.raises(UnsupportedError, match="which no stack creates"):
        WORLD().resources.requested(arn, "s3:GetObject", "111111111111", {})


def test_an_unknown_actor_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UnsupportedError, match="fraud-development-pipeline"):
        WORLD().sessions("pilot", "fraud-development")
