import json
from dataclasses import dataclass, field

import pytest

from selfservice.checks.immutable_settings import changed_immutable_fields
from selfservice.operations.operation import Action, Operation
from tests.support.workbench import REPOSITORY

DEPLOYED = {"owner": "o@acme.example", "cost_centre": "4711", "cidr": "10.1.0.0/19", "monthly_budget_usd": 5000}


@dataclass
class Value:
    value: str
    secret: bool = False


@dataclass
class Update:
    config: dict = field(default_factory=dict)
    kind: str = "update"


class Stack:
    """A stack that was deployed with these settings of its team."""

    def __init__(self, *updates):
        self._updates = updates

    def history(self, **_):
        return self._updates


def deployed(**changes):
    return Stack(Update({"plinth:team": Value(json.dumps({**DEPLOYED, **changes}))}))


@pytest.fixture
def notified():
    return []


@pytest.fixture
def judge(tmp_path, notified):
    operation = Operation(
        action=Action.UP,
        stack="fraud",
        project_directory=REPOSITORY,
        lock_path=tmp_path / "fraud",
        fingerprints=tmp_path / "fingerprints",
    )
    return lambda stack: [problem.message for problem in changed_immutable_fields(stack, operation, notified.append)]


def test_a_changed_immutable_field_is_reported_with_both_values(judge, notified):
    (message,) = judge(deployed(cidr="10.9.0.0/19"))
    assert "10.9.0.0/19 -> 10.1.0.0/19" in message
    assert notified == []


def test_a_change_of_a_mutable_field_is_allowed(judge):
    assert judge(deployed(monthly_budget_usd=1)) == []


@pytest.mark.parametrize("stack", [Stack(), Stack(Update({"plinth:team": Value("{}")}, kind="destroy"))])
def test_immutable_fields_can_change_if_the_stack_is_not_deployed(judge, notified, stack):
    assert judge(stack) == []
    assert notified == []


def test_deployed_settings_that_this_version_cannot_read_are_reported_as_not_compared(judge, notified):
    assert judge(deployed(cidr="10.9.0.0/19", colour="blue")) == []
    (warning,) = notified
    assert "plinth:team as last deployed is no longer valid" in warning
