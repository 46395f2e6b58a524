"""Providers in states enter accounts as the process does that works on the stack."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from pulumi import automation

from selfservice.engine.access.provider_roles import with_access
from selfservice.engine.access.state_access import StateAccess
from settings.types.aws.account_access import REVIEW, AccountAccess

ACCOUNT, MANAGEMENT = "111122223333", "999999999999"
OUTSIDE, POD = AccountAccess(), AccountAccess(person="ada")


def provider(account=ACCOUNT, access=OUTSIDE, **more):
    roles = json.dumps([{**access.assumed_role("fraud", account), **more}])
    values = {"allowedAccountIds": json.dumps([account]), "assumeRoles": roles}
    return {"urn": account, "type": "pulumi:providers:aws", "inputs": values, "outputs": dict(values)}


def manager():
    values = {"allowedAccountIds": json.dumps([MANAGEMENT])}
    return {"urn": MANAGEMENT, "type": "pulumi:providers:aws", "inputs": values, "outputs": dict(values)}


BUCKET = {"urn": "bucket", "type": "aws:s3/bucket:Bucket", "inputs": {"assumeRoles": "no role"}}


class Stack:
    """A stack whose engine keeps a state, and drops pending operations at an import, as Pulumi does."""

    name = "fraud"

    def __init__(self, *resources, pending=()):
        self.state, self.imports = {"resources": list(resources), "pending_operations": list(pending)}, 0

    def export_stack(self):
        return automation.Deployment(version=3, deployment=deepcopy(self.state))

    def import_stack(self, exported):
        self.state, self.imports = deepcopy(exported.deployment), self.imports + 1
        self.state["pending_operations"] = []


def roles(state):
    return [
        json.loads(resource["inputs"].get("assumeRoles") or "[]")
        for resource in state["resources"]
        if "provider" in resource["type"]
    ]


def test_a_pod_enters_as_the_deployer_for_its_person_and_leaves_the_state_as_it_was():
    stack, access = Stack(provider(), manager(), BUCKET), StateAccess(POD, print)
    before = deepcopy(stack.state)
    state = stack.export_stack()
    assert access.is_missing("fraud", state)
    access.enter(stack, state)
    assert roles(stack.state) == [[POD.assumed_role("fraud", ACCOUNT)], []]
    assert BUCKET in stack.state["resources"]
    assert not access.is_missing("fraud", stack.export_stack())
    access.leave(stack)
    assert stack.state == before


def test_a_command_outside_of_the_cluster_changes_only_the_roles_of_pods():
    """Other members of a role, which an older program registered, are no reason to write a state."""
    access = StateAccess(OUTSIDE, print)
    older = Stack(provider(duration="1h"), manager())
    assert not access.is_missing("fraud", older.export_stack())
    killed = Stack(provider(access=POD))
    assert access.is_missing("fraud", killed.export_stack())
    access.enter(killed, killed.export_stack())
    assert roles(killed.state) == [[OUTSIDE.assumed_role("fraud", ACCOUNT)]]
    access.leave(killed)
    assert killed.imports == 1


def test_a_pod_leaves_a_state_with_pending_operations_to_the_next_operation():
    stack = Stack(provider(access=POD), pending=[{"type": "creating"}])
    StateAccess(POD, print).leave(stack)
    assert (stack.imports, len(stack.state["pending_operations"])) == (0, 1)


def test_a_state_that_cannot_be_written_is_reported_and_hides_no_outcome():
    class Unreadable(Stack):
        def export_stack(self):
            raise automation.CommandError(automation.CommandResult("", "error: no space left", 255))

    said = []
    StateAccess(POD, said.append).leave(Unreadable())
    assert "no space left" in said[0]


def test_reviews_enter_the_management_account_too():
    state = with_access("fraud", {"resources": [provider(access=POD), manager()]}, REVIEW)
    assert roles(state) == [[REVIEW.assumed_role("fraud", account)] for account in (ACCOUNT, MANAGEMENT)]


@pytest.mark.parametrize("access", [OUTSIDE, POD, REVIEW])
def test_an_empty_state_stays_empty(access):
    assert with_access("fraud", {}, access) == {}
    assert not StateAccess(access, print).is_missing("fraud", automation.Deployment())
