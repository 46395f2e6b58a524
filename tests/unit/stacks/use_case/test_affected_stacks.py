"""`plinth usecase create` deploys every stack that a new use case changes."""

from __future__ import annotations

from typing import Any

from selfservice.use_cases.affected_stacks import EXTENDED_BY_FIRST, datasets_that_admit, environments_of
from settings.files.loader import load
from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.support.every_stack import Deployment, example_foundation, example_team
from tests.support.workbench import REPOSITORY


def resources(use_cases: dict[str, UseCaseSettings]) -> dict[str, dict[str, Any]]:
    """Returns the inputs of every resource of every stack."""
    foundation = example_foundation(teams=[example_team(use_cases=use_cases)], datasets=())
    return {stack: recorder.inputs for stack, recorder in Deployment(foundation).items()}


def test_the_first_use_case_changes_no_other_stacks() -> None:
    before = resources({})
    after = resources({"card-risk": UseCaseSettings(delivery=DeliverySettings(images=["train"]))})
    changed = {stack for stack in after if after[stack] != before.get(stack)}
    studios = {stack for stack in after if stack.startswith("fraud-") and stack.endswith("-studio")}
    assert changed == {*EXTENDED_BY_FIRST, *environments_of(after, "fraud"), *studios, "fraud--card-risk"}


def test_a_use_case_changes_the_datasets_that_take_its_results() -> None:
    """The dataset of the example takes results of pre-production and production, where pipelines predict in batches."""
    foundation = load(REPOSITORY)
    (dataset,) = (stack for stack in foundation.stacks if stack.name == "data-lake--fraud-scores")
    use_cases = foundation.teams["fraud"].use_cases
    added = {"batches": UseCaseSettings(inference=("batch",)), "answers": UseCaseSettings()}
    team = foundation.teams["fraud"].model_copy(update={"use_cases": {**use_cases, **added}})
    changed = foundation.model_copy(update={"teams": {**foundation.teams, "fraud": team}})
    assert {*datasets_that_admit(changed, "fraud", "batches")} == {dataset.name}
    assert datasets_that_admit(changed, "fraud", "answers") == []
