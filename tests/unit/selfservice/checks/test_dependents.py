from pathlib import Path

import pytest

from selfservice.checks import dependents
from selfservice.checks.dependents import deployed_dependents, refuse_needed, sharing_stacks
from selfservice.errors import RefusedError
from selfservice.projects.project import Project
from settings.derived.stack_graph import stacks_in

GRAPH = {
    stack.name: [need.name for need in needs]
    for stack, needs in stacks_in(
        "scalable", ["churn", "fraud"], datasets={"cards": ["fraud"]}, feature_groups={"activity": ["churn", "fraud"]}
    ).items()
}
PROJECT = Project(
    directory=Path(),
    program_directory=Path(),
    graph=GRAPH,
    organization="acme",
    management_account_id=None,
    home_region="eu-west-1",
    rehearsals={},
    account_of={},
    relaxed_rules=(),
    studio_users={},
    delivery_people={},
)


@pytest.fixture(autouse=True)
def deployed(monkeypatch):
    """The stacks that hold resources: all, until a test removes some."""
    held = set(GRAPH)

    def resources(_, stacks):
        return {stack: ["one"] if stack in held else [] for stack in stacks}

    monkeypatch.setattr(dependents, "resources_by_stack", resources)
    return held


def test_the_dependents_of_an_environment_are_all_that_cannot_stand_without_it():
    assert list(deployed_dependents(PROJECT, ["fraud-development"])) == ["fraud-development-studio", "fraud-data"]


def test_a_dependent_that_is_not_deployed_is_no_obstacle(deployed):
    deployed -= {"fraud-data"}
    assert list(deployed_dependents(PROJECT, ["fraud-development"])) == ["fraud-development-studio"]


def test_published_data_does_not_keep_a_team_that_reads_it_and_is_named_as_sharing():
    team = [stack for stack in GRAPH if stack.startswith("fraud")]
    assert deployed_dependents(PROJECT, team) == {}
    assert sharing_stacks(PROJECT, team) == ["features--activity", "data-lake--cards"]


def test_published_data_stands_on_the_lake():
    found = deployed_dependents(PROJECT, ["data-lake"])
    assert "data-lake" in found["data-lake--cards"]


def test_a_refusal_names_every_dependent_and_the_option_that_includes_it():
    with pytest.raises(RefusedError, match=r"fraud-data needs fraud-development\nadd --with-dependents"):
        refuse_needed({"fraud-data": ["fraud-development"]})
    refuse_needed({})
