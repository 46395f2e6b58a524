"""Which stacks a command runs, and what each of them waits for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from selfservice.operations.operation import Action
from selfservice.projects.project import Project
from selfservice.runner.session import RunOptions, graph_to_run
from tests.unit.selfservice.projects.test_project import project  # noqa: F401 (a fixture)

GRAPH = {"network": [], "fraud": ["network"], "fraud-preproduction": ["fraud"], "fraud-production": ["fraud"]}
OPTIONS = RunOptions(action=Action.PREVIEW, stacks=["network", "fraud-preproduction", "fraud-production"])


@pytest.fixture
def opened(project: Project) -> Project:  # noqa: F811
    return replace(project, graph=GRAPH, rehearsals={"fraud-production": "fraud-preproduction"})


def test_a_stack_waits_for_those_that_it_depends_on(opened: Project) -> None:
    graph = graph_to_run(opened, OPTIONS)
    assert {stack: list(needs) for stack, needs in graph.items()} == {
        "network": [],
        "fraud-preproduction": ["network"],
        "fraud-production": ["network", "fraud-preproduction"],
    }


def test_a_comparison_with_aws_waits_for_the_rehearsal_alone(opened: Project) -> None:
    graph = graph_to_run(opened, replace(OPTIONS, independent=True))
    assert {stack: list(needs) for stack, needs in graph.items()} == {
        "network": [],
        "fraud-preproduction": [],
        "fraud-production": ["fraud-preproduction"],
    }
