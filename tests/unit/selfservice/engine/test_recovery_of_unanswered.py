"""How operations without an answer enter the state. The engine is a stack that keeps what it is given."""

from copy import deepcopy

import pytest
from pulumi import automation

from selfservice.engine.recovery import recover, with_unanswered
from selfservice.engine.unanswered_operations import UnansweredOperations
from tests.unit.selfservice.engine.test_recovery import PROVIDER, pending
from tests.unit.selfservice.engine.test_unanswered_operations import begins

STACK = {"urn": "urn:pulumi:fraud::plinth::pulumi:pulumi:Stack::plinth-fraud", "type": "pulumi:pulumi:Stack"}
KEY = {"urn": "urn:pulumi:fraud::plinth::aws:kms/key:Key::key", "type": "aws:kms/key:Key", "custom": True, "id": "k"}
BUCKET = pending("aws:s3/bucket:Bucket", "b", {"bucket": "acme-b"})
URN = BUCKET["resource"]["urn"]
CREATION = {**BUCKET, "replaces": False}
KNOWN = {**BUCKET["resource"], "id": "acme-b"}
AWS_PROVIDER = {**PROVIDER, "custom": True}


def pending_after(*operations, resources=(), already=()):
    state = {"resources": [AWS_PROVIDER, *resources], "pending_operations": list(already)}
    return with_unanswered(state, operations)["pending_operations"]


def test_an_unanswered_creation_is_pending_and_depends_on_what_was_there():
    (operation,) = pending_after(CREATION, resources=[KEY, {**KEY, "urn": "urn:replaced", "delete": True}])
    assert (operation["type"], operation["resource"]["inputs"]) == ("creating", {"bucket": "acme-b"})
    assert operation["resource"]["dependencies"] == [PROVIDER["urn"], KEY["urn"]]


def test_a_creation_that_the_state_contains_or_lists_is_not_pending_twice():
    assert pending_after(CREATION, resources=[KNOWN]) == []
    assert pending_after(CREATION, already=[BUCKET]) == [BUCKET]


@pytest.mark.parametrize("flag", ["delete", "pendingReplacement"])
def test_a_replaced_resource_is_not_the_created_one(flag):
    assert [operation["type"] for operation in pending_after(CREATION, resources=[{**KNOWN, flag: True}])] == [
        "creating"
    ]


def test_a_replacement_is_pending_beside_the_resource_that_it_replaces():
    replacement = {**CREATION, "replaces": True}
    (operation,) = pending_after(replacement, resources=[KEY, KNOWN, {**KEY, "urn": "urn:later"}])
    assert operation["resource"]["dependencies"] == [PROVIDER["urn"], KEY["urn"]]


def test_nothing_is_pending_in_a_stack_that_was_destroyed_since():
    assert with_unanswered({"resources": []}, [CREATION])["pending_operations"] == []


def test_updates_and_deletions_are_pending_whatever_the_state_contains():
    for type_ in ("updating", "deleting"):
        (operation,) = pending_after({"type": type_, "resource": {"urn": URN, "type": "t"}}, resources=[KNOWN])
        assert operation["type"] == type_


class KeptState:
    """A stack in AWS, where the ``missing`` resources (ids) do not exist: a refresh drops them."""

    name = "fraud"

    def __init__(self, *resources, missing=()):
        self.state, self.missing, self.refreshed = {"resources": [STACK, AWS_PROVIDER, *resources]}, missing, []

    def export_stack(self):
        return automation.Deployment(version=3, deployment=deepcopy(self.state))

    def import_stack(self, exported):
        assert "pending_operations" not in exported.deployment
        self.state = exported.deployment

    def refresh(self, target, **_):
        self.refreshed.extend(target)
        self.state["resources"] = [
            resource for resource in self.state["resources"] if resource.get("id") not in self.missing
        ]

    def ids(self):
        return {resource["id"] for resource in self.state["resources"] if "id" in resource}


@pytest.fixture
def unanswered(tmp_path):
    """The creations of two buckets and an update without an answer."""
    found = UnansweredOperations(tmp_path / "locks" / "fraud")
    for name in ("b", "missing"):
        resource = pending("aws:s3/bucket:Bucket", name, {"bucket": f"acme-{name}"})["resource"]
        found(begins("create", urn=resource["urn"], inputs=resource["inputs"]))
    found(begins("update", urn=KEY["urn"], type_=KEY["type"]))
    return found


def look(stack, unanswered, tmp_path, **options):
    said = []
    recover(stack, tmp_path / "locks" / "fraud", said.append, unanswered, **options)
    return said


def test_a_first_look_takes_over_what_exists_and_leaves_the_rest_to_the_next_operation(unanswered, tmp_path):
    stack = KeptState(KEY, missing=["acme-missing"])
    assert look(stack, unanswered, tmp_path, is_first_look=True) == [
        "b had been created before the interruption: taken over as acme-b"
    ]
    assert stack.ids() == {"42", "k", "acme-b"}
    assert [operation["resource"]["urn"].rpartition("::")[2] for operation in unanswered.read()] == ["missing", "key"]


def test_the_next_operation_resolves_everything(unanswered, tmp_path):
    stack = KeptState(KEY, missing=["acme-missing"])
    look(stack, unanswered, tmp_path, is_first_look=True)
    stack.missing = []  # AWS has performed the last call of the plugin by now
    stack.refreshed.clear()
    assert look(stack, unanswered, tmp_path) == [
        "missing had been created before the interruption: taken over as acme-missing"
    ]
    assert stack.ids() == {"42", "k", "acme-b", "acme-missing"}
    assert KEY["urn"] in stack.refreshed
    assert unanswered.read() == []


def test_a_recovery_that_fails_forgets_nothing(unanswered, tmp_path):
    class Unreadable(KeptState):
        def import_stack(self, exported):
            raise automation.CommandError(automation.CommandResult("", "error: no space left", 255))

    before = unanswered.read()
    with pytest.raises(automation.CommandError):
        look(Unreadable(KEY), unanswered, tmp_path)
    assert unanswered.read() == before
