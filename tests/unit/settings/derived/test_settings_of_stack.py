"""Tests of the settings that the program of each stack can read, and that a program that reads more is noticed."""

from __future__ import annotations

import pytest

from settings.data.intake import FreshFeatures, Intake
from settings.derived.settings_of_stack import reach_of
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from settings.team.use_case import UseCaseSettings
from tests.support.every_stack import (
    MADE,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.settings_reach import assert_in_reach
from tests.support.traced_recordings import TracedFoundation

FRAUD, CHURN = example_team(), example_team("churn", "10.1.32.0/19")
CARDS = MADE.model_copy(update={"shared_with": {"fraud": ("development",)}, "pushed_to": {}})
GROUP = example_feature_group(written_by={"fraud": ["production"]}, shared_with={})
GIVEN = {"teams": [FRAUD, CHURN], "datasets": [CARDS], "feature_groups": [GROUP]}
FOUNDATION = example_foundation(**GIVEN)


def reach(stack, foundation=FOUNDATION):
    return reach_of(StackIdentity.parse(stack), foundation)


def environments(team):
    return {
        f"Pulumi.{team}-{environment}.yaml"
        for environment in ("experimentation", "development", "preproduction", "production")
    }


@pytest.mark.parametrize("stack", ["fraud", "fraud-data", "fraud-development", "fraud-experimentation-studio"])
def test_stacks_of_a_team_read_its_files_and_those_of_its_datasets(stack):
    assert reach(stack).files == {"Pulumi.fraud.yaml", f"Pulumi.{CARDS.stack}.yaml"} | environments("fraud")


@pytest.mark.parametrize("published", [CARDS, GROUP])
def test_published_data_reads_its_own_file_and_those_of_the_teams_that_use_it(published):
    assert reach(published.stack).files == {f"Pulumi.{published.stack}.yaml", "Pulumi.fraud.yaml"} | environments(
        "fraud"
    )


def test_an_intake_reads_the_file_of_the_features_that_it_waits_for():
    intake = Intake(
        use_case="scoring",
        dataset=CARDS.name,
        part="inference",
        schedule="rate(1 day)",
        fresh_features=FreshFeatures(feature_group=GROUP.name),
    )
    production = EnvironmentSettings(team="fraud", environment="production", intake={"daily": intake})
    group = example_feature_group(shared_with={"fraud": ["production"]})
    shared = CARDS.model_copy(update={"shared_with": {"fraud": ("production",)}})
    teams = [example_team(use_cases={"scoring": UseCaseSettings()}), CHURN]
    waiting = example_foundation(production, teams=teams, datasets=[shared], feature_groups=[group])
    own = f"Pulumi.{group.stack}.yaml"
    assert own in reach("fraud-production-intake", waiting).files
    assert own not in reach("fraud-production", waiting).files


@pytest.mark.parametrize("stack", ["organization", "identity", "network", "data-lake", "tooling", "governance"])
def test_shared_stacks_can_read_everything(stack):
    assert reach(stack) is None


def test_a_new_team_is_out_of_the_reach_of_all_stacks_of_others():
    more = example_foundation(**GIVEN | {"teams": [FRAUD, CHURN, example_team("loans", "10.1.64.0/19")]})
    others = [stack.name for stack in FOUNDATION.stacks if reach(stack.name) is not None]
    assert len(others) > 15
    assert {stack: reach(stack, more) for stack in others} == {stack: reach(stack) for stack in others}


CHANGES = {
    "a dataset of its own": {"datasets": [CARDS.model_copy(update={"shared_with": {"churn": ("development",)}})]},
    "the phase": {"organization": example_organization(phase="reliable")},
}


@pytest.mark.parametrize("change", CHANGES)
def test_facts_about_a_team_are_in_its_reach(change):
    assert reach("churn-development", example_foundation(**GIVEN | CHANGES[change])) != reach("churn-development")


PROGRAMS = {
    "another team": lambda f: f.teams["churn"],
    "another environment": lambda f: f.environment_of("churn", "development"),
    "another's dataset": lambda f: f.datasets["other"],
    "all teams": lambda f: list(f.teams),
    "the number of teams": lambda f: len(f.teams),
    "a fact of all teams": lambda f: f.accounts,
    "the accounts of another team": lambda f: f.accounts_of_team("churn"),
    "all stacks": lambda f: f.stacks,
    "the datasets of another team": lambda f: f.overview.datasets_by_team["churn"],
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_reads_more_is_noticed(program):
    other = CARDS.model_copy(update={"name": "other", "shared_with": {"churn": ("development",)}})
    foundation = example_foundation(**GIVEN | {"datasets": [CARDS, other]})
    reads = {}
    PROGRAMS[program](TracedFoundation(foundation, reads))
    with pytest.raises(AssertionError, match=r"out of its reach"):
        assert_in_reach("fraud-development", foundation, reads)


def test_a_program_that_reads_its_own_settings_passes():
    reads = {}
    traced = TracedFoundation(FOUNDATION, reads)
    seen = [traced.teams["fraud"], traced.environment_of("fraud", "production"), traced.datasets_of("fraud")]
    assert_in_reach("fraud-development", FOUNDATION, reads)
    assert len(seen) == len({question.path for question in reads} - {"organization"}) == 3
