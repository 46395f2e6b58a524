"""The assessment of organizations whose stacks are deployed under mocks."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from selfservice.assessment.assessment import assess
from selfservice.assessment.capabilities import CAPABILITIES
from selfservice.assessment.text import as_json, as_text
from selfservice.cli.command import main
from tests.support.every_stack import example_deployment
from tests.unit.selfservice.removal.test_leftovers import project  # noqa: F401 (a fixture)

PHASES = ("initial", "repeatable", "reliable", "scalable")


@cache
def deployed():
    """The resources of each stack of the example, in which only ``fraud`` has a use case."""
    return {
        stack: [{"type": record.type} for record in recorder.records]
        for stack, recorder in example_deployment().items()
    }


def assessed(teams=("fraud",), without=()):
    states = {stack: resources for stack, resources in deployed().items() if stack not in without}
    return assess("acme", "scalable", teams, states)


def missing(found):
    return {next_step.capability.name: next_step.missing for next_step in found.next_steps}


@pytest.mark.requirement("ACC-07.a")
def test_a_team_with_a_promoted_use_case_completes_every_phase():
    found = assessed()
    assert missing(found) == {}
    assert (found.reached, [found.score(phase) for phase in PHASES]) == ("scalable", [100] * 4)
    assert "acme has completed the phase scalable" in as_text(found)


def test_what_a_team_lacks_lowers_the_score_and_is_the_next_step():
    found = assessed(teams=("fraud", "churn"))
    use_cases = "use case with repositories, builds and model registry"
    assert missing(found)[use_cases] == ("churn",)
    assert (found.reached, 80 < found.score("repeatable") < 100) == (None, True)  # nobody of churn has a Studio user
    assert f"{use_cases} (churn): plinth usecase create --team churn --name NAME" in as_text(found)


@pytest.mark.parametrize(
    ("stack", "reached"),
    [("organization", None), ("audit", None), ("data-catalog", "initial"), ("fraud-production", "repeatable")],
)
def test_a_missing_stack_ends_the_phases_that_are_complete(stack, reached):
    assert assessed(without=[stack]).reached == reached


def test_a_stack_without_its_components_counts_as_missing():
    states = {**deployed(), "audit": [{"type": "pulumi:pulumi:Stack"}]}
    assert "central log archive and trail" in missing(assess("acme", "scalable", ["fraud"], states))


def test_an_organization_without_teams_needs_one():
    steps = missing(assess("acme", "initial", [], {}))
    assert len(steps) == len(CAPABILITIES)
    assert "plinth up --team TEAM --with-needs" in as_text(assess("acme", "initial", [], {}))


def test_many_teams_are_counted_and_only_some_are_named():
    teams = [f"team-{number}" for number in range(8)]
    text = as_text(assess("acme", "scalable", teams, deployed()))
    assert "0/8" in text
    assert "team-4 and 3 more)" in text


def test_the_json_document_has_scores_and_next_steps():
    document = json.loads(as_json(assessed(without=["governance"])))
    assert (document["reached"], document["scores"]["scalable"]) == ("reliable", 0)
    catalog = next(capability for capability in document["capabilities"] if capability["name"] == "team catalog")
    assert (catalog["deployed"], catalog["needed"], catalog["next"]) == (0, 1, "plinth up governance --with-needs")


def test_the_command_reads_the_states_of_the_project(project, monkeypatch):  # noqa: F811
    monkeypatch.setattr("selfservice.assessment.deployed.require_engine", lambda _: None)
    ran = CliRunner().invoke(main, ["--cwd", str(project.directory), "assess"])
    assert ran.exit_code == 0, ran.output
    assert "has not completed the phase initial" in ran.output


def test_every_capability_names_components_that_stacks_of_its_kind_contain():
    """Otherwise it could never be complete."""
    assert assessed().score("initial") == 100
    kinds = {progress.capability.name: progress.is_complete for progress in assessed().found}
    assert all(kinds.values())


def test_the_guide_says_how_many_of_the_requirements_are_scored():
    docs = Path(__file__).parents[4] / "docs"
    every = set(re.findall(r"^\| ([A-Z]+-\d\d)(?:\.[a-z])? \|", (docs / "requirements.md").read_text(), re.MULTILINE))
    scored = {requirement for capability in CAPABILITIES for requirement in capability.requirements}
    assert scored < every
    assert f"that it serves, {len(scored)} of {len(every)}." in (docs / "guides" / "growing.md").read_text()


@pytest.mark.parametrize(
    "command",
    sorted({capability.next_step for capability in CAPABILITIES if capability.next_step.startswith("plinth ")}),
)
def test_every_command_that_is_recommended_is_accepted(command):
    words = command.replace("TEAM", "churn").replace("NAME", "claims").split()[1:]
    # A command keeps the names of its option for help from its first context.
    found, context = main, click.Context(main, **main.context_settings)
    while isinstance(found, click.Group):
        name, found, words = found.resolve_command(context, words)
        context = click.Context(found, parent=context, info_name=name)
    found.make_context(name, words, parent=context.parent)
