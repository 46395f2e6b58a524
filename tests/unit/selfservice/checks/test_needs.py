import pytest

from selfservice.checks import needs
from selfservice.checks.needs import refuse_undeployed_needs, undeployed_needs
from selfservice.errors import RefusedError
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY

INCOMPLETE = {"type": "pulumi:pulumi:Stack", "urn": "urn:pulumi:stack::plinth::pulumi:pulumi:Stack::stack"}
RESOURCE = {**INCOMPLETE, "outputs": {"account_id": "111111111111"}}


@pytest.fixture
def missing(monkeypatch):
    """Returns the dependencies that are missing if stacks are ``deployed``, failed at first or are ``empty``."""
    project = open_project(REPOSITORY)

    def found(*stacks, deployed=(), failed=(), empty=()):
        states = {
            **{stack: [RESOURCE] for stack in deployed},
            **{stack: [INCOMPLETE] for stack in failed},
            **{stack: [] for stack in empty},
        }
        monkeypatch.setattr(needs, "existing_stacks", lambda _: frozenset(states))
        monkeypatch.setattr(needs, "resources_by_stack", lambda _, wanted: {stack: states[stack] for stack in wanted})
        return undeployed_needs(project, list(stacks))

    return found


def test_missing_needs_are_found_through_other_missing_ones_in_deployment_order(missing):
    found = missing("fraud-development", deployed=("organization",))
    assert list(found) == ["audit", "network", "identity", "fraud"]
    assert found["identity"] == ["fraud"]
    assert set(found["audit"]) == {"fraud-development", "network"}


def test_a_stack_that_was_destroyed_is_missing(missing):
    assert list(missing("identity", empty=("organization",))) == ["organization"]


@pytest.mark.requirement("GOV-08.b")
def test_a_stack_whose_first_deployment_failed_is_missing_so_that_the_same_command_resumes_it(missing):
    assert list(missing("audit", "identity", failed=("organization",))) == ["organization"]


def test_a_deployed_need_is_not_followed_further(missing):
    assert missing("fraud-development", deployed=("organization", "audit", "network", "fraud")) == {}


def test_selected_needs_are_not_missing_and_all_stacks_need_no_state(missing, monkeypatch):
    assert missing("organization", "identity", "fraud") == {}
    project = open_project(REPOSITORY)
    monkeypatch.setattr(needs, "existing_stacks", lambda _: pytest.fail("a state was read"))
    assert undeployed_needs(project, list(project.graph)) == {}


def test_the_refusal_names_what_is_missing_who_needs_it_and_the_option():
    refuse_undeployed_needs({})
    with pytest.raises(RefusedError) as refusal:
        refuse_undeployed_needs({"organization": ["identity"], "audit": ["a", "b", "c", "d", "e"]})
    assert str(refusal.value).splitlines()[1:] == [
        "  organization, which identity needs",
        "  audit, which a, b, c, 2 more need",
        "add --with-needs to deploy these too",
    ]
